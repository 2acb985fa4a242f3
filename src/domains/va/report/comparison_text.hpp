#pragma once

#include <string>

#include "domains/va/report/comparison.hpp"

// The tables for people of which text_of() and the report are made.
namespace vaster::va {

/// What is missing, before anything else is said.
[[nodiscard]] TextTable holes_text(ModelComparison const& comparison);
/// @param extent  short_form: without learning curves, and with the interval over deaths alone
[[nodiscard]] TextTable means_text(ModelComparison const& comparison, std::string const& metric,
                                   Extent extent = Extent::all);
/// Each pair of models with the p value that is to be quoted, and what that is over. Without learning curves.
/// @param extent  short_form: only pairs with the model that has the best mean of its type, of one study
[[nodiscard]] TextTable pairs_text(ModelComparison const& comparison, std::string const& metric,
                                   Extent extent);
[[nodiscard]] TextTable differences_text(ModelComparison const& comparison, std::string const& metric);
[[nodiscard]] TextTable gaps_text(ModelComparison const& comparison);
/// One model's matrix; the sites of all types with the whole training part. May have no rows.
[[nodiscard]] TextTable transfer_text(ModelComparison const& comparison, std::string const& model,
                                      std::string const& metric);

/// Types whose experiments use one share of the training part, in their order: all but learning curves.
[[nodiscard]] std::vector<std::string> whole_types(ModelComparison const& comparison);

}  // namespace vaster::va

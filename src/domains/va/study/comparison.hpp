#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/labels.hpp"
#include "vaster/study/study.hpp"

namespace vaster::va {

inline constexpr std::string_view va_comparison_kind = "va-comparison";

/// The kind "va-comparison": which model still assigns the right cause of death at a site it was not trained
/// on? In domain, out of domain, training size, all other sites together; as docs/va/config.md describes the
/// keys.
[[nodiscard]] std::unique_ptr<study::Kind> make_va_comparison();

/// Rows of the comparison, by the names of the schema, for its summary.
/// @see va_summary.cpp for what each table says
[[nodiscard]] std::vector<TextTable> summarize_va_comparison(study::Schema const& schema,
                                                             study::Records const& records);

/// What every experiment of the comparison yields: columns and arrays.
[[nodiscard]] study::Schema va_comparison_schema(va::Cohort const& cohort,
                                                 std::vector<va::Grouping> const& groupings = {});

}  // namespace vaster::va

#pragma once

#include <string>

#include "domains/va/report/comparison.hpp"

// What columns and types of experiments are called where people read of them.
namespace vaster::va {

/// "CSMF accuracy", "COD accuracy"; any other column with spaces for its underscores.
[[nodiscard]] std::string metric_name(std::string const& metric);

/// The same with what it measures, for the first time that it is spoken of: "CSMF accuracy (cause-specific
/// mortality fractions: ...)".
[[nodiscard]] std::string metric_name_in_full(std::string const& metric);

/// Which values of a metric are the better ones.
enum class Better { higher, lower, neither };

/// By its name: accuracies and concordances are better when higher, log loss and Brier score when lower; of
/// any other column, such as a convergence diagnostic, nobody can say.
[[nodiscard]] Better better(std::string const& metric);

/// Columns of the tables of a comparison as people read them: "deaths_lo", "95 % interval over deaths, from".
[[nodiscard]] std::vector<report::ColumnWords> const& column_words();

/// "in domain", "out of domain", "leave one site out".
[[nodiscard]] std::string type_name(std::string const& type);

/// "In domain (trained and tested at the same site)"; the share of the training part where it is not all.
[[nodiscard]] std::string question_name(Asked const& asked);

/// "1 site", "3 sites": of nouns with a plural in s.
[[nodiscard]] std::string counted(std::size_t n, std::string const& noun);

/// "a", "a and b", "a, b and c".
[[nodiscard]] std::string listed(std::vector<std::string> const& names);

/// "p = 0.031", "p < 0.001"; "no p value" for NaN.
[[nodiscard]] std::string p_text(double p);

}  // namespace vaster::va

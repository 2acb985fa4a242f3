#include "domains/service/tables/write.hpp"

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>

#include <fmt/core.h>

#include "domains/service/expressions/value.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::service {
namespace {

std::string number_or_nothing(std::optional<double> number) {
    return number ? text_of(*number) : "";
}

}  // namespace

void write_description(std::filesystem::path const& table, DescribeOptions const& options,
                       std::ostream& out) {
    auto const descriptions = describe(table, options);
    auto header = options.by;
    for (auto const* const name : {"column", "count", "missing", "texts", "sum", "mean", "sd", "min"})
        header.emplace_back(name);
    for (double const probability : options.probabilities) header.push_back(fmt::format("q{}", probability));
    header.emplace_back("max");
    out << csv_line(header) << '\n';
    for (auto const& one : descriptions) {
        auto cells = one.group;
        cells.push_back(one.column);
        for (auto const count : {one.moments.count(), one.moments.missing(), one.texts})
            cells.push_back(std::to_string(count));
        cells.push_back(one.moments.count() > 0 ? text_of(one.moments.sum()) : "");
        cells.push_back(number_or_nothing(one.moments.mean()));
        cells.push_back(number_or_nothing(one.moments.standard_deviation()));
        cells.push_back(number_or_nothing(one.moments.least()));
        for (auto const& quantile : one.quantiles) cells.push_back(number_or_nothing(quantile));
        cells.push_back(number_or_nothing(one.moments.most()));
        out << csv_line(cells) << '\n';
    }
}

void write_fold(std::filesystem::path const& table, FoldOptions const& options, std::ostream& out) {
    auto const rows = fold_column(table, options);
    auto header = options.by;
    header.push_back(
        fmt::format("{}_{}", fold_names()[static_cast<std::size_t>(options.fold)], options.column));
    out << csv_line(header) << '\n';
    for (auto const& row : rows) out << csv_line(row) << '\n';
}

Fold fold_of(std::string_view name) {
    auto const& names = fold_names();
    auto const place = std::find(names.begin(), names.end(), name);
    VASTER_EXPECTS(place != names.end());
    return static_cast<Fold>(place - names.begin());
}

}  // namespace vaster::service

#include "domains/va/data/known_agreement.hpp"

#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "domains/va/data/row_cells.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string_view> fields_of(std::string_view row) {
    std::vector<std::string_view> fields;
    for (std::size_t begin = 0; begin <= row.size();) {
        std::size_t const end = std::min(row.find('\t', begin), row.size());
        fields.push_back(row.substr(begin, end - begin));
        begin = end + 1;
    }
    return fields;
}

template <class Number>
Number needed_number(std::string_view text) {
    auto const number = number_in<Number>(text);
    require<DataError>(number.has_value(), "the study file's table of agreement has '{}' (must be a number)",
                       text);
    return *number;
}

}  // namespace

double kappa_of(std::span<TwoCauses const> causes) {
    std::map<std::uint32_t, TwoCauses> counts;  // of each cause, by either side
    std::uint64_t agree = 0;
    for (auto const& [first, second] : causes) {
        ++counts[first].first;
        ++counts[second].second;
        if (first == second) ++agree;
    }
    auto const n = static_cast<double>(causes.size());
    double by_chance = 0;
    for (auto const& [cause, of_sides] : counts)
        by_chance += static_cast<double>(of_sides.first) / n * static_cast<double>(of_sides.second) / n;
    if (causes.empty() || counts.size() == 1) return nan;
    return (static_cast<double>(agree) / n - by_chance) / (1 - by_chance);
}

std::string agreement_header() {
    return "what\tfirst\tsecond\tdeaths\tagree\tkappa";
}

std::string label_of(CauseAgreement const& row) {
    return fmt::format("{}\t{}\t{}\t{}\t{}\t{}", row.what, row.first, row.second, row.deaths, row.agree,
                       std::isnan(row.kappa) ? "" : fmt::format("{}", row.kappa));
}

std::vector<CauseAgreement> agreement_in(std::span<std::string const> labels) {
    std::vector<CauseAgreement> rows;
    if (labels.empty()) return rows;
    rows.reserve(labels.size() - 1);
    for (auto const& label : labels.subspan(1)) {
        auto const fields = fields_of(label);
        constexpr std::size_t n_fields = 6;
        require<DataError>(fields.size() == n_fields,
                           "the study file's table of agreement has a row of {} fields (must be {})",
                           fields.size(), n_fields);
        rows.push_back({std::string(fields[0]), std::string(fields[1]), std::string(fields[2]),
                        needed_number<std::uint64_t>(fields[3]), needed_number<std::uint64_t>(fields[4]),
                        fields[5].empty() ? nan : needed_number<double>(fields[5])});
    }
    return rows;
}

}  // namespace vaster::va

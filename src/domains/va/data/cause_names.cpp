#include "domains/va/data/cause_names.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/csv/csv.hpp"
#include "domains/va/data/questionnaire.hpp"
#include "domains/va/data/table_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using Names = std::map<std::string, std::string, std::less<>>;  ///< by cause

Names read_given_names(std::filesystem::path const& path) {
    csv::CsvReader reader(path);
    std::size_t const cause = reader.position("cause", "names of causes (data.cause_names)");
    std::size_t const name = reader.position("name", "names of causes (data.cause_names)");
    Names names;
    while (reader.next()) {
        auto const cells = reader.cells();
        require<DataError>(!cells[cause].empty(), "{}: no cause stands here", reader.where(cause));
        require<DataError>(!cells[name].empty(), "{}: cause '{}' has no name here", reader.where(name),
                           cells[cause]);
        bool const is_new = names.emplace(cells[cause], cells[name]).second;
        require<DataError>(is_new, "{}: cause '{}' is named twice", reader.where(cause), cells[cause]);
    }
    return names;
}

/// The column with names of a raw release's label; empty for labels without.
std::string column_of_names(CohortSource const& source) {
    if (!is_release(source.format)) return "";
    for (auto const* digits : {"34", "46", "55"})
        if (source.label == fmt::format("va{}", digits)) return fmt::format("gs_text{}", digits);
    return "";
}

/// The text that stands beside each cause; none at all where a cause has several.
Names read_names_beside(CohortSource const& source, std::string const& column) {
    TableFile table = open_table(source.path, csv_options_of(source));
    csv::CsvReader& reader = table.reader;
    auto const name = reader.find(column);
    auto const cause = reader.find(source.label);
    Names names;
    if (!name || !cause) return names;
    while (reader.next()) {
        auto const cells = reader.cells();
        if (cells[*cause].empty() || cells[*name].empty()) continue;
        auto const known = names.emplace(cells[*cause], cells[*name]).first;
        if (known->second != cells[*name]) return {};
    }
    return names;
}

std::vector<std::string> without_names(std::span<std::string const> causes, Names const& names) {
    std::vector<std::string> without;
    for (auto const& cause : causes)
        if (!names.contains(cause)) without.push_back(cause);
    return without;
}

/// Names in the order of the causes, the label behind those that are not the only ones of their kind.
std::vector<std::string> in_order(std::span<std::string const> causes, Names const& names) {
    std::vector<std::string> ordered;
    for (auto const& cause : causes) {
        auto const& name = names.find(cause)->second;
        auto const alike = std::count_if(causes.begin(), causes.end(), [&](auto const& other) {
            return names.find(other)->second == name;
        });
        ordered.push_back(alike > 1 ? fmt::format("{} ({})", name, cause) : name);
    }
    return ordered;
}

}  // namespace

std::vector<std::string> read_cause_names(CohortSource const& source, std::span<std::string const> causes) {
    if (!source.cause_names.empty()) {
        auto const names = read_given_names(source.cause_names);
        auto const without = without_names(causes, names);
        require<DataError>(
            without.empty(),
            "{}: {} of the {} causes of the data (column '{}') have no name here: {}; each needs "
            "a row with its cause and its name",
            source.cause_names.string(), without.size(), causes.size(), source.label,
            fmt::join(without, ", "));
        return in_order(causes, names);
    }
    auto const column = column_of_names(source);
    if (column.empty()) return {};
    auto const names = read_names_beside(source, column);
    return without_names(causes, names).empty() ? in_order(causes, names) : std::vector<std::string>{};
}

}  // namespace vaster::va

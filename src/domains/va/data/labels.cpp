#include "domains/va/data/labels.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "base/support/nearest.hpp"
#include "domains/va/data/side_file.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/data/vocabulary.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

std::string_view cod5_csv();  // embedded

namespace {

constexpr std::array<std::string_view, 2> columns_read{"label", "group"};

/// "Malaria" or, where the mapping has something like it that no cause is called, "Malaria (it has
/// 'malaria')".
std::string with_nearest(std::string const& cause, LabelMapping const& mapping,
                         std::span<std::string const> causes) {
    std::vector<std::string> others;
    for (auto const& [label, group] : mapping)
        if (std::find(causes.begin(), causes.end(), label) == causes.end()) others.push_back(label);
    auto const near = nearest_name(cause, others);
    return near ? fmt::format("{} (it has '{}')", cause, *near) : cause;
}

}  // namespace

LabelMapping parse_mapping(csv::CsvReader reader) {
    std::size_t const label = reader.position("label", "a label mapping");
    std::size_t const group = reader.position("group", "a label mapping");
    require_columns_read(reader, columns_read, "a label mapping (design.groupings)");
    LabelMapping mapping;
    std::map<std::string, std::pair<std::string, std::uint64_t>, std::less<>> groups;  // by folded name
    while (reader.next()) {
        for (std::size_t const column : {label, group}) {
            require<DataError>(!trimmed(reader.cells()[column]).empty(),
                               "{}: the cell is empty; every label needs a group", reader.where(column));
        }
        std::string const name = tidied(reader.cells()[group]);
        auto const& [first, line] = groups.try_emplace(folded(name), name, reader.line()).first->second;
        require<DataError>(first == name,
                           "{}: the groups '{}' and '{}' (line {}) differ in small and capital letters only; "
                           "write them alike, or they count as two",
                           reader.where(group), name, first, line);
        bool const is_new = mapping.emplace(tidied(reader.cells()[label]), name).second;
        require<DataError>(is_new, "{}: label '{}' has a group already; a label belongs to one group",
                           reader.where(label), reader.cells()[label]);
    }
    return mapping;
}

LabelMapping read_mapping(std::filesystem::path const& path) {
    return parse_mapping(csv::CsvReader(path));
}

LabelMapping const& cod5_mapping() {
    static LabelMapping const mapping =
        parse_mapping(csv::CsvReader::from_text(cod5_csv(), "data/va/cod5.csv"));
    return mapping;
}

Grouping group_causes(std::string name, std::span<std::string const> causes, LabelMapping const& mapping) {
    va::Vocabulary groups;
    Grouping grouping{std::move(name), {}, {}};
    std::vector<std::string> unknown;
    for (auto const& cause : causes) {
        auto const found = mapping.find(cause);
        if (found == mapping.end())
            unknown.push_back(with_nearest(cause, mapping, causes));
        else
            grouping.of_cause.push_back(groups.number_of(found->second));
    }
    require<DataError>(unknown.empty(), "the label mapping {} has no group for: {}; add these labels to it",
                       grouping.name, fmt::join(unknown, ", "));
    auto const position = groups.positions();
    for (auto& group : grouping.of_cause) group = position[group];
    grouping.groups = groups.sorted();
    return grouping;
}

std::string hash_of(Grouping const& grouping) {
    std::string text = grouping.name + "\n";
    for (std::uint32_t const group : grouping.of_cause) text += grouping.groups[group] + "\n";
    return hash_text(text);
}

std::vector<std::uint32_t> Grouping::of_deaths(std::span<std::uint32_t const> causes) const {
    std::vector<std::uint32_t> deaths;
    deaths.reserve(causes.size());
    for (std::uint32_t const cause : causes) deaths.push_back(of_cause[cause]);
    return deaths;
}

std::vector<double> Grouping::sums(std::span<double const> by_cause) const {
    VASTER_EXPECTS(by_cause.size() % of_cause.size() == 0);
    std::size_t const n = by_cause.size() / of_cause.size();
    std::vector<double> sums(n * groups.size(), 0.0);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c < of_cause.size(); ++c)
            sums[i * groups.size() + of_cause[c]] += by_cause[i * of_cause.size() + c];
    return sums;
}

}  // namespace vaster::va

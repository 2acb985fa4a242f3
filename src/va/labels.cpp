#include "vaster/va/labels.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "vaster/support/errors.hpp"
#include "vaster/support/hash.hpp"
#include "vaster/table/vocabulary.hpp"

namespace vaster::va {

std::string_view cod5_csv();  // embedded

LabelMapping parse_mapping(table::CsvReader reader) {
    std::size_t const label = reader.position("label", "a label mapping");
    std::size_t const group = reader.position("group", "a label mapping");
    LabelMapping mapping;
    while (reader.next()) {
        for (std::size_t const column : {label, group}) {
            require<DataError>(!reader.cells()[column].empty(),
                               "{}: the cell is empty; every label needs a group", reader.where(column));
        }
        bool const is_new = mapping.emplace(reader.cells()[label], reader.cells()[group]).second;
        require<DataError>(is_new, "{}: label '{}' has a group already; a label belongs to one group",
                           reader.where(label), reader.cells()[label]);
    }
    return mapping;
}

LabelMapping read_mapping(std::filesystem::path const& path) {
    return parse_mapping(table::CsvReader(path));
}

LabelMapping const& cod5_mapping() {
    static LabelMapping const mapping =
        parse_mapping(table::CsvReader::from_text(cod5_csv(), "data/cod5.csv"));
    return mapping;
}

Cohort with_groups(Cohort cohort, LabelMapping const& mapping) {
    table::Vocabulary groups;
    std::vector<std::uint32_t> group_of_cause;
    std::vector<std::string> unknown;
    std::string mapping_text;
    for (auto const& cause : cohort.causes) {
        auto const found = mapping.find(cause);
        if (found == mapping.end()) {
            unknown.push_back(cause);
            continue;
        }
        group_of_cause.push_back(groups.number_of(found->second));
        mapping_text += fmt::format("{}\n{}\n", found->first, found->second);
    }
    require<DataError>(unknown.empty(), "the label mapping has no group for: {}; add these labels to it",
                       fmt::join(unknown, ", "));
    auto const position = groups.positions();
    for (auto& cause : cohort.cause) cause = position[group_of_cause[cause]];
    cohort.causes = groups.sorted();
    cohort.data_hash = hash_text(cohort.data_hash + "\n" + mapping_text);
    return cohort;
}

}  // namespace vaster::va

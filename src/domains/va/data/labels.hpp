#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv/csv.hpp"

namespace vaster::va {

/// Which group a cause belongs to: cause label -> group label.
using LabelMapping = std::map<std::string, std::string, std::less<>>;

/// Reads a mapping: columns label and group.
/// @throws DataError for other columns, a label that occurs twice or an empty cell; as CsvReader does
[[nodiscard]] LabelMapping parse_mapping(csv::CsvReader reader);

/// @throws DataError, IoError as parse_mapping and CsvReader do
[[nodiscard]] LabelMapping read_mapping(std::filesystem::path const& path);

/// The five broad groups of the 34 PHMRC adult causes (data/va/cod5.csv, compiled in).
[[nodiscard]] LabelMapping const& cod5_mapping();

/// Broader labels for the causes of a study.
struct Grouping {
    std::string name;                     ///< "cod5"
    std::vector<std::string> groups;      ///< labels in byte order
    std::vector<std::uint32_t> of_cause;  ///< group of every cause, positions in `groups`, [n_causes]

    /// Groups of deaths by their causes.
    [[nodiscard]] std::vector<std::uint32_t> of_deaths(std::span<std::uint32_t const> causes) const;

    /// Sums over the causes of every group: [n][n_causes] -> [n][n_groups].
    [[nodiscard]] std::vector<double> sums(std::span<double const> by_cause) const;
};

/// @param causes  of the study. Labels of the mapping that are not among them are passed over.
/// @throws DataError naming the causes that the mapping does not have
[[nodiscard]] Grouping group_causes(std::string name, std::span<std::string const> causes,
                                    LabelMapping const& mapping);

/// Hash of the name and of every cause's group: what results depend on.
[[nodiscard]] std::string hash_of(Grouping const& grouping);

}  // namespace vaster::va

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "vaster/table/csv.hpp"
#include "vaster/va/cohort.hpp"

namespace vaster::va {

/// Which group a cause belongs to: cause label -> group label.
using LabelMapping = std::map<std::string, std::string, std::less<>>;

/// Reads a mapping: columns label and group, others are ignored.
/// @throws DataError for a label that occurs twice or an empty cell; as CsvReader does
[[nodiscard]] LabelMapping parse_mapping(table::CsvReader reader);

/// @throws DataError, IoError as parse_mapping and CsvReader do
[[nodiscard]] LabelMapping read_mapping(std::filesystem::path const& path);

/// The five broad groups of the 34 PHMRC adult causes (data/cod5.csv, compiled in).
[[nodiscard]] LabelMapping const& cod5_mapping();

/// The cohort with its causes replaced by their groups (in byte order of the group labels); the data hash
/// then covers the mapping too. @throws DataError naming the causes that the mapping does not have
[[nodiscard]] Cohort with_groups(Cohort cohort, LabelMapping const& mapping);

}  // namespace vaster::va

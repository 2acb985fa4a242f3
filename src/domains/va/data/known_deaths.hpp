#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "domains/va/data/cohort.hpp"

namespace vaster::va {

/// Deaths whose cause may be told to models.
struct KnownDeaths {
    std::vector<bool> is_known;  ///< [n_deaths]
    std::string hash;            ///< of the file's content
};

/// Reads which deaths have been coded already, by a physician say: a CSV with the column `row`, a data row of
/// the cohort's file, from 0. Their causes are the cohort's. Other columns are ignored.
/// @throws DataError with line and column for what is no row number, a row that is not in the cohort, a row
/// twice; as csv::CsvReader does
[[nodiscard]] KnownDeaths read_known_deaths(std::filesystem::path const& path, Cohort const& cohort);

}  // namespace vaster::va

#pragma once

#include <filesystem>
#include <string>

#include "base/csv/csv.hpp"

namespace vaster::va {

/// A table of deaths, opened.
struct TableFile {
    csv::CsvReader reader;
    char delimiter = ',';
    std::string note;  ///< that another delimiter than the comma was taken; empty: none was
};

/// Opens a table whose cells are parted by commas; or by semicolons or tabs, if its header has no comma but
/// those. Errors as csv::CsvReader.
[[nodiscard]] TableFile open_table(std::filesystem::path const& path, csv::CsvOptions const& options = {});

}  // namespace vaster::va

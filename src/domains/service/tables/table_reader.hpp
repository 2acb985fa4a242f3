#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv/csv.hpp"

namespace vaster::service {

/// The file of a table: of "FILE.h5:/path" its file, of a CSV file the file itself.
[[nodiscard]] std::filesystem::path file_of_table(std::filesystem::path const& table);

/// Reads a table row by row. A CSV file, whose cells are parted by commas, semicolons or tabs, whichever its
/// first line has most of; or "FILE.h5:/path", a table as h5::Table reads it, by blocks of rows. It may have
/// no rows.
class TableReader {
  public:
    /// @throws DataError, IoError as csv::CsvReader and h5::Table; DataError for an HDF5 file of which no
    /// table is named, and for a table of a study that is not complete: some of its rows mean nothing
    explicit TableReader(std::filesystem::path const& table);
    ~TableReader();
    TableReader(TableReader&&) noexcept;
    TableReader& operator=(TableReader&&) noexcept;

    /// As it was given.
    [[nodiscard]] std::string const& name() const noexcept;

    /// The column names, in order.
    [[nodiscard]] std::span<std::string const> header() const noexcept;

    /// Position of a column. @throws DataError with the nearest name, and `purpose`: what it is needed for
    [[nodiscard]] std::size_t position(std::string_view column, std::string_view purpose) const;

    /// Goes to the next row; false at the end of the table.
    [[nodiscard]] bool next();

    /// Cells of the current row, as many as header() has. Valid until next() is called.
    [[nodiscard]] std::span<std::string_view const> cells() const noexcept;

    /// "deaths.csv: line 7" of the current row, "deaths.h5:/deaths: row 5", counted from 0.
    [[nodiscard]] std::string where() const;

    /// The same with the column, from 1, and its name.
    [[nodiscard]] std::string where(std::size_t column) const;

  private:
    struct Blocks;
    std::unique_ptr<std::string> text_;  ///< of a small CSV file, which is read at once
    std::optional<csv::CsvReader> csv_;
    std::unique_ptr<Blocks> blocks_;  ///< of an HDF5 table
};

/// Positions of columns by their names. @throws DataError with the nearest name for one that there is not, or
/// a name that is given twice
[[nodiscard]] std::vector<std::size_t> positions_of(TableReader const& table,
                                                    std::vector<std::string> const& names,
                                                    std::string_view purpose);

/// The cells of the current row at these positions.
[[nodiscard]] std::vector<std::string> cells_at(TableReader const& table,
                                                std::vector<std::size_t> const& positions);

}  // namespace vaster::service

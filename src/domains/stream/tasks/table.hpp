#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace vaster::stream {

/// Closes what SQLite has opened.
struct CloseTable {
    void operator()(sqlite3* database) const noexcept;
    void operator()(sqlite3_stmt* statement) const noexcept;
};

using TableStatement = std::unique_ptr<sqlite3_stmt, CloseTable>;
using TableDatabase = std::unique_ptr<sqlite3, CloseTable>;

/// What is wrong with names as columns of a table of records: it has sensor and timestamp already, and SQLite
/// takes names that differ in the case of their letters for the same. Empty: nothing.
[[nodiscard]] std::string problem_of_columns(std::vector<std::string> const& fields);

/// A SQLite file of records: table `records` with the key (sensor, timestamp), and a column of text for each
/// field. Rows of one key replace each other.
class TableWriter {
  public:
    /// Does every batch reach the disk before the next begins?
    enum class Sync : std::uint8_t { none, each };

    /// Replaces the file, and makes its folder. @throws IoError
    TableWriter(std::filesystem::path const& path, std::vector<std::string> const& fields, Sync sync);

    /// Rows are committed in batches of 100.
    /// @param values  of the fields, in their order
    /// @throws IoError
    void put(std::string_view sensor, std::int64_t timestamp, std::span<std::string_view const> values);

    /// Commits what is left. Without it the last batch is lost. @throws IoError
    void finish();

  private:
    void run(std::string const& sql);

    std::filesystem::path path_;
    TableDatabase database_;
    TableStatement insert_;
    std::size_t n_open_ = 0;  ///< rows of the batch that has begun
};

/// Reads such a file.
class TableReader {
  public:
    /// Texts of a row: of the fields that were asked for.
    using Values = std::vector<std::string>;
    using Visit = std::function<void(std::string_view sensor, std::int64_t timestamp, Values const& values)>;

    /// @throws IoError when it cannot be opened; DataError for what is not such a table, or lacks
    /// fields
    TableReader(std::filesystem::path const& path, std::vector<std::string> const& fields);

    /// The row of a key. @returns whether there is one
    [[nodiscard]] bool find(std::string_view sensor, std::int64_t timestamp, Values& values);

    /// Visits the rows with from <= timestamp < to, in the order of timestamp and sensor. @returns how many
    std::size_t range(std::int64_t from, std::int64_t to, Visit const& visit);

  private:
    std::filesystem::path path_;
    std::size_t n_fields_;
    TableDatabase database_;
    TableStatement find_;
    TableStatement range_;
};

}  // namespace vaster::stream

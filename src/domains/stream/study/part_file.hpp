#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/study/hashed_file.hpp"
#include "domains/stream/tasks/yield.hpp"

namespace vaster::stream {

/// State of one sensor, or of a whole stream, where the sensor is "".
struct KeptState {
    std::string sensor;
    std::string bytes;  ///< as Task::save() has put them

    bool operator==(KeptState const&) const = default;
};

/// Writes what a partition has yielded: its rows, each with the number of the record that caused it, and the
/// states that it ended with. Under a temporary name, which is renamed; equal contents make equal bytes.
/// Folders that are not there are made.
/// @param output  sorted by record
/// @param sync    later: a part that a power cut has damaged is seen by its hash, and made again
/// @returns content hash of the file. @throws IoError
std::string write_part(std::filesystem::path const& path, Output const& output,
                       std::vector<KeptState> const& states, Sync sync = Sync::now);

/// What write_part() has written. It stays on the disk, whatever its size.
class PartFile {
  public:
    /// Checks its lengths and its hash. @throws IoError when it cannot be read; DataError that names it when
    /// it is not whole
    explicit PartFile(std::filesystem::path const& path);

    [[nodiscard]] std::string const& hash() const noexcept { return hash_; }

    [[nodiscard]] std::uint64_t n_rows() const noexcept { return n_rows_; }

    /// @throws IoError
    [[nodiscard]] std::vector<KeptState> states() const;

  private:
    friend class PartRows;

    std::filesystem::path path_;
    std::string hash_;
    std::uint64_t n_rows_ = 0;
    std::uint64_t n_text_ = 0;
    std::uint64_t n_states_ = 0;
};

/// The rows of a part, one after the other.
class PartRows {
  public:
    /// @param part  kept by reference. @param memory  for rows that are read together [bytes], about
    PartRows(PartFile const& part, std::size_t memory);

    /// Was the last row taken?
    [[nodiscard]] bool at_end() const noexcept { return row_ == part_.n_rows(); }

    /// Number of the record that caused the row. Rows are in the order of these.
    [[nodiscard]] std::uint64_t record() const { return records_[row_ - first_]; }

    /// The row with the end of its line; until next().
    [[nodiscard]] std::string_view row() const;

    /// @throws IoError
    void next();

  private:
    void read();

    PartFile const& part_;
    std::uint64_t n_at_once_ = 1;
    std::uint64_t row_ = 0;
    std::uint64_t first_ = 0;             ///< row in memory
    std::vector<std::uint64_t> records_;  ///< of the rows in memory
    std::vector<std::uint64_t> starts_;   ///< of their texts, and the end of the last one
    std::vector<char> text_;
};

/// Is the part there, whole, and the one with that hash? Never throws.
[[nodiscard]] bool has_part(std::filesystem::path const& path, std::string_view hash);

/// What a merged file holds.
struct Merged {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::string hash;
};

/// Brings the rows of the parts of one stream into the order of their records, in a file that is written as
/// write_part() does, and synced.
/// @param header  first line of the file with its end; may be empty
/// Little of the parts is in memory at a time.
/// @throws IoError
Merged merge_parts(std::span<PartFile const> parts, std::string_view header,
                   std::filesystem::path const& path);

}  // namespace vaster::stream

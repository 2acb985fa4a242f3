#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
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

/// What write_part() has written.
class PartFile {
  public:
    /// Checks its lengths and its hash. @throws IoError when it cannot be read; DataError that names it when
    /// it is not whole
    explicit PartFile(std::filesystem::path const& path);

    [[nodiscard]] std::string const& hash() const noexcept { return hash_; }

    [[nodiscard]] std::uint64_t n_rows() const noexcept { return n_rows_; }

    /// Number of the record that caused a row. Rows are in the order of these.
    [[nodiscard]] std::uint64_t record(std::uint64_t row) const;

    /// A row with the end of its line.
    [[nodiscard]] std::string_view row(std::uint64_t row) const;

    [[nodiscard]] std::vector<KeptState> states() const;

  private:
    void open();
    [[nodiscard]] std::uint64_t number(std::uint64_t position) const;

    std::filesystem::path path_;
    std::shared_ptr<void const> keeper_;  ///< of the bytes
    std::string_view bytes_;
    std::string hash_;
    std::uint64_t n_rows_ = 0;
    std::string_view text_;
    std::string_view states_;
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
/// @throws IoError
Merged merge_parts(std::span<PartFile const> parts, std::string_view header,
                   std::filesystem::path const& path);

}  // namespace vaster::stream

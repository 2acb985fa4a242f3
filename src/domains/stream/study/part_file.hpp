#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/support/hash.hpp"
#include "domains/stream/records/plain_file.hpp"
#include "domains/stream/study/hashed_file.hpp"
#include "domains/stream/study/record_ranges.hpp"
#include "domains/stream/tasks/yield.hpp"

namespace vaster::stream {

/// State of one sensor, or of a whole stream, where the sensor is "".
struct KeptState {
    std::string sensor;
    std::string bytes;  ///< as Task::save() has put them

    bool operator==(KeptState const&) const = default;
};

/// The same, where somebody else has the bytes.
struct StateView {
    std::string_view sensor;
    std::string_view bytes;
};

/// The states of a part, within its bytes. @throws DataError when these end too early
[[nodiscard]] std::vector<StateView> states_in(std::string_view bytes);

/// Writes what a partition has yielded: its rows, each with the number of the record that caused it, and the
/// states that it ended with. Under a temporary name, which is renamed; equal contents make equal bytes.
/// Folders that are not there are made.
/// @param output  sorted by record
/// @param sync    later: a part that a power cut has damaged is seen by its hash, and made again
/// @param ranges  that the rows will be read by; those of one are not looked for
/// @returns content hash of what was yielded, whatever the ranges. @throws IoError
std::string write_part(std::filesystem::path const& path, Output const& output,
                       std::vector<KeptState> const& states, Sync sync = Sync::now,
                       RecordRanges const& ranges = {});

/// Where the rows of a range begin in a part, and what they are known by.
struct PartRange {
    std::uint64_t row = 0;   ///< its first one
    std::uint64_t text = 0;  ///< where that begins [bytes]
    std::string hash;        ///< as RowsHash
};

/// A hash of rows that come in pieces, however they are divided into these.
class RowsHash {
  public:
    /// @param starts  of the rows' texts
    void add(std::span<std::uint64_t const> records, std::span<std::uint64_t const> starts,
             std::string_view text);

    [[nodiscard]] std::string text() const;

  private:
    ContentHash records_;
    ContentHash starts_;
    ContentHash text_;
};

/// What write_part() has written. It stays on the disk, whatever its size.
class PartFile {
  public:
    /// Checks its lengths and its hash. @throws IoError when it cannot be read; DataError that names it when
    /// it is not whole
    explicit PartFile(std::filesystem::path const& path);

    /// Without a look at its rows: they are known by their ranges. Has no ranges() when it was written for
    /// one, or by a version that knew of none. @throws as the constructor
    [[nodiscard]] static PartFile with_rows_unseen(std::filesystem::path const& path);

    [[nodiscard]] std::string const& hash() const noexcept { return hash_; }

    [[nodiscard]] std::uint64_t n_rows() const noexcept { return n_rows_; }

    /// Bytes of its rows.
    [[nodiscard]] std::uint64_t n_text() const noexcept { return n_text_; }

    /// As write_part() was told, and behind them where the rows end. Empty: it has none.
    [[nodiscard]] std::vector<PartRange> const& ranges() const noexcept { return ranges_; }

    /// For states_in(). @throws IoError; DataError where the states were unseen and are damaged
    [[nodiscard]] std::string states_bytes() const;

  private:
    friend class PartRows;

    PartFile() = default;
    void check(bool holds) const;
    void read_header(PlainFile const& file);
    void read_end(PlainFile const& file);
    [[nodiscard]] std::uint64_t rows_at() const noexcept;
    [[nodiscard]] std::uint64_t states_at() const noexcept;

    std::filesystem::path path_;
    std::string hash_;
    std::uint64_t n_rows_ = 0;
    std::uint64_t n_text_ = 0;
    std::uint64_t n_states_ = 0;
    std::uint64_t states_hash_ = 0;  ///< where there are ranges
    std::vector<PartRange> ranges_;
};

/// Is the part there, whole, and the one with that hash? Never throws.
[[nodiscard]] bool has_part(std::filesystem::path const& path, std::string_view hash);

}  // namespace vaster::stream

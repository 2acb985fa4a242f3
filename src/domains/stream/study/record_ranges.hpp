#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaster::stream {

/// The records of a stream in ranges that follow one another, with about as many records each: what is merged
/// by one experiment. They depend on the stream alone, never on the number of ranks.
class RecordRanges {
  public:
    /// One range.
    RecordRanges() = default;

    /// @param first_record  number of the stream's first record. @param n_ranges  at least 1
    RecordRanges(std::uint64_t first_record, std::uint64_t n_records, std::uint64_t n_ranges)
        : first_record_(first_record), n_records_(n_records), n_ranges_(n_ranges) {}

    [[nodiscard]] std::uint64_t size() const noexcept { return n_ranges_; }

    /// Number of the range's first record. The first range has whatever comes before, too: 0; and the last
    /// one whatever comes behind.
    [[nodiscard]] std::uint64_t begin(std::uint64_t range) const;

    /// The row that each range begins with, and behind these their number.
    /// @param records  of rows, sorted
    [[nodiscard]] std::vector<std::uint64_t> first_rows(std::span<std::uint64_t const> records) const;

  private:
    std::uint64_t first_record_ = 0;
    std::uint64_t n_records_ = 0;
    std::uint64_t n_ranges_ = 1;
};

/// How many ranges the output of a job is merged in: one for so many bytes of the stream, so that there is
/// work for more ranks where it takes long enough to matter; at most 64, and at most so many that files of
/// partitions are opened 8192 times for it.
[[nodiscard]] std::uint64_t n_merge_ranges(std::uint64_t stream_bytes, std::uint64_t bytes_of_range,
                                           std::uint64_t n_partitions);

}  // namespace vaster::stream

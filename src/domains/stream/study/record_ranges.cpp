#include "domains/stream/study/record_ranges.hpp"

#include <algorithm>

namespace vaster::stream {

std::uint64_t RecordRanges::begin(std::uint64_t range) const {
    if (range == 0) return 0;
    // Not n * i / ranges, which may be too large a number.
    return first_record_ + n_records_ / n_ranges_ * range + n_records_ % n_ranges_ * range / n_ranges_;
}

std::vector<std::uint64_t> RecordRanges::first_rows(std::span<std::uint64_t const> records) const {
    std::vector<std::uint64_t> rows;
    rows.reserve(n_ranges_ + 1);
    for (std::uint64_t range = 0; range < n_ranges_; ++range)
        rows.push_back(static_cast<std::uint64_t>(
            std::lower_bound(records.begin(), records.end(), begin(range)) - records.begin()));
    rows.push_back(records.size());
    return rows;
}

std::uint64_t n_merge_ranges(std::uint64_t stream_bytes, std::uint64_t bytes_of_range,
                             std::uint64_t n_partitions) {
    constexpr std::uint64_t most = 64;
    constexpr std::uint64_t most_opened = 8192;
    auto const n = std::min({stream_bytes / bytes_of_range, most, most_opened / n_partitions});
    return std::max<std::uint64_t>(1, n);
}

}  // namespace vaster::stream

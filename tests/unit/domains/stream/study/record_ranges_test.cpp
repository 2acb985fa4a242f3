// Ranges of records that are merged by themselves.
#include "domains/stream/study/record_ranges.hpp"

#include <algorithm>
#include <limits>

#include <catch2/catch.hpp>

using namespace vaster;
using stream::RecordRanges;

TEST_CASE("ranges have about as many records each, and all rows between them", "[stream][study]") {
    RecordRanges const ranges(100, 10, 3);
    CHECK(ranges.size() == 3);
    CHECK(ranges.begin(0) == 0);  // whatever comes before, too
    CHECK(ranges.begin(1) == 103);
    CHECK(ranges.begin(2) == 106);
    std::vector<std::uint64_t> const records{7, 100, 102, 103, 103, 105, 109, 500};
    CHECK(ranges.first_rows(records) == std::vector<std::uint64_t>{0, 3, 6, 8});
    CHECK(ranges.first_rows({}) == std::vector<std::uint64_t>{0, 0, 0, 0});
    CHECK(RecordRanges().first_rows(records) == std::vector<std::uint64_t>{0, 8});
    RecordRanges const long_stream(0, std::numeric_limits<std::uint64_t>::max() - 1, 64);
    CHECK(long_stream.begin(63) > long_stream.begin(62));
}

TEST_CASE("more ranges than records leave some of them empty", "[stream][study]") {
    RecordRanges const ranges(0, 2, 5);
    auto const rows = ranges.first_rows(std::vector<std::uint64_t>{0, 1});
    CHECK(rows.front() == 0);
    CHECK(rows.back() == 2);
    CHECK(std::is_sorted(rows.begin(), rows.end()));
}

TEST_CASE("how many ranges there are depends on the stream and on its partitions", "[stream][study]") {
    CHECK(stream::n_merge_ranges(0, 100, 64) == 1);
    CHECK(stream::n_merge_ranges(199, 100, 64) == 1);
    CHECK(stream::n_merge_ranges(200, 100, 64) == 2);
    CHECK(stream::n_merge_ranges(1'000'000, 100, 64) == 64);
    CHECK(stream::n_merge_ranges(1'000'000, 100, 1024) == 8);
    CHECK(stream::n_merge_ranges(1'000'000, 100, 65536) == 1);
}

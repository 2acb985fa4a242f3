#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "domains/stream/study/load_part.hpp"
#include "domains/stream/study/load_schema.hpp"

namespace vaster::stream {

/// What an experiment of modes rate and peak asks.
struct LoadQuestion {
    std::size_t job = 0;           ///< place in Options::jobs
    std::uint64_t part = 0;        ///< rate: of so many
    std::uint64_t parts = 1;       ///< peak: workers, each of which takes a part
    double rate = 0;               ///< rate: of the worker [1/s]
    std::uint64_t repeat = 0;      ///< decides on random arrivals
    std::filesystem::path folder;  ///< of its own, for what tasks write
};

struct LoadAnswer {
    LoadCounts counts;
    LoadMeasures measures;
    LoadArrays arrays;
};

/// Offers the records of a part at the rate, and lets the worker finish all of them, however long it takes.
/// Counts and hash depend on the stream and on the question alone.
[[nodiscard]] LoadAnswer run_rate(Options const& options, Source const& source, LoadQuestion const& question);

/// Takes all records once, for counts and hash; measures how fast workers are that never wait; and searches
/// for the highest rate that they sustain together.
[[nodiscard]] LoadAnswer run_peak(Options const& options, Source const& source, LoadQuestion const& question);

}  // namespace vaster::stream

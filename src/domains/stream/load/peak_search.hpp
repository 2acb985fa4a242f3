#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "domains/stream/load/sustained.hpp"

namespace vaster::stream {

/// One load that was tried.
struct LoadTrial {
    double rate = 0;  ///< offered to all workers together [1/s]
    std::uint32_t repeat = 0;
    LoadVerdict verdict = LoadVerdict::sustained;
    double slope = 0;                      ///< backlog_slope()
    double p50 = 0, p99 = 0, largest = 0;  ///< latency [s]
    double backlog_end = 0;
    std::uint64_t offered = 0;      ///< LoadTrace::offered
    std::uint64_t left_out = 0;     ///< LoadTrace::left_out
    std::uint64_t late_starts = 0;  ///< LoadTrace::late_starts
};

/// What a trial came to.
[[nodiscard]] LoadTrial trial_of(LoadTrace const& trace, double rate, std::uint32_t repeat,
                                 SustainedRule const& rule);

/// How the highest rate that is sustained is searched for.
struct PeakRule {
    std::uint32_t repeats = 3;  ///< trials in each of which a rate must be sustained
    double least = 0.1;         ///< lowest rate that is tried, as a share of the closed-loop rate
    double most = 1.05;         ///< highest one
    double ratio = 1.02;        ///< of failed to sustained rate at which the search ends
};

struct Peak {
    double rate = 0;         ///< highest that was sustained [1/s]; 0: none
    double failed_rate = 0;  ///< lowest that was not [1/s]; NaN: none failed
    std::vector<LoadTrial> trials;
};

/// At most so many trials.
[[nodiscard]] std::size_t most_trials(PeakRule const& rule);

/// Tries the lowest rate, the highest one, and then halves the logarithm of the interval between the highest
/// sustained and the lowest failed rate. A rate is sustained when each of its trials is; after the first that
/// is not, no more are made.
/// @param closed_rate  of workers that never wait [1/s]
[[nodiscard]] Peak find_peak(double closed_rate, PeakRule const& rule,
                             std::function<LoadTrial(double rate, std::uint32_t repeat)> const& attempt);

}  // namespace vaster::stream

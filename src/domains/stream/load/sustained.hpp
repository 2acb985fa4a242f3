#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/load/open_loop.hpp"

namespace vaster::stream {

/// Was a load sustained? If not, the first rule that it broke.
enum class LoadVerdict : std::uint8_t {
    sustained,
    behind,   ///< too few of the records that had arrived were done at the end
    growing,  ///< the backlog grew
    slow,     ///< records waited too long
};

/// "sustained", "behind", ... by LoadVerdict.
[[nodiscard]] std::vector<std::string> const& verdict_names();
[[nodiscard]] std::string_view name_of(LoadVerdict verdict);

/// When a load is sustained.
struct SustainedRule {
    double latency = 0.1;        ///< most that the 99th percentile may be [s]
    double least_done = 0.999;   ///< share of the arrivals after the warm-up that must be done at the end
    double most_growth = 0.001;  ///< of the backlog in a second, as a share of the rate
};

/// How fast the backlog grows in the second half of what is measured, by least squares over its samples
/// [records/s]. 0 where there are fewer than two.
[[nodiscard]] double backlog_slope(LoadTrace const& trace);

/// Judges a load by its samples of 100 ms. A record for each worker may be under way at any moment: neither
/// so small a backlog at the end, nor so small a growth in the second half, breaks a rule.
/// @param rate  offered to all workers together [1/s]
[[nodiscard]] LoadVerdict judge(LoadTrace const& trace, double rate, SustainedRule const& rule);

}  // namespace vaster::stream

#pragma once

/// How often the ranks of a run look for what, and how long they wait for each other.
namespace vaster::engine {

/// How long a rank that computes lets its mailbox wait: nothing urgent comes to it but the order to stop.
inline constexpr double busy_pause_seconds = 0.05;
/// How often a rank looks whether processes of its host have ended.
inline constexpr double look_seconds = 0.1;
/// How long the ranks may take to leave together.
inline constexpr double farewell_seconds = 5;

}  // namespace vaster::engine

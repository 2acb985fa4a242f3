#pragma once

#include <cstdint>
#include <string>

namespace vaster {

/// Seconds since some fixed moment; never goes back. For durations and deadlines.
[[nodiscard]] double monotonic_seconds();

/// Seconds since 1970-01-01 UTC. For records of when something happened.
[[nodiscard]] double wall_seconds();

/// 2026-11-22T10:04:05Z.
[[nodiscard]] std::string utc_text(double wall_seconds);

/// 2026-11-22T10:04:05.250Z.
[[nodiscard]] std::string utc_text_with_milliseconds(double wall_seconds);

}  // namespace vaster

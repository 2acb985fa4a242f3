#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vaster {

/// "90", "90s", "1.5m", "1h30m", "2d" as seconds; nothing if it is not a duration.
[[nodiscard]] std::optional<double> parse_duration(std::string_view text);

/// "512", "64KiB", "4GiB", "1.5 GB" (powers of 1024 with i, of 1000 without) as bytes; nothing if it is
/// not a size.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// 0.42 s, 12 s, 3 min 20 s, 2 h 05 min.
[[nodiscard]] std::string duration_text(double seconds);

/// 812 B, 3.4 MiB, 1.2 GiB.
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace vaster

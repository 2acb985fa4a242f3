#pragma once

#include <cstddef>

namespace vaster::stream {

/// pi as 2 / prod_{i=1..n} a_i / 2 with a_1 = sqrt 2 and a_i = sqrt(2 + a_(i-1)), multiplied from i = n down.
/// Takes n square roots.
[[nodiscard]] double viete_linear(std::size_t n);

/// The same number, but each factor is computed anew: n (n + 1) / 2 square roots.
[[nodiscard]] double viete_as_published(std::size_t n);

}  // namespace vaster::stream

#pragma once  // Stable.

#include <compare>
#include <cstdint>
#include <string>

namespace vaster {

/// A number that names one kind of thing and cannot be mixed up with another kind.
template <class Tag>
struct Id {
    std::uint64_t value = 0;
    auto operator<=>(Id const&) const = default;
};

/// Names a cell of a study's design: the same for every run, seed and number of ranks.
using ExperimentId = Id<struct ExperimentTag>;

/// 16 hexadecimal digits.
[[nodiscard]] std::string to_text(ExperimentId id);

}  // namespace vaster

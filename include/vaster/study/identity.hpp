#pragma once  // Stable.

#include <string_view>

#include "vaster/support/ids.hpp"

namespace vaster::study {

/// The identity of the experiment whose design this text describes, such as "n=50 p=0.1": its 64-bit XXH3.
/// The same text must mean the same experiment in every study of the kind.
[[nodiscard]] ExperimentId identity_of(std::string_view design);

}  // namespace vaster::study

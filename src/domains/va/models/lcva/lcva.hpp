#pragma once

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Nested latent classes with a mixture of the sites that were trained on. Li, Wu, Chen and Clark (2021),
/// arXiv:2112.12186; sampler, prior and differences in docs/va/lcva.md.
[[nodiscard]] Model lcva();

}  // namespace vaster::models

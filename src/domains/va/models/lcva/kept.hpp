#pragma once

#include "domains/va/models/lcva/posterior.hpp"
#include "vaster/support/parts.hpp"

namespace vaster::models::nested {

/// Writes draws as parts: "sites" u32 {1}, how many were trained on; "theta" f32; "mixtures" f64.
void save_draws(Parts& parts, Draws const& draws);

/// What save_draws() has written: probabilities within bounds, shares that sum to 1.
/// @throws DataError that names the part and what is wrong
[[nodiscard]] Draws load_draws(Parts const& parts, Settings const& settings, std::size_t n_causes,
                               std::size_t n_signs);

}  // namespace vaster::models::nested

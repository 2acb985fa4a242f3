#pragma once

#include <string>
#include <string_view>

#include "core/registry/state.hpp"

/// States as bytes of this machine: quickly read, for caches alone, never for what is kept or sent.
namespace vaster::registry {

[[nodiscard]] std::string packed(State const& state);

/// @throws DataError when the bytes end too early, or go on
[[nodiscard]] State unpacked(std::string_view bytes);

}  // namespace vaster::registry

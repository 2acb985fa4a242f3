#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/registry/state.hpp"

namespace vaster::registry {

/// A JSON object whose last member is the SHA-256 of what stands before it. Text that was cut off, or
/// changed, is not taken for a whole.
[[nodiscard]] std::string to_json(Event const& event);

/// Nothing when the text is not whole. @throws DataError when it is whole and not an event
[[nodiscard]] std::optional<Event> event_in(std::string_view json);

/// The state, to be read quickly again by a program of the same format.
[[nodiscard]] std::string to_json(State const& state);

/// Nothing when the text is not whole, or of another format.
[[nodiscard]] std::optional<State> state_in(std::string_view json);

}  // namespace vaster::registry

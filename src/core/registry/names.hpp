#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vaster::registry {

/// May a model or an alias be called so? 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or a
/// digit, without "..", not ending in ".h5" as files do.
[[nodiscard]] bool is_name(std::string_view text);

/// May a tag or a metric be called so? 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'.
[[nodiscard]] bool is_key(std::string_view text);

/// May it be the value of a tag, a note or a reason? At most 4096 bytes of UTF-8 without control characters.
[[nodiscard]] bool is_value(std::string_view text);

/// "causes", "causes:3" or "causes@production".
struct Reference {
    std::string name;
    std::optional<std::uint64_t> version = {};
    std::string alias = {};  ///< empty: none is named
};

/// Nothing when the text has none of these forms.
[[nodiscard]] std::optional<Reference> parse_reference(std::string_view text);

[[nodiscard]] std::string to_text(Reference const& reference);

/// @throws UsageError when it is not a name, with what a name must be
void require_name(std::string_view text);

}  // namespace vaster::registry

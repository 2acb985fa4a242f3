// TOML text through toml++, guarded where toml++ 3.3 takes for granted what a text need not keep to.
#pragma once

#include <string>
#include <string_view>

namespace vaster::study {
[[noreturn]] void refuse_toml();
}

// toml++ 3.3 takes for granted that a key begins where "[" was read, and "[#" shows that it need not: what it
// asserts is an error of the text, in every build.
#undef NDEBUG
#define TOML_ASSERT(condition) ((condition) ? void() : ::vaster::study::refuse_toml())
#include <toml++/toml.h>

namespace vaster::study {

/// The text as a table. A ConfigError says where it is not TOML; `path` stands in it.
toml::table parse_toml(std::string_view text, std::string const& path);

}  // namespace vaster::study

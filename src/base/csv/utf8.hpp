#pragma once

#include <cstddef>
#include <string_view>

namespace vaster::csv {

/// Position of the first byte that does not belong to well-formed UTF-8 (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF); npos if all of it does.
[[nodiscard]] std::size_t first_bad_utf8(std::string_view bytes) noexcept;

}  // namespace vaster::csv

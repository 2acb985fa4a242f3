#pragma once

#include <functional>
#include <string_view>

namespace vaster {

/// Do the bytes begin as a gzip file does (RFC 1952)?
[[nodiscard]] bool is_gzip(std::string_view bytes) noexcept;

/// Unpacks a whole gzip file, of one member or of several one after the other.
/// @param take  gets the content piece by piece
/// @param name  of the file, for messages
/// @throws DataError when it is cut or damaged
void unpack_gzip(std::string_view packed, std::string_view name,
                 std::function<void(std::string_view)> const& take);

}  // namespace vaster

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vaster::stream {

/// Without blanks at its ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The parts between separators; of an empty text none.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// The lines, without their ends (LF or CRLF); a last one without an end counts.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);
std::vector<std::string_view> lines_of(std::string&& text) = delete;  // the lines would outlive it

}  // namespace vaster::stream

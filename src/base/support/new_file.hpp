#pragma once

#include <string>
#include <string_view>

namespace vaster {

/// Makes a file with this text where there is nothing of that name, at once and without syncing; cheaper than
/// replace_file(), since it has no second name before. False, and nothing is done, where something is there,
/// the folder is not, or the file system has no files without a name. @throws IoError when the text cannot be
/// written
[[nodiscard]] bool make_file(std::string const& path, std::string_view text);

}  // namespace vaster

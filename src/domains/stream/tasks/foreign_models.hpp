#pragma once

#include <filesystem>
#include <string_view>

namespace vaster::stream {

/// Models of other systems come as programs that rebuild them (pickles, serialised Java objects). They are
/// refused by name.
/// @param trainer  code of the task that makes such models here
/// @throws DataError when the bytes, or the file's name, are of such a model
void refuse_foreign_model(std::filesystem::path const& path, std::string_view bytes,
                          std::string_view trainer);

}  // namespace vaster::stream

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace vaster::stream {

/// Says in `models.list` which files of a folder are the models of one training, and what they hold, so that
/// nobody takes those of another for them. Other files that are named as models of the target are removed.
/// @param origin  hash of the rows that the training has yielded
/// @param names  of the files, which are there
/// @throws IoError
void write_model_list(std::filesystem::path const& folder, std::string_view target, std::string_view origin,
                      std::vector<std::string> const& names);

/// The models that the list of a folder names.
/// @param origin  that the list must say; empty: any
/// @throws IoError when there is no list; DataError when it is of another training, or when a model is not
/// the one that was listed
[[nodiscard]] std::vector<std::filesystem::path> listed_models(std::filesystem::path const& folder,
                                                               std::string_view origin);

/// Would listed_models() give them? Never throws.
[[nodiscard]] bool has_models(std::filesystem::path const& folder, std::string_view origin);

}  // namespace vaster::stream

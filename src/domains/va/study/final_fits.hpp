#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "domains/va/study/kept_model.hpp"

namespace vaster::va {

/// What one model of the catalogue has learned in its final fit lies in this file until the model file is
/// made. @param output  the model file
[[nodiscard]] std::filesystem::path part_file_of(std::filesystem::path const& output, std::string_view model);

/// What a final fit has left, where it is still there: in its own file, or in the model file that was made of
/// it.
/// @param output   the model file, which may be there or not
/// @param content  of the fit, as archive::Archive::content
/// @return a kept model with this member alone; nothing where neither file is sound and has that content
/// @throws IoError when a file cannot be read
[[nodiscard]] std::optional<KeptModel> find_final_fit(std::filesystem::path const& output,
                                                      std::string_view model, std::string const& content);

}  // namespace vaster::va

#pragma once

#include <filesystem>
#include <string_view>

/// What keeps a slip of the keyboard from costing a study, or the data that it was to read.
namespace vaster::store {

/// Whether a file begins as study files do, whole or damaged, of whatever format version.
/// False where there is no file, or none that can be read.
[[nodiscard]] bool begins_as_study(std::filesystem::path const& path) noexcept;

/// Refuses a study file as the place of anything else, such as an export or a log.
/// @param flag  names the place: "--output"
/// @throws UsageError
void keep_study(std::filesystem::path const& path, std::string_view flag);

/// Whether there is a file at the place of a study file. @throws UsageError where there is a folder, a device
/// or a pipe; IoError when the system will not say what is there
/// @param flag  gives the study file another name
[[nodiscard]] bool is_there_as_file(std::filesystem::path const& path, std::string_view flag = "--output");

/// Refuses to let a new study file replace one that is none, such as the data or the configuration. An empty
/// file may be replaced. @throws as is_there_as_file() does
void keep_other_file(std::filesystem::path const& path, std::string_view flag = "--output");

}  // namespace vaster::store

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace vaster {

/// The path from the root. @throws IoError when the current directory is gone, or may not be looked up
[[nodiscard]] std::filesystem::path absolute_path(std::filesystem::path const& path);

/// Where a path leads that may be a symbolic link: to itself, or to the end of the chain, whether there is
/// a file or not. Folders on the way are left as they are. @throws IoError when the chain has no end
[[nodiscard]] std::filesystem::path target_of(std::filesystem::path const& path);

/// The whole file. @throws IoError when it cannot be read.
[[nodiscard]] std::string read_file(std::filesystem::path const& path);

/// Writes a temporary file beside `path`, syncs it and renames it: readers see the old file or the whole new
/// one. Symbolic links are followed, never replaced; devices and pipes are just written to.
/// @throws IoError naming the path and the system's reason; `path` is then untouched.
void write_file_atomically(std::filesystem::path const& path, std::string_view text);

/// The same without syncing, for files that are written often and may be lost with the power. @throws IoError
void replace_file(std::filesystem::path const& path, std::string_view text);

/// Renames and syncs the directory, so that the name survives a power loss. @throws IoError
void rename_durably(std::filesystem::path const& from, std::filesystem::path const& to);

/// Has the next reader of a file on a network's file system ask the server: pages that this host has read
/// before may be old, and some of these file systems show them even to those who open the file anew
/// (GlusterFS as it is mounted by default). Does nothing on the file systems of one machine, or where it
/// cannot.
void forget_old_pages(std::filesystem::path const& path) noexcept;

/// The same through an open file.
void forget_old_pages(int fd) noexcept;

/// "No such file or directory" for an errno value.
[[nodiscard]] std::string system_reason(int error_number);

/// Name of this host.
[[nodiscard]] std::string host_name();

/// Path of the running program. @throws IoError where the system does not say
[[nodiscard]] std::filesystem::path program_path();

}  // namespace vaster

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "vaster/support/descriptor.hpp"

namespace vaster {

/// The path from the root. @throws IoError when the current directory is gone, or may not be looked up
[[nodiscard]] std::filesystem::path absolute_path(std::filesystem::path const& path);

/// Where a path leads that may be a symbolic link: to itself, or to the end of the chain, whether there is
/// a file or not. Folders on the way are left as they are. @throws IoError when the chain has no end
[[nodiscard]] std::filesystem::path target_of(std::filesystem::path const& path);

/// The same for a file that is to be written: a link leads there only if it belongs to this user or to root.
/// Whoever may write in the folder could otherwise plant a link by which this user destroys a file of his own
/// elsewhere. @throws IoError naming the link and its owner
[[nodiscard]] std::filesystem::path target_to_write(std::filesystem::path const& path);

/// Who may read and write a file that takes the place of `path`: the same as before where it is a file of
/// this user, otherwise whom the umask lets.
[[nodiscard]] unsigned mode_of_successor(std::filesystem::path const& path) noexcept;

/// Opens a file that the program names itself (a lock), not one that the user has named: no link is followed,
/// no pipe is waited for, and a file with a second name (a hard link) is not ours. Empty, with errno, when it
/// cannot be opened. @throws IoError when something else than a plain file has that name
[[nodiscard]] Descriptor open_own_file(std::filesystem::path const& path, int flags, unsigned mode = 0666);

/// The whole file. @throws IoError when it cannot be read.
[[nodiscard]] std::string read_file(std::filesystem::path const& path);

/// Writes a temporary file beside `path`, syncs it and renames it: readers see the old file or the whole new
/// one. Symbolic links are followed as by target_to_write(), never replaced; devices and pipes are just
/// written to. For files that the user has named.
/// @throws IoError naming the path and the system's reason; `path` is then untouched.
void write_file_atomically(std::filesystem::path const& path, std::string_view text);

/// The same without syncing and for names that the program gives itself, in files that are written often and
/// may be lost with the power: whatever has the name, a link or a pipe too, is replaced. @throws IoError
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

/// Why no file can be made in a folder, which is made where it is missing, as part of a sentence: "/a/b is
/// not a folder", or "the folder /a cannot be written to: " with the system's reason. Empty: it can.
[[nodiscard]] std::string problem_with_folder(std::filesystem::path const& folder);

/// "No such file or directory" for an errno value.
[[nodiscard]] std::string system_reason(int error_number);

/// Name of this host.
[[nodiscard]] std::string host_name();

/// Path of the running program. @throws IoError where the system does not say
[[nodiscard]] std::filesystem::path program_path();

}  // namespace vaster

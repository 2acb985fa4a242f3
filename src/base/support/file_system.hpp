#pragma once

#include <filesystem>

namespace vaster {

/// Is the file or folder on one of the common file systems that no other machine writes to? No where there is
/// no saying.
[[nodiscard]] bool is_on_this_machine(std::filesystem::path const& path) noexcept;

/// The same of an open file.
[[nodiscard]] bool is_on_this_machine(int fd) noexcept;

}  // namespace vaster

#include "base/support/file_system.hpp"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <sys/vfs.h>

#include "vaster/support/descriptor.hpp"

namespace vaster {

bool is_on_this_machine(std::filesystem::path const& path) noexcept {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    return file && is_on_this_machine(file.get());
}

bool is_on_this_machine(int fd) noexcept {
    constexpr std::array<unsigned long, 8> local{
        0xef53,      // ext2, ext3, ext4
        0x58465342,  // XFS
        0x9123683e,  // Btrfs
        0x01021994,  // tmpfs
        0x858458f6,  // ramfs
        0x794c7630,  // overlay
        0x2fc12fc1,  // ZFS
        0xf2f52010,  // F2FS
    };

    struct statfs info {};

    if (::fstatfs(fd, &info) != 0) return false;
    auto const type = static_cast<unsigned long>(info.f_type);
    return std::find(local.begin(), local.end(), type) != local.end();
}

}  // namespace vaster

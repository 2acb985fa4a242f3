#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

#include "vaster/support/descriptor.hpp"

namespace vaster::store {

/// Says on this host that a file is ours, whatever names it has: hard links and bind mounts lead to the same
/// one. A listening socket in Linux' abstract name space, called after the file's device and inode: nothing
/// is written anywhere, and it goes with the process. It does not reach other hosts, nor a container with a
/// network of its own.
class FileClaim {
  public:
    /// Claims nothing.
    FileClaim() = default;

    /// The claim on a file; nothing when another process has it. A file that is not there, and a system that
    /// has no such sockets, give a claim that claims nothing.
    [[nodiscard]] static std::optional<FileClaim> on(std::filesystem::path const& path);

  private:
    explicit FileClaim(Descriptor socket) : socket_(std::move(socket)) {}

    Descriptor socket_;
};

/// The process of this host that has the claim on a file; 0 when it cannot be told; nothing when there is
/// none.
[[nodiscard]] std::optional<std::int64_t> claimant_of(std::filesystem::path const& path);

}  // namespace vaster::store

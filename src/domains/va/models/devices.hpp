#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vaster/support/descriptor.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::models {

/// Where the graphics devices of a node are found. Tests put their own in its place.
struct DeviceNode {
    std::filesystem::path devices = "/dev";  ///< folder with nvidia0, nvidia1, ...
    std::filesystem::path locks;             ///< folder of this node where files may be made
    std::function<std::optional<std::string>(char const*)> variable;  ///< the environment
};

/// This machine as this process sees it.
[[nodiscard]] DeviceNode this_node();

/// A graphics device.
struct Device {
    std::size_t ordinal = 0;  ///< as CUDA counts those that this process may use
    std::string name;         ///< which of the node it is: "nvidia3", or its UUID
};

/// The devices that this process may use, in CUDA's order: those of the node that it may open, chosen and
/// ordered by CUDA_VISIBLE_DEVICES if that is set (numbers or UUIDs; the first entry that is not a device
/// ends the list, as in CUDA). CUDA itself is not asked: a process that has does not work any more after a
/// fork.
[[nodiscard]] std::vector<Device> usable_devices(DeviceNode const& node);

/// This rank's number among those of its node, from 0, as its launcher says it (Open MPI, MPICH and Intel,
/// MVAPICH, Slurm); 0 without a launcher.
[[nodiscard]] std::size_t local_rank(DeviceNode const& node);

/// The device of this rank: its number in the node modulo the number of devices.
/// @throws UnavailableError when there is none
[[nodiscard]] Device own_device(DeviceNode const& node);

/// A device that is ours alone among the processes of one user on this node, for as long as this lives. The
/// kernel gives it back when the process ends, however it does.
class DeviceTurn {
  public:
    /// Waits for its turn. @throws Cancelled when the watcher says so; IoError when a lock file cannot be
    /// made
    DeviceTurn(DeviceNode const& node, Device const& device, Watcher& watcher);

  private:
    Descriptor lock_;
};

}  // namespace vaster::models

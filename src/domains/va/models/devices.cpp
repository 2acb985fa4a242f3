#include "domains/va/models/devices.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {
namespace {

constexpr std::string_view prefix = "nvidia";
constexpr char visible[] = "CUDA_VISIBLE_DEVICES";

std::optional<std::size_t> number(std::string_view text) {
    std::size_t value = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Device files that this process may open, by their numbers.
std::vector<std::string> device_files(std::filesystem::path const& folder) {
    std::vector<std::size_t> numbers;
    std::error_code ignored;
    for (auto const& entry : std::filesystem::directory_iterator(folder, ignored)) {
        std::string const name = entry.path().filename().string();
        if (!name.starts_with(prefix)) continue;
        auto const which = number(std::string_view(name).substr(prefix.size()));
        if (which && ::access(entry.path().c_str(), R_OK | W_OK) == 0) numbers.push_back(*which);
    }
    std::ranges::sort(numbers);
    std::vector<std::string> names;
    names.reserve(numbers.size());
    for (std::size_t const which : numbers) names.push_back(fmt::format("{}{}", prefix, which));
    return names;
}

/// What an entry of CUDA_VISIBLE_DEVICES stands for; "": nothing.
std::string name_of(std::string_view entry, std::vector<std::string> const& files) {
    auto const first = entry.find_first_not_of(' ');
    if (first == std::string_view::npos) return "";
    entry = entry.substr(first, entry.find_last_not_of(' ') - first + 1);
    if (auto const index = number(entry)) return *index < files.size() ? files[*index] : "";
    bool const is_uuid = entry.starts_with("GPU-") || entry.starts_with("MIG-");
    std::string name(is_uuid ? entry : "");
    std::replace(name.begin(), name.end(), '/', '_');
    return name;
}

}  // namespace

DeviceNode this_node() {
    std::error_code problem;  // TMPDIR may name a folder that is not there
    auto const temporary = std::filesystem::temp_directory_path(problem);
    return {"/dev", problem ? "/tmp" : temporary, [](char const* name) {
                char const* const text = std::getenv(name);
                return text == nullptr ? std::nullopt : std::optional<std::string>(text);
            }};
}

std::vector<Device> usable_devices(DeviceNode const& node) {
    auto names = device_files(node.devices);
    if (auto const chosen = node.variable(visible)) {
        auto const files = std::exchange(names, {});
        std::string_view rest = *chosen;
        for (bool more = true; more;) {
            auto const comma = rest.find(',');
            std::string name = name_of(rest.substr(0, comma), files);
            more = !name.empty() && comma != std::string_view::npos;
            if (!name.empty()) names.push_back(std::move(name));
            if (more) rest.remove_prefix(comma + 1);
        }
    }
    std::vector<Device> devices;
    devices.reserve(names.size());
    for (auto& name : names) devices.push_back({devices.size(), std::move(name)});
    return devices;
}

std::size_t local_rank(DeviceNode const& node) {
    // Slurm's last: in a batch script under mpirun all ranks inherit that of the script.
    for (char const* name :
         {"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "MV2_COMM_WORLD_LOCAL_RANK", "SLURM_LOCALID"})
        if (auto const text = node.variable(name))
            if (auto const rank = number(*text)) return *rank;
    return 0;
}

Device own_device(DeviceNode const& node) {
    auto devices = usable_devices(node);
    auto const chosen = node.variable(visible);
    require<UnavailableError>(
        !devices.empty(),
        "models.xgboost.device = \"cuda\", but {} has no device that this process may use ({}/{}*, {}); set "
        "it to \"cpu\", or ask for a node with a device",
        host_name(), node.devices.string(), prefix,
        chosen ? fmt::format("{}={}", visible, *chosen) : fmt::format("{} is not set", visible));
    return std::move(devices[local_rank(node) % devices.size()]);
}

DeviceTurn::DeviceTurn(DeviceNode const& node, Device const& device, Watcher& watcher) {
    auto const path = node.locks / fmt::format("vaster-{}-{}.lock", ::getuid(), device.name);
    lock_ = open_own_file(path, O_RDWR | O_CREAT, 0600);
    require<IoError>(bool(lock_),
                     "cannot make {}, which keeps two fits from one device: {}; TMPDIR names another folder",
                     path.string(), system_reason(errno));
    while (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
        require<IoError>(errno == EWOULDBLOCK || errno == EINTR, "cannot lock {}: {}", path.string(),
                         system_reason(errno));
        if (watcher.stop_requested()) throw Cancelled{};
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace vaster::models

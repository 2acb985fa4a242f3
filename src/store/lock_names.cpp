#include "lock_names.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <sstream>
#include <thread>

#include <unistd.h>

#include "vaster/support/clock.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/files.hpp"

namespace vaster::store {

std::string name_of_this_process() {
    return fmt::format("{} {} {}\n", host_name(), ::getpid(), utc_text(wall_seconds()));
}

std::optional<Holder> read_holder(std::filesystem::path const& lock_file) {
    try {
        std::istringstream in(read_file(lock_file));
        Holder holder;
        if (in >> holder.host >> holder.pid >> holder.since) return holder;
    } catch (IoError const&) {
        return std::nullopt;  // gone meanwhile
    }
    return std::nullopt;
}

bool is_dead(Holder const& holder) {
    return holder.host == host_name() && ::kill(static_cast<pid_t>(holder.pid), 0) != 0 && errno == ESRCH;
}

bool take_by_name(std::filesystem::path const& lock_file) {
    auto const before = read_holder(lock_file);
    if (before && !is_dead(*before)) return false;
    write_file_atomically(lock_file, name_of_this_process());
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    auto const after = read_holder(lock_file);
    return after && after->host == host_name() && after->pid == ::getpid();
}

}  // namespace vaster::store

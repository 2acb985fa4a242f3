#include "core/mpi/start_watch.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "core/mpi/leaving.hpp"

namespace vaster::mpi {
namespace {

constexpr double seconds_to_start_all = 5;  ///< the launcher starts all ranks of a host at once

double number_in(char const* variable, double standard) {
    char const* const text = std::getenv(variable);
    char* end = nullptr;
    double const number = text == nullptr ? 0 : std::strtod(text, &end);
    return text != nullptr && end != text && number > 0 ? number : standard;
}

double seconds_to_start() {
    constexpr double standard = 40;
    constexpr double per_rank = 0.1;
    return number_in("VASTER_START_SECONDS", standard + per_rank * number_in("OMPI_COMM_WORLD_SIZE", 1));
}

std::string name_of(pid_t process) {
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", process)), name);
    return name;
}

/// How many processes this process' parent is to start on this host; 0 where the parent is not a launcher of
/// Open MPI.
std::size_t wanted_children(pid_t launcher) {
    std::string const name = name_of(launcher);
    bool const known = name == "mpirun" || name == "mpiexec" || name == "orterun" || name == "orted";
    return known ? static_cast<std::size_t>(number_in("OMPI_COMM_WORLD_LOCAL_SIZE", 0)) : 0;
}

}  // namespace

StartWatch::StartWatch(std::function<void()> before_leaving)
    : before_leaving_(std::move(before_leaving)),
      launcher_(::getppid()),
      name_(name_of(::getpid())),
      wanted_(wanted_children(launcher_)),
      all_started_(monotonic_seconds() + seconds_to_start_all),
      patience_(seconds_to_start()),
      thread_([this](std::stop_token const& stop) { watch(stop); }) {}

/// Processes that the launcher has started, from whichever of its threads; whatever runs there.
std::set<pid_t> StartWatch::children() const {
    namespace fs = std::filesystem;
    std::set<pid_t> found;
    std::error_code ignored;
    for (auto const& thread : fs::directory_iterator(fmt::format("/proc/{}/task", launcher_), ignored)) {
        std::ifstream list(thread.path() / "children");
        for (pid_t child = 0; list >> child;) found.insert(child);
    }
    return found;
}

/// Is a rank of this host gone? Those that ran this program at the last look must still be there; and some
/// time after the start as many as the launcher was to start here.
bool StartWatch::rank_is_gone() {
    auto const now = children();
    if (!std::includes(now.begin(), now.end(), seen_.begin(), seen_.end())) return true;
    seen_.clear();
    for (pid_t const child : now)
        if (name_of(child) == name_) seen_.insert(child);
    return monotonic_seconds() > all_started_ && now.size() < wanted_;
}

void StartWatch::leave(std::string const& why) const {
    leave_at_once(fmt::format("on host {}: {}; nothing was begun, start it again", host_name(), why),
                  before_leaving_);
}

void StartWatch::watch(std::stop_token const& stop) {
    constexpr std::chrono::milliseconds between_looks(100);
    double const deadline = monotonic_seconds() + patience_;
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
        if (wanted_ > 0 && rank_is_gone() && !stop.stop_requested())
            leave("a rank on this host ended while MPI was starting");
        if (monotonic_seconds() > deadline)
            leave(fmt::format(
                "MPI did not start within {:g} s; perhaps a rank is lost (VASTER_START_SECONDS)", patience_));
        wake.wait_for(lock, stop, between_looks, [] { return false; });
    }
}

}  // namespace vaster::mpi

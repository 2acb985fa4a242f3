#include "core/store/lock_names.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <fmt/core.h>
#include <pwd.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"

namespace vaster::store {
namespace {

/// What is in a lock file, which is short; nothing when there is none.
std::optional<std::string> text_of(std::filesystem::path const& lock_file) {
    Descriptor const file = open_own_file(lock_file, O_RDONLY);
    if (!file) return std::nullopt;
    std::string text(most_lock_bytes, '\0');
    ssize_t const got = ::pread(file.get(), text.data(), text.size(), 0);
    if (got < 0) return std::nullopt;
    text.resize(static_cast<std::size_t>(got));
    return text;
}

std::optional<Holder> holder_in(std::string const& text) {
    std::istringstream in(text);
    Holder holder;
    std::string line;
    std::getline(in, line);
    std::istringstream words(line);
    if (!(words >> holder.host >> holder.pid >> holder.since)) return std::nullopt;
    if (words >> holder.user) words >> holder.job;  // earlier versions named neither
    return holder;
}

}  // namespace

std::string name_of_this_process() {
    static double const since = wall_seconds();
    passwd const* const user = ::getpwuid(::geteuid());
    char const* const job = std::getenv("SLURM_JOB_ID");
    return fmt::format("{} {} {} {} {}\n", host_name(), ::getpid(), utc_text(since),
                       user != nullptr ? std::string(user->pw_name) : std::to_string(::geteuid()),
                       job != nullptr ? job : "");
}

std::optional<Holder> read_holder(std::filesystem::path const& lock_file) {
    auto const text = text_of(lock_file);
    return text ? holder_in(*text) : std::nullopt;
}

bool is_dead(Holder const& holder) {
    return holder.host == host_name() && ::kill(static_cast<pid_t>(holder.pid), 0) != 0 && errno == ESRCH;
}

void HolderWatch::look(std::filesystem::path const& lock_file) {
    auto const text = text_of(lock_file).value_or("");
    auto const holder = holder_in(text);
    if (!holder || holder->host == host_name()) {
        seen_ = holder ? Seen::here : Seen::nobody;
    } else if (seen_ != Seen::elsewhere && seen_ != Seen::beating) {
        seen_ = Seen::elsewhere;
        since_ = monotonic_seconds();
    } else if (text != text_) {
        seen_ = Seen::beating;
        since_ = monotonic_seconds();
    }
    text_ = text;
}

bool HolderWatch::is_silent() const {
    bool const foreign = seen_ == Seen::elsewhere || seen_ == Seen::beating;
    return foreign && monotonic_seconds() - since_ >= silent_seconds_;
}

bool HolderWatch::is_free() const {
    return seen_ == Seen::nobody || seen_ == Seen::here || is_silent();
}

bool HolderWatch::undecided() const {
    return seen_ == Seen::elsewhere && !is_free();
}

bool take_by_name(std::filesystem::path const& lock_file, HolderWatch const& watch) {
    auto const before = read_holder(lock_file);
    bool const ours = before && before->host == host_name();
    if (before && !(ours ? is_dead(*before) : watch.is_free())) return false;
    replace_file(lock_file, name_of_this_process());
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    auto const after = read_holder(lock_file);
    return after && after->host == host_name() && after->pid == ::getpid();
}

}  // namespace vaster::store

#include "core/monitor/alerts.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "base/support/units.hpp"
#include "core/monitor/progress.hpp"

namespace vaster::monitor {
namespace {

constexpr long wait_nanoseconds = 20'000'000;

/// This process's environment with more variables.
class Environment {
  public:
    void set(std::string_view name, std::string_view value) {
        texts_.push_back(fmt::format("{}={}", name, value));
    }

    [[nodiscard]] std::vector<char*> pointers() {
        std::vector<char*> list;
        for (char** one = environ; *one != nullptr; ++one)
            if (std::strncmp(*one, "VASTER_", 7) != 0) list.push_back(*one);
        for (auto& text : texts_) list.push_back(text.data());
        list.push_back(nullptr);
        return list;
    }

  private:
    std::vector<std::string> texts_;
};

/// Attributes of a command: a process group of its own, default signals, no standard input.
class SpawnSettings {
  public:
    SpawnSettings() {
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_init(&actions);
        sigset_t all;
        sigset_t none;
        ::sigfillset(&all);
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        ::posix_spawnattr_setflags(&attributes,
                                   POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }

    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }

    SpawnSettings(SpawnSettings const&) = delete;
    SpawnSettings& operator=(SpawnSettings const&) = delete;

    posix_spawnattr_t attributes{};
    posix_spawn_file_actions_t actions{};
};

}  // namespace

AlertOptions alert_options(study::Config const& config) {
    AlertOptions options;
    options.on_first_failure = config.get<std::string>("alerts.first_failure");
    options.on_failures = config.get<std::string>("alerts.failures");
    options.failure_share = config.get<double>("alerts.failure_share");
    options.on_stall = config.get<std::string>("alerts.stall");
    options.stall_seconds = config.seconds("alerts.stall_after");
    options.on_finish = config.get<std::string>("alerts.finish");
    options.timeout_seconds = config.seconds("alerts.timeout");
    return options;
}

Alerts::Alerts(AlertOptions options, std::string study_name, std::string study_file)
    : options_(std::move(options)), study_name_(std::move(study_name)), study_file_(std::move(study_file)) {}

Alerts::~Alerts() {
    while (!running_.empty()) {
        look_after_commands();
        timespec const pause{0, wait_nanoseconds};
        if (!running_.empty()) ::nanosleep(&pause, nullptr);
    }
}

void Alerts::on_start(study::Progress const& progress) {
    progress_ = progress;
    last_result_ = monotonic_seconds();
}

void Alerts::on_commit(study::ExperimentIndex, study::Origin const&) {
    last_result_ = monotonic_seconds();
    stall_told_ = false;
}

void Alerts::on_failed(study::ExperimentIndex index, std::string const& label, std::string const& error) {
    if (!first_failure_) first_failure_ = fmt::format("{} failed: {}", name_of(label, index), error);
}

void Alerts::on_tick(study::Progress const& progress) {
    progress_ = progress;
    if (first_failure_ && !std::exchange(first_failure_told_, true))
        raise("first_failure", options_.on_first_failure, *first_failure_);
    double const share =
        progress.total == 0 ? 0 : static_cast<double>(progress.failed) / static_cast<double>(progress.total);
    if (share > options_.failure_share && !std::exchange(failures_told_, true))
        raise("failures", options_.on_failures,
              fmt::format("{} of {} experiments have failed", progress.failed, progress.total));
    double const silent = monotonic_seconds() - last_result_;
    if (progress.running > 0 && silent > options_.stall_seconds && !std::exchange(stall_told_, true))
        raise("stall", options_.on_stall, fmt::format("no result for {}", duration_text(silent)));
    look_after_commands();
}

void Alerts::on_end(study::Progress const& progress) {
    on_tick(progress);
    std::uint64_t const left = progress.total - progress.done - progress.failed;
    raise("finish", options_.on_finish,
          left + progress.failed == 0
              ? std::string("all experiments have their result")
              : fmt::format("{} done, {} failed, {} left", progress.done, progress.failed, left));
}

void Alerts::raise(std::string_view event, std::string const& command, std::string const& reason) {
    if (command.empty()) return;
    Environment environment;
    environment.set("VASTER_EVENT", event);
    environment.set("VASTER_REASON", reason);
    environment.set("VASTER_STUDY", study_name_);
    environment.set("VASTER_FILE", study_file_);
    environment.set("VASTER_TOTAL", fmt::format("{}", progress_.total));
    environment.set("VASTER_DONE", fmt::format("{}", progress_.done));
    environment.set("VASTER_FAILED", fmt::format("{}", progress_.failed));
    environment.set("VASTER_LEFT", fmt::format("{}", progress_.total - progress_.done - progress_.failed));
    SpawnSettings const settings;
    std::string shell = "sh";
    std::string flag = "-c";
    std::string text = command;
    char* arguments[] = {shell.data(), flag.data(), text.data(), nullptr};
    pid_t pid = 0;
    int const problem = ::posix_spawn(&pid, "/bin/sh", &settings.actions, &settings.attributes, arguments,
                                      environment.pointers().data());
    if (problem != 0)
        say("{}: on host {}: the alert command for {} could not be started: {}", program_name(), host_name(),
            event, system_reason(problem));
    else
        running_.push_back(
            {pid, monotonic_seconds() + options_.timeout_seconds, std::string(event), command});
}

void Alerts::tell_failure(Running const& command, int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    std::string const how = WIFEXITED(status) ? fmt::format("ended with exit code {}", WEXITSTATUS(status))
                                              : fmt::format("was ended by signal {}", WTERMSIG(status));
    say("{}: the alert command for {} {}: {}", program_name(), command.event, how, command.text);
}

void Alerts::look_after_commands() {
    double const now = monotonic_seconds();
    std::erase_if(running_, [now](Running const& command) {
        int status = 0;
        pid_t const ended = ::waitpid(command.pid, &status, WNOHANG);
        if (ended < 0 && errno == ECHILD) return true;
        if (ended == command.pid) return tell_failure(command, status), true;
        if (now < command.deadline) return false;
        ::kill(-command.pid, SIGKILL);
        ::waitpid(command.pid, &status, 0);
        say("{}: the alert command for {} took longer than alerts.timeout and was stopped: {}",
            program_name(), command.event, command.text);
        return true;
    });
}

}  // namespace vaster::monitor

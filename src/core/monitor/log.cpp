#include "core/monitor/log.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "base/support/texts.hpp"
#include "base/support/units.hpp"
#include "core/monitor/progress.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::monitor {
namespace {

spdlog::level::level_enum level_of(std::string_view name) {
    if (name == "debug") return spdlog::level::debug;
    if (name == "info") return spdlog::level::info;
    if (name == "warning") return spdlog::level::warn;
    if (name == "error") return spdlog::level::err;
    if (name == "off") return spdlog::level::off;
    throw std::logic_error(fmt::format("'{}' is not a log level", name));
}

std::shared_ptr<spdlog::sinks::basic_file_sink_st> open_sink(std::filesystem::path const& path) {
    (void)target_to_write(path);  // refuses links of others; devices are opened by their own name
    try {
        return std::make_shared<spdlog::sinks::basic_file_sink_st>(path.string());
    } catch (spdlog::spdlog_ex const& e) {
        throw IoError(fmt::format("cannot write the log file {}: {}", path.string(), e.what()));
    }
}

/// Says once, in our words, that lines are lost: the run goes on without them, and may find room again.
/// @param problem  spdlog's words, which end with the system's reason: "Failed ...: No space left on device"
void say_what_is_lost(std::filesystem::path const& path, std::string const& problem, bool& said) {
    if (std::exchange(said, true)) return;
    auto const reason = problem.rfind(": ");
    say("{}: on host {}: the log file {} cannot be written: {}; lines of it are lost, the run goes on",
        program_name(), host_name(), path.string(),
        reason == std::string::npos ? problem : problem.substr(reason + 2));
}

/// One event.
struct Line {
    int rank = 0;
    std::string_view component;
    std::optional<study::ExperimentIndex> experiment;
    std::string message;
    std::string label = {};  ///< of the experiment
};

/// The text with its line ends as \n.
std::string on_one_line(std::string const& text) {
    std::string out;
    for (char const c : text) {
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

std::string text_of(Line const& line) {
    return fmt::format("rank={} {}{}{}: {}", line.rank, line.component,
                       line.experiment ? fmt::format(" experiment={}", *line.experiment) : "",
                       line.label.empty() ? "" : fmt::format(" ({})", on_one_line(line.label)),
                       on_one_line(line.message));
}

std::string json_of(Line const& line, spdlog::level::level_enum level) {
    auto const name = spdlog::level::to_string_view(level);
    nlohmann::ordered_json json = {{"time", utc_text_with_milliseconds(wall_seconds())},
                                   {"level", std::string(name.data(), name.size())},
                                   {"rank", line.rank},
                                   {"component", line.component}};
    if (line.experiment) json["experiment"] = *line.experiment;
    if (!line.label.empty()) json["label"] = line.label;
    json["message"] = line.message;
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::vector<std::string> const& log_level_names() {
    static std::vector<std::string> const names{"debug", "info", "warning", "error", "off"};
    return names;
}

std::vector<std::string> const& log_format_names() {
    static std::vector<std::string> const names{"text", "json"};
    return names;
}

struct LogListener::State {
    spdlog::logger logger;
    bool as_json = false;
    double started = 0;

    void write(spdlog::level::level_enum level, Line const& line) {
        if (logger.should_log(level)) logger.log(level, as_json ? json_of(line, level) : text_of(line));
    }
};

LogListener::LogListener(std::filesystem::path const& path, std::string_view level, std::string_view format)
    : state_(std::make_unique<State>(State{spdlog::logger("vaster", open_sink(path)), format == "json"})) {
    state_->logger.set_pattern(state_->as_json ? "%v" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                               spdlog::pattern_time_type::utc);
    state_->logger.set_level(level_of(level));
    state_->logger.flush_on(spdlog::level::trace);
    state_->logger.set_error_handler(
        [path, said = false](std::string const& problem) mutable { say_what_is_lost(path, problem, said); });
}

LogListener::~LogListener() = default;

void LogListener::on_start(study::Progress const& progress) {
    state_->started = monotonic_seconds();
    state_->write(spdlog::level::info, {0, "dispatcher", {}, "start: " + progress_line(progress, 0)});
}

void LogListener::on_task_start(int rank, study::Task const& task, std::string const& label) {
    state_->write(spdlog::level::debug, {rank, "dispatcher", task.items.front().experiment.index,
                                         fmt::format("task {} handed out: {}", task.number,
                                                     counted(task.items.size(), "experiment")),
                                         label});
}

void LogListener::on_commit(study::ExperimentIndex index, study::Origin const& origin) {
    state_->write(spdlog::level::debug,
                  {static_cast<int>(origin.rank), "store", index,
                   fmt::format("committed, attempt {} on {}", origin.attempt, origin.host)});
}

void LogListener::on_task_end(int rank, study::TaskEnd const& end) {
    state_->write(spdlog::level::debug, {rank,
                                         "worker",
                                         {},
                                         fmt::format("task {} ended: {} after {}", end.task,
                                                     end.completed ? "done" : study::to_text(end.failure),
                                                     duration_text(end.seconds))});
}

void LogListener::on_attempt_failed(study::Attempt const& attempt, std::string const& label,
                                    bool will_retry) {
    state_->write(spdlog::level::warn,
                  {static_cast<int>(attempt.rank), "worker", attempt.index,
                   fmt::format("attempt {} on {}: {} after {}: {}{}", attempt.attempt, attempt.host,
                               attempt.outcome, duration_text(attempt.seconds), attempt.message,
                               will_retry ? " (will be tried again)" : ""),
                   label});
}

void LogListener::on_failed(study::ExperimentIndex index, std::string const& label,
                            std::string const& error) {
    state_->write(spdlog::level::err, {0, "dispatcher", index, fmt::format("given up: {}", error), label});
}

void LogListener::on_rank_lost(int rank) {
    state_->write(spdlog::level::warn, {rank, "worker", {}, "gets no more work"});
}

void LogListener::on_notice(std::string const& text) {
    state_->write(spdlog::level::info, {0, "dispatcher", {}, text});
}

void LogListener::on_end(study::Progress const& progress) {
    state_->write(
        spdlog::level::info,
        {0, "dispatcher", {}, "end: " + progress_line(progress, monotonic_seconds() - state_->started)});
}

void Listeners::add(std::unique_ptr<study::Listener> listener) {
    listeners_.push_back(std::move(listener));
}

void Listeners::on_start(study::Progress const& progress) {
    for (auto& listener : listeners_) listener->on_start(progress);
}

void Listeners::on_task_start(int rank, study::Task const& task, std::string const& label) {
    for (auto& listener : listeners_) listener->on_task_start(rank, task, label);
}

void Listeners::on_task_end(int rank, study::TaskEnd const& end) {
    for (auto& listener : listeners_) listener->on_task_end(rank, end);
}

void Listeners::on_rank_lost(int rank) {
    for (auto& listener : listeners_) listener->on_rank_lost(rank);
}

void Listeners::on_commit(study::ExperimentIndex index, study::Origin const& origin) {
    for (auto& listener : listeners_) listener->on_commit(index, origin);
}

void Listeners::on_attempt_failed(study::Attempt const& attempt, std::string const& label, bool will_retry) {
    for (auto& listener : listeners_) listener->on_attempt_failed(attempt, label, will_retry);
}

void Listeners::on_failed(study::ExperimentIndex index, std::string const& label, std::string const& error) {
    for (auto& listener : listeners_) listener->on_failed(index, label, error);
}

void Listeners::on_notice(std::string const& text) {
    for (auto& listener : listeners_) listener->on_notice(text);
}

void Listeners::on_tick(study::Progress const& progress) {
    for (auto& listener : listeners_) listener->on_tick(progress);
}

void Listeners::on_end(study::Progress const& progress) {
    for (auto& listener : listeners_) listener->on_end(progress);
}

}  // namespace vaster::monitor

#include "vaster/monitor/log.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "vaster/monitor/progress.hpp"
#include "vaster/support/clock.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/units.hpp"

namespace vaster::monitor {
namespace {

spdlog::level::level_enum level_of(std::string_view name) {
    if (name == "debug") return spdlog::level::debug;
    if (name == "info") return spdlog::level::info;
    if (name == "warning") return spdlog::level::warn;
    if (name == "error") return spdlog::level::err;
    if (name == "off") return spdlog::level::off;
    throw std::logic_error(fmt::format("'{}' is no log level", name));
}

std::shared_ptr<spdlog::sinks::basic_file_sink_st> open_sink(std::filesystem::path const& path) {
    try {
        return std::make_shared<spdlog::sinks::basic_file_sink_st>(path.string());
    } catch (spdlog::spdlog_ex const& e) {
        throw IoError(fmt::format("cannot write the log file {}: {}", path.string(), e.what()));
    }
}

}  // namespace

std::vector<std::string> const& log_level_names() {
    static std::vector<std::string> const names{"debug", "info", "warning", "error", "off"};
    return names;
}

struct LogListener::State {
    spdlog::logger logger;
    double started = 0;
};

LogListener::LogListener(std::filesystem::path const& path, std::string_view level)
    : state_(std::make_unique<State>(State{spdlog::logger("vaster", open_sink(path))})) {
    state_->logger.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    state_->logger.set_level(level_of(level));
    state_->logger.flush_on(spdlog::level::trace);
}

LogListener::~LogListener() = default;

void LogListener::on_start(study::Progress const& progress) {
    state_->started = monotonic_seconds();
    state_->logger.info("start: {}", progress_line(progress, 0));
}

void LogListener::on_commit(study::ExperimentIndex index, study::Origin const& origin) {
    state_->logger.debug("experiment {} committed by rank {} ({}), attempt {}", index, origin.rank,
                         origin.host, origin.attempt);
}

void LogListener::on_attempt_failed(study::Attempt const& attempt, bool will_retry) {
    state_->logger.warn("experiment {} attempt {} on rank {} ({}): {} after {}: {}{}", attempt.index,
                        attempt.attempt, attempt.rank, attempt.host, attempt.outcome,
                        duration_text(attempt.seconds), attempt.message,
                        will_retry ? " (will be tried again)" : "");
}

void LogListener::on_failed(study::ExperimentIndex index, std::string const& error) {
    state_->logger.error("experiment {} failed: {}", index, error);
}

void LogListener::on_notice(std::string const& text) {
    state_->logger.info("{}", text);
}

void LogListener::on_end(study::Progress const& progress) {
    state_->logger.info("end: {}", progress_line(progress, monotonic_seconds() - state_->started));
}

void Listeners::add(std::unique_ptr<study::Listener> listener) {
    listeners_.push_back(std::move(listener));
}

void Listeners::on_start(study::Progress const& progress) {
    for (auto& listener : listeners_) listener->on_start(progress);
}

void Listeners::on_commit(study::ExperimentIndex index, study::Origin const& origin) {
    for (auto& listener : listeners_) listener->on_commit(index, origin);
}

void Listeners::on_attempt_failed(study::Attempt const& attempt, bool will_retry) {
    for (auto& listener : listeners_) listener->on_attempt_failed(attempt, will_retry);
}

void Listeners::on_failed(study::ExperimentIndex index, std::string const& error) {
    for (auto& listener : listeners_) listener->on_failed(index, error);
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

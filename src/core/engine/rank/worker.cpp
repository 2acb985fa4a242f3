#include "core/engine/rank/worker.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"

namespace vaster::engine {
namespace {

/// What the kernel thinks that new processes could have without swapping; 0: it does not say.
std::uint64_t available_memory() {
    std::ifstream lines("/proc/meminfo");
    std::string key;
    std::uint64_t kibibytes = 0;
    for (std::string rest; lines >> key >> kibibytes; std::getline(lines, rest))
        if (key == "MemAvailable:") return kibibytes * 1024;
    return 0;
}

}  // namespace

Worker::Worker(int rank, Supervisor& supervisor, study::Journal& journal, EngineOptions const& options)
    : rank_(rank),
      host_(host_name()),
      supervisor_(supervisor),
      journal_(journal),
      grace_seconds_(options.drain_grace_seconds),
      growth_(options.growth) {}

void Worker::take(study::Task task) {
    standing_ = Standing::working;
    std::vector<study::Experiment> experiments;
    for (auto const& item : task.items) experiments.push_back(item.experiment);
    journal_.learn(experiments);
    pending_.push_back(std::move(task));
}

void Worker::plan(std::vector<study::KnownRow> const& rows, std::uint64_t capacity,
                  TaskLimits const& limits) {
    supervisor_.plan(rows, capacity, limits.memory_bytes, limits.timeout_seconds);
}

void Worker::start_pending(std::vector<Report>& reports) {
    if (kill_at_) return give_back_pending(reports);
    if (pending_.empty() || !supervisor_.ready()) return;
    started_wall_ = wall_seconds();
    last_result_ = monotonic_seconds();
    attempts_.clear();
    std::vector<study::ExperimentIndex> indices;
    for (auto const& item : pending_.front().items) {
        attempts_[item.experiment.index] = item.attempt;
        indices.push_back(item.experiment.index);
    }
    supervisor_.start(std::move(pending_.front()));
    pending_.pop_front();
    journal_.mark_running(indices);  // while the child computes
}

void Worker::give_back_pending(std::vector<Report>& reports) {
    for (auto const& task : std::exchange(pending_, {})) {
        TaskReport report;
        report.end.task = task.number;
        report.end.failure = study::Failure::interrupted;
        report.end.message = "stopped before it began";
        end(std::move(report), wall_seconds(), reports);
    }
}

void Worker::drain_within(double seconds) {
    double const at = monotonic_seconds() + seconds;
    kill_at_ = kill_at_ ? std::min(*kill_at_, at) : at;
}

std::vector<Report> Worker::step(double timeout_seconds) {
    double timeout = timeout_seconds;
    if (kill_at_) {
        double const left = *kill_at_ - monotonic_seconds();
        if (left <= 0)
            supervisor_.interrupt();
        else
            timeout = std::min(timeout, left);
    }
    std::vector<Report> reports;
    start_pending(reports);
    SupervisorEvents events = supervisor_.step(timeout);
    for (auto& text : events.notices) reports.push_back({Report::Kind::notice, {}, {}, std::move(text)});
    for (auto const& result : events.results) commit(result, reports);
    if (events.plan) plan_ = std::move(events.plan);
    if (events.report) end(std::move(*events.report), started_wall_, reports);
    start_pending(reports);  // what was prefetched
    ask_for_work(reports);
    if (reports.empty()) journal_.idle();
    return reports;
}

void Worker::commit(study::Result const& result, std::vector<Report>& reports) {
    double const now = monotonic_seconds();
    study::Attempt attempt;
    attempt.index = result.index;
    attempt.attempt = attempts_.at(result.index);
    attempt.rank = rank_;
    attempt.host = host_;
    attempt.seconds = now - last_result_;
    attempt.started = wall_seconds() - attempt.seconds;
    attempt.outcome = "done";
    last_result_ = now;
    journal_.commit(result, {attempt.rank, attempt.host, attempt.attempt});
    reports.push_back({Report::Kind::committed, std::move(attempt), {}, {}, {}});
    if (growth_ == study::Growth::staged) reports.back().cells = result.cells;
}

void Worker::end(TaskReport report, double started, std::vector<Report>& reports) {
    study::Attempt attempt;
    attempt.rank = rank_;
    attempt.host = host_;
    attempt.started = started;
    attempt.seconds = report.end.seconds;
    if (report.end.failure == study::Failure::out_of_memory) report.end.available_bytes = available_memory();
    reports.push_back(
        {Report::Kind::ended, std::move(attempt), std::move(report.end), std::move(report.output)});
    if (pending_.empty() && !supervisor_.busy()) standing_ = Standing::resting;
}

void Worker::ask_for_work(std::vector<Report>& reports) {
    if (standing_ != Standing::retired && supervisor_.broken()) {
        standing_ = Standing::retired;
        reports.push_back({Report::Kind::retired, {}, {}, {}});
    } else if (standing_ == Standing::resting && supervisor_.ready() && !kill_at_) {
        standing_ = Standing::waiting;
        reports.push_back({Report::Kind::ready, {}, {}, {}});
        reports.back().attempt.host = host_;
    }
}

}  // namespace vaster::engine

#include "core/monitor/run_state.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/support/clock.hpp"

namespace vaster::monitor {
namespace {

constexpr std::size_t kept_troubles = 100;
constexpr std::size_t kept_notices = 50;
constexpr std::size_t kept_spans = 4000;

template <class T>
void keep_last(std::deque<T>& list, std::size_t n) {
    while (list.size() > n) list.pop_front();
}

}  // namespace

double utilisation(RunState const& state, RankState const& rank) {
    double const elapsed = state.now - state.started;
    double const busy = rank.busy_seconds + (rank.what.empty() ? 0 : state.now - rank.since);
    return elapsed > 0 ? std::clamp(busy / elapsed, 0.0, 1.0) : 0.0;
}

std::string to_text(RunPhase phase) {
    switch (phase) {
        case RunPhase::running:
            return "running";
        case RunPhase::stopping:
            return "stopping";
        case RunPhase::finished:
            return "finished";
    }
    return "";
}

RunRecorder::RunRecorder(RunFacts facts) {
    state_.facts = std::move(facts);
    state_.started = state_.now = wall_seconds();
}

void RunRecorder::on_start(study::Progress const& progress) {
    for (std::uint64_t rank = 0; rank < progress.workers; ++rank) state_.ranks[static_cast<int>(rank)];
    on_tick(progress);
}

void RunRecorder::on_task_start(int rank, study::Task const& task, std::string const& label) {
    RankState& state = state_.ranks[rank];
    state.what = label;
    if (task.items.size() > 1) state.what += fmt::format(" and {} more", task.items.size() - 1);
    state.since = wall_seconds();
    state.running.clear();
    for (auto const& item : task.items) state.running.push_back(item.experiment.index);
}

void RunRecorder::on_commit(study::ExperimentIndex index, study::Origin const& origin) {
    RankState& state = state_.ranks[static_cast<int>(origin.rank)];
    std::erase(state.running, index);
    ++state.done;
    ++state_.attempts["done"];
}

void RunRecorder::on_task_end(int rank, study::TaskEnd const& end) {
    RankState& state = state_.ranks[rank];
    double const seconds = std::max(0.0, wall_seconds() - state.since);
    state.busy_seconds += seconds;
    state.peak_rss_bytes = std::max(state.peak_rss_bytes, end.peak_rss_bytes);
    ++state.tasks;
    state_.spans.push_back({rank, state.since, seconds, std::exchange(state.what, {}),
                            end.completed ? "done" : study::to_text(end.failure)});
    keep_last(state_.spans, kept_spans);
    state.running.clear();
}

void RunRecorder::on_attempt_failed(study::Attempt const& attempt, std::string const& label,
                                    bool will_retry) {
    ++state_.attempts[attempt.outcome];
    state_.troubles.push_back({attempt, !will_retry, label});
    keep_last(state_.troubles, kept_troubles);
}

void RunRecorder::on_rank_lost(int rank) {
    RankState& state = state_.ranks[rank];
    state.lost = true;
    state.what.clear();
    state.running.clear();
}

void RunRecorder::on_notice(std::string const& text) {
    state_.notices.push_back(fmt::format("{} {}", utc_text(wall_seconds()), text));
    keep_last(state_.notices, kept_notices);
}

void RunRecorder::on_tick(study::Progress const& progress) {
    state_.progress = progress;
    state_.now = wall_seconds();
    state_.phase = progress.draining ? RunPhase::stopping : RunPhase::running;
}

void RunRecorder::on_end(study::Progress const& progress) {
    on_tick(progress);
    state_.phase = RunPhase::finished;
}

}  // namespace vaster::monitor

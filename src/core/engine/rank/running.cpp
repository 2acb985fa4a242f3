#include "core/engine/rank/running.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

#include <fmt/core.h>
#include <sys/wait.h>

#include "base/support/units.hpp"
#include "core/engine/child/child.hpp"
#include "core/study/serialization.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {

using study::Failure;
using study::TaskEnd;

namespace {

using Indices = std::vector<study::ExperimentIndex>;

std::string crash_text(int wait_status) {
    if (WIFEXITED(wait_status))
        return fmt::format("exited with code {} before it was done", WEXITSTATUS(wait_status));
    int const number = WTERMSIG(wait_status);
    char const* const name = ::sigabbrev_np(number);
    std::string text =
        name != nullptr ? fmt::format("killed by SIG{}", name) : fmt::format("killed by signal {}", number);
    if (number == SIGKILL) text += " from outside; perhaps the machine ran out of memory";
    return text;
}

TaskEnd failed(Failure failure, std::string message) {
    TaskEnd end;
    end.failure = failure;
    end.message = std::move(message);
    return end;
}

TaskEnd completed_end() {
    TaskEnd end;
    end.completed = true;
    return end;
}

}  // namespace

RunningTask::RunningTask(study::Task one) : task(std::move(one)) {
    for (auto const& item : task.items) unfinished.push_back(item.experiment.index);
}

void RunningTask::on_result(study::ExperimentIndex index) {
    std::erase(unfinished, index);
    begun.clear();
}

bool RunningTask::waits_for(study::ExperimentIndex index) const {
    return std::find(unfinished.begin(), unfinished.end(), index) != unfinished.end();
}

Indices RunningTask::to_blame() const {
    if (!begun.empty()) return begun;
    Indices members;
    std::uint64_t group = 0;
    for (auto const& [experiment, attempt] : task.items) {
        if (!waits_for(experiment.index)) continue;
        if (members.empty()) group = experiment.group;
        if (experiment.group == group) members.push_back(experiment.index);
    }
    return members;
}

Running::Running(What one, std::uint64_t memory_limit, double time_limit, double now)
    : what(std::move(one)),
      memory_bytes(memory_limit),
      timeout_seconds(time_limit),
      started(now),
      deadline(now + time_limit) {}

bool Running::completed() const {
    if (auto const* const one = task()) return one->unfinished.empty();
    return std::get<RunningPlan>(what).next.has_value();
}

void Running::postpone(double seconds) {
    deadline += seconds;
    if (kill) kill->at += seconds;
}

void Running::hear(Frame const& frame, std::vector<study::Result>& results) {
    auto* const one = task();
    if (frame.kind == FrameKind::began && one != nullptr) {
        one->begun = study::unpack<Indices>(frame.payload);
    } else if (frame.kind == FrameKind::result && one != nullptr) {
        auto result = study::unpack<study::Result>(frame.payload);
        require<DataError>(one->waits_for(result.index), "result of experiment {}, which is not awaited",
                           result.index);
        results.push_back(std::move(result));
        one->on_result(results.back().index);
    } else if (frame.kind == FrameKind::planned && one == nullptr) {
        std::get<RunningPlan>(what).next = study::unpack<std::vector<study::Experiment>>(frame.payload);
        last_word = completed_end();
    } else if (frame.kind == FrameKind::ended) {
        last_word = completed_end();
    } else if (frame.kind == FrameKind::failed) {
        last_word = failed(Failure::error, frame.payload);
    } else if (frame.kind == FrameKind::stumbled) {
        last_word = failed(Failure::crash, frame.payload);
    } else if (frame.kind == FrameKind::no_memory) {
        last_word = failed(Failure::out_of_memory,
                           fmt::format("needs more than its limit of {}", bytes_text(memory_bytes)));
    }
}

void Running::distrust(std::string const& why) {
    last_word =
        failed(Failure::infrastructure,
               fmt::format("what its process reported cannot be understood ({}); perhaps a library wrote "
                           "into the pipe for results",
                           why));
}

TaskEnd Running::judge(std::optional<ChildExit> const& exit, std::string const& server_problem,
                       double now) const {
    TaskEnd end = completed() ? completed_end() : why_not_completed(exit, server_problem);
    end.seconds = now - started;
    if (exit) end.peak_rss_bytes = exit->peak_rss_bytes;
    auto const* const one = task();
    if (one == nullptr) return end;
    end.task = one->task.number;
    if (!exit) end.peak_rss_bytes = one->peak_of_waiting_child.value_or(0);
    if (!end.completed && end.failure != Failure::interrupted) end.blamed = one->to_blame();
    return end;
}

TaskEnd Running::why_not_completed(std::optional<ChildExit> const& exit,
                                   std::string const& server_problem) const {
    if (last_word && !last_word->completed) return *last_word;
    if (kill && kill->why == Kill::Why::timeout) {
        bool const is_one = task() != nullptr && task()->begun.size() == 1;
        return failed(Failure::timeout, fmt::format("no {} within {}", is_one ? "result" : "sign of progress",
                                                    duration_text(timeout_seconds)));
    }
    if (kill && kill->why == Kill::Why::interrupt)
        return failed(Failure::interrupted, "stopped before it was done");
    if (kill && kill->why == Kill::Why::cancel) return failed(Failure::error, std::string(cancelled_text));
    if (exit)
        return failed(Failure::crash,
                      kill ? "stopped reporting before it was done" : crash_text(exit->wait_status));
    if (!start_problem.empty()) return failed(Failure::infrastructure, start_problem);
    return failed(Failure::infrastructure, fmt::format("the task server failed: {}", server_problem));
}

void Running::report(TaskEnd end, SupervisorEvents& events) {
    TaskReport report{std::move(end), std::move(output_tail)};
    if (auto* const plan = std::get_if<RunningPlan>(&what))
        events.plan =
            PlanReport{std::move(report), std::move(plan->next).value_or(std::vector<study::Experiment>())};
    else
        events.report = std::move(report);
}

}  // namespace vaster::engine

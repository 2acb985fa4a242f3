#pragma once

#include "base/support/clock.hpp"
#include "core/monitor/run_state.hpp"

namespace vaster::testing {

inline study::Task sample_task(std::uint64_t number, std::vector<study::ExperimentIndex> const& indices) {
    study::Task task;
    task.number = number;
    for (auto const index : indices) {
        study::TaskItem item;
        item.experiment.index = index;
        item.experiment.design = {std::string("out_domain"), std::string("A<P"), 0.5};
        task.items.push_back(item);
    }
    return task;
}

/// Two ranks: one has done experiments 0 and 1 and lost its next task, the other works on 2 and 3.
inline monitor::RunState sample_run() {
    monitor::RunRecorder recorder({"a \"study\"", "va-comparison", "/data/study.h5", "0.1.0"});
    study::Progress progress;
    progress.total = 10;
    progress.workers = 2;
    progress.skipped = 1;
    recorder.on_start(progress);
    recorder.on_task_start(0, sample_task(1, {0, 1}), "out_domain A<P 0.5");
    recorder.on_task_start(1, sample_task(2, {2, 3}), "out_domain A<P 0.5");
    recorder.on_commit(0, {0, "node1", 1});
    recorder.on_commit(1, {0, "node1", 1});
    study::TaskEnd end;
    end.task = 1;
    end.completed = true;
    end.peak_rss_bytes = 5 << 20;
    recorder.on_task_end(0, end);
    recorder.on_task_start(0, sample_task(3, {4}), "out_domain A<P 0.5");
    study::TaskEnd crash;
    crash.task = 3;
    crash.failure = study::Failure::crash;
    recorder.on_task_end(0, crash);
    recorder.on_attempt_failed(
        {4, 1, 0, "node1", wall_seconds(), 0.5, "crash", "killed by <SIGSEGV>\nout of luck"},
        "out_domain A<P 0.5", false);
    recorder.on_notice("rank 0: the server was started again");
    progress.done = 2;
    progress.failed = 1;
    progress.running = 2;
    progress.work_left_seconds = 60;
    recorder.on_tick(progress);
    recorder.set_file_bytes(12345);
    recorder.set_results({{"Mean <accuracy>", {"model", "COD"}, {{"xgboost", "0.467"}}, {"a note"}}});
    return recorder.state();
}

}  // namespace vaster::testing

// Limits of tasks, of time and of single experiments, and what is cancelled.
#include <cstdint>
#include <set>

#include <catch2/catch.hpp>

#include "core/engine/rank0/dispatcher.hpp"
#include "dispatcher_example.hpp"

using namespace vaster;
using namespace vaster::engine;
using namespace vaster::engine::dispatcher_example;
using study::Failure;

TEST_CASE("a task carries its limits", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(1), {}, {1000, 7}, n_ranks);
    auto const task = dispatcher.next(0, 0);
    CHECK(task->memory_bytes == 1000);
    CHECK(task->timeout_seconds == 7);
    CHECK(task->items.front().attempt == 1);
}

namespace {

/// Threads of the next task of a worker, whose rank has three cores to itself; all ranks have nine.
std::uint32_t threads_of_next(Dispatcher& dispatcher, int worker) {
    auto const task = dispatcher.next(worker, 0);
    REQUIRE(task);
    return task->threads;
}

TaskLimits with_threads(TaskThreads threads) {
    TaskLimits limits;
    limits.bundle_seconds = 0;  // each group is a task
    limits.threads = std::move(threads);
    return limits;
}

}  // namespace

TEST_CASE("a task may use all cores of its rank where fewer fit groups are left than cores",
          "[engine][dispatcher][threads]") {
    Dispatcher dispatcher(work(10), {}, with_threads({{}, {3, 1, 4, 1}}), n_ranks);
    CHECK(threads_of_next(dispatcher, 0) == 1);  // ten groups, nine cores
    CHECK(threads_of_next(dispatcher, 1) == 1);
    CHECK(threads_of_next(dispatcher, 2) == 1);
    (void)dispatcher.on_worker_retired(2, 0);  // what it had is there again
    CHECK(threads_of_next(dispatcher, 3) == 1);
    Dispatcher eight(work(8), {}, with_threads({{}, {3, 1, 4, 1}}), n_ranks);
    CHECK(threads_of_next(eight, 0) == 3);
    CHECK(threads_of_next(eight, 1) == 1);
    CHECK(threads_of_next(eight, 2) == 4);
    Dispatcher two_a_group(work(10, 2), {}, with_threads({{}, {3, 1, 4, 1}}), n_ranks);
    CHECK(threads_of_next(two_a_group, 2) == 4);
}

TEST_CASE("a number of threads that was asked for holds for every task, and none means one",
          "[engine][dispatcher][threads]") {
    Dispatcher asked(work(10), {}, with_threads({5, {}}), n_ranks);
    CHECK(threads_of_next(asked, 0) == 5);
    Dispatcher alone(work(1), {}, with_threads({{}, {1, 1, 1, 1}}), n_ranks);
    CHECK(threads_of_next(alone, 0) == 1);
    Dispatcher standard(work(1), {}, {}, n_ranks);
    CHECK(threads_of_next(standard, 0) == 1);
}

TEST_CASE("what has failed is tried again with one thread", "[engine][dispatcher][threads]") {
    Dispatcher dispatcher(work(1), policy(3), with_threads({5, {}}), n_ranks);
    auto const task = dispatcher.next(0, 0);
    CHECK(task->threads == 5);
    (void)dispatcher.on_task_end(0, failed(*task, Failure::crash, {0}), 0);
    CHECK(dispatcher.next(0, long_after)->threads == 1);
}

TEST_CASE("out of memory is tried once more, with twice the memory", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(2, 2), policy(3), {1000, 1}, n_ranks);
    auto task = dispatcher.next(0, 0);
    (void)dispatcher.on_task_end(0, failed(*task, Failure::out_of_memory, {0}), 0);
    task = dispatcher.next(0, long_after);
    CHECK(task->memory_bytes == 2000);
    auto const verdicts = dispatcher.on_task_end(0, failed(*task, Failure::out_of_memory, {0}), long_after);
    CHECK(verdicts.size() == 2);
    CHECK(dispatcher.progress(0).failed == 1);
    task = dispatcher.next(0, 3 * long_after);
    CHECK(task->memory_bytes == 1000);
    CHECK(indices(*task) == Indices{1});
}

TEST_CASE("nothing is begun that is not expected to end before the deadline",
          "[engine][dispatcher][deadline]") {
    StartingPoint three;
    for (double const seconds : {50.0, 20.0, 5.0}) {
        study::Experiment experiment;
        experiment.index = three.to_do.size();
        experiment.id = {experiment.index};
        experiment.group = experiment.index;
        experiment.expected_seconds = seconds;
        experiment.cost_key = "one";
        three.to_do.push_back(experiment);
    }
    Dispatcher dispatcher(three, policy(0), {}, n_ranks);
    dispatcher.set_deadline(100);
    CHECK_FALSE(dispatcher.finished(70));
    auto const longest_that_fits = dispatcher.next(0, 70);
    REQUIRE(longest_that_fits);
    CHECK(indices(*longest_that_fits) == Indices{1});
    auto const next = dispatcher.next(1, 70);
    REQUIRE(next);
    CHECK(indices(*next) == Indices{2});
    CHECK_FALSE(dispatcher.next(2, 70));
    CHECK_FALSE(dispatcher.finished(70));
    CHECK(dispatcher.on_committed(0, 1, 1));
    (void)dispatcher.on_task_end(0, completed(*longest_that_fits, 20), 75);
    CHECK(dispatcher.on_committed(1, 2, 1));
    (void)dispatcher.on_task_end(1, completed(*next, 5), 75);
    CHECK(dispatcher.finished(75));
    CHECK(dispatcher.out_of_time(75));
    CHECK(dispatcher.progress(0).total - dispatcher.progress(0).done == 1);
    CHECK_FALSE(dispatcher.finished(40));  // as if there were time
}

TEST_CASE("what was measured decides what still fits", "[engine][dispatcher][deadline]") {
    StartingPoint slow = work(3);
    slow.known_costs = {{slow.to_do[0].cost_key, 1, 10}};  // ten times as long as guessed
    double const seconds = 10 * slow.to_do[0].expected_seconds;
    Dispatcher dispatcher(slow, policy(0), {}, n_ranks);
    dispatcher.set_deadline(seconds);
    CHECK_FALSE(dispatcher.next(0, 0.5));
    CHECK(dispatcher.out_of_time(0.5));
    CHECK(dispatcher.next(0, 0));
}

TEST_CASE("after running out of memory more is given only where the host has it", "[engine][dispatcher]") {
    TaskLimits limits;
    limits.memory_bytes = 100;
    for (std::uint64_t const available : {0, 199, 200}) {
        RetryPolicy one_more = policy(0);
        one_more.memory_retries = 1;
        Dispatcher dispatcher(work(1), one_more, limits, n_ranks);
        auto const task = dispatcher.next(0, 0);
        auto end = failed(*task, Failure::out_of_memory, {0});
        end.available_bytes = available;
        auto const verdicts = dispatcher.on_task_end(0, end, 1);
        REQUIRE(verdicts.size() == 1);
        CAPTURE(available);
        CHECK((verdicts[0].decision == Decision::retry) == (available != 199));
        if (available == 199) continue;
        CHECK(dispatcher.next(0, 1e6)->memory_bytes == 200);
    }
}

TEST_CASE("an experiment has limits of its own where its kind says so", "[engine][dispatcher]") {
    TaskLimits limits;
    limits.own = [](study::Experiment const& experiment) {
        study::OwnLimits own;
        if (experiment.index == 1) {
            own.timeout_seconds = 7;
            own.memory_bytes = 99;
            own.retries = 1;
            own.retry_delay_seconds = 100;
            own.backoff = 1;
            own.priority = 5;
        }
        return own;
    };
    auto work_of_three = work(3);
    work_of_three.known_costs = {{"toy", 1, 0.001}};  // short: they would go together
    Dispatcher dispatcher(work_of_three, policy(0), limits, n_ranks);
    auto const first = dispatcher.next(0, 0);
    REQUIRE(first);
    CHECK(indices(*first) == Indices{1});
    CHECK(first->timeout_seconds == 7);
    CHECK(first->memory_bytes == 99);
    auto const others = dispatcher.next(1, 0);
    REQUIRE(others);
    CHECK(indices(*others) == Indices{0, 2});
    CHECK(others->timeout_seconds == TaskLimits().timeout_seconds);

    auto const verdict = dispatcher.on_task_end(0, failed(*first, Failure::crash, {1}), 1);
    REQUIRE(verdict.size() == 1);
    CHECK(verdict[0].decision == Decision::retry);
    CHECK(verdict[0].error == "crash: it did not work");
    CHECK_FALSE(dispatcher.next(0, 40));  // the delay is at least half of 100 s
    auto const again = dispatcher.next(0, 152);
    REQUIRE(again);
    CHECK(dispatcher.on_task_end(0, failed(*again, Failure::crash, {1}), 153)[0].decision ==
          Decision::give_up);
}

TEST_CASE("what is cancelled is given up where it waits, and named where it runs", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(4), policy(3), {}, n_ranks);
    auto const running = dispatcher.next(2, 0);
    REQUIRE(running);
    REQUIRE(indices(*running) == Indices{0});
    auto const unwanted = [](study::Experiment const& one) { return one.index == 0 || one.index == 2; };
    auto const verdicts = dispatcher.cancel(unwanted);
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].index == 2);
    CHECK(verdicts[0].decision == Decision::give_up);
    CHECK(verdicts[0].error == "error: cancelled before it was begun");
    auto const at_work = dispatcher.at_work(unwanted);
    REQUIRE(at_work.size() == 1);
    CHECK(at_work[0].worker == 2);
    CHECK(at_work[0].task == running->number);
    CHECK(at_work[0].index == 0);
    auto const end = dispatcher.on_task_end(2, failed(*running, Failure::error, {0}), 1);
    REQUIRE(end.size() == 1);
    CHECK(end[0].decision == Decision::give_up);
    std::set<study::ExperimentIndex> left;
    for (int i = 0; i < 2; ++i)
        for (auto const index : indices(dispatcher.next(i, long_after).value())) left.insert(index);
    CHECK(left == std::set<study::ExperimentIndex>{1, 3});
    CHECK(dispatcher.progress(2).failed == 2);
}

#include "core/engine/rank0/dispatcher.hpp"

#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "dispatcher_example.hpp"

using namespace vaster;
using namespace vaster::engine;
using namespace vaster::engine::dispatcher_example;
using study::Failure;

TEST_CASE("two workers share the groups, and the run is finished when all is committed",
          "[engine][dispatcher]") {
    Dispatcher dispatcher(work(6, 2), {}, {}, n_ranks);
    std::set<study::ExperimentIndex> seen;
    double now = 0;
    for (int turn = 0; turn < 3; ++turn) {
        CHECK_FALSE(dispatcher.finished(1e6));
        auto const task = dispatcher.next(turn % 2, now++);
        REQUIRE(task);
        CHECK(task->items.size() == 2);
        for (auto const index : indices(*task)) {
            CHECK(seen.insert(index).second);
            CHECK(dispatcher.on_committed(turn % 2, index, 1));
        }
        CHECK(dispatcher.on_task_end(turn % 2, completed(*task), now).empty());
    }
    CHECK_FALSE(dispatcher.next(0, now));
    CHECK(dispatcher.finished(1e6));
    auto const progress = dispatcher.progress(0);
    CHECK(progress.total == 6);
    CHECK(progress.done == 6);
    CHECK(progress.failed == 0);
    CHECK(progress.running == 0);
    CHECK(progress.work_left_seconds == Approx(0));
}

TEST_CASE("after a crash the rest of the group comes back as one task, the culprit last and charged",
          "[engine][dispatcher]") {
    Dispatcher dispatcher(work(4, 4), policy(3), {}, n_ranks);
    auto const first = dispatcher.next(0, 0);
    CHECK(dispatcher.on_committed(0, 0, 1));
    auto const verdicts = dispatcher.on_task_end(0, failed(*first, Failure::crash, {1}), 10);
    REQUIRE(verdicts.size() == 3);
    CHECK(verdicts[0].index == 1);
    CHECK(verdicts[0].decision == Decision::retry);
    CHECK(verdicts[0].attempt == 1);
    CHECK(verdicts[1].decision == Decision::requeue);
    CHECK(verdicts[2].decision == Decision::requeue);

    CHECK_FALSE(dispatcher.next(0, 10));  // the delay
    auto const second = dispatcher.next(0, 10 + long_after);
    REQUIRE(second);
    CHECK(indices(*second) == Indices{2, 3, 1});
    CHECK(second->items[0].attempt == 1);
    CHECK(second->items[2].attempt == 2);
    CHECK(second->number != first->number);
}

TEST_CASE("an experiment that always crashes is given up, and the others go on at once",
          "[engine][dispatcher]") {
    Dispatcher dispatcher(work(3, 3), policy(1), {}, n_ranks);
    auto task = dispatcher.next(0, 0);
    (void)dispatcher.on_task_end(0, failed(*task, Failure::crash, {2}), 0);
    task = dispatcher.next(0, long_after);
    auto const verdicts = dispatcher.on_task_end(0, failed(*task, Failure::crash, {2}), long_after);
    REQUIRE(verdicts.size() == 3);
    CHECK(verdicts[2].index == 2);
    CHECK(verdicts[2].decision == Decision::give_up);
    CHECK(verdicts[2].attempt == 2);
    CHECK(verdicts[2].error == "crash: it did not work");
    CHECK(indices(*dispatcher.next(0, long_after)) == Indices{0, 1});
    CHECK(dispatcher.progress(0).failed == 1);
}

TEST_CASE("when the fit fails all of the group is charged", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(2, 2), {}, {}, n_ranks);
    auto const task = dispatcher.next(0, 0);
    auto const verdicts = dispatcher.on_task_end(0, failed(*task, Failure::error, {0, 1}), 0);
    REQUIRE(verdicts.size() == 2);
    CHECK(verdicts[0].decision == Decision::give_up);
    CHECK(verdicts[1].decision == Decision::give_up);
    CHECK(dispatcher.finished(1e6));
    CHECK(dispatcher.progress(0).failed == 2);
    CHECK(dispatcher.progress(0).work_left_seconds == Approx(0));
}

TEST_CASE("an interrupted task goes back uncharged and at once", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(2, 2), policy(0), {}, n_ranks);
    for (int i = 0; i < 50; ++i) {
        auto const task = dispatcher.next(0, i);
        REQUIRE(task);
        CHECK(task->items[0].attempt == 1);
        for (auto const& verdict : dispatcher.on_task_end(0, failed(*task, Failure::interrupted, {}), i))
            CHECK(verdict.decision == Decision::requeue);
    }
}

TEST_CASE("what a lost worker had goes to another", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(2, 2), policy(0), {}, n_ranks);
    auto const first = dispatcher.next(1, 0);
    CHECK(dispatcher.on_committed(1, 0, 1));
    auto const verdicts = dispatcher.on_worker_lost(1, 5);
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].index == 1);
    CHECK(verdicts[0].decision == Decision::retry);
    CHECK(dispatcher.on_worker_lost(1, 5).empty());
    CHECK_FALSE(dispatcher.finished(1e6));
    auto const second = dispatcher.next(0, long_after);
    CHECK(indices(*second) == Indices{1});

    // It was only slow: what it says now is known, or ignored.
    CHECK_FALSE(dispatcher.on_committed(1, 1, 1));
    CHECK(dispatcher.on_task_end(1, completed(*first), long_after).empty());
    CHECK(dispatcher.working(0));
    CHECK(dispatcher.on_committed(0, 1, 1));
    CHECK(dispatcher.progress(0).done == 2);
}

TEST_CASE("what a retired worker had goes to others, and it takes part no more", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(1), policy(0), {}, n_ranks);
    REQUIRE(dispatcher.next(1, 0));
    auto const verdicts = dispatcher.on_worker_retired(1, 5);
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].decision == Decision::retry);
    CHECK(dispatcher.ranks()[1].state == PeerState::retired);
    CHECK(dispatcher.ranks().n_taking_part() == n_ranks - 1);
    CHECK(dispatcher.next(0, 5));
    CHECK(dispatcher.on_worker_lost(1, 6).empty());
    CHECK(dispatcher.ranks()[1].state == PeerState::lost);
}

TEST_CASE("a result speaks for the host that it comes from", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(1), policy(0), {}, 2);
    dispatcher.ranks().set_host(0, "node1");
    dispatcher.ranks().set_host(1, "node2");
    for (unsigned index = 7; index < 10; ++index) (void)dispatcher.ranks().on_failure(0, index);
    REQUIRE(dispatcher.next(0, 0));
    CHECK_FALSE(dispatcher.ranks().trusted(0));
    CHECK(dispatcher.on_committed(0, 0, 1));
    CHECK(dispatcher.ranks().trusted(0));
}

TEST_CASE("a report about an earlier task of the same worker is ignored", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(2), {}, {}, n_ranks);
    auto const first = dispatcher.next(0, 0);
    CHECK(dispatcher.on_committed(0, indices(*first)[0], 1));
    CHECK(dispatcher.on_task_end(0, completed(*first), 0).empty());
    (void)dispatcher.next(0, 0);
    CHECK(dispatcher.on_task_end(0, failed(*first, Failure::crash, {0, 1}), 0).empty());
    CHECK(dispatcher.working(0));
}

TEST_CASE("a result that is reported twice counts once", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(2, 2), {}, {}, n_ranks);
    (void)dispatcher.next(0, 0);
    CHECK(dispatcher.on_committed(0, 0, 1));
    CHECK_FALSE(dispatcher.on_committed(0, 0, 1));
    CHECK(dispatcher.progress(0).done == 1);
    CHECK(dispatcher.progress(0).running == 1);
}

TEST_CASE("a draining run hands out nothing and is finished when everybody has let go",
          "[engine][dispatcher]") {
    Dispatcher dispatcher(work(4), {}, {}, n_ranks);
    auto const task = dispatcher.next(0, 0);
    dispatcher.drain();
    CHECK_FALSE(dispatcher.next(1, 0));
    CHECK_FALSE(dispatcher.finished(1e6));
    (void)dispatcher.on_task_end(0, failed(*task, Failure::interrupted, {}), 1);
    CHECK(dispatcher.finished(1e6));
    CHECK(dispatcher.progress(0).draining);
    CHECK(dispatcher.progress(0).done == 0);
}

TEST_CASE("nothing to do is finished from the start, with what was done before", "[engine][dispatcher]") {
    StartingPoint nothing;
    nothing.resumed = 40;
    nothing.skipped = 2;
    Dispatcher dispatcher(nothing, {}, {}, n_ranks);
    CHECK(dispatcher.finished(1e6));
    CHECK(dispatcher.progress(0).total == 40);
    CHECK(dispatcher.progress(0).done == 40);
    CHECK(dispatcher.progress(0).skipped == 2);
}

TEST_CASE("the work that is left is corrected by what was measured", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(10), {}, {}, n_ranks);
    CHECK(dispatcher.progress(0).work_left_seconds == Approx(10));
    auto const task = dispatcher.next(0, 0);
    CHECK(dispatcher.on_committed(0, indices(*task)[0], 1));
    CHECK(dispatcher.on_task_end(0, completed(*task, 3), 0).empty());
    CHECK(dispatcher.progress(0).work_left_seconds == Approx(27));
    REQUIRE(dispatcher.costs().all().size() == 1);
    CHECK(dispatcher.costs().all()[0].measured_seconds == 3);
}

TEST_CASE("the time that a task has run is not left any more", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(10), {}, {.bundle_seconds = 0}, n_ranks);
    REQUIRE(dispatcher.next(0, 100));
    CHECK(dispatcher.progress(100).work_left_seconds == Approx(10));
    CHECK(dispatcher.progress(100.75).work_left_seconds == Approx(9.25));
    CHECK(dispatcher.progress(100.75).running_seconds == Approx(0.25));
}

TEST_CASE("the time left grows while the first task takes longer than guessed", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(4), {}, {.bundle_seconds = 0}, n_ranks);
    REQUIRE(dispatcher.next(0, 0));
    // 100 s for what was guessed to take 1 s: 99 s overdue, so 99 s more; 199 s each for the other three.
    CHECK(dispatcher.progress(100).running_seconds == Approx(99));
    CHECK(dispatcher.progress(100).work_left_seconds == Approx(99 + 3 * 199));
    CHECK(dispatcher.progress(400).running_seconds == Approx(399));
    CHECK(dispatcher.progress(400).work_left_seconds == Approx(399 + 3 * 799));
}

TEST_CASE("one task that is overdue says nothing of others where such have been measured",
          "[engine][dispatcher]") {
    Dispatcher dispatcher(work(4), {}, {.bundle_seconds = 0}, n_ranks);
    auto const first = dispatcher.next(0, 0);
    CHECK(dispatcher.on_committed(0, 0, 2));
    CHECK(dispatcher.on_task_end(0, completed(*first, 2), 2).empty());
    REQUIRE(dispatcher.next(0, 2));
    CHECK(dispatcher.progress(103).running_seconds == Approx(99));
    CHECK(dispatcher.progress(103).work_left_seconds == Approx(99 + 2 * 2));
}

TEST_CASE(
    "what ranks take beside their children counts in the time left, but not the data that they read first",
    "[engine][dispatcher]") {
    Dispatcher dispatcher(work(4), {}, {.bundle_seconds = 0}, n_ranks);
    auto const first = dispatcher.next(0, 0);
    CHECK(dispatcher.on_committed(0, indices(*first)[0], 1));
    CHECK(dispatcher.on_task_end(0, completed(*first, 1), 50).empty());
    CHECK(dispatcher.progress(50).work_left_seconds == Approx(3));
    auto const second = dispatcher.next(0, 50);
    CHECK(dispatcher.on_committed(0, indices(*second)[0], 1));
    CHECK(dispatcher.on_task_end(0, completed(*second, 1), 54).empty());
    CHECK(dispatcher.progress(54).work_left_seconds == Approx(2 * 4));
    CHECK(dispatcher.costs().all()[0].measured_seconds == Approx(2));  // what is kept for other studies
}

TEST_CASE("what a task has committed is not waited for", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(2, 2), {}, {}, n_ranks);
    REQUIRE(dispatcher.next(0, 0));
    CHECK(dispatcher.on_committed(0, 0, 5));
    CHECK(dispatcher.progress(5.25).running_seconds == Approx(0.75));
}

TEST_CASE("known costs of earlier runs count from the start", "[engine][dispatcher]") {
    StartingPoint known = work(10);
    known.known_costs = {{"toy", 100, 50}};
    CHECK(Dispatcher(known, {}, {}, n_ranks).progress(0).work_left_seconds == Approx(5));
}

TEST_CASE("what a lost rank had is given away at once, the first time", "[engine][dispatcher]") {
    Dispatcher dispatcher(work(1), policy(3), {}, n_ranks);
    REQUIRE(dispatcher.next(1, 0));
    (void)dispatcher.on_worker_lost(1, 5);
    REQUIRE(dispatcher.next(2, 5));
    (void)dispatcher.on_worker_lost(2, 6);
    CHECK_FALSE(dispatcher.next(3, 6));
    CHECK(dispatcher.next(3, 1e6));
}

namespace {

constexpr double millisecond = 1.0 / 1024;  // about; sums of it are exact

/// A dispatcher whose experiments, groups of `group`, were found to take `seconds` each.
Dispatcher measured_dispatcher(std::size_t n, double seconds, unsigned workers = 1, std::size_t group = 1) {
    StartingPoint all = work(n, group);
    all.known_costs = {{"toy", 1, seconds}};
    TaskLimits limits;
    limits.bundle_seconds = 0.5;
    limits.workers = workers;
    return {all, policy(3), limits, n_ranks};
}

}  // namespace

TEST_CASE("short groups are handed out together once they have been measured",
          "[engine][dispatcher][bundle]") {
    Dispatcher unmeasured(work(100), policy(3), {}, n_ranks);
    CHECK(unmeasured.next(0, 0)->items.size() == 1);

    auto dispatcher = measured_dispatcher(2048, millisecond);
    CHECK(dispatcher.next(0, 0)->items.size() == 512);
    auto grouped = measured_dispatcher(2048, millisecond, 1, 4);
    auto const task = *grouped.next(0, 0);
    CHECK(task.items.size() == 512);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(task.items[i].experiment.group == task.items[0].experiment.group);
    auto long_ones = measured_dispatcher(10, 2);
    CHECK(long_ones.next(0, 0)->items.size() == 1);
}

TEST_CASE("a bundle takes the next longest of all models, one of each that is new, and teaches about each",
          "[engine][dispatcher][bundle]") {
    StartingPoint mixed = work(8);
    std::vector<std::string> const keys{"a", "b", "a", "b", "new", "a", "b", "new"};
    std::vector<double> const guesses{0.05, 0.1, 0.04, 0.09, 0.06, 0.01, 0.02, 0.06};
    study::PackedPlan plan;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        auto one = mixed.to_do[i];
        one.cost_key = keys[i];
        one.expected_seconds = guesses[i];
        plan.push_back(one);
    }
    mixed.to_do = plan;
    mixed.known_costs = {{"a", 1, 1}, {"b", 1, 1}};
    TaskLimits limits;
    limits.bundle_seconds = 0.4;
    Dispatcher dispatcher(mixed, policy(3), limits, n_ranks);
    auto const task = *dispatcher.next(0, 0);
    CHECK(indices(task) == Indices{1, 3, 4});
    dispatcher.on_committed(0, 1, 0.3);
    dispatcher.on_committed(0, 3, 0.1);
    dispatcher.on_committed(0, 4, 0.006);
    dispatcher.on_task_end(0, completed(task, 0.812), 1);
    CHECK(dispatcher.costs().correction("a") == 1);
    CHECK(dispatcher.costs().correction("b") == Approx((1 + 0.8) / (1 + 0.19)));
    CHECK(dispatcher.costs().correction("new") == Approx(0.2));
    CHECK(indices(*dispatcher.next(0, 1)) == Indices{0, 2});
    CHECK(indices(*dispatcher.next(1, 1)) == Indices{6, 7, 5});
}

TEST_CASE("near the end each worker gets a fair share", "[engine][dispatcher][bundle]") {
    auto dispatcher = measured_dispatcher(400, millisecond, 2);
    auto const first = *dispatcher.next(0, 0);
    CHECK(first.items.size() == 160);  // of the 200 that are its fair share
    for (auto const& item : first.items) dispatcher.on_committed(0, item.experiment.index, 1);
    dispatcher.on_task_end(0, completed(first, 160 * millisecond), 0);
    CHECK(dispatcher.next(0, 0)->items.size() == 96);
    auto few = measured_dispatcher(25, millisecond, 4);
    CHECK(few.next(0, 0)->items.size() == 25);  // cutting 25 ms costs more than it evens out
}

TEST_CASE("a crash in a bundle costs the guilty one, which comes back alone, and the rest goes back at once",
          "[engine][dispatcher][bundle]") {
    auto dispatcher = measured_dispatcher(16, 0.0625);
    auto const task = *dispatcher.next(0, 0);
    REQUIRE(indices(task) == Indices{0, 1, 2, 3, 4, 5, 6, 7});
    dispatcher.on_committed(0, 0, 1);
    dispatcher.on_committed(0, 1, 1);
    auto const verdicts = dispatcher.on_task_end(0, failed(task, Failure::crash, {2}), 0);
    REQUIRE(verdicts.size() == 6);
    CHECK(verdicts[0].decision == Decision::retry);
    CHECK(verdicts[1].decision == Decision::requeue);
    auto const rest = *dispatcher.next(0, 0);
    CHECK(indices(rest) == Indices{3, 4, 5, 6, 7, 8, 9, 10});
    for (auto const& item : rest.items) {
        CHECK(item.attempt == 1);
        dispatcher.on_committed(0, item.experiment.index, 1);
    }
    dispatcher.on_task_end(0, completed(rest, 0.5), 0);
    auto const again = *dispatcher.next(0, long_after);
    CHECK(indices(again) == Indices{2});
    CHECK(again.items[0].attempt == 2);
}

TEST_CASE("a bundle ends before the deadline", "[engine][dispatcher][bundle][deadline]") {
    auto dispatcher = measured_dispatcher(1000, millisecond);
    dispatcher.set_deadline(0.1);
    auto const task = dispatcher.next(0, 0);
    CHECK(task->items.size() == Approx(102).margin(1));
}

TEST_CASE("a worker prefetches its next short task, where there is plenty to do",
          "[engine][dispatcher][prefetch]") {
    auto dispatcher = measured_dispatcher(4096, millisecond, 2);  // 4 s
    CHECK_FALSE(dispatcher.prefetch(0, 0));                       // it does nothing yet
    auto const first = *dispatcher.next(0, 0);
    auto const second = *dispatcher.prefetch(0, 0);
    CHECK(second.items.size() == 512);
    CHECK(second.number != first.number);
    CHECK_FALSE(dispatcher.prefetch(0, 0));  // one is enough
    CHECK(dispatcher.doing(0).experiments == indices(first));
    CHECK(dispatcher.progress(0).running == 512);

    SECTION("and goes on with it") {
        for (auto const index : indices(first)) CHECK(dispatcher.on_committed(0, index, millisecond));
        CHECK(dispatcher.on_task_end(0, completed(first, 0.5), 1).empty());
        CHECK(dispatcher.working(0));
        CHECK(dispatcher.doing(0).experiments == indices(second));
        CHECK(dispatcher.doing(0).since == 1);
        for (auto const index : indices(second)) CHECK(dispatcher.on_committed(0, index, millisecond));
        CHECK(dispatcher.on_task_end(0, completed(second, 0.5), 2).empty());
        CHECK_FALSE(dispatcher.working(0));
    }
    SECTION("or gives it back, uncharged") {
        auto const verdicts = dispatcher.on_task_end(0, failed(second, Failure::interrupted, {}), 1);
        REQUIRE(verdicts.size() == 512);
        CHECK(verdicts[0].decision == Decision::requeue);
        CHECK(dispatcher.doing(0).experiments == indices(first));
        CHECK(indices(*dispatcher.next(1, 1)) == indices(second));
    }
    SECTION("or is lost with both, and is charged for what it did alone") {
        auto const verdicts = dispatcher.on_worker_lost(0, 1);
        REQUIRE(verdicts.size() == 1024);
        for (auto const& verdict : verdicts) {
            bool const was_running = verdict.index <= indices(first).back();
            CHECK(verdict.decision == (was_running ? Decision::retry : Decision::requeue));
        }
        CHECK_FALSE(dispatcher.working(0));
        CHECK_FALSE(dispatcher.finished(1));
    }
    SECTION("but not when the run is to stop") {
        (void)dispatcher.next(1, 0);
        dispatcher.drain();
        CHECK_FALSE(dispatcher.prefetch(1, 0));
    }
}

TEST_CASE("nothing is prefetched near the end or behind long work", "[engine][dispatcher][prefetch]") {
    auto near_the_end = measured_dispatcher(4000, millisecond, 2);
    (void)near_the_end.next(0, 0);
    CHECK_FALSE(near_the_end.prefetch(0, 0));

    auto long_ones = measured_dispatcher(100, 1);
    (void)long_ones.next(0, 0);
    CHECK_FALSE(long_ones.prefetch(0, 0));

    auto before_deadline = measured_dispatcher(4096, millisecond);
    before_deadline.set_deadline(0.75);
    (void)before_deadline.next(0, 0);
    CHECK(before_deadline.prefetch(0, 0)->items.size() == Approx(256).margin(1));
}

TEST_CASE("a fit group is divided where others would have nothing to do", "[engine][dispatcher][division]") {
    TaskLimits limits;
    limits.workers = 4;
    Dispatcher dispatcher(work(12, 6), policy(3), limits, n_ranks);  // two groups for four
    auto const first = *dispatcher.next(0, 0);
    CHECK(indices(first) == Indices{0, 1, 2});
    std::set<Indices> rest;
    for (int const worker : {1, 2, 3}) rest.insert(indices(*dispatcher.next(worker, 0)));
    CHECK(rest == std::set<Indices>{{3, 4, 5}, {6, 7, 8}, {9, 10, 11}});
    for (auto const index : indices(first)) CHECK(dispatcher.on_committed(0, index, 5));
    CHECK(dispatcher.on_task_end(0, completed(first, 15), 1).empty());
    CHECK(dispatcher.costs().correction("toy") == 1);  // a fit for half of the evaluations teaches nothing

    Dispatcher busy(work(24, 6), policy(3), limits, n_ranks);
    CHECK(busy.next(0, 0)->items.size() == 6);
}

TEST_CASE("near the end a fit group is divided if its evaluations take long",
          "[engine][dispatcher][division]") {
    TaskLimits limits;
    limits.workers = 2;
    auto const members_of_last = [&](double fit_seconds, double evaluation_seconds) {
        Dispatcher dispatcher(work(12, 6), policy(3), limits, n_ranks);
        auto const task = *dispatcher.next(0, 0);
        REQUIRE(task.items.size() == 6);
        for (auto const index : indices(task))
            dispatcher.on_committed(0, index, evaluation_seconds + (index == 0 ? fit_seconds : 0));
        dispatcher.on_task_end(0, completed(task, fit_seconds + 6 * evaluation_seconds), 1);
        return dispatcher.next(0, 1)->items.size();
    };
    CHECK(members_of_last(10, 0.1) == 6);
    CHECK(members_of_last(1, 2) == 3);
    CHECK(members_of_last(0.001, 0.002) == 6);  // so short that it is not worth a message
}

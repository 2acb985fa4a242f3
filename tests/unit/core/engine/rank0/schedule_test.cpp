#include "core/engine/rank0/schedule.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster;
using namespace vaster::engine;

namespace {

study::Experiment experiment(study::ExperimentIndex index, std::uint64_t group, double seconds,
                             std::string const& cost_key = "a") {
    study::Experiment one;
    one.index = index;
    one.id = {index};
    one.group = group;
    one.expected_seconds = seconds;
    one.cost_key = cost_key;
    return one;
}

std::vector<study::ExperimentIndex> first_indices(Schedule& schedule, CostBook const& costs) {
    std::vector<study::ExperimentIndex> order;
    while (auto const batch = schedule.take(costs, 0))
        order.push_back(batch->members.front().experiment.index);
    return order;
}

Schedule schedule_of(std::vector<study::Experiment> const& experiments) {
    Schedule schedule;
    schedule.add_plan(experiments);
    return schedule;
}

Batch batch_of(study::Experiment const& experiment) {
    Batch batch;
    batch.members.push_back({experiment, {}, {}});
    return batch;
}

using Order = std::vector<study::ExperimentIndex>;

}  // namespace

TEST_CASE("experiments of one group are one batch, in order of index", "[engine][schedule]") {
    auto schedule =
        schedule_of({experiment(0, 2, 1), experiment(1, 7, 1), experiment(3, 1, 2), experiment(5, 1, 1)});
    CHECK(schedule.size() == 3);
    auto const longest = schedule.take(CostBook(), 0);
    REQUIRE(longest->members.size() == 2);
    CHECK(longest->members[0].experiment.index == 3);
    CHECK(longest->members[1].experiment.index == 5);
    CHECK(expected_seconds(*longest) == 3);
    CHECK(first_indices(schedule, CostBook()) == Order{0, 1});
}

TEST_CASE("the longest expected group goes first, the lowest index among equals", "[engine][schedule]") {
    auto schedule = schedule_of({experiment(0, 0, 1), experiment(1, 1, 5), experiment(2, 2, 1),
                                 experiment(3, 3, 1), experiment(4, 3, 5), experiment(5, 5, 1)});
    CHECK(first_indices(schedule, CostBook{}) == Order{3, 1, 0, 2, 5});
    CHECK(schedule.empty());
}

TEST_CASE("what was measured corrects the order between models", "[engine][schedule]") {
    std::vector<study::Experiment> const experiments{
        experiment(0, 0, 10, "fast"), experiment(1, 1, 4, "slow"), experiment(2, 2, 2, "slow")};
    auto guessed = schedule_of(experiments);
    CHECK(first_indices(guessed, CostBook{}) == Order{0, 1, 2});

    CostBook costs({{"fast", 10, 1}});
    costs.add("slow", 2, 6);
    auto corrected = schedule_of(experiments);
    CHECK(first_indices(corrected, costs) == Order{1, 2, 0});
}

TEST_CASE("a model without measurements is corrected like all others together", "[engine][schedule]") {
    CHECK(CostBook{}.correction("a") == 1);
    CostBook costs;
    costs.add("a", 1, 3);
    costs.add("b", 3, 3);
    CHECK(costs.correction("a") == Approx(3));
    CHECK(costs.correction("b") == Approx(1));
    CHECK(costs.correction("new") == Approx(6.0 / 4.0));
    REQUIRE(costs.all().size() == 2);
    CHECK(costs.all()[0].cost_key == "a");
}

TEST_CASE("other studies stand in for what has not been measured in this one", "[engine][schedule]") {
    CostBook costs({{"a", 1, 3}}, {{"a", 1, 50}, {"b", 1, 7}});
    CHECK(costs.knows("b"));
    CHECK(costs.correction("a") == 3);
    CHECK(costs.correction("b") == 7);
    CHECK(costs.correction("new") == 3);
    CHECK(costs.all().size() == 1);
    costs.add("b", 2, 2);
    CHECK(costs.correction("b") == 1);
    CHECK(CostBook({}, {{"a", 1, 4}, {"b", 1, 2}}).correction("new") == 3);
}

TEST_CASE("what other studies have taken changes the order, not whether there is time",
          "[engine][schedule]") {
    CostBook const costs({}, {{"fast", 1, 1}, {"slow", 1, 1000}});
    auto schedule = schedule_of({experiment(0, 0, 2, "fast"), experiment(1, 1, 1, "slow")});
    CHECK(schedule.any_until(costs, 0, 1));
    CHECK(schedule.take(costs, 0, 2)->members.front().experiment.index == 1);
}

TEST_CASE("the shortest batch is told as corrected, due or not", "[engine][schedule]") {
    CostBook costs;
    CHECK(Schedule().shortest_seconds(costs) == 0);
    auto schedule =
        schedule_of({experiment(0, 0, 30, "a"), experiment(1, 1, 20, "a"), experiment(2, 2, 50, "b")});
    CHECK(schedule.shortest_seconds(costs) == 20);
    costs.add("a", 10, 40);  // takes four times as long as was guessed
    CHECK(schedule.shortest_seconds(costs) == Approx(20 * costs.correction_here("a")));
    Schedule later;
    later.add(batch_of(experiment(0, 0, 9)), 100);
    later.add(batch_of(experiment(1, 1, 4)), 100);
    CHECK(later.shortest_seconds(CostBook()) == 4);
}

TEST_CASE("guesses of nothing do not divide by nothing", "[engine][schedule]") {
    CostBook costs;
    costs.add("free", 0, 2);
    CHECK(costs.correction("free") == 1);
}

TEST_CASE("what is due later is not handed out before", "[engine][schedule]") {
    Schedule schedule;
    schedule.add(batch_of(experiment(0, 0, 9)), 10);
    schedule.add(batch_of(experiment(1, 1, 1)), 0);
    CHECK(schedule.take(CostBook{}, 5)->members.front().experiment.index == 1);
    CHECK_FALSE(schedule.take(CostBook{}, 9.99));
    CHECK_FALSE(schedule.empty());
    CHECK(schedule.take(CostBook{}, 10)->members.front().experiment.index == 0);
    CHECK(schedule.empty());
}

TEST_CASE("the makespan of longest first is within 4/3 of the lower bound", "[engine][schedule]") {
    // Graham (1969), doi:10.1137/0117039: 4/3 - 1/(3 m) of the optimum, here m = 4.
    std::vector<study::Experiment> experiments;
    double total = 0;
    for (study::ExperimentIndex i = 0; i < 200; ++i) {
        experiments.push_back(experiment(i, i, 1 + static_cast<double>((i * 7919) % 100)));
        total += experiments.back().expected_seconds;
    }
    auto schedule = schedule_of(experiments);
    std::vector<double> free_at(4, 0.0);
    while (auto const batch = schedule.take(CostBook{}, 0))
        *std::min_element(free_at.begin(), free_at.end()) += expected_seconds(*batch);
    double const makespan = *std::max_element(free_at.begin(), free_at.end());
    CHECK(makespan <= 1.01 * total / 4);
}

TEST_CASE("a higher priority goes before a longer time", "[engine][schedule]") {
    Schedule schedule;
    schedule.add_plan(std::vector{experiment(0, 0, 9, "a"), experiment(1, 1, 1, "a"),
                                  experiment(2, 2, 5, "b"), experiment(3, 3, 2, "b")},
                      [](study::Experiment const& one) {
                          study::OwnLimits limits;
                          limits.priority = one.index % 2 == 1 ? 1 : one.index == 2 ? -1 : 0;
                          return limits;
                      });
    CHECK(first_indices(schedule, CostBook{}) == Order{3, 1, 0, 2});
}

TEST_CASE("experiments are taken out of their groups, due now or later", "[engine][schedule]") {
    auto schedule = schedule_of({experiment(0, 0, 1), experiment(1, 0, 1), experiment(2, 2, 3)});
    Batch later;
    later.members.push_back({experiment(3, 3, 1), {}, {}});
    schedule.add(std::move(later), 100);
    REQUIRE(schedule.take(CostBook{}, 0)->members.front().experiment.index == 2);
    auto const removed = schedule.remove_if([](study::Experiment const& one) { return one.index != 1; });
    REQUIRE(removed.size() == 2);
    CHECK(removed[0].experiment.index == 0);
    CHECK(removed[1].experiment.index == 3);
    CHECK(first_indices(schedule, CostBook{}) == Order{1});
    CHECK(schedule.empty());
}

TEST_CASE("what was returned goes between what was never handed out, by length and index",
          "[engine][schedule]") {
    auto schedule = schedule_of({experiment(0, 0, 1), experiment(1, 1, 5), experiment(2, 2, 3),
                                 experiment(3, 3, 3), experiment(4, 4, 2)});
    auto first = schedule.take(CostBook(), 0);
    auto second = schedule.take(CostBook(), 0);
    CHECK(second->members.front().experiment.index == 2);
    second->members.front().charges.add(study::Failure::crash);
    schedule.add(std::move(*second), 0);
    schedule.add(std::move(*first), 0);
    CHECK(schedule.size() == 5);
    CHECK(schedule.take(CostBook(), 0)->members.front().experiment.index == 1);
    CHECK_FALSE(schedule.take_more(CostBook(), 10, 10, {}));  // number 2 has had trouble
    CHECK(first_indices(schedule, CostBook()) == Order{2, 3, 4, 0});
}

TEST_CASE("any order of taking by the time that is left is that of a list that is searched from its front",
          "[engine][schedule]") {
    std::vector<study::Experiment> experiments;
    for (study::ExperimentIndex i = 0; i < 300; ++i)
        experiments.push_back(experiment(i, i, static_cast<double>((i * 7919) % 50)));
    auto schedule = schedule_of(experiments);
    auto list = experiments;
    std::stable_sort(list.begin(), list.end(),
                     [](auto const& a, auto const& b) { return a.expected_seconds > b.expected_seconds; });
    for (std::size_t i = 0; !list.empty(); ++i) {
        auto const left = static_cast<double>((i * 31) % 60);
        auto const wanted = std::find_if(list.begin(), list.end(),
                                         [&](auto const& one) { return one.expected_seconds <= left; });
        auto const taken = schedule.take(CostBook(), 0, left);
        REQUIRE(taken.has_value() == (wanted != list.end()));
        if (!taken) continue;
        REQUIRE(taken->members.front().experiment.index == wanted->index);
        list.erase(wanted);
        REQUIRE(schedule.size() == list.size());
    }
    CHECK(schedule.empty());
}

TEST_CASE("a later stage of a plan is handed out like the first", "[engine][schedule]") {
    auto schedule = schedule_of({experiment(0, 0, 1), experiment(1, 1, 5)});
    CHECK(schedule.take(CostBook(), 0)->members.front().experiment.index == 1);
    schedule.add_plan(std::vector{experiment(2, 2, 1), experiment(3, 3, 4), experiment(4, 2, 1)});
    CHECK(first_indices(schedule, CostBook()) == Order{3, 2, 0});
}

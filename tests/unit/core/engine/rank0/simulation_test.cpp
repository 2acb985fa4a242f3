// The scheduler in virtual time, with the costs of a real study: no clock of this machine is looked at.
#include "simulation.hpp"

#include <catch2/catch.hpp>
#include <fmt/core.h>

using namespace vaster::simulation;

namespace {

constexpr std::size_t groups_per_rank = 10;

std::vector<Cost> costs_for(int ranks) {
    auto const costs = measured_costs();
    REQUIRE(costs.size() == 75);
    auto const wanted = groups_per_rank * static_cast<std::size_t>(ranks);
    return repeated(costs, (wanted + costs.size() - 1) / costs.size());
}

std::vector<Cost> longer(std::vector<Cost> costs, double factor) {
    for (auto& cost : costs) {
        cost.seconds *= factor;
        cost.expected_seconds *= factor;
    }
    return costs;
}

std::vector<Cost> undividable(std::vector<Cost> costs) {
    for (auto& cost : costs) cost.experiments = 1;
    return costs;
}

}  // namespace

TEST_CASE("the real study on a few ranks takes at most a tenth longer than it must", "[engine][simulation]") {
    for (int const ranks : {2, 4, 8}) {
        auto const outcome = run(measured_costs(), ranks, Order::longest_first);
        INFO(ranks << " ranks: " << outcome.makespan << " s, at least " << outcome.lower_bound << " s");
        CHECK(outcome.makespan <= 1.10 * outcome.lower_bound);
    }
}

TEST_CASE("from 16 to 4,000 ranks ten groups for each take at most a tenth longer than they must",
          "[engine][simulation]") {
    for (int const ranks : {16, 64, 256, 1000, 4000}) {
        auto const outcome = run(costs_for(ranks), ranks, Order::longest_first);
        INFO(ranks << " ranks: " << outcome.makespan << " s, at least " << outcome.lower_bound
                   << " s; rank 0 busy " << outcome.rank0_share);
        CHECK(outcome.makespan <= 1.10 * outcome.lower_bound);
    }
}

TEST_CASE("10,000 ranks are served well by one when a group takes 1.6 s in the mean",
          "[engine][simulation]") {
    auto const served = run(costs_for(10000), 10000, Order::longest_first);
    INFO(served.makespan << " s, at least " << served.lower_bound << " s; rank 0 busy "
                         << served.rank0_share);
    CHECK(served.makespan <= 1.10 * served.lower_bound);
}

// Ten groups of 0.2 s for each of 10,000 ranks: a run of two seconds, of which the longest group takes 0.84.
TEST_CASE("where groups take 0.2 s it is what cannot be foreseen that costs time, not rank 0",
          "[engine][simulation]") {
    auto const costs = longer(costs_for(10000), 0.125);
    Rates free;  // a rank 0 that takes no time, and is there at once: no relays could do better
    free.decision = free.results = free.message = 0;
    auto const measured = run(costs, 10000, Order::longest_first);
    auto const at_best = run(costs, 10000, Order::longest_first, free);
    INFO(measured.makespan << " s, with a free rank 0 " << at_best.makespan << " s, at least "
                           << measured.lower_bound << " s; rank 0 busy " << measured.rank0_share);
    CHECK(measured.makespan <= 1.10 * at_best.makespan);
}

// The table of docs/performance.md, in some minutes: vaster_tests_engine "[scale]"
TEST_CASE("how far one rank 0 is enough", "[.][scale]") {
    for (int const ranks : {10000, 20000, 40000, 100000}) {
        for (double const factor : {1.0, 0.125}) {
            auto const costs = longer(costs_for(ranks), factor);
            auto const outcome = run(costs, ranks, Order::longest_first);
            fmt::print("| {}, groups of {:.1f} s on average | {:.2f} | {:.0f} % |\n", ranks, 1.6 * factor,
                       outcome.makespan / outcome.lower_bound, 100 * outcome.rank0_share);
            CHECK(outcome.makespan >= outcome.lower_bound);
        }
    }
}

TEST_CASE("fit groups are divided where there are more ranks than groups", "[engine][simulation]") {
    auto const real = measured_costs();
    auto costly = real;  // to evaluate: many resamples, or a large test set
    for (auto& cost : costly)
        if (cost.experiments > 1) cost.evaluation_share = 0.9;
    for (auto const& [costs, at_most] : {std::pair(real, 0.98), std::pair(costly, 0.7)}) {
        auto const divided = run(costs, 128, Order::longest_first);
        auto const undivided = run(undividable(costs), 128, Order::longest_first);
        INFO(divided.makespan << " s in " << divided.fits << " fits, undivided " << undivided.makespan
                              << " s in " << undivided.fits);
        CHECK(divided.makespan <= at_most * undivided.makespan);
        CHECK(divided.fits > costs.size());
    }
}

TEST_CASE("where there is enough to do fit groups stay whole", "[engine][simulation]") {
    for (int const ranks : {2, 8, 32}) {
        auto const outcome = run(measured_costs(), ranks, Order::longest_first);
        INFO(ranks << " ranks");
        CHECK(outcome.fits == measured_costs().size());
    }
}

TEST_CASE("short tasks do not wait for a rank 0 that takes long to answer", "[engine][simulation]") {
    Rates slow;
    slow.message = 0.02;  // there and back: 8 % of a bundle
    std::vector<Cost> const costs(64 * 200, Cost{"toy", 0.05, 0.05});
    auto const outcome = run(costs, 64, Order::longest_first, slow);
    INFO(outcome.makespan << " s, at least " << outcome.lower_bound << " s");
    CHECK(outcome.makespan <= 1.04 * outcome.lower_bound);
}

TEST_CASE("longest first beats the order of the plan and a random one", "[engine][simulation]") {
    for (int const ranks : {8, 64, 1000}) {
        auto const costs = costs_for(ranks);
        auto const longest_first = run(costs, ranks, Order::longest_first).makespan;
        INFO(ranks << " ranks");
        CHECK(longest_first < run(costs, ranks, Order::first_in_plan).makespan);
        CHECK(longest_first < run(costs, ranks, Order::random).makespan);
    }
}

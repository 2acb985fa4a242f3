// The scheduler in virtual time, with the costs of a real study: no clock of this machine is looked at.
#include "simulation.hpp"

#include <catch2/catch.hpp>

using namespace vaster::simulation;

namespace {

constexpr std::size_t groups_per_rank = 10;

std::vector<Cost> costs_for(int ranks) {
    auto const costs = measured_costs();
    REQUIRE(costs.size() == 75);
    auto const wanted = groups_per_rank * static_cast<std::size_t>(ranks);
    return repeated(costs, (wanted + costs.size() - 1) / costs.size());
}

}  // namespace

TEST_CASE("the real study on a few ranks takes at most a tenth longer than it must", "[engine][simulation]") {
    for (int const ranks : {2, 4, 8}) {
        auto const outcome = run(measured_costs(), ranks, Order::longest_first);
        INFO(ranks << " ranks: " << outcome.makespan << " s, at least " << outcome.lower_bound << " s");
        CHECK(outcome.makespan <= 1.10 * outcome.lower_bound);
    }
}

TEST_CASE("from 16 to 10,000 ranks ten groups for each take at most a tenth longer than they must",
          "[engine][simulation]") {
    for (int const ranks : {16, 64, 256, 1000, 4000, 10000}) {
        auto const outcome = run(costs_for(ranks), ranks, Order::longest_first);
        INFO(ranks << " ranks: " << outcome.makespan << " s, at least " << outcome.lower_bound
                   << " s; rank 0 busy " << outcome.rank0_share);
        CHECK(outcome.makespan <= 1.10 * outcome.lower_bound);
    }
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

#include "base/evolution/pareto.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "vaster/support/random.hpp"

namespace vaster::evolution {
namespace {

/// From the definition: a front is what nobody dominates of those that are in no front yet.
std::vector<std::size_t> peeled_fronts(Objectives const& objectives) {
    std::size_t const none = objectives.size();
    std::vector<std::size_t> front(objectives.size(), none);
    for (std::size_t number = 0; number < objectives.size(); ++number) {
        std::vector<std::size_t> free;
        for (std::size_t a = 0; a < objectives.size(); ++a) {
            bool dominated = front[a] != none;
            for (std::size_t b = 0; b < objectives.size() && !dominated; ++b) {
                if (front[b] != none) continue;
                bool no_worse = true;
                bool better = false;
                for (std::size_t k = 0; k < objectives[a].size(); ++k) {
                    no_worse = no_worse && objectives[b][k] >= objectives[a][k];
                    better = better || objectives[b][k] > objectives[a][k];
                }
                dominated = no_worse && better;
            }
            if (!dominated) free.push_back(a);
        }
        for (std::size_t const a : free) front[a] = number;
    }
    return front;
}

TEST_CASE("fronts are what is left undominated when the fronts before are taken away",
          "[evolution][pareto]") {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Random random(seed);
        Objectives objectives(1 + random.below(30), std::vector<double>(2 + random.below(2)));
        for (auto& one : objectives) {
            one.resize(objectives.front().size());
            for (auto& value : one) value = static_cast<double>(random.below(8));  // ties
        }
        CHECK(fronts(objectives) == peeled_fronts(objectives));
    }
}

TEST_CASE("fronts and crowding of an example by hand", "[evolution][pareto]") {
    Objectives const objectives{{0, 5}, {1, 4}, {3, 3}, {4, 0}, {1, 1}, {0, 0}};
    CHECK(fronts(objectives) == std::vector<std::size_t>{0, 0, 0, 0, 1, 2});
    auto const gaps = crowding(objectives, fronts(objectives));
    CHECK(std::isinf(gaps[0]));
    CHECK(gaps[1] == Approx((3 - 0) / 4.0 + (5 - 3) / 5.0));
    CHECK(gaps[2] == Approx((4 - 1) / 4.0 + (4 - 0) / 5.0));
    CHECK(std::isinf(gaps[3]));
    CHECK(gaps[4] == 0);  // alone: there is no range
    CHECK(ranking(objectives) == std::vector<std::size_t>{0, 3, 2, 1, 4, 5});
}

TEST_CASE("fronts and crowding are those of pagmo", "[evolution][pareto]") {
    // pagmo 2.18 (which minimises, so of the negated numbers): fast_non_dominated_sorting and, for each
    // front, crowding_distance.
    Objectives const objectives{{0.31, 0.90, 0.20}, {0.55, 0.42, 0.77}, {0.93, 0.11, 0.35},
                                {0.12, 0.08, 0.15}, {0.47, 0.66, 0.58}, {0.28, 0.37, 0.99},
                                {0.50, 0.40, 0.70}, {0.90, 0.10, 0.30}};
    auto const front = fronts(objectives);
    CHECK(front == std::vector<std::size_t>{0, 0, 0, 2, 0, 0, 1, 1});
    auto const gaps = crowding(objectives, front);
    for (std::size_t const end : {0, 2, 5, 6, 7}) CHECK(std::isinf(gaps[end]));
    CHECK(gaps[1] == Approx(1.5937682570593963));
    CHECK(gaps[4] == Approx(1.5084712755598835));
}

TEST_CASE("with one objective the ranking is the order of it, of equals as listed", "[evolution][pareto]") {
    CHECK(ranking({{1}, {3}, {2}, {3}}) == std::vector<std::size_t>{1, 3, 2, 0});
    CHECK(ranking({}).empty());
}

}  // namespace
}  // namespace vaster::evolution

#include "core/study/packed_plan.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/study/serialization.hpp"

using namespace vaster::study;

namespace {

/// So many that they need several blocks and parts, with numbers of all lengths and signs.
std::vector<Experiment> many(std::uint64_t n) {
    std::vector<Experiment> experiments;
    for (std::uint64_t i = 0; i < n; ++i) {
        Experiment one;
        one.index = i;
        one.id = {i * 0x9e3779b97f4a7c15ULL};
        one.group = i % 3 == 0 ? i : ~i;
        one.expected_seconds = 0.1 * static_cast<double>(i);
        one.cost_key = i % 2 == 0 ? "xgboost" : "";
        auto const number = static_cast<std::int64_t>(one.id.value >> (i % 64));
        one.design = {number, -number, std::string(i % 300, 'x'), -0.5, std::string("a\0b", 3)};
        if (i % 7 == 0) one.design.clear();
        one.n_rows = i % 5;
        one.first_row = i * i;
        one.skip_reason = i % 11 == 0 ? "too few deaths" : "";
        experiments.push_back(std::move(one));
    }
    return experiments;
}

}  // namespace

TEST_CASE("experiments come out of a packed plan as they went in, in order and in any order",
          "[study][packed]") {
    auto const experiments = many(1000);
    PackedPlan const plan(experiments);
    REQUIRE(plan.size() == experiments.size());
    std::size_t i = 0;
    for (auto const& one : plan) REQUIRE(pack(one) == pack(experiments[i++]));
    CHECK(i == experiments.size());
    for (std::size_t k = 0; k < 1000; ++k) {
        auto const position = k * 7919 % 1000;
        REQUIRE(pack(plan[position]) == pack(experiments[position]));
    }
    CHECK_THROWS_AS(plan.at(1000), std::out_of_range);
    CHECK(PackedPlan().empty());
    CHECK_THROWS_AS(PackedPlan().at(0), std::out_of_range);
}

TEST_CASE("the extreme numbers of a plan are kept to the bit", "[study][packed]") {
    Experiment extreme;
    extreme.index = std::numeric_limits<std::uint64_t>::max();
    extreme.design = {std::numeric_limits<std::int64_t>::min(),
                      std::numeric_limits<std::int64_t>::max(),
                      std::int64_t{-1},
                      -0.0,
                      std::numeric_limits<double>::quiet_NaN(),
                      std::numeric_limits<double>::denorm_min()};
    PackedPlan const plan(std::vector{extreme});
    CHECK(pack(plan[0]) == pack(extreme));
    CHECK(std::signbit(std::get<double>(plan[0].design[3])));
}

TEST_CASE("a packed plan that is sent in parts is the same plan, with the same hash", "[study][packed]") {
    for (std::uint64_t const n : {0, 1, 31, 32, 33, 20000}) {
        auto const experiments = many(n);
        PackedPlan const plan(experiments);
        PackedPlan received;
        for (std::size_t part = 0; part < plan.n_parts(); ++part) received.add_part(plan.part(part));
        REQUIRE(received.size() == n);
        CHECK(received.hash() == hash_of(experiments));
        if (n > 0) CHECK(pack(received[n - 1]) == pack(experiments.back()));
    }
    CHECK(PackedPlan(many(20000)).n_parts() > 1);
}

TEST_CASE("what is added to a copy of a packed plan is not in the other", "[study][packed]") {
    auto const experiments = many(3);
    PackedPlan plan(std::span<Experiment const>(experiments).first(2));
    auto copy = plan;
    copy.push_back(experiments[2]);
    CHECK(plan.size() == 2);
    REQUIRE(copy.size() == 3);
    CHECK(pack(copy[2]) == pack(experiments[2]));
    plan.push_back(experiments[0]);
    CHECK(pack(plan[2]) == pack(experiments[0]));
    CHECK(pack(copy[2]) == pack(experiments[2]));
}

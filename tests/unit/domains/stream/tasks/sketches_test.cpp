// Estimates from little memory: SOM, DAC.
#include <cmath>
#include <map>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "domains/stream/tasks/distinct.hpp"
#include "domains/stream/tasks/second_moment.hpp"
#include "oracle.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using Catch::Contains;
using testing::senml_line;

namespace {

/// Skewed values: half of them one, a quarter the next, ...
double skewed(Random& random) {
    return std::floor(-std::log2(1 - random.uniform()));
}

double exact_moment(std::map<double, double> const& counts) {
    double sum = 0;
    for (auto const& [value, count] : counts) sum += count * count;
    return sum;
}

}  // namespace

TEST_CASE("the second moment is exact while every value has a counter", "[stream][som]") {
    stream::SecondMoment moment(500, 7);
    Random random(1);
    std::map<double, double> counts;
    for (int i = 0; i < 500; ++i) {
        double const value = skewed(random);
        ++counts[value];
        CHECK(moment.add(value) == exact_moment(counts));
    }
    stream::SecondMoment signs(10, 7);
    signs.add(0.0);
    CHECK(signs.add(-0.0) == 4);
}

TEST_CASE("with fewer counters the second moment is right on average", "[stream][som]") {
    constexpr int n_seeds = 200;
    constexpr int n_values = 2000;
    std::map<double, double> counts;
    Random random(1);
    std::vector<double> values(n_values);
    for (auto& value : values) ++counts[value = skewed(random)];
    double sum = 0;
    double squares = 0;
    for (int seed = 0; seed < n_seeds; ++seed) {
        stream::SecondMoment moment(100, static_cast<std::uint64_t>(seed));
        double estimate = 0;
        for (double const value : values) estimate = moment.add(value);
        sum += estimate;
        squares += estimate * estimate;
    }
    double const mean = sum / n_seeds;
    double const error = std::sqrt((squares / n_seeds - mean * mean) / n_seeds);
    CHECK(error > 0);
    CHECK(std::abs(mean - exact_moment(counts)) < 3 * error);
}

TEST_CASE("counters agree with a count of each of them by hand", "[stream][som]") {
    // The same rule, counter by counter; what is drawn is told by the estimates of the quick one being equal.
    constexpr std::size_t n_counters = 20;
    constexpr std::uint64_t key = 99;
    stream::SecondMoment quick(n_counters, key);
    std::vector<std::pair<double, double>> slow;
    Random values(3);
    for (std::uint64_t n = 1; n <= 3000; ++n) {
        double const value = std::floor(values.uniform() * 40);
        std::size_t own = slow.size();
        if (n <= n_counters) {
            slow.emplace_back(value, 0);
        } else {
            Random random(scramble(scramble(key) ^ n));
            bool const replaces = random.below(n) < n_counters;
            own = replaces ? random.below(n_counters) : n_counters;
            if (replaces) slow[own] = {value, 0};
        }
        double sum = 0;
        for (auto& [of, count] : slow) {
            if (of == value) ++count;
            sum += 2 * count - 1;
        }
        double const used = static_cast<double>(slow.size());
        REQUIRE(quick.add(value) == Approx(static_cast<double>(n) / used * sum).epsilon(1e-12));
    }
}

TEST_CASE("a second moment that is cut in the middle goes on the same", "[stream][som]") {
    stream::SecondMoment whole(50, 7);
    stream::SecondMoment first(50, 7);
    stream::SecondMoment second(50, 7);
    Random random(5);
    std::vector<double> values(1000);
    for (auto& value : values) value = std::floor(random.uniform() * 30);
    for (int i = 0; i < 600; ++i) first.add(values[static_cast<std::size_t>(i)]);
    stream::StateWriter state;
    first.save(state);
    stream::StateReader reader(state.bytes());
    second.load(reader);
    for (std::size_t i = 0; i < values.size(); ++i) {
        double const expected = whole.add(values[i]);
        if (i >= 600) REQUIRE(second.add(values[i]) == expected);
    }
    stream::SecondMoment other(40, 7);
    stream::StateReader again(state.bytes());
    CHECK_THROWS_WITH(other.load(again), Contains("50 counters"));
}

TEST_CASE("HyperLogLog counts within its standard error", "[stream][dac]") {
    stream::HyperLogLog empty(10);
    CHECK(empty.estimate() == 0);
    for (unsigned const bits : {4U, 10U, 14U, 18U}) {
        stream::HyperLogLog sketch(bits);
        constexpr int n = 100000;
        for (int i = 0; i < n; ++i) sketch.add(scramble(static_cast<std::uint64_t>(i)));
        for (int i = 0; i < n; ++i) sketch.add(scramble(static_cast<std::uint64_t>(i)));
        double const standard_error = 1.04 / std::exp2(bits / 2.0);
        INFO(bits);
        CHECK(std::abs(sketch.estimate() / n - 1) < 3 * standard_error);
    }
}

TEST_CASE("two sketches become one", "[stream][dac]") {
    stream::HyperLogLog left(6);
    stream::HyperLogLog right(6);
    stream::HyperLogLog both(6);
    for (std::uint64_t i = 0; i < 500; ++i) {
        (i % 3 == 0 ? left : right).add(scramble(i));
        both.add(scramble(i));
    }
    auto const& registers = right.registers();
    left.merge({reinterpret_cast<char const*>(registers.data()), registers.size()});
    CHECK(left.estimate() == both.estimate());
    CHECK_THROWS_WITH(left.merge("short"), Contains("5 registers"));
}

TEST_CASE("sensors are counted once, however often they come", "[stream][dac]") {
    std::string lines;
    for (int i = 0; i < 60; ++i) lines += senml_line(i, fmt::format("sensor{}", i % 3), {});
    auto const yield = testing::yield_of({"DAC", "source", {}}, lines);
    auto const rows = testing::cells_of(yield.output.text());
    REQUIRE(rows.size() == 60);
    CHECK(std::stod(rows[2][1]) == Approx(3).margin(0.01));
    CHECK(rows[59][1] == rows[2][1]);
    CHECK(yield.tally.balanced());
}

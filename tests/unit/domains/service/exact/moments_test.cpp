#include "domains/service/exact/moments.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include "oracle.hpp"

using namespace vaster;
using service::Moments;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

Moments moments_of(std::vector<double> const& numbers) {
    Moments moments;
    for (auto const number : numbers) moments.add(number);
    return moments;
}

/// As moments_of(), of parts of so many numbers each that are put together from the last to the first.
Moments moments_by_parts(std::vector<double> const& numbers, std::size_t size) {
    Moments all;
    for (std::size_t end = numbers.size(); end > 0;) {
        std::size_t const begin = end > size ? end - size : 0;
        all.add(moments_of({numbers.begin() + static_cast<std::ptrdiff_t>(begin),
                            numbers.begin() + static_cast<std::ptrdiff_t>(end)}));
        end = begin;
    }
    return all;
}

}  // namespace

TEST_CASE("sums are exact, and rounded once", "[service][moments]") {
    CHECK(moments_of({1e16, 1, -1e16}).sum() == 1);
    CHECK(moments_of({0.1, 0.2, 0.3}).sum() == 0.6);  // 0.1 + 0.2 + 0.3 is 0.6000000000000001
    CHECK(moments_of({1e308, 1e308, -1e308}).sum() == 1e308);
    CHECK(moments_of({1e308, 1e308}).sum() == infinity);
    double const least = std::numeric_limits<double>::denorm_min();
    CHECK(moments_of({least, least, least}).sum() == 3 * least);
    CHECK(moments_of({1, std::ldexp(1.0, -53)}).sum() == 1);  // a tie goes to the even one
    CHECK(moments_of({1, std::ldexp(1.0, -53), least}).sum() == 1 + std::ldexp(1.0, -52));
    CHECK(moments_of({}).sum() == 0);
    CHECK(moments_of({-0.5, 0.25}).sum() == -0.25);
}

TEST_CASE("mean and variance are those of exact arithmetic", "[service][moments]") {
    auto const far = moments_of({1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4});
    CHECK(far.mean() == 1e9 + 2.5);
    CHECK(far.variance() == 5.0 / 3.0);
    CHECK(moments_of({0.1, 0.1, 0.1}).variance() == 0);
    CHECK(moments_of({1e200, -1e200}).variance() == infinity);
    CHECK(moments_of({std::numeric_limits<double>::denorm_min(), 0}).mean() == 0);  // a half, to the even one
}

TEST_CASE("what there is too little of has no value", "[service][moments]") {
    auto const none = moments_of({});
    CHECK_FALSE(none.mean());
    CHECK_FALSE(none.least());
    CHECK_FALSE(none.most());
    auto const one = moments_of({7});
    CHECK(one.mean() == 7);
    CHECK_FALSE(one.variance());
}

TEST_CASE("missing and infinite numbers are counted apart", "[service][moments]") {
    auto const some = moments_of({3, no_number, 1});
    CHECK(some.count() == 2);
    CHECK(some.missing() == 1);
    CHECK(some.least() == 1);
    auto const open = moments_of({1, infinity, 2});
    CHECK(open.sum() == infinity);
    CHECK(open.mean() == infinity);
    CHECK(std::isnan(*open.variance()));
    CHECK(open.most() == infinity);
    CHECK(std::isnan(moments_of({infinity, -infinity}).sum()));
}

TEST_CASE("exact statistics are those of rational arithmetic in Python, by any parts", "[service][moments]") {
    auto const oracle = testing::reduce_oracle();
    if (oracle.numbers.empty()) {
        WARN("skipped: the oracle is not beside the checkout");
        return;
    }
    for (std::size_t const size :
         {std::size_t{1}, std::size_t{3}, std::size_t{1000}, oracle.numbers.size()}) {
        INFO(size);
        auto const moments = moments_by_parts(oracle.numbers, size);
        CHECK(moments.count() == oracle.expected.at("count"));
        CHECK(moments.sum() == oracle.number("sum"));
        CHECK(moments.mean() == oracle.number("mean"));
        CHECK(moments.variance() == oracle.number("variance_ddof1"));
        CHECK(moments.standard_deviation() == oracle.number("stddev_ddof1"));
        CHECK(moments.least() == oracle.number("min"));
        CHECK(moments.most() == oracle.number("max"));
    }
}

TEST_CASE("no order of numbers changes a bit", "[service][moments]") {
    std::mt19937_64 random(7);
    std::vector<double> numbers;
    for (int i = 0; i < 2000; ++i)
        numbers.push_back(std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                                     static_cast<int>(random() % 1200) - 700));
    auto const first = moments_of(numbers);
    for (int i = 0; i < 5; ++i) {
        std::shuffle(numbers.begin(), numbers.end(), random);
        auto const again = moments_by_parts(numbers, 1 + random() % 700);
        CHECK(again.sum() == first.sum());
        CHECK(again.variance() == first.variance());
    }
}

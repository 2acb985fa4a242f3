#include "domains/service/exact/selection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <catch2/catch.hpp>

#include "oracle.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using service::Selection;

namespace {

/// The numbers of these ranks, found by counters of so many numbers each.
std::vector<double> selected(std::vector<double> const& numbers, std::vector<std::uint64_t> const& ranks,
                             std::size_t size) {
    Selection selection(ranks);
    for (int pass = 0; pass < Selection::n_passes; ++pass) {
        auto all = selection.counter();
        for (std::size_t begin = 0; begin < numbers.size(); begin += size) {
            auto part = selection.counter();
            for (std::size_t i = begin; i < std::min(begin + size, numbers.size()); ++i) part.add(numbers[i]);
            all.add(part);
        }
        selection.decide(all);
    }
    return selection.values();
}

/// Every `step`-th number in order, found in parts of `size` numbers, is what sorting finds.
void check_selection(std::vector<double> const& numbers, std::uint64_t step, std::size_t size) {
    INFO("parts of " << size);
    auto sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::uint64_t> ranks;
    for (std::uint64_t rank = 0; rank < numbers.size(); rank += step) ranks.push_back(rank);
    auto const found = selected(numbers, ranks, size);
    for (std::size_t i = 0; i < ranks.size(); ++i) CHECK(found[i] == sorted[ranks[i]]);
}

}  // namespace

TEST_CASE("order statistics are those of sorted numbers", "[service][selection]") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::mt19937_64 random(3);
    std::vector<double> numbers{
        0.0, -0.0, infinity, -infinity, 1.0, -1.0, std::numeric_limits<double>::denorm_min()};
    for (int i = 0; i < 300; ++i)
        numbers.push_back(static_cast<double>(static_cast<std::int64_t>(random() % 50)) - 25 +
                          (i % 3 == 0 ? 1e-9 : 0));
    for (std::size_t const size : {std::size_t{20}, std::size_t{100}, numbers.size()})
        check_selection(numbers, 7, size);
    numbers.resize(20);
    check_selection(numbers, 3, 1);
}

TEST_CASE("a rank that there is no number for is refused", "[service][selection]") {
    CHECK_THROWS_AS(selected({1, 2}, {2}, 10), DataError);
}

TEST_CASE("quantiles are those of rational arithmetic in Python", "[service][selection]") {
    auto const oracle = testing::reduce_oracle();
    if (oracle.numbers.empty()) {
        WARN("skipped: the oracle is not beside the checkout");
        return;
    }
    auto const n = oracle.numbers.size();
    for (auto const& [text, expected] : oracle.expected.at("quantiles_type7").items()) {
        INFO(text);
        auto const place = service::quantile_place(std::stod(text), n);
        auto const found = selected(oracle.numbers, {place.below, place.above}, 3000);
        double const value = service::between(found[0], found[1], place.part);
        double const oracle_value = std::strtod(expected.get<std::string>().c_str(), nullptr);
        CHECK(std::abs(value - oracle_value) <= 1e-15 * std::abs(oracle_value));
    }
}

TEST_CASE("a quantile between two infinities is infinite", "[service][selection]") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(service::between(infinity, infinity, 0.5) == infinity);
    CHECK(service::between(1, 2, 0.25) == 1.25);
    auto const place = service::quantile_place(1, 5);
    CHECK(place.below == 4);
    CHECK(place.above == 4);
}

#include "domains/va/prediction/fraction_intervals.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster;
using namespace vaster::va;

namespace {

/// Deaths of which `n_first` surely died of cause 0, the others of cause 1.
CauseSums certain(std::uint64_t n, std::uint64_t n_first, std::size_t n_buckets) {
    CauseSums sums(1, n_buckets, 2);
    for (std::uint64_t row = 0; row < n; ++row) {
        bool const first = row < n_first;
        std::vector<double> const probability{first ? 1.0 : 0.0, first ? 0.0 : 1.0};
        sums.add(0, bucket_of(3, row, n_buckets), probability, first ? 0 : 1);
    }
    return sums;
}

}  // namespace

TEST_CASE("the sampling interval is that of a share", "[va][prediction]") {
    // 300 of 1,000: standard error sqrt(.3 .7 / 1000) = .01449, half the interval .0284. Buckets and
    // resamples make it vary by some per cent.
    auto const interval = sampling_intervals(certain(1000, 300, 256), 42).front();
    CHECK(interval.lo == Approx(0.3 - 0.0284).margin(0.006));
    CHECK(interval.hi == Approx(0.3 + 0.0284).margin(0.006));
    auto const again = sampling_intervals(certain(1000, 300, 256), 42).front();
    CHECK(again.lo == interval.lo);
    CHECK(again.hi == interval.hi);
}

TEST_CASE("one death has no sampling interval", "[va][prediction]") {
    CHECK(std::isnan(sampling_intervals(certain(1, 1, 256), 42).front().lo));
    CHECK_FALSE(std::isnan(sampling_intervals(certain(2, 1, 256), 42).front().lo));
}

TEST_CASE("the transfer error is the root of the mean square on the scale of angles", "[va][prediction]") {
    // asin sqrt: .25 -> pi/6, .5 -> pi/4, .75 -> pi/3, 1 -> pi/2, 0 -> 0. The third cause is nowhere, and
    // counts not.
    std::vector<double> const truth{0.5, 0.5, 0, 0.25, 0.75, 0, 1, 0, 0};
    std::vector<double> const predicted{0.25, 0.75, 0, 0.25, 0.75, 0, 0.75, 0.25, 0};
    double const d = std::acos(-1.0) / 12;
    double const e = 2 * d;
    double const expected = std::sqrt((2 * d * d + 2 * e * e) / 6);
    auto const error = transfer_error({3, 3, truth, predicted});
    REQUIRE(error);
    CHECK(*error == Approx(expected).epsilon(1e-12));
}

TEST_CASE("two sites are too few for a transfer error", "[va][prediction]") {
    std::vector<double> const fractions{0.5, 0.5, 0.25, 0.75};
    CHECK_FALSE(transfer_error({2, 2, fractions, fractions}));
}

TEST_CASE("the transfer interval holds the fraction and stays within nought and one", "[va][prediction]") {
    auto const middle = transfer_interval(0.25, 0.1, 1000);
    double const half = 1.959963984540054 * std::sqrt(0.01 + 1.0 / 4000);
    double const pi = std::acos(-1.0);
    CHECK(middle.lo == Approx(std::pow(std::sin(pi / 6 - half), 2)).epsilon(1e-12));
    CHECK(middle.hi == Approx(std::pow(std::sin(pi / 6 + half), 2)).epsilon(1e-12));
    CHECK(transfer_interval(0, 0.1, 1000).lo == 0);
    CHECK(transfer_interval(1, 0.1, 1000).hi == 1);
    CHECK(transfer_interval(0.01, 0.3, 10).lo == 0);
}

TEST_CASE("the sampling interval of weighted deaths is as wide as that of their effective number",
          "[va][prediction][weights]") {
    // 2,000 deaths, half of weight 1 and half of .1: sum w = 1,100, sum w^2 = 1,010, so 1,198 effective ones.
    auto const summed = [](std::uint64_t seed) {
        CauseSums sums(1, 256, 2, Weighted::yes);
        for (std::uint64_t row = 0; row < 2000; ++row) {
            bool const first = row % 10 < 3;
            std::vector<double> const probability{first ? 1.0 : 0.0, first ? 0.0 : 1.0};
            sums.add(0, bucket_of(seed, row, 256), probability, first ? 0 : 1, row < 1000 ? 1 : 0.1);
        }
        return sums;
    };
    double const n = weight_of(summed(0)).effective;
    CHECK(n == Approx(1100.0 * 1100 / 1010).epsilon(1e-9));
    CHECK(fractions_of(summed(0)).front() == Approx(0.3).epsilon(1e-9));
    // The width of one interval varies by some per cent with its buckets, the mean of twenty by less.
    double width = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto const interval = sampling_intervals(summed(seed), 42 + seed).front();
        CHECK(interval.lo < 0.3);
        CHECK(interval.hi > 0.3);
        width += (interval.hi - interval.lo) / 20;
    }
    CHECK(width == Approx(2 * 1.96 * std::sqrt(0.3 * 0.7 / n)).epsilon(0.05));
}

#include "domains/va/prediction/cause_sums.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "vaster/support/random.hpp"

using namespace vaster;
using namespace vaster::va;

namespace {

/// Made-up probabilities of one death.
std::vector<double> row_of(std::uint64_t row, std::size_t n_causes) {
    Random random(scramble(row));
    std::vector<double> probability(n_causes);
    double sum = 0;
    for (auto& p : probability) sum += p = random.uniform();
    for (auto& p : probability) p /= sum;
    return probability;
}

CauseSums summed(std::uint64_t first, std::uint64_t last) {
    CauseSums sums(2, 16, 5);
    for (std::uint64_t row = first; row < last; ++row)
        sums.add(row % 2, bucket_of(7, row, 16), row_of(row, 5), row % 6);
    return sums;
}

}  // namespace

TEST_CASE("sums of probabilities are the same however the deaths are cut into blocks", "[va][prediction]") {
    CauseSums const whole = summed(0, 1000);
    for (std::uint64_t const length : {1U, 7U, 333U, 999U}) {
        CauseSums parts(2, 16, 5);
        std::vector<CauseSums> blocks;
        for (std::uint64_t first = 0; first < 1000; first += length)
            blocks.push_back(summed(first, std::min<std::uint64_t>(first + length, 1000)));
        for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) parts.add(*block);
        CHECK(parts.sums == whole.sums);
        CHECK(parts.deaths == whole.deaths);
        CHECK(parts.top == whole.top);
    }
}

TEST_CASE("cause fractions are the means of the probabilities", "[va][prediction]") {
    CauseSums const sums = summed(0, 1000);
    std::vector<std::size_t> const both{0, 1};
    CauseSums const all = sums.together(both);
    CHECK(deaths_of(all) == 1000);
    std::vector<double> mean(5);
    for (std::uint64_t row = 0; row < 1000; ++row) {
        auto const probability = row_of(row, 5);
        for (std::size_t c = 0; c < 5; ++c) mean[c] += probability[c] / 1000;
    }
    auto const fractions = fractions_of(all);
    for (std::size_t c = 0; c < 5; ++c) CHECK(fractions[c] == Approx(mean[c]).epsilon(0).margin(1e-13));
    std::vector<std::size_t> const second{1};
    CHECK(deaths_of(sums.together(second)) == 500);
}

TEST_CASE("a group without deaths has no fractions", "[va][prediction]") {
    CHECK(std::isnan(fractions_of(CauseSums(1, 4, 2)).front()));
}

TEST_CASE("buckets take a fair share of the deaths each", "[va][prediction]") {
    std::vector<int> counts(16);
    for (std::uint64_t row = 0; row < 16000; ++row) ++counts[bucket_of(1, row, 16)];
    for (int const count : counts) CHECK(std::abs(count - 1000) < 150);  // five standard deviations
    CHECK(bucket_of(1, 5, 16) == bucket_of(1, 5, 16));
}

TEST_CASE("weighted cause fractions are weighted means, however the deaths are cut into blocks",
          "[va][prediction][weights]") {
    auto const weight_of_row = [](std::uint64_t row) { return 1.0 / static_cast<double>(1 + row % 9); };
    auto const weighed = [&](std::uint64_t first, std::uint64_t last) {
        CauseSums sums(2, 16, 5, Weighted::yes);
        for (std::uint64_t row = first; row < last; ++row)
            sums.add(row % 2, bucket_of(7, row, 16), row_of(row, 5), row % 6, weight_of_row(row));
        return sums;
    };
    CauseSums const whole = weighed(0, 1000);
    for (std::uint64_t const length : {1U, 333U}) {
        CauseSums parts(2, 16, 5, Weighted::yes);
        for (std::uint64_t first = 0; first < 1000; first += length)
            parts.add(weighed(first, std::min<std::uint64_t>(first + length, 1000)));
        CHECK(parts.sums == whole.sums);
        CHECK(parts.weights == whole.weights);
        CHECK(parts.squares == whole.squares);
        CHECK(parts.top_weights == whole.top_weights);
    }
    std::vector<std::size_t> const both{0, 1};
    CauseSums const all = whole.together(both);
    std::vector<double> mean(5);
    std::vector<double> top(6);
    double sum = 0;
    double squares = 0;
    for (std::uint64_t row = 0; row < 1000; ++row) {
        double const w = weight_of_row(row);
        sum += w;
        squares += w * w;
        top[row % 6] += w;
        auto const probability = row_of(row, 5);
        for (std::size_t c = 0; c < 5; ++c) mean[c] += w * probability[c];
    }
    CHECK(deaths_of(all) == 1000);
    CHECK(weight_of(all).sum == Approx(sum).epsilon(1e-12));
    CHECK(weight_of(all).effective == Approx(sum * sum / squares).epsilon(1e-12));
    auto const fractions = fractions_of(all);
    auto const deaths = top_deaths_of(all);
    for (std::size_t c = 0; c < 5; ++c) {
        CHECK(fractions[c] == Approx(mean[c] / sum).epsilon(0).margin(1e-12));
        CHECK(deaths[c] == Approx(top[c] / squares * sum).epsilon(1e-7));
    }
}

TEST_CASE("deaths of equal weight have the fractions of deaths without, to the bit",
          "[va][prediction][weights]") {
    CauseSums weighed(2, 16, 5, Weighted::yes);
    for (std::uint64_t row = 0; row < 1000; ++row)
        weighed.add(row % 2, bucket_of(7, row, 16), row_of(row, 5), row % 6, 1);
    CauseSums const plain = summed(0, 1000);
    CHECK(fractions_of(weighed) == fractions_of(plain));
    CHECK(top_deaths_of(weighed) == top_deaths_of(plain));
    CHECK(weight_of(weighed).effective == 500);
    CHECK(weight_of(plain).effective == 500);
    CHECK(weight_of(CauseSums(1, 4, 2, Weighted::yes)).effective == 0);
}

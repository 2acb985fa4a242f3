#include "base/stats/paired_tests.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "../../python_peer.hpp"
#include "base/stats/bootstrap.hpp"

using namespace vaster;
using stats::ExactTest;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<std::int64_t> signs(std::size_t plus, std::size_t minus, std::size_t zeros) {
    std::vector<std::int64_t> differences(plus, 1);
    differences.insert(differences.end(), minus, -1);
    differences.insert(differences.end(), zeros, 0);
    return differences;
}

}  // namespace

TEST_CASE("McNemar's exact test is what a pencil gives", "[stats][paired]") {
    // 1 of 5: 2 (1 + 5) / 32; mid p: less by 5 / 32
    CHECK(stats::mcnemar_test(1, 4).p == Approx(12 / 32.).epsilon(1e-14));
    CHECK(stats::mcnemar_test(4, 1).p == stats::mcnemar_test(1, 4).p);
    CHECK(stats::mcnemar_test(1, 4).mid_p == Approx(7 / 32.).epsilon(1e-14));
    // 2 of 4: P(X = 2) = 6 / 16
    CHECK(stats::mcnemar_test(2, 2).p == 1);
    CHECK(stats::mcnemar_test(2, 2).mid_p == Approx(1 - 3 / 16.).epsilon(1e-14));
    CHECK(stats::mcnemar_test(0, 0).p == 1);
    CHECK(stats::mcnemar_test(0, 0).mid_p == 1);
}

TEST_CASE("where each case was put once, the sign-flip test is McNemar's", "[stats][paired]") {
    auto const [plus, minus] =
        GENERATE(std::pair{0, 1}, std::pair{3, 3}, std::pair{30, 45}, std::pair{700, 400});
    CAPTURE(plus, minus);
    ExactTest const flips = stats::sign_flip_test(signs(plus, minus, 17));
    ExactTest const mcnemar = stats::mcnemar_test(plus, minus);
    CHECK(flips.p == Approx(mcnemar.p).epsilon(1e-10));
    CHECK(flips.mid_p == Approx(mcnemar.mid_p).epsilon(1e-10));
    CHECK(stats::sign_flip_test({}).p == 1);
}

TEST_CASE("paired tests agree with SciPy and with the enumeration of all signs", "[stats][paired][peer]") {
    std::vector<std::uint64_t> const mcnemar{3, 12, 50, 50, 211, 164, 0, 9, 900, 610};
    std::vector<std::vector<std::int64_t>> const flips{
        {5, -2, 1, 1, 0, -3, 2, 4}, {-1, -1, -5, 2}, {3, -3}, {5, 5, 5, 4, 2, -1, 1, 1, -2, 3, 3, 1, 5}};
    std::vector<double> const differences{0.031, -0.004, 0.022, 0.052, 0.017, 0.009, 0.040};
    std::vector<double> const p_values{0.012, 0.4, 0.003, 0.04, 0.04, 0.9, 0.0005};
    using testing::number_line;
    std::string input = number_line("mcnemar", mcnemar) + number_line("t", differences) +
                        number_line("ratio", std::vector{0.25}) + number_line("holm", p_values);
    for (std::size_t i = 0; i < flips.size(); ++i) input += number_line(fmt::format("flips_{}", i), flips[i]);
    auto const peer =
        testing::ask_python(VASTER_SOURCE_DIR "/tests/unit/base/stats/paired_tests_peer.py", input);
    if (!peer) {
        WARN("skipped: /usr/bin/python3 with SciPy is not here");
        return;
    }
    for (std::size_t i = 0; i < mcnemar.size(); i += 2) {
        ExactTest const test = stats::mcnemar_test(mcnemar[i], mcnemar[i + 1]);
        CAPTURE(mcnemar[i], mcnemar[i + 1]);
        CHECK(test.p == Approx(peer->at("mcnemar")[i]).epsilon(1e-9));
        CHECK(test.mid_p == Approx(peer->at("mcnemar")[i + 1]).epsilon(1e-9));
    }
    for (std::size_t i = 0; i < flips.size(); ++i) {
        ExactTest const test = stats::sign_flip_test(flips[i]);
        CAPTURE(i);
        CHECK(test.p == Approx(peer->at(fmt::format("flips_{}", i))[0]).epsilon(1e-12));
        CHECK(test.mid_p == Approx(peer->at(fmt::format("flips_{}", i))[1]).epsilon(1e-12));
    }
    auto const t = stats::corrected_resampled_t(differences, 0.25);
    std::vector<double> const found{t.mean, t.standard_error, t.interval.lo, t.interval.hi, t.p};
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(peer->at("t")[i]).epsilon(1e-8));
    CHECK(stats::corrected_resampled_t(differences, 0).p == Approx(peer->at("plain_t")[0]).epsilon(1e-8));
    auto const adjusted = stats::holm_adjusted(p_values);
    for (std::size_t i = 0; i < p_values.size(); ++i)
        CHECK(adjusted[i] == Approx(peer->at("holm")[i]).epsilon(1e-14));
}

TEST_CASE("the corrected t needs two values and some spread", "[stats][paired]") {
    CHECK(std::isnan(stats::corrected_resampled_t({}, 0.25).mean));
    auto const one = stats::corrected_resampled_t(std::vector{0.1}, 0.25);
    CHECK(one.mean == 0.1);
    CHECK(std::isnan(one.p));
    CHECK(std::isnan(one.interval.lo));
    CHECK(stats::corrected_resampled_t(std::vector{0.5, 0.5}, 0.25).p == 0);
    CHECK(std::isnan(stats::corrected_resampled_t(std::vector{0.0, 0.0}, 0.25).p));
}

TEST_CASE("a bootstrap's p counts the resamples that lie as far from their mean as the estimate from 0",
          "[stats][paired]") {
    std::vector<double> const resamples{1, 2, 3, 4};  // 1.5, 0.5, 0.5 and 1.5 from 2.5
    CHECK(stats::shifted_bootstrap_p(resamples, 1.5) == Approx(3.0 / 5));
    CHECK(stats::shifted_bootstrap_p(resamples, -1.6) == Approx(1.0 / 5));
    CHECK(stats::shifted_bootstrap_p(resamples, 0) == 1);
    CHECK(stats::shifted_bootstrap_p(std::vector<double>{0, 0}, 0) == 1);  // two models that say the same
    CHECK(std::isnan(stats::shifted_bootstrap_p({}, 0.5)));
    CHECK(std::isnan(stats::shifted_bootstrap_p(resamples, missing)));
}

TEST_CASE("the smallest p of a sign-flip test is that of differences of one sign", "[stats][paired]") {
    CHECK(stats::smallest_sign_flip_p(0) == 1);
    for (std::size_t n = 1; n < 8; ++n)
        CHECK(stats::smallest_sign_flip_p(n) ==
              Approx(stats::sign_flip_test(std::vector<std::int64_t>(n, 1)).p));
}

TEST_CASE("Holm's adjustment keeps order, leaves missing values out of the family", "[stats][paired]") {
    auto const adjusted = stats::holm_adjusted(std::vector{0.04, missing, 0.01, 0.03});
    CHECK(adjusted[0] == Approx(0.06));  // not 0.04: never below that of a smaller p
    CHECK(std::isnan(adjusted[1]));
    CHECK(adjusted[2] == Approx(0.03));
    CHECK(adjusted[3] == Approx(0.06));
    CHECK(stats::holm_adjusted(std::vector{0.6, 0.7})[0] == 1);
    CHECK(stats::holm_adjusted({}).empty());
}

TEST_CASE("a bootstrap sample as counts is the sample as indices", "[stats][bootstrap]") {
    std::vector<std::uint32_t> indices(40);
    std::vector<std::uint32_t> counts(40);
    Random one(5), other(5);
    for (int r = 0; r < 3; ++r) {
        stats::resample(one, indices);
        stats::resample_counts(other, counts);
        std::vector<std::uint32_t> expected(40);
        for (std::uint32_t const index : indices) ++expected[index];
        CHECK(counts == expected);
    }
}

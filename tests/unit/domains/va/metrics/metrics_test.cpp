#include "domains/va/metrics/metrics.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;

namespace {

using Causes = std::vector<std::uint32_t>;

/// NaN equals NaN here.
void check_equal(std::vector<double> const& seen, std::vector<double> const& expected) {
    CAPTURE(seen, expected);
    REQUIRE(seen.size() == expected.size());
    for (std::size_t i = 0; i < seen.size(); ++i)
        CHECK((std::isnan(expected[i]) ? std::isnan(seen[i])
                                       : seen[i] == Approx(expected[i]).epsilon(1e-14).margin(1e-15)));
}

constexpr double none = std::numeric_limits<double>::quiet_NaN();

// Five deaths, three causes; the last row has a tie at the top. Top causes: 0 1 1 1 0.
Causes const truth{0, 0, 1, 1, 2};
std::vector<double> const probability{0.6, 0.3, 0.1,  //
                                      0.3, 0.5, 0.2,  //
                                      0.2, 0.7, 0.1,  //
                                      0.0, 1.0, 0.0,  //
                                      0.5, 0.5, 0.0};

}  // namespace

TEST_CASE("all metrics of a small case are what a pencil gives", "[va][metrics]") {
    auto const scores = va::score(truth, probability, 3);
    CHECK(scores.n_deaths == 5);
    CHECK(scores.n_causes == 3);
    CHECK(scores.cod_accuracy == Approx(3.0 / 5));
    CHECK(scores.top3_accuracy == 1);
    CHECK(scores.top5_accuracy == 1);
    // T = (2 2 1)/5, P = (2 3 0)/5: 1 - (2/5) / (2 (1 - 1/5))
    CHECK(scores.csmf_accuracy == Approx(0.75));
    CHECK(scores.csmf_accuracy_union == Approx(0.75));
    CHECK(scores.cccsmf_accuracy == Approx(1 - 0.25 * std::exp(1.0)));
    // mean of rows (0.32 0.60 0.08): 1 - (0.08 + 0.20 + 0.12) / 1.6
    CHECK(scores.csmf_accuracy_posterior == Approx(0.75));
    CHECK(scores.csmf_accuracy_probabilities == Approx(0.75));
    CHECK(scores.mean_ccc == Approx(0.25));
    CHECK(scores.log_loss == Approx(-(std::log(0.6) + std::log(0.3) + std::log(0.7) + std::log(1e-15)) / 5));
    CHECK(scores.brier == Approx((0.26 + 0.78 + 0.14 + 0 + 1.5) / 5));
    check_equal(scores.causes.sensitivity, {0.5, 1, 0});
    check_equal(scores.causes.specificity, {2.0 / 3, 2.0 / 3, 1});
    check_equal(scores.causes.precision, {0.5, 2.0 / 3, none});
    check_equal(scores.causes.f1, {0.5, 0.8, 0});
    check_equal(scores.causes.ccc, {0.25, 1, -0.5});
    check_equal(scores.csmf_true, {0.4, 0.4, 0.2});
    check_equal(scores.csmf_pred, {0.4, 0.6, 0});
    check_equal(scores.csmf_own, {0.32, 0.6, 0.08});
    CHECK(scores.confusion == Causes{1, 1, 0, 0, 2, 0, 1, 0, 0});
}

TEST_CASE("the model's own fractions are what the posterior CSMF accuracy looks at", "[va][metrics]") {
    CHECK(va::score(truth, probability, 3, std::vector{0.4, 0.4, 0.2}).csmf_accuracy_posterior == Approx(1));
    CHECK(va::score(truth, probability, 3, std::vector{0.4, 0.4, 0.2}).csmf_accuracy_probabilities ==
          Approx(0.75));
    CHECK(std::isnan(va::score_top(truth, Causes{0, 1, 1, 1, 0}, 3).csmf_accuracy_probabilities));
    CHECK(va::score(truth, probability, 3, std::vector{0.2, 0.4, 0.4}).csmf_accuracy_posterior ==
          Approx(0.75));
    CHECK(
        va::score_top(truth, Causes{0, 1, 1, 1, 0}, 3, std::vector{0.4, 0.4, 0.2}).csmf_accuracy_posterior ==
        Approx(1));
}

TEST_CASE("a model without probabilities has no metrics of probabilities", "[va][metrics]") {
    auto const scores = va::score_top(truth, Causes{0, 1, 1, 1, 0}, 3);
    CHECK(std::isnan(scores.top3_accuracy));
    CHECK(std::isnan(scores.top5_accuracy));
    CHECK(std::isnan(scores.csmf_accuracy_posterior));
    CHECK(std::isnan(scores.log_loss));
    CHECK(std::isnan(scores.brier));
    CHECK(scores.csmf_own.empty());
    auto const full = va::score(truth, probability, 3);
    CHECK(scores.cod_accuracy == full.cod_accuracy);
    CHECK(scores.csmf_accuracy == full.csmf_accuracy);
    CHECK(scores.mean_ccc == full.mean_ccc);
    CHECK(scores.confusion == full.confusion);
    check_equal(scores.causes.precision, full.causes.precision);
}

TEST_CASE("a predicted cause that is absent from the truth counts, and the value is clipped at 0",
          "[va][metrics]") {
    // T = (2 2 0 0), P = (2 0 0 2): 1 - 4 / (2 (4 - 2)) = 0; union minimum 0: 1 - 4 / 8
    auto const half = va::score_top(Causes{0, 0, 1, 1}, Causes{0, 0, 3, 3}, 4);
    CHECK(half.csmf_accuracy == 0);
    CHECK(half.csmf_accuracy_union == 0.5);
    // T = (1 1 0 0), P = (0 0 0 2): the formula gives -1
    auto const worse = va::score_top(Causes{0, 1}, Causes{3, 3}, 4);
    CHECK(worse.csmf_accuracy == 0);
    CHECK(worse.csmf_accuracy_union == 0);
    CHECK(worse.cccsmf_accuracy == Approx(1 - std::exp(1.0)));
    // A cause of the study that neither occurs nor is predicted changes nothing.
    CHECK(va::score_top(Causes{0, 0, 1, 1}, Causes{0, 0, 0, 1}, 9).csmf_accuracy_union == 0.5);
}

TEST_CASE("a truth of one cause gives CSMF accuracy 1 or 0", "[va][metrics]") {
    auto const right = va::score_top(Causes{1, 1, 1}, Causes{1, 1, 1}, 3);
    CHECK(right.csmf_accuracy == 1);
    CHECK(right.csmf_accuracy_union == 1);
    CHECK(right.mean_ccc == 1);
    auto const wrong = va::score_top(Causes{1, 1, 1}, Causes{1, 1, 0}, 3);
    CHECK(wrong.csmf_accuracy == 0);
    CHECK(wrong.csmf_accuracy_union == Approx(1 - 2.0 / 6));
    std::vector<double> const one{0, 1, 0};
    CHECK(va::csmf_accuracy(one, std::vector<double>{0, 1 - 1e-12, 1e-12}) == 1);
    CHECK(va::csmf_accuracy(one, std::vector<double>{0, 0.99, 0.01}) == 0);
}

TEST_CASE("0/0 is missing, never 0", "[va][metrics]") {
    auto const scores = va::score_top(Causes{0, 0}, Causes{0, 0}, 2);
    check_equal(scores.causes.sensitivity, {1, none});
    check_equal(scores.causes.specificity, {none, 1});
    check_equal(scores.causes.precision, {1, none});
    check_equal(scores.causes.f1, {1, none});
    check_equal(scores.causes.ccc, {1, none});
    CHECK(scores.mean_ccc == 1);  // over the causes present in the truth
}

TEST_CASE("one death is a test set", "[va][metrics]") {
    auto const scores = va::score(Causes{2}, std::vector{0.2, 0.5, 0.3}, 3);
    CHECK(scores.cod_accuracy == 0);
    CHECK(scores.csmf_accuracy == 0);
    CHECK(scores.csmf_accuracy_union == 0);
    CHECK(scores.csmf_accuracy_posterior == 0);
    CHECK(scores.mean_ccc == Approx(-0.5));
    CHECK(scores.log_loss == Approx(-std::log(0.3)));
    CHECK(scores.brier == Approx(0.04 + 0.25 + 0.49));
}

TEST_CASE("a study of one cause has accuracies, but no concordance beyond chance", "[va][metrics]") {
    auto const scores = va::score(Causes{0, 0}, std::vector{1.0, 1.0}, 1);
    CHECK(scores.cod_accuracy == 1);
    CHECK(scores.csmf_accuracy == 1);
    CHECK(scores.log_loss == 0);
    CHECK(std::isnan(scores.mean_ccc));
}

TEST_CASE("no deaths have no metrics", "[va][metrics]") {
    auto const scores = va::score({}, {}, 3);
    CHECK(scores.n_deaths == 0);
    for (double const value :
         {scores.cod_accuracy, scores.top3_accuracy, scores.top5_accuracy, scores.csmf_accuracy,
          scores.csmf_accuracy_union, scores.csmf_accuracy_posterior, scores.cccsmf_accuracy, scores.mean_ccc,
          scores.log_loss, scores.brier})
        CHECK(std::isnan(value));
}

TEST_CASE("equally probable causes rank by index", "[va][metrics]") {
    std::vector<double> const equal(7, 1.0 / 7);
    for (std::uint32_t t = 0; t < 7; ++t) {
        auto const scores = va::score(Causes{t}, equal, 7);
        CAPTURE(t);
        CHECK(scores.cod_accuracy == (t < 1 ? 1 : 0));
        CHECK(scores.top3_accuracy == (t < 3 ? 1 : 0));
        CHECK(scores.top5_accuracy == (t < 5 ? 1 : 0));
    }
    CHECK(va::most_probable(std::vector{0.2, 0.4, 0.4}, 2) == Causes{1, 2});
    CHECK(va::most_probable(std::vector{0.3, 0.3, 0.4}, 2) == Causes{2, 0});
    CHECK(va::most_probable(std::vector{0.3, 0.7}, 5) == Causes{1, 0});
}

TEST_CASE("chance-corrected CSMF accuracy is 1 at 1 and 0 at chance", "[va][metrics]") {
    CHECK(va::chance_corrected(1) == Approx(1));
    CHECK(va::chance_corrected(1 - std::exp(-1.0)) == Approx(0).margin(1e-15));
    CHECK(std::isnan(va::chance_corrected(none)));
}

TEST_CASE("rows that are not distributions are refused by name", "[va][metrics]") {
    auto const message = [](std::vector<double> const& row) {
        try {
            (void)va::score(Causes{0, 0}, row, 2);
        } catch (ModelError const& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK(message({0.5, 0.5, none, 1}) == "the model gave test death 1 the probability nan");
    CHECK(message({0.5, 0.5, -0.25, 1.25}) == "the model gave test death 1 the probability -0.25");
    CHECK(message({0.5, 0.25, 0.5, 0.5}) == "the model's probabilities for test death 0 sum to 0.75, not 1");
    CHECK(message({0.5, 0.500001, 0.5, 0.5}) == "accepted");
}

TEST_CASE("equal weights change no bit of any metric", "[va][metrics][weights]") {
    Causes const truth{0, 1, 2, 1, 0};
    std::vector<double> const probability{0.5, 0.3, 0.2, 0.1, 0.2, 0.7, 0.3, 0.3,
                                          0.4, 0.2, 0.6, 0.2, 0.1, 0.8, 0.1};
    std::vector<double> const equal(5, 4.0);
    auto const plain = va::score(truth, probability, 3);
    auto const weighted = va::score(truth, probability, 3, {}, equal);
    CHECK(plain.csmf_accuracy == weighted.csmf_accuracy);
    CHECK(plain.cod_accuracy == weighted.cod_accuracy);
    CHECK(plain.mean_ccc == weighted.mean_ccc);
    CHECK(plain.log_loss == weighted.log_loss);
    CHECK(plain.brier == weighted.brier);
    CHECK(plain.csmf_true == weighted.csmf_true);
    CHECK(plain.confusion == weighted.confusion);
}

TEST_CASE("a death of weight two counts as two deaths, but in the numbers of deaths",
          "[va][metrics][weights]") {
    auto const weighted = va::score_top(Causes{0, 1, 2}, Causes{0, 2, 2}, 3, {}, std::vector{2.0, 1.0, 1.0});
    auto const repeated = va::score_top(Causes{0, 0, 1, 2}, Causes{0, 0, 2, 2}, 3);
    CHECK(weighted.csmf_accuracy == repeated.csmf_accuracy);
    CHECK(weighted.csmf_accuracy_union == repeated.csmf_accuracy_union);
    CHECK(weighted.cod_accuracy == 0.75);
    CHECK(weighted.causes.precision[0] == repeated.causes.precision[0]);
    CHECK(weighted.causes.precision[2] == repeated.causes.precision[2]);
    CHECK(weighted.causes.specificity == repeated.causes.specificity);
    CHECK(weighted.csmf_true == std::vector{0.5, 0.25, 0.25});
    CHECK(weighted.n_deaths == 3);
    CHECK(weighted.confusion[0] == 1);
}

TEST_CASE("one cause in the truth has a CSMF accuracy of one or nothing whatever the weights",
          "[va][metrics][weights]") {
    std::vector<double> const weights{0.1, 0.2, 0.7000001};
    CHECK(va::score_top(Causes{1, 1, 1}, Causes{1, 1, 1}, 3, {}, weights).csmf_accuracy == 1);
    CHECK(va::score_top(Causes{1, 1, 1}, Causes{1, 1, 0}, 3, {}, weights).csmf_accuracy == 0);
    auto const several = va::score_top(Causes{0, 1, 2}, Causes{0, 1, 2}, 3, {}, weights);
    CHECK(several.cod_accuracy == 1);
    CHECK(several.csmf_accuracy == 1);
    CHECK(std::isnan(
        va::score_top(Causes{1, 1}, Causes{1, 0}, 3, {}, std::vector{0.1, 0.2}).causes.specificity[1]));
}

TEST_CASE("equal weights have the effective number of the deaths, unequal ones a smaller one",
          "[va][metrics][weights]") {
    CHECK(va::weight_sums(std::vector{2.0, 2.0, 2.0}).effective == Approx(3));
    auto const sums = va::weight_sums(std::vector{1.0, 3.0});
    CHECK(sums.sum == 4);
    CHECK(sums.effective == Approx(1.6));  // 16 / 10
    CHECK(va::weight_sums({}).effective == 0);
}

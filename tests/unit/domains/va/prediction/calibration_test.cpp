#include "domains/va/prediction/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;
using vaster::testing::TemporaryFolder;

namespace {

using Reals = std::vector<double>;

Reals const shares_of_three{.7, .2, .1, .3, .6, .1, .1, .3, .6};

/// log likelihood a death.
double likelihood(Reals const& assigned, Reals const& shares, Reals const& fractions) {
    std::size_t const n = assigned.size();
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) {
        double expected = 0;
        for (std::size_t i = 0; i < n; ++i) expected += fractions[i] * shares[i * n + j];
        sum += assigned[j] * std::log(expected);
    }
    return sum / std::accumulate(assigned.begin(), assigned.end(), 0.0);
}

/// The best of all fractions that are multiples of 1/400, by trying each.
Reals best_of_grid(Reals const& assigned) {
    constexpr int steps = 400;
    Reals best;
    double most = -1e300;
    for (int a = 0; a <= steps; ++a)
        for (int b = 0; a + b <= steps; ++b) {
            Reals const tried{a / 400.0, b / 400.0, (steps - a - b) / 400.0};
            double const value = likelihood(assigned, shares_of_three, tried);
            if (value <= most) continue;
            most = value;
            best = tried;
        }
    return best;
}

std::string refusal(std::string const& table) {
    TemporaryFolder const folder;
    try {
        (void)read_confusion(folder.file("matrix.csv", table), {"a", "b", "c"});
    } catch (DataError const& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("the most likely fractions are those that trying all of a grid finds", "[va][calibration]") {
    for (Reals const& assigned : {Reals{40, 35, 25}, Reals{90, 5, 5}, Reals{5, 5, 90}, Reals{0, 100, 0}}) {
        auto const found = most_likely_fractions(assigned, shares_of_three);
        auto const best = best_of_grid(assigned);
        for (std::size_t i = 0; i < 3; ++i) CHECK(found[i] == Approx(best[i]).margin(0.004));
        CHECK(likelihood(assigned, shares_of_three, found) >=
              likelihood(assigned, shares_of_three, best) - 1e-9);  // the gap
        CHECK(std::accumulate(found.begin(), found.end(), 0.0) == Approx(1));
    }
}

TEST_CASE("fractions that the matrix turns into the assigned ones are found again", "[va][calibration]") {
    Reals const truth{.5, .3, .2};
    Reals assigned(3, 0);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) assigned[j] += 1000 * truth[i] * shares_of_three[i * 3 + j];
    auto const found = most_likely_fractions(assigned, shares_of_three, 1e-13);
    for (std::size_t i = 0; i < 3; ++i) CHECK(found[i] == Approx(truth[i]).epsilon(1e-4));
}

TEST_CASE("a matrix without mistakes changes nothing", "[va][calibration]") {
    ConfusionCounts const exact{{1000000, 0, 0, 0, 1000000, 0, 0, 0, 1000000}, "test"};
    std::vector<double> const assigned{60, 30, 10};
    auto const found = calibrated_fractions(assigned, exact, 42);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(found[i].fraction == Approx(assigned[i] / 100).margin(1e-4));
        CHECK(found[i].lo < found[i].fraction);
        CHECK(found[i].hi > found[i].fraction);
    }
    // Of 100 deaths, 60 or so: the interval is that of a share, nearly.
    CHECK(found[0].hi - found[0].lo == Approx(2 * 1.96 * std::sqrt(.6 * .4 / 100)).epsilon(0.25));
}

TEST_CASE(
    "the fewer deaths a matrix has, the wider the interval, and no draw depends on anything but the seed",
    "[va][calibration]") {
    ConfusionCounts const few{{7, 2, 1, 3, 6, 1, 1, 3, 6}, "test"};
    ConfusionCounts many = few;
    for (auto& deaths : many.deaths) deaths *= 1000;
    std::vector<double> const assigned{4000, 3500, 2500};
    auto const wide = calibrated_fractions(assigned, few, 42);
    auto const narrow = calibrated_fractions(assigned, many, 42);
    for (std::size_t i = 0; i < 3; ++i) CHECK(wide[i].hi - wide[i].lo > 3 * (narrow[i].hi - narrow[i].lo));
    CHECK(calibrated_fractions(assigned, few, 42)[0].lo == wide[0].lo);
    CHECK(calibrated_fractions(assigned, few, 43)[0].lo != wide[0].lo);
}

TEST_CASE("without deaths there is nothing to correct, and an unseen pair is not impossible",
          "[va][calibration]") {
    ConfusionCounts const never{{10, 0, 0, 0, 10, 0, 0, 10, 0}, "test"};
    CHECK(std::isnan(calibrated_fractions(std::vector<double>{0, 0, 0}, never, 42)[0].fraction));
    auto const found = calibrated_fractions(std::vector<double>{0, 0, 5}, never, 42);
    for (auto const& one : found) CHECK((std::isfinite(one.fraction) && one.lo <= one.hi));
}

TEST_CASE("a matrix of one's own is read by names, and refused with the place", "[va][calibration]") {
    TemporaryFolder const folder;
    auto const path = folder.file("matrix.csv", "c,cause,a,b\n1,b,2,3\n4,a,5,6\n7,c,8,9\n");
    CHECK(read_confusion(path, {"a", "b", "c"}).deaths ==
          std::vector<std::uint64_t>{5, 6, 4, 2, 3, 1, 8, 9, 7});
    CHECK_THAT(refusal("cause,a,b,c\na,1,2,3\nb,1,2,3\n"), Contains("no row for 1") && Contains(": c"));
    CHECK_THAT(refusal("cause,a,b\na,1,2\n"), Contains("no column for 1") && Contains(": c"));
    CHECK_THAT(refusal("cause,a,b,c\na,1,2,3\na,1,2,3\n"), Contains("line 3") && Contains("twice"));
    CHECK_THAT(refusal("cause,a,b,c\na,1,2,3\nB,1,2,3\n"), Contains("did you mean 'b'"));
    CHECK_THAT(refusal("cause,a,b,c\na,1,2,0.5\n"),
               Contains("line 2") && Contains("column 'c'") && Contains("'0.5' is not a count"));
    CHECK_THAT(refusal("cause,a,b,c\na,1,2,3\nb,0,0,0\nc,1,1,1\n"),
               Contains("no death has the true cause b"));
    CHECK_THAT(refusal("kause,a,b,c\na,1,2,3\n"), Contains("cause"));
}

TEST_CASE("the model's own matrix is taken, where it has one of every cause", "[va][calibration]") {
    KeptModel model;
    model.causes = {"a", "b"};
    InnerResults inner;
    inner.design = "cv";
    inner.confusion = {3, 1, 2, 4};
    model.inner = {inner};
    CHECK(confusion_of(model, Calibrate::inner).deaths == inner.confusion);
    CHECK_THROWS_WITH(confusion_of(model, Calibrate::transfer),
                      Contains("no inner results of design leave_one_site_out"));
    model.inner[0].confusion = {3, 1, 0, 0};
    CHECK_THROWS_WITH(confusion_of(model, Calibrate::inner), Contains("no death has the true cause b"));
}

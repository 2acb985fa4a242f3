#include "domains/va/report/comparison_ranges.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

using namespace vaster;
using namespace vaster::va;

namespace {

/// A mean or difference of three sites' values with such a mean and standard error.
Estimate estimate_of(double mean, double standard_error) {
    stats::MeanTest const test{
        3, mean, standard_error, {mean - 4.3 * standard_error, mean + 4.3 * standard_error}, 0.5};
    return {3, 3, 3, mean, 0, test, {mean - 0.9, mean + 0.9}, 0, test};
}

}  // namespace

TEST_CASE("result columns know the values that they can have, those of groupings too",
          "[report][comparison]") {
    for (std::string const metric :
         {"csmf_accuracy", "csmf_accuracy_union", "cod_accuracy", "top3_accuracy", "cod_accuracy_cod5"}) {
        CHECK(range_of_metric(metric).lo == 0);
        CHECK(range_of_metric(metric).hi == 1);
    }
    CHECK(range_of_metric("cccsmf_accuracy_broad").lo == Approx(-1.718281828459045));
    CHECK(range_of_metric("mean_ccc").lo == -1);
    CHECK(range_of_metric("brier").hi == 2);
    CHECK(range_of_metric("log_loss").lo == 0);
    CHECK(std::isinf(range_of_metric("log_loss").hi));
    CHECK(std::isinf(range_of_metric("something_else").lo));
}

TEST_CASE("intervals of accuracies stay within 0 and 1, those of differences within -1 and 1",
          "[report][comparison]") {
    ModelComparison comparison;
    for (double const mean : {0.02, 0.46, 0.99, 1.0})
        comparison.means.push_back({{"in_domain", 1}, "a", "csmf_accuracy", 10, estimate_of(mean, 0.2)});
    ModelDifference difference;
    difference.metric = "cod_accuracy";
    difference.estimate = estimate_of(0.4, 0.3);
    comparison.differences.push_back(difference);
    bound_intervals(comparison);
    for (auto const& row : comparison.means) {
        auto const& estimate = row.estimate;
        for (auto const* interval :
             {&estimate.over_sites.interval, &estimate.over_repeats.interval, &estimate.over_deaths}) {
            CHECK(interval->lo >= 0);
            CHECK(interval->lo <= estimate.mean);
            CHECK(interval->hi >= estimate.mean);
            CHECK(interval->hi <= 1);
        }
    }
    auto const& bounded = comparison.differences.front().estimate;
    CHECK(bounded.over_sites.interval.lo == Approx(0.4 - 4.3 * 0.3));
    CHECK(bounded.over_sites.interval.hi == 1);
    CHECK(bounded.over_deaths.lo == Approx(-0.5));
}

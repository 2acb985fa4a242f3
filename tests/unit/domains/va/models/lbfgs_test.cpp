#include "domains/va/models/lbfgs.hpp"

#include <cmath>

#include <catch2/catch.hpp>

#include "sample_cohort.hpp"

using namespace vaster;
using models::minimise;

namespace {

using In = std::span<double const>;
using Out = std::span<double>;

/// sum_i (i + 1)^4 (x_i - i)^2 / 2: its minimum is x_i = i, its curvatures differ by 10^4.
double bowl(In x, Out gradient) {
    double value = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        double const curvature = std::pow(static_cast<double>(i) + 1, 4);
        double const off = x[i] - static_cast<double>(i);
        value += 0.5 * curvature * off * off;
        gradient[i] = curvature * off;
    }
    return value;
}

}  // namespace

TEST_CASE("L-BFGS finds the minimum of an elongated bowl", "[models][lbfgs]") {
    std::vector<double> x(10, -3.0);
    Watcher watcher;
    auto const result = minimise(bowl, x, {.tolerance = 1e-8}, watcher);
    CHECK(result.converged);
    CHECK(result.gradient_length <= 1e-8);
    CHECK(result.iterations < 200);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(i).margin(1e-8));
}

TEST_CASE("L-BFGS converges where the value is large beside its differences", "[models][lbfgs]") {
    // 1e9 swallows all decreases below 1e-7.
    std::vector<double> x(10, -3.0);
    Watcher watcher;
    auto const shifted = [](In at, Out gradient) { return 1e9 + bowl(at, gradient); };
    CHECK(minimise(shifted, x, {.tolerance = 1e-6}, watcher).converged);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(i).margin(1e-6));
}

TEST_CASE("L-BFGS says so when it has not converged, with the best point found", "[models][lbfgs]") {
    std::vector<double> x(10, -3.0);
    std::vector<double> gradient(10);
    double const start = bowl(x, gradient);
    Watcher watcher;
    auto const result = minimise(bowl, x, {.max_iterations = 3}, watcher);
    CHECK_FALSE(result.converged);
    CHECK(result.iterations == 3);
    CHECK(bowl(x, gradient) < start);
}

TEST_CASE("L-BFGS ends unconverged on a function without minimum", "[models][lbfgs]") {
    std::vector<double> x{0};
    Watcher watcher;
    auto const line = [](In at, Out gradient) {
        gradient[0] = 1;
        return at[0];
    };
    CHECK_FALSE(minimise(line, x, {.max_iterations = 50}, watcher).converged);
}

TEST_CASE("L-BFGS at the minimum stays there", "[models][lbfgs]") {
    std::vector<double> x{0, 1, 2};
    testing::CountingWatcher watcher(100);
    auto const result = minimise(bowl, x, {}, watcher);
    CHECK(result.converged);
    CHECK(result.iterations == 0);
    CHECK(watcher.asked == 1);
    CHECK(x == std::vector<double>{0, 1, 2});
}

#include "domains/service/solve/formula.hpp"

#include <cmath>

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::service::solve;
using Catch::Contains;

namespace {

std::vector<std::string> const names{"x", "y"};

}  // namespace

TEST_CASE("derivatives of formulas agree with differences", "[service][solve][formula]") {
    // Central differences with step 1e-5: an error of 1e-9 or so for these.
    std::vector<double> const point{0.7, 1.3};
    for (auto const* const text : {"x^3 * y - 2/x", "exp(x*y) + log(y) - sqrt(x)", "sin(2*pi*x) * cos(y)",
                                   "x^y", "(x + y)^2 / (1 + x^2)", "abs(x - y) + max(x, y, 1) - min(x, 2)",
                                   "if(x < y, x^2, y^2)", "-x^-1.5 + y"}) {
        INFO(text);
        Formula const formula(text, names);
        auto const slopes = formula.gradient(point);
        REQUIRE(slopes.size() == 2);
        for (std::size_t i = 0; i < 2; ++i) {
            auto ahead = point;
            auto behind = point;
            ahead[i] += 1e-5;
            behind[i] -= 1e-5;
            CHECK(slopes[i] ==
                  Approx((formula.value(ahead) - formula.value(behind)) / 2e-5).margin(1e-7).epsilon(1e-7));
        }
    }
}

TEST_CASE("a power of a negative number has a derivative where the exponent is a number",
          "[service][solve][formula]") {
    Formula const formula("x^3 + x^2 + x^1 + x^0", {"x"});
    CHECK(formula.gradient(std::vector{-2.0}) == std::vector{12.0 - 4.0 + 1.0});
    CHECK(Formula("x^2", {"x"}).gradient(std::vector{0.0}) == std::vector{0.0});
}

TEST_CASE("polynomials of degree two are found, and nothing else", "[service][solve][formula]") {
    auto const polynomial = Formula("(x - 2*y)^2 + 3*x*y/2 - (4 - x) + y^1 + 2^3", names).quadratic();
    REQUIRE(polynomial);
    CHECK(polynomial->constant == 4);
    CHECK(polynomial->linear == std::map<std::size_t, double>{{0, 1}, {1, 1}});
    CHECK(polynomial->squares ==
          std::map<std::pair<std::size_t, std::size_t>, double>{{{0, 0}, 1}, {{0, 1}, -2.5}, {{1, 1}, 4}});
    CHECK(Formula("x*y - y*x + x", names).quadratic()->squares.empty());
    for (auto const* const text : {"x^3", "x*y*x", "1/x", "exp(x)", "x^y", "if(x > 1, x, y)", "abs(x)"})
        CHECK_FALSE(Formula(text, names).quadratic());
}

TEST_CASE("a quadratic is convex when its matrix is positive semidefinite", "[service][solve][formula]") {
    auto const convex = [](char const* text) { return is_convex(*Formula(text, names).quadratic()); };
    CHECK(convex("x^2 + y^2"));
    CHECK(convex("(x - y)^2"));
    CHECK(convex("x^2 + x*y + y^2"));
    CHECK(convex("x + y"));
    CHECK_FALSE(convex("x*y"));
    CHECK_FALSE(convex("x^2 - 0.001*y^2"));
    CHECK_FALSE(convex("x^2 + 3*x*y + y^2"));
    CHECK(is_concave(*Formula("x - y^2", names).quadratic()));
}

TEST_CASE("formulas of problems are made of numbers", "[service][solve][formula]") {
    CHECK_THROWS_WITH(Formula("x + 'a'", names), Contains("is a text"));
    CHECK_THROWS_WITH(Formula("x <= 2", names), Contains("'x <= 2' is true or false") && Contains("'upper'"));
    CHECK_THROWS_WITH(Formula("missing(x)", names), Contains("nothing is missing"));
    CHECK_THROWS_WITH(Formula("if(x, 1, 2)", names), Contains("is a number, where true or false"));
    CHECK_THROWS_WITH(Formula("x + z", names), Contains("'z' is not a variable") && !Contains("texts"));
    CHECK(std::isnan(Formula("log(x - 5)", names).value(std::vector{1.0, 1.0})));
    CHECK_FALSE(Formula("abs(x)", names).is_smooth());
    CHECK(Formula("pi * x", names).value(std::vector{1.0, 0.0}) == Approx(3.14159265358979));
    CHECK(Formula("pi * x", {"x", "pi"}).value(std::vector{1.0, 2.0}) == 2);
}

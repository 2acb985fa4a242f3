#include <cmath>

#include <catch2/catch.hpp>

#include "domains/va/models/catalogue.hpp"
#include "domains/va/models/features.hpp"
#include "sample_cohort.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;

namespace {

Parameters weights(std::string const& rule, double power, double several) {
    Parameters parameters(models::with_weight_parameters({}, "none"));
    parameters.set("class_weight", rule);
    parameters.set("weight_power", power);
    parameters.set("weight_power_several", several);
    return parameters;
}

}  // namespace

TEST_CASE("the power of a death's weight is said by three keys, the narrowest first", "[models][weights]") {
    auto const cohort = testing::sample_cohort(6, 3, {0, 1}, Random(1));
    auto one = cohort.training(3);
    auto several = one;
    std::vector<std::uint32_t> const sites{0, 0, 1, 0, 0, 0};
    std::vector<std::uint32_t> const same(6, 4);
    several.sites = sites;
    several.n_sites = 5;
    auto of_one_number = one;
    of_one_number.sites = same;
    of_one_number.n_sites = 5;
    for (auto const& set : {one, of_one_number}) {
        CHECK(models::weight_power(weights("none", -1, 0.5), set) == 0);
        CHECK(models::weight_power(weights("balanced", -1, 0.5), set) == 1);
        CHECK(models::weight_power(weights("balanced", 0.75, 0.5), set) == 0.75);
    }
    CHECK(models::weight_power(weights("none", -1, -1), several) == 0);
    CHECK(models::weight_power(weights("balanced", -1, -1), several) == 1);
    CHECK(models::weight_power(weights("balanced", 0.75, -1), several) == 0.75);
    CHECK(models::weight_power(weights("balanced", 0.75, 0), several) == 0);
}

TEST_CASE("weights are the powers of n / (K n_c), and of mean one over the deaths where that is asked",
          "[models][weights]") {
    models::PresentCauses const present{{0, 2, 5}, {10, 30, 60}, std::vector<std::uint32_t>(100, 0)};
    auto const power = GENERATE(0.0, 0.3, 0.75, 1.0, 1.5);
    auto const raw = models::class_weights(present, power);
    auto const scaled = models::class_weights_of_mean_one(present, power);
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
        double const n_c = static_cast<double>(present.counts[k]);
        CHECK(raw[k] == Approx(std::pow(100 / (3 * n_c), power)));
        CHECK(scaled[k] / scaled[0] == Approx(raw[k] / raw[0]));
        sum += n_c * scaled[k];
    }
    CHECK(sum == Approx(100));
}

TEST_CASE("every model with weights has the power, and refuses one below 0", "[models][weights]") {
    models::Catalogue const catalogue;
    for (char const* name : {"xgboost", "random_forest", "logistic_regression"}) {
        auto const& model = catalogue.at(name);
        Parameters parameters(model.parameters);
        parameters.set("weight_power", -0.5);
        CHECK_THROWS_AS((void)model.make(parameters, models::MissingPolicy::absent), ConfigError);
        auto const cohort = testing::sample_cohort(150, 8, {0, 0, 0, 1}, Random(2));
        parameters.set("weight_power", 0.0);
        auto const none =
            testing::predicted(*testing::fitted(model, cohort.training(2), {}, parameters), cohort.deaths());
        parameters.set("weight_power", 0.5);
        auto const half =
            testing::predicted(*testing::fitted(model, cohort.training(2), {}, parameters), cohort.deaths());
        CHECK(none.probability != half.probability);
    }
}

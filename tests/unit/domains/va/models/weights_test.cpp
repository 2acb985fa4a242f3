#include <algorithm>
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
    std::vector<double> const totals{10, 30, 60};
    CHECK(models::class_totals({{va::AnswerMatrix(), {}}, {}, 6}, present) == totals);
    auto const raw = models::class_weights(totals, power);
    auto const scaled = models::class_weights_of_mean_one(totals, power);
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

namespace {

/// Every third death counts for three, the others for one: as weights, and as rows that are there so often.
struct WeightedAndRepeated {
    testing::SampleCohort weighted = testing::sample_cohort(240, 12, {0, 1, 3}, Random(41));
    std::vector<double> weights;
    std::vector<std::uint32_t> weighted_sites;
    testing::SampleCohort repeated = weighted;
    std::vector<std::uint32_t> repeated_sites;

    WeightedAndRepeated() {
        repeated.rows.clear();
        repeated.causes.clear();
        for (std::size_t i = 0; i < weighted.rows.size(); ++i) {
            std::size_t const times = i % 3 == 0 ? 3 : 1;
            std::uint32_t const site = i % 7 < 4 ? 0 : 1;
            weights.push_back(static_cast<double>(times));
            weighted_sites.push_back(site);
            repeated.rows.insert(repeated.rows.end(), times, weighted.rows[i]);
            repeated.causes.insert(repeated.causes.end(), times, weighted.causes[i]);
            repeated_sites.insert(repeated_sites.end(), times, site);
        }
    }

    [[nodiscard]] models::TrainingSet by_weight() const {
        auto set = weighted.training(4);
        set.weights = weights;
        set.sites = weighted_sites;
        set.n_sites = 2;
        return set;
    }

    [[nodiscard]] models::TrainingSet by_rows() const {
        auto set = repeated.training(4);
        set.sites = repeated_sites;
        set.n_sites = 2;
        return set;
    }
};

/// Between what a model says of deaths after either training.
double largest_difference(models::Model const& model, Parameters const& parameters,
                          models::MissingPolicy policy, models::TrainingSet const& a,
                          models::TrainingSet const& b, models::Deaths const& test) {
    auto const of_a = testing::predicted(*testing::fitted(model, a, policy, parameters), test).probability;
    auto const of_b = testing::predicted(*testing::fitted(model, b, policy, parameters), test).probability;
    double largest = 0;
    for (std::size_t j = 0; j < of_a.size(); ++j) largest = std::max(largest, std::abs(of_a[j] - of_b[j]));
    return largest;
}

}  // namespace

TEST_CASE("a regression takes a death of weight 3 as three deaths", "[models][weights]") {
    WeightedAndRepeated const deaths;
    auto const policy =
        GENERATE(models::MissingPolicy::absent, models::MissingPolicy::nan, models::MissingPolicy::ordinal);
    auto const* const centre = GENERATE("none", "site");
    auto const power = GENERATE(0.0, 0.5, 1.0);
    auto const model = models::Catalogue().at("logistic_regression");
    Parameters parameters(model.parameters);
    parameters.set("centre", std::string(centre));
    parameters.set("weight_power", power);
    parameters.set("tolerance", 1e-9);
    CAPTURE(centre, power);
    CHECK(largest_difference(model, parameters, policy, deaths.by_weight(), deaths.by_rows(),
                             deaths.weighted.deaths()) < 1e-8);
    auto unweighted = deaths.by_weight();
    unweighted.weights = {};
    CHECK(largest_difference(model, parameters, policy, deaths.by_weight(), unweighted,
                             deaths.weighted.deaths()) > 1e-3);
}

TEST_CASE("boosted trees take a death of weight 3 as three deaths", "[models][weights]") {
    WeightedAndRepeated const deaths;
    auto const policy =
        GENERATE(models::MissingPolicy::absent, models::MissingPolicy::nan, models::MissingPolicy::ordinal);
    auto const* const method = GENERATE("hist", "exact");
    auto const power = GENERATE(0.0, 1.0);
    auto const model = models::Catalogue().at("xgboost");
    Parameters parameters(model.parameters);
    parameters.set("tree_method", std::string(method));
    parameters.set("weight_power", power);
    parameters.set("rounds", std::int64_t{10});
    parameters.set("max_depth", std::int64_t{3});
    CAPTURE(method, power);
    // The library adds up in single precision, in another order.
    CHECK(largest_difference(model, parameters, policy, deaths.by_weight(), deaths.by_rows(),
                             deaths.weighted.deaths()) < 1e-4);
    auto unweighted = deaths.by_weight();
    unweighted.weights = {};
    CHECK(largest_difference(model, parameters, policy, deaths.by_weight(), unweighted,
                             deaths.weighted.deaths()) > 1e-2);
}

TEST_CASE("a tree on all deaths takes one of weight 3 as three deaths", "[models][weights]") {
    WeightedAndRepeated const deaths;
    auto const policy =
        GENERATE(models::MissingPolicy::absent, models::MissingPolicy::nan, models::MissingPolicy::ordinal);
    auto const power = GENERATE(0.0, 1.0);
    auto const model = models::Catalogue().at("random_forest");
    Parameters parameters(model.parameters);
    parameters.set("trees", std::int64_t{1});
    parameters.set("draw", std::string("without_replacement"));
    parameters.set("features", 1.0);
    parameters.set("max_depth", std::int64_t{4});
    parameters.set("weight_power", power);
    CHECK(largest_difference(model, parameters, policy, deaths.by_weight(), deaths.by_rows(),
                             deaths.weighted.deaths()) < 1e-6);
    auto unweighted = deaths.by_weight();
    unweighted.weights = {};
    CHECK(largest_difference(model, parameters, policy, deaths.by_weight(), unweighted,
                             deaths.weighted.deaths()) > 1e-2);
}

TEST_CASE("weights that are all 1 change nothing, to the byte", "[models][weights]") {
    auto const* const name =
        GENERATE("xgboost", "random_forest", "logistic_regression", "naive_bayes", "tariff");
    auto const* const rule = GENERATE("none", "balanced");
    models::Catalogue const catalogue;
    auto const& model = catalogue.at(name);
    REQUIRE(model.takes_weights);
    auto const cohort = testing::sample_cohort(200, 10, {0, 1, 3}, Random(43));
    Parameters parameters(model.parameters);
    bool const knows_rule = std::any_of(model.parameters.begin(), model.parameters.end(),
                                        [](auto const& known) { return known.name == "class_weight"; });
    if (knows_rule) parameters.set("class_weight", std::string(rule));
    std::vector<double> const ones(200, 1.0);
    auto weighted = cohort.training(4);
    weighted.weights = ones;
    CAPTURE(name, rule);
    // naive Bayes and Tariff divide sums of weights in another order than counts
    double const tolerance = knows_rule ? 0 : 1e-12;
    CHECK(largest_difference(model, parameters, models::MissingPolicy::nan, weighted, cohort.training(4),
                             cohort.deaths()) <= tolerance);
}

TEST_CASE("models that cannot take weights do not say that they can", "[models][weights]") {
    models::Catalogue const catalogue;
    for (char const* name : {"insilico", "interva", "lcva"}) CHECK_FALSE(catalogue.at(name).takes_weights);
}

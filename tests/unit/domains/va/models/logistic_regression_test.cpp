#include "domains/va/models/logistic_regression.hpp"

#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include "ask_peer.hpp"
#include "sample_cohort.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using models::MissingPolicy;

namespace {

Parameters with(std::initializer_list<std::pair<char const*, Value>> values) {
    Parameters parameters(models::logistic_regression().parameters);
    for (auto const& [name, value] : values) parameters.set(name, value);
    return parameters;
}

models::Prediction trained_and_predicted(testing::SampleCohort const& cohort, Parameters const& parameters) {
    auto const classifier =
        testing::fitted(models::logistic_regression(), cohort.training(6), MissingPolicy::absent, parameters);
    return testing::predicted(*classifier, cohort.deaths());
}

}  // namespace

TEST_CASE("logistic regression agrees with scikit-learn to 1e-4 by default, to 1e-7 when asked",
          "[models][logistic_regression][peer]") {
    auto const balanced = GENERATE(false, true);
    auto const c = GENERATE(1.0, 0.03);
    CAPTURE(balanced, c);
    auto const training = testing::sample_cohort(250, 40, {0, 1, 3, 5}, Random(21));
    auto const test = testing::sample_cohort(50, 40, {0, 1, 2, 3, 4, 5}, Random(22));
    using testing::number_line;
    auto const peer = testing::ask_peer(
        "logistic_regression", training, test,
        number_line("C", std::vector{c}) + number_line("balanced", std::vector<int>{balanced}) +
            number_line("policies", std::vector{0, 1, 2}) + number_line("tolerance", std::vector{1e-7}));
    if (!peer) return;
    for (auto const& policy : models::missing_policy_names())
        for (double const tolerance : {1e-4, 1e-8}) {
            CAPTURE(policy, tolerance);
            auto const parameters = with({{"C", c},
                                          {"class_weight", std::string(balanced ? "balanced" : "none")},
                                          {"tolerance", tolerance}});
            auto const classifier = testing::fitted(models::logistic_regression(), training.training(6),
                                                    models::missing_policy(policy), parameters);
            CHECK(testing::largest_difference(testing::predicted(*classifier, test.deaths()), {0, 1, 3, 5},
                                              peer->at(policy)) < (tolerance < 1e-6 ? 1e-7 : 1e-4));
        }
}

TEST_CASE("logistic regression with weights of deaths agrees with scikit-learn to 1e-7",
          "[models][logistic_regression][weights][peer]") {
    auto const training = testing::sample_cohort(250, 40, {0, 1, 3, 5}, Random(23));
    auto const test = testing::sample_cohort(50, 40, {0, 1, 2, 3, 4, 5}, Random(24));
    std::vector<double> weights;
    Random random(25);
    for (std::size_t i = 0; i < 250; ++i) weights.push_back(0.05 + 4 * random.uniform());
    using testing::number_line;
    auto const peer =
        testing::ask_peer("logistic_regression", training, test,
                          number_line("C", std::vector{0.3}) + number_line("balanced", std::vector{0}) +
                              number_line("policies", std::vector{0, 1, 2}) +
                              number_line("tolerance", std::vector{1e-7}) + number_line("weights", weights));
    if (!peer) return;
    auto set = training.training(6);
    set.weights = weights;
    for (auto const& policy : models::missing_policy_names()) {
        CAPTURE(policy);
        auto const classifier =
            testing::fitted(models::logistic_regression(), set, models::missing_policy(policy),
                            with({{"C", 0.3}, {"tolerance", 1e-8}}));
        CHECK(testing::largest_difference(testing::predicted(*classifier, test.deaths()), {0, 1, 3, 5},
                                          peer->at(policy)) < 1e-7);
    }
}

TEST_CASE("logistic regression of answers that say nothing gives the weighted cause fractions",
          "[models][logistic_regression]") {
    // Every death has the same answers, so that only the intercepts, which are not penalised, can speak.
    testing::SampleCohort cohort{va::AnswerMatrix(100, 3), {}, {}};
    for (std::uint32_t i = 0; i < 100; ++i) {
        cohort.rows.push_back(i);
        cohort.causes.push_back(i % 10 == 0 ? 4 : 1);
    }
    auto const p_rare = [&](char const* weight) {
        return trained_and_predicted(cohort, with({{"class_weight", std::string(weight)}, {"C", 1e-3}}))
            .of_death(0)[4];
    };
    CHECK(p_rare("none") == Approx(0.1).epsilon(1e-4));
    CHECK(p_rare("balanced") == Approx(0.5).epsilon(1e-4));
}

TEST_CASE("a stronger penalty keeps probabilities nearer to the cause fractions",
          "[models][logistic_regression]") {
    auto const cohort = testing::sample_cohort(200, 10, {0, 1, 2}, Random(5));
    double spread_before = 1;
    for (double const c : {10.0, 0.1, 1e-3}) {
        auto const prediction = trained_and_predicted(cohort, with({{"C", c}}));
        double spread = 0;
        for (std::size_t i = 0; i < 200; ++i)
            spread = std::max(spread, std::abs(prediction.of_death(i)[0] - prediction.of_death(0)[0]));
        CHECK(spread < spread_before);
        spread_before = spread;
    }
    CHECK(spread_before < 0.1);
}

TEST_CASE("a logistic regression that has not converged is an error that says what to do",
          "[models][logistic_regression]") {
    auto const cohort = testing::sample_cohort(100, 20, {0, 1, 2}, Random(6));
    try {
        (void)trained_and_predicted(cohort, with({{"max_iterations", std::int64_t{2}}}));
        FAIL("accepted");
    } catch (ModelError const& error) {
        std::string const text = error.what();
        CAPTURE(text);
        CHECK(text.find("not converged after 2 iterations") != std::string::npos);
        CHECK(text.find("raise models.logistic_regression.max_iterations") != std::string::npos);
    }
}

TEST_CASE("logistic regression stops when its watcher says so", "[models][logistic_regression]") {
    auto const cohort = testing::sample_cohort(60, 6, {0, 1}, Random(3));
    auto const classifier = models::logistic_regression().make(with({}), MissingPolicy::absent);
    testing::CountingWatcher watcher(3);
    CHECK_THROWS_AS(classifier->fit(cohort.training(2), Random(1), watcher), Cancelled);
    CHECK(watcher.asked == 4);
}

namespace {

/// Two sites that ask in different ways: at site 1 every symptom is twice as common, whatever the cause.
struct TwoSites {
    testing::SampleCohort deaths = testing::sample_cohort(300, 12, {0, 1, 2}, Random(11));
    std::vector<std::uint32_t> sites;

    TwoSites() {
        Random random(12);
        for (std::size_t i = 0; i < deaths.rows.size(); ++i) {
            sites.push_back(static_cast<std::uint32_t>(random.below(2)));
            if (sites.back() == 0) continue;
            for (std::size_t s = 0; s < 12; ++s)
                if (random.uniform() < 0.4) deaths.answers.row(deaths.rows[i])[s] = va::Answer::present;
        }
    }

    [[nodiscard]] models::TrainingSet training() const {
        auto set = deaths.training(6);
        set.sites = sites;
        set.n_sites = 2;
        return set;
    }
};

std::unique_ptr<models::Classifier> fitted_to(models::TrainingSet const& training,
                                              Parameters const& parameters,
                                              MissingPolicy policy = MissingPolicy::absent) {
    return testing::fitted(models::logistic_regression(), training, policy, parameters);
}

/// Probabilities of deaths of one site, which are one batch.
std::vector<double> said_of(models::Classifier const& classifier, models::Deaths const& deaths,
                            std::vector<std::uint32_t> const& sites = {}) {
    Watcher watcher;
    models::TestSet test{deaths};
    test.sites = sites;
    test.n_sites = 2;
    return classifier.predict(test, Random(1), watcher).probability;
}

}  // namespace

TEST_CASE("centring takes sites apart in training and in test", "[models][logistic_regression][transfer]") {
    TwoSites const two;
    auto const policy = GENERATE(MissingPolicy::absent, MissingPolicy::nan, MissingPolicy::ordinal);
    auto const parameters = with({{"centre", std::string("site")}});
    auto const centred = fitted_to(two.training(), parameters, policy);
    // A batch of two sites is the two batches.
    auto const both = said_of(*centred, two.deaths.deaths(), two.sites);
    for (std::uint32_t site = 0; site < 2; ++site) {
        std::vector<std::uint32_t> rows;
        std::vector<double> expected;
        for (std::size_t i = 0; i < two.sites.size(); ++i) {
            if (two.sites[i] != site) continue;
            rows.push_back(two.deaths.rows[i]);
            expected.insert(expected.end(), both.begin() + static_cast<std::ptrdiff_t>(i * 6),
                            both.begin() + static_cast<std::ptrdiff_t>((i + 1) * 6));
        }
        CHECK(said_of(*centred, {two.deaths.answers, rows}) == expected);
    }
    CHECK(said_of(*centred, two.deaths.deaths()) != both);
}

TEST_CASE("with lambda 0 a centred regression says the same of a death in any company",
          "[models][logistic_regression][transfer]") {
    TwoSites const two;
    auto const parameters = with({{"centre", std::string("site")}, {"lambda", 0.0}});
    auto const centred = fitted_to(two.training(), parameters);
    auto const together = said_of(*centred, two.deaths.deaths());
    std::vector<std::uint32_t> const alone{two.deaths.rows[7]};
    auto const single = said_of(*centred, {two.deaths.answers, alone});
    CHECK(std::equal(single.begin(), single.end(), together.begin() + 7 * 6));
}

TEST_CASE("from one site a centred regression with lambda 0 is the ordinary one",
          "[models][logistic_regression][transfer]") {
    auto const cohort = testing::sample_cohort(200, 12, {0, 1, 2}, Random(11));
    auto const plain = fitted_to(cohort.training(6), with({{"tolerance", 1e-9}}));
    auto const centred = fitted_to(
        cohort.training(6), with({{"tolerance", 1e-9}, {"centre", std::string("site")}, {"lambda", 0.0}}));
    auto const a = said_of(*plain, cohort.deaths());
    auto const b = said_of(*centred, cohort.deaths());
    for (std::size_t j = 0; j < a.size(); ++j) CHECK(a[j] == Approx(b[j]).margin(1e-6));
}

TEST_CASE("a centred regression predicts the same to the bit when it is loaded, and checks its parts",
          "[models][logistic_regression][transfer]") {
    TwoSites const two;
    auto const policy = GENERATE(MissingPolicy::absent, MissingPolicy::nan, MissingPolicy::ordinal);
    auto const parameters = with({{"centre", std::string("site")}, {"lambda_several", 0.4}});
    auto const centred = fitted_to(two.training(), parameters, policy);
    Parts parts;
    centred->save(parts);
    CHECK(parts.get<double>("centring", {2})[0] == 0.4);
    auto const model = models::logistic_regression();
    auto const loaded = model.load(parameters, policy, parts, 12, 6);
    CHECK(said_of(*loaded, two.deaths.deaths(), two.sites) ==
          said_of(*centred, two.deaths.deaths(), two.sites));
    auto const refused = [&](std::string const& name, std::vector<double> const& values) {
        Parts damaged;
        for (auto const& [known, part] : parts.all())
            if (known != name) damaged.put_part(known, part);
        damaged.put(name, values);
        CHECK_THROWS_AS((void)model.load(parameters, policy, damaged, 12, 6), DataError);
    };
    refused("centring", {1.5, 20});
    refused("centring", {0.5, -1});
    refused("centring", {0.5});
    refused("centre", std::vector<double>(12, 3.0));
    refused("centre", std::vector<double>(11, 0.5));
}

TEST_CASE("a logistic regression looks at its batch when it is centred only",
          "[models][logistic_regression][transfer]") {
    auto const model = models::logistic_regression();
    CHECK(model.predicts_by(with({})) == models::Predicts::each_death);
    CHECK(model.predicts_by(with({{"centre", std::string("site")}})) == models::Predicts::whole_batch);
}

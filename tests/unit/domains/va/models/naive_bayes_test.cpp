#include "domains/va/models/naive_bayes.hpp"

#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "ask_peer.hpp"
#include "domains/va/models/probabilities.hpp"
#include "sample_cohort.hpp"

using namespace vaster;
using models::MissingPolicy;
using va::Answer;

namespace {

Parameters with_alpha(double alpha) {
    Parameters parameters(models::naive_bayes().parameters);
    parameters.set("alpha", alpha);
    return parameters;
}

/// One symptom. Cause 0: absent, present, present, missing. Cause 1: absent, missing.
testing::SampleCohort small_cohort() {
    testing::SampleCohort cohort{va::AnswerMatrix(6, 1), {0, 1, 2, 3, 4, 5}, {0, 0, 0, 0, 1, 1}};
    std::vector const answers{Answer::absent,  Answer::present, Answer::present,
                              Answer::missing, Answer::absent,  Answer::missing};
    for (std::size_t i = 0; i < answers.size(); ++i) cohort.answers.row(i)[0] = answers[i];
    return cohort;
}

/// P(cause 0) after each answer.
struct Posterior {
    double absent;
    double present;
    double missing;
};

Posterior posterior(MissingPolicy policy) {
    auto const cohort = small_cohort();
    auto const classifier = testing::fitted(models::naive_bayes(), cohort.training(2), policy, with_alpha(1));
    auto const prediction = testing::predicted(*classifier, cohort.deaths());
    return {prediction.of_death(0)[0], prediction.of_death(1)[0], prediction.of_death(3)[0]};
}

/// Deaths by cause and by answer to each symptom, as doubles.
struct PlainCounts {
    std::vector<std::uint32_t> causes;             ///< those that occur
    std::vector<double> deaths;                    ///< of each
    std::vector<std::array<double, 3>> by_answer;  ///< [causes][symptoms]
};

PlainCounts plain_counts(testing::SampleCohort const& cohort, std::size_t n_causes) {
    std::size_t const n_symptoms = cohort.answers.n_columns();
    PlainCounts counts;
    for (std::uint32_t cause = 0; cause < n_causes; ++cause) {
        double n = 0;
        std::vector<std::array<double, 3>> of_cause(n_symptoms);
        for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
            if (cohort.causes[i] != cause) continue;
            n += 1;
            for (std::size_t s = 0; s < n_symptoms; ++s)
                of_cause[s][static_cast<std::size_t>(cohort.answers.row(cohort.rows[i])[s])] += 1;
        }
        if (n == 0) continue;
        counts.causes.push_back(cause);
        counts.deaths.push_back(n);
        counts.by_answer.insert(counts.by_answer.end(), of_cause.begin(), of_cause.end());
    }
    return counts;
}

double plain_log_likelihood(std::array<double, 3> const& count, Answer answer, double alpha,
                            MissingPolicy policy) {
    auto const [absent, present, missing] = count;
    double const asked = answer == Answer::present ? present : answer == Answer::absent ? absent : missing;
    if (policy == MissingPolicy::ordinal)
        return std::log(asked + alpha) - std::log(absent + present + missing + 3 * alpha);
    if (policy == MissingPolicy::nan)
        return answer == Answer::missing ? 0.0
                                         : std::log(asked + alpha) - std::log(absent + present + 2 * alpha);
    double const of_answer = answer == Answer::present ? present : absent + missing;
    return std::log(of_answer + alpha) - std::log(absent + missing + present + 2 * alpha);
}

std::vector<double> plain_posterior(PlainCounts const& counts, va::AnswerRow const& answers, double alpha,
                                    MissingPolicy policy) {
    double const n = std::accumulate(counts.deaths.begin(), counts.deaths.end(), 0.0);
    std::vector<double> logs;
    for (std::size_t k = 0; k < counts.causes.size(); ++k) {
        double log = std::log(counts.deaths[k] / n);
        for (std::size_t s = 0; s < answers.size(); ++s)
            log += plain_log_likelihood(counts.by_answer[k * answers.size() + s], answers[s], alpha, policy);
        logs.push_back(log);
    }
    models::normalise_logs(logs);
    return logs;
}

}  // namespace

TEST_CASE("naive Bayes of one symptom is what a pencil gives, for each missing policy",
          "[models][naive_bayes]") {
    // prior (4/6, 2/6); weights are prior times P(answer | cause), times 6
    auto const absent = posterior(MissingPolicy::absent);  // P(present | 0) = 3/6, P(present | 1) = 1/4
    CHECK(absent.absent == Approx(4 * 3 / 6. / (4 * 3 / 6. + 2 * 3 / 4.)));
    CHECK(absent.present == Approx(4 * 3 / 6. / (4 * 3 / 6. + 2 * 1 / 4.)));
    CHECK(absent.missing == absent.absent);
    auto const nan = posterior(MissingPolicy::nan);  // P(present | 0) = 3/5, P(present | 1) = 1/3
    CHECK(nan.absent == Approx(4 * 2 / 5. / (4 * 2 / 5. + 2 * 2 / 3.)));
    CHECK(nan.present == Approx(4 * 3 / 5. / (4 * 3 / 5. + 2 * 1 / 3.)));
    CHECK(nan.missing == Approx(4 / 6.));
    auto const ordinal = posterior(MissingPolicy::ordinal);  // (2 3 2)/7 and (2 1 2)/5
    CHECK(ordinal.absent == Approx(4 * 2 / 7. / (4 * 2 / 7. + 2 * 2 / 5.)));
    CHECK(ordinal.present == Approx(4 * 3 / 7. / (4 * 3 / 7. + 2 * 1 / 5.)));
    CHECK(ordinal.missing == Approx(4 * 2 / 7. / (4 * 2 / 7. + 2 * 2 / 5.)));
}

TEST_CASE("naive Bayes agrees with scikit-learn to 1e-12", "[models][naive_bayes][peer]") {
    auto const alpha = GENERATE(1.0, 0.05);
    auto const n_symptoms = GENERATE(std::size_t{4}, std::size_t{168});
    CAPTURE(alpha, n_symptoms);
    auto const training = testing::sample_cohort(200, n_symptoms, {0, 1, 3, 5}, Random(21));
    auto const test = testing::sample_cohort(50, n_symptoms, {0, 1, 2, 3, 4, 5}, Random(22));
    using testing::number_line;
    auto const peer =
        testing::ask_peer("naive_bayes", training, test, number_line("alpha", std::vector{alpha}));
    if (!peer) return;
    for (auto const& policy : models::missing_policy_names()) {
        auto const classifier = testing::fitted(models::naive_bayes(), training.training(6),
                                                models::missing_policy(policy), with_alpha(alpha));
        CAPTURE(policy);
        CHECK(testing::largest_difference(testing::predicted(*classifier, test.deaths()), {0, 1, 3, 5},
                                          peer->at(policy)) < 1e-12);
    }
}

TEST_CASE("the prior of naive Bayes is what its keys say", "[models][naive_bayes]") {
    // A death with its answers missing shows the prior by policy nan; four deaths of cause 0, two of cause 1.
    auto const cohort = small_cohort();
    auto const p_first = [&](char const* prior, double smoothing) {
        Parameters parameters = with_alpha(1);
        parameters.set("prior", std::string(prior));
        parameters.set("prior_smoothing", smoothing);
        auto const classifier =
            testing::fitted(models::naive_bayes(), cohort.training(3), MissingPolicy::nan, parameters);
        auto const prediction = testing::predicted(*classifier, cohort.deaths());
        CHECK(prediction.of_death(3)[2] == 0);
        return prediction.of_death(3)[0];
    };
    CHECK(p_first("empirical", 0) == Approx(4 / 6.));
    CHECK(p_first("empirical", 2) == Approx(6 / 10.));
    CHECK(p_first("uniform", 0) == Approx(0.5));
    CHECK(p_first("uniform", 2) == Approx(0.5));
}

TEST_CASE("naive Bayes is, to the bit, the sum of logs of plain counts", "[models][naive_bayes]") {
    // Counted and added up death by death and answer by answer, with every logarithm worked out anew.
    constexpr std::size_t n_causes = 5;
    auto const training = testing::sample_cohort(900, 130, {0, 1, 3, 4}, Random(31));
    auto const test = testing::sample_cohort(40, 130, {0, 1, 2, 3, 4}, Random(32));
    for (double const alpha : {1.0, 0.3}) {
        auto const counts = plain_counts(training, n_causes);
        for (auto const policy : {MissingPolicy::absent, MissingPolicy::nan, MissingPolicy::ordinal}) {
            auto const classifier = testing::fitted(models::naive_bayes(), training.training(n_causes),
                                                    policy, with_alpha(alpha));
            auto const prediction = testing::predicted(*classifier, test.deaths());
            for (std::size_t i = 0; i < prediction.n_deaths; ++i) {
                auto const expected = plain_posterior(counts, test.answers.row(test.rows[i]), alpha, policy);
                for (std::size_t k = 0; k < expected.size(); ++k)
                    REQUIRE(prediction.of_death(i)[counts.causes[k]] == expected[k]);
            }
        }
    }
}

TEST_CASE("naive Bayes stops when its watcher says so", "[models][naive_bayes]") {
    auto const cohort = testing::sample_cohort(30, 5, {0, 1}, Random(3));
    auto const classifier =
        testing::fitted(models::naive_bayes(), cohort.training(2), MissingPolicy::absent, with_alpha(1));
    testing::CountingWatcher watcher(3);
    CHECK_THROWS_AS(classifier->predict({cohort.deaths()}, Random(1), watcher), Cancelled);
}

TEST_CASE("naive Bayes has probabilities where thousands of symptoms speak against every cause",
          "[models][naive_bayes]") {
    auto const cohort = testing::sample_cohort(60, 5000, {0, 1, 2}, Random(4));
    auto const classifier =
        testing::fitted(models::naive_bayes(), cohort.training(3), MissingPolicy::ordinal, with_alpha(1e-6));
    for (double const p : testing::predicted(*classifier, cohort.deaths()).probability)
        CHECK(std::isfinite(p));
}

TEST_CASE("a training death of weight two is two deaths to naive Bayes", "[models][naive_bayes][weights]") {
    auto const cohort = testing::sample_cohort(60, 12, {0, 1, 3}, Random(5));
    auto const policy = models::missing_policy(GENERATE(as<std::string>(), "absent", "nan", "ordinal"));
    std::vector<double> weights;
    auto twice = cohort;
    for (std::size_t i = 0; i < cohort.rows.size(); ++i) {
        weights.push_back(i % 3 == 0 ? 2.0 : 1.0);
        if (i % 3 != 0) continue;
        twice.rows.push_back(cohort.rows[i]);
        twice.causes.push_back(cohort.causes[i]);
    }
    auto training = cohort.training(5);
    training.weights = weights;
    auto const weighted = testing::fitted(models::naive_bayes(), training, policy, with_alpha(0.5));
    auto const repeated = testing::fitted(models::naive_bayes(), twice.training(5), policy, with_alpha(0.5));
    auto const ours = testing::predicted(*weighted, cohort.deaths());
    auto const theirs = testing::predicted(*repeated, cohort.deaths());
    for (std::size_t i = 0; i < ours.probability.size(); ++i)
        CHECK(ours.probability[i] == Approx(theirs.probability[i]).margin(1e-12));

    Parts parts;
    weighted->save(parts);
    auto const kept = models::naive_bayes().load(with_alpha(0.5), policy, parts, 12, 5);
    CHECK(testing::predicted(*kept, cohort.deaths()).probability == ours.probability);
}

#include "base/stats/samplers.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <catch2/catch.hpp>

#include "../sample_cohort.hpp"
#include "domains/va/models/insilico/default.hpp"
#include "domains/va/models/insilico/density.hpp"
#include "domains/va/models/insilico/diagnostics.hpp"
#include "domains/va/models/insilico/reference.hpp"
#include "problems.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::models::insilicova;
using va::Answer;

namespace {

/// Three causes, one level, and all causes of death known: with 5, 3 and 2 deaths.
Problem known_problem() {
    Problem problem = testing::random_problem(10, 4, 3, 1, Random(1));
    for (int i = 0; i < 10; ++i) problem.known.push_back(i < 5 ? 0 : i < 8 ? 1 : 2);
    return problem;
}

/// The posterior of theta given counts 5, 3, 2, with mu and sigma integrated out by hand:
///     exp(sum_c Y_c theta_c) / (sum_c exp theta_c)^10 * SS^(-1/2),  SS = sum (theta_c - mean)^2, theta_1 = 1
/// on a grid about its bulk; moments of the cause fractions and the integral.
struct Quadrature {
    double integral = 0;
    double mean[3] = {};
    double square[3] = {};

    Quadrature() {
        constexpr double step = 0.02;
        for (double x = -11; x < 7; x += step) {
            for (double y = -11; y < 7; y += step) {
                double const theta[3] = {1, x + step / 3, y + step / 7};  // off the point where SS is 0
                double const average = (theta[0] + theta[1] + theta[2]) / 3;
                double squares = 0;
                double sum = 0;
                for (double const t : theta) {
                    squares += (t - average) * (t - average);
                    sum += std::exp(t);
                }
                double const log_likelihood = 5 * theta[0] + 3 * theta[1] + 2 * theta[2] - 10 * std::log(sum);
                double const density = std::exp(log_likelihood) / std::sqrt(squares) * step * step;
                integral += density;
                for (int c = 0; c < 3; ++c) {
                    double const f = std::exp(theta[c]) / sum;
                    mean[c] += density * f;
                    square[c] += density * f * f;
                }
            }
        }
        for (int c = 0; c < 3; ++c) {
            mean[c] /= integral;
            square[c] /= integral;
        }
    }
};

/// 40 deaths that have half of the symptoms, so that either the first cause's level or the second's is near
/// 1/2 and all of them have that cause: two modes. Of the third cause are 150 deaths without any symptom and
/// the first one, which has them all: e^-1000 times as likely as were it of another cause.
Problem contradictory_problem() {
    Problem problem;
    problem.n_causes = problem.n_levels = 3;
    problem.answers = va::AnswerMatrix(191, 300);
    for (std::size_t i = 0; i < 191; ++i) {
        problem.known.push_back(i < 151 ? 2 : -1);
        problem.answers.row(i).fill(i == 0 ? Answer::present : Answer::absent);
        for (std::size_t s = 0; i >= 151 && s < 150; ++s) problem.answers.row(i)[s] = Answer::present;
    }
    for (std::size_t s = 0; s < 300; ++s) problem.level.insert(problem.level.end(), {0, 1, 2});
    problem.prior_total = 2000;
    problem.prior_present = {1900, 200, 2};
    problem.start = {0.5, 0.1, 0.001};
    problem.start_value = {0.95, 0.1, 0.001};
    return problem;
}

/// Of the kept draws of a cause fraction.
double variance_of(Posterior const& p, std::size_t cause, std::size_t n_causes) {
    double sum = 0;
    double squares = 0;
    double n = 0;
    for (std::size_t k = cause; k < p.csmf_draws.size(); k += n_causes) {
        sum += p.csmf_draws[k];
        squares += p.csmf_draws[k] * p.csmf_draws[k];
        n += 1;
    }
    return squares / n - sum * sum / n / n;
}

}  // namespace

TEST_CASE("both samplers draw cause fractions from the posterior that quadrature gives",
          "[models][insilico]") {
    Problem const problem = known_problem();
    Quadrature const truth;
    Watcher watcher;
    auto const standard = sample_default(problem, {.ess = 8000}, Random(2), watcher);
    auto const reference =
        sample_reference(problem, {.iterations = 200000, .thin = 10, .jump = 0.8, .extend = Extend::never},
                         Random(3), watcher);
    for (std::size_t c = 0; c < 3; ++c) {
        CAPTURE(c);
        double const variance = truth.square[c] - truth.mean[c] * truth.mean[c];
        CHECK(standard.csmf[c] == Approx(truth.mean[c]).margin(5 * std::sqrt(variance / standard.worst_ess)));
        CHECK(variance_of(standard, c, 3) == Approx(variance).epsilon(0.08));
        CHECK(reference.csmf[c] ==
              Approx(truth.mean[c]).margin(5 * std::sqrt(variance / reference.worst_ess)));
        CHECK(variance_of(reference, c, 3) == Approx(variance).epsilon(0.15));
    }
}

TEST_CASE("bridge sampling gives the integral of the density", "[models][insilico]") {
    Problem problem = known_problem();
    problem.answer_weight = GENERATE(1.0, 0.3);
    CAPTURE(problem.answer_weight);
    Likelihood likelihood(problem);
    CollapsedDensity density(problem, likelihood);
    State state;
    Random random(5);
    state = start_state(problem, random);
    Counts counts = likelihood.make_counts();
    std::vector<double> log_csmf(3);
    std::vector<double> csmf(3);
    std::vector<double> draws;
    cause_fractions(problem, state.theta, log_csmf, csmf);
    likelihood.set_levels(problem.start);
    likelihood.draw(log_csmf, random, counts);
    for (int k = 0; k < 20000; ++k) {
        for (int i = 0; i < 3; ++i) {
            draw_hyperparameters(problem, state, random);
            draw_theta(problem, state, counts.deaths, random);
        }
        draw_levels(problem, state, counts, 1, random);
        auto const x = density.coordinates(state);
        draws.insert(draws.end(), x.begin(), x.end());
    }
    Watcher watcher;
    double const estimate = log_evidence(density, draws, random, watcher);

    // By hand: theta by quadrature, times the factors of mu and log sigma2, sqrt(2 pi / 3) Gamma(1/2) sqrt(2)
    // with the powers of SS in the quadrature, times the level's Beta kernel between its bounds, where it
    // loses nothing.
    constexpr double pi = 3.14159265358979323846;
    double const w = problem.answer_weight;
    double const a = problem.prior_present[0] + w * counts.present[0];
    double const b =
        problem.prior_total - problem.prior_present[0] + w * (counts.answered[0] - counts.present[0]);
    double const log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
    double const truth = std::log(Quadrature().integral) + 0.5 * std::log(2 * pi / 3) + std::lgamma(0.5) +
                         0.5 * std::log(2.0) + log_beta;
    CHECK(estimate == Approx(truth).margin(0.1));
}

TEST_CASE("bridge sampling gives the integral over the levels where causes are alike beforehand",
          "[models][insilico]") {
    Problem problem = known_problem();
    problem.causes = CausePrior::uniform;
    Likelihood likelihood(problem);
    CollapsedDensity density(problem, likelihood);
    REQUIRE(density.n_coordinates() == 1);
    Random random(5);
    State state = start_state(problem, random);
    Counts counts = likelihood.make_counts();
    std::vector<double> log_csmf(3);
    std::vector<double> csmf(3);
    std::vector<double> draws;
    cause_fractions(problem, state.theta, log_csmf, csmf);
    CHECK(csmf[2] == Approx(1.0 / 3));
    likelihood.set_levels(problem.start);
    likelihood.draw(log_csmf, random, counts);
    for (int k = 0; k < 4000; ++k) {
        draw_levels(problem, state, counts, 1, random);
        draws.push_back(density.coordinates(state).front());
    }
    CHECK(density.state(density.coordinates(state)).levels[0] == Approx(state.levels[0]));
    Watcher watcher;
    double const a = problem.prior_present[0] + counts.present[0];
    double const b = problem.prior_total - problem.prior_present[0] + counts.answered[0] - counts.present[0];
    double const truth = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b) - 10 * std::log(3.0);
    CHECK(log_evidence(density, draws, random, watcher) == Approx(truth).margin(0.1));
}

TEST_CASE("where P(s|c) is given and causes are alike beforehand, probabilities are those of Bayes' rule",
          "[models][insilico]") {
    auto problem = testing::random_problem(30, 8, 3, 1, Random(4));
    problem.given = {.9, .2, .4, .1, .3, .7, .5, .6, .2, .3, .8, .1,
                     .2, .2, .6, .7, .4, .5, .1, .9, .3, .6, .5, .4};
    problem.n_levels = 0;
    problem.level.clear();
    problem.start.clear();
    problem.start_value.clear();
    problem.prior_present.clear();
    problem.answer_weight = 0.6;
    problem.causes = CausePrior::uniform;
    Watcher watcher;
    auto const standard = sample_default(problem, {}, Random(1), watcher);
    auto const reference = sample_reference(problem, {.iterations = 4000}, Random(1), watcher);
    CHECK(std::isnan(standard.acceptance));
    std::vector<double> mean(3);
    for (std::size_t i = 0; i < 30; ++i) {
        double p[3];
        double sum = 0;
        for (std::size_t c = 0; c < 3; ++c) {
            p[c] = 1;
            for (std::size_t s = 0; s < 8; ++s) {
                Answer const answer = problem.answers.row(i)[s];
                double const present = problem.given[s * 3 + c];
                if (answer == Answer::missing) continue;
                p[c] *= std::pow(answer == Answer::present ? present : 1 - present, 0.6);
            }
            sum += p[c];
        }
        for (std::size_t c = 0; c < 3; ++c) {
            CHECK(standard.probability[i * 3 + c] == Approx(p[c] / sum).epsilon(1e-9));
            CHECK(reference.probability[i * 3 + c] == Approx(p[c] / sum).epsilon(1e-9));
            mean[c] += p[c] / sum / 30;
        }
    }
    for (std::size_t c = 0; c < 3; ++c) CHECK(standard.csmf[c] == Approx(mean[c]).margin(0.02));
}

TEST_CASE("bridge sampling that never meets the density has no estimate", "[models][insilico]") {
    Problem const problem = known_problem();
    Likelihood likelihood(problem);
    CollapsedDensity density(problem, likelihood);
    Random random(5);
    State state = start_state(problem, random);
    std::vector<double> draws;
    for (int k = 0; k < 40; ++k) {
        auto x = density.coordinates(state);
        x[3] = 800;  // log sigma2: no double holds its exponential, so the density is nowhere above 0
        draws.insert(draws.end(), x.begin(), x.end());
    }
    Watcher watcher;
    CHECK(std::isnan(log_evidence(density, draws, random, watcher)));
}

TEST_CASE("modes of which one death speaks against its known cause are weighed", "[models][insilico]") {
    Problem const problem = contradictory_problem();
    Watcher watcher;
    auto const p = sample_default(problem, {.max_iterations = 400, .starts = 6}, Random(1), watcher);
    REQUIRE(p.modes.size() > 1);
    double total = 0;
    for (auto const& mode : p.modes) {
        CHECK(std::isfinite(mode.log_weight));
        total += mode.weight;
    }
    CHECK(total == Approx(1));
    CHECK(p.n_kept > 0);
    CHECK(p.probability[2] == 1);  // of the first death
    for (double const x : p.probability) REQUIRE(std::isfinite(x));
}

TEST_CASE("coordinates without bounds go back to the state", "[models][insilico]") {
    auto const problem = testing::random_problem(20, 10, 4, 3, Random(3));
    Likelihood likelihood(problem);
    CollapsedDensity const density(problem, likelihood);
    Random random(1);
    State state = start_state(problem, random);
    state.levels = {0.8, 0.4, 0.001};
    state.sigma2 = {2.5};
    State const back = density.state(density.coordinates(state));
    for (std::size_t i = 0; i < 4; ++i) CHECK(back.theta[i] == Approx(state.theta[i]));
    for (std::size_t l = 0; l < 3; ++l) CHECK(back.levels[l] == Approx(state.levels[l]).epsilon(1e-9));
    CHECK(back.mu[0] == Approx(1));
    CHECK(back.sigma2[0] == Approx(2.5));
}

TEST_CASE("the default and a long reference chain agree where there is one mode", "[models][insilico]") {
    auto const problem = testing::informative_problem(120, 20, 4, {0.8, 0.4, 0.1, 0.02}, Random(21));
    Watcher watcher;
    auto const standard = sample_default(problem, {.ess = 2000}, Random(1), watcher);
    auto const reference = sample_reference(
        problem, {.iterations = 200000, .jump = 0.25, .extend = Extend::never}, Random(2), watcher);
    CHECK(standard.converged);
    CHECK(standard.modes.size() == 1);
    for (std::size_t c = 0; c < 4; ++c) {
        double const sd = std::sqrt(variance_of(standard, c, 4));
        double const error = sd * std::sqrt(1 / standard.worst_ess + 1 / reference.worst_ess);
        CHECK(standard.csmf[c] == Approx(reference.csmf[c]).margin(5 * error));
    }
}

TEST_CASE("the default and a long reference chain agree where answers weigh less", "[models][insilico]") {
    auto problem = testing::informative_problem(120, 20, 4, {0.8, 0.4, 0.1, 0.02}, Random(21));
    problem.answer_weight = 0.5;
    problem.causes = GENERATE(CausePrior::batch, CausePrior::uniform);
    Watcher watcher;
    auto const standard = sample_default(problem, {.ess = 2000}, Random(1), watcher);
    auto const reference = sample_reference(
        problem, {.iterations = 200000, .jump = 0.25, .extend = Extend::never}, Random(2), watcher);
    CHECK(standard.converged);
    for (std::size_t c = 0; c < 4; ++c) {
        double const sd = std::sqrt(variance_of(standard, c, 4));
        double const error = sd * std::sqrt(1 / standard.worst_ess + 1 / reference.worst_ess);
        CHECK(standard.csmf[c] == Approx(reference.csmf[c]).margin(5 * error));
    }
}

TEST_CASE("sub-populations get cause fractions of their own from both samplers", "[models][insilico]") {
    // 150 deaths of each population; in the first nearly all of cause 0 or 1, in the second of cause 2 or 3.
    auto problem = testing::informative_problem(300, 40, 4, {0.9, 0.5, 0.1, 0.02}, Random(5));
    std::vector<double> const levels{0.9, 0.5, 0.1, 0.02};
    Random random(6);
    std::vector<double> truth(8);
    problem.n_populations = 2;
    for (std::size_t i = 0; i < 300; ++i) {
        std::size_t const population = i % 2;
        std::size_t const cause = 2 * population + random.below(2);
        problem.population.push_back(static_cast<std::uint32_t>(population));
        truth[population * 4 + cause] += 1.0 / 150;
        for (std::size_t s = 0; s < 40; ++s) {
            bool const present = random.uniform() < levels[problem.level[s * 4 + cause]];
            problem.answers.row(i)[s] = present ? Answer::present : Answer::absent;
        }
    }
    Watcher watcher;
    auto const standard = sample_default(problem, {}, Random(1), watcher);
    auto const reference = sample_reference(problem, {.iterations = 20000, .jump = 0.3}, Random(1), watcher);
    CHECK(standard.converged);
    REQUIRE(standard.csmf.size() == 8);
    for (std::size_t k = 0; k < 8; ++k) {
        CAPTURE(k);
        CHECK(standard.csmf[k] == Approx(truth[k]).margin(0.05));
        CHECK(reference.csmf[k] == Approx(truth[k]).margin(0.05));
    }
}

TEST_CASE("deaths with known causes keep them and teach the others", "[models][insilico]") {
    auto problem = testing::informative_problem(80, 30, 3, {0.8, 0.3, 0.05}, Random(5));
    for (int i = 0; i < 80; ++i) problem.known.push_back(i < 30 ? 2 : -1);
    Watcher watcher;
    for (auto const& p : {sample_default(problem, {}, Random(1), watcher),
                          sample_reference(problem, {.iterations = 2000}, Random(1), watcher)}) {
        for (std::size_t i = 0; i < 30; ++i) CHECK(p.probability[i * 3 + 2] == 1);
        CHECK(p.csmf[2] > 0.3);
    }
}

TEST_CASE("samplers give the same bytes for the same stream, others for another", "[models][insilico]") {
    auto const problem = testing::random_problem(50, 20, 5, 4, Random(2));
    Watcher watcher;
    auto const a = sample_default(problem, {}, Random(1), watcher);
    auto const b = sample_default(problem, {}, Random(1), watcher);
    auto const c = sample_default(problem, {}, Random(2), watcher);
    CHECK(a.probability == b.probability);
    CHECK(a.csmf_draws == b.csmf_draws);
    CHECK(a.csmf != c.csmf);
    auto const d = sample_reference(problem, {.iterations = 400}, Random(1), watcher);
    auto const e = sample_reference(problem, {.iterations = 400}, Random(1), watcher);
    CHECK(d.probability == e.probability);
    CHECK(d.level_draws == e.level_draws);
}

TEST_CASE("a sampler that is told to stop stops at the next iteration", "[models][insilico]") {
    auto const problem = testing::random_problem(50, 20, 5, 4, Random(2));
    testing::CountingWatcher impatient(100);
    CHECK_THROWS_AS(sample_default(problem, {}, Random(1), impatient), Cancelled);
    CHECK(impatient.asked == 101);
    testing::CountingWatcher again(100);
    CHECK_THROWS_AS(sample_reference(problem, {}, Random(1), again), Cancelled);
    CHECK(again.asked == 101);
}

TEST_CASE("a budget that is too small ends as not converged", "[models][insilico]") {
    auto const problem = testing::random_problem(80, 20, 6, 4, Random(2));
    Watcher watcher;
    auto const p = sample_default(problem, {.max_iterations = 200, .ess = 1e9}, Random(1), watcher);
    CHECK_FALSE(p.converged);
    CHECK(p.iterations == 200);
}

TEST_CASE("the reference doubles its chain at most three times and keeps the last half",
          "[models][insilico]") {
    auto const problem = testing::random_problem(300, 40, 12, 6, Random(2));
    Watcher watcher;
    // Steps with which theta walks from its start for longer than all doublings take: 20 of 20 streams.
    auto const p = sample_reference(problem, {.iterations = 400, .jump = 0.02}, Random(1), watcher);
    CHECK_FALSE(p.converged);
    CHECK(p.extensions == 3);
    CHECK(p.iterations == 3200);
    CHECK(p.n_kept == 160);
}

TEST_CASE("levels stay in order and within their bounds", "[models][insilico]") {
    auto const problem = testing::random_problem(60, 30, 5, 8, Random(6));
    Watcher watcher;
    auto const p =
        sample_reference(problem, {.iterations = 2000, .extend = Extend::never}, Random(1), watcher);
    for (std::size_t k = 0; k < p.n_kept; ++k) {
        auto const draw = std::span(p.level_draws).subspan(k * 8, 8);
        CHECK(draw[0] <= highest_probability);
        CHECK(draw[7] >= lowest_probability);
        for (std::size_t l = 1; l < 8; ++l) CHECK(draw[l] <= draw[l - 1]);
    }
}

TEST_CASE("the level's posterior is the conjugate one where all causes are known", "[models][insilico]") {
    Problem problem = known_problem();
    problem.answer_weight = GENERATE(1.0, 0.25);
    CAPTURE(problem.answer_weight);
    double present = 0;
    double answered = 0;
    for (std::size_t i = 0; i < 10; ++i) {
        for (Answer const a : problem.answers.row(i)) {
            present += a == Answer::present ? 1 : 0;
            answered += a != Answer::missing ? 1 : 0;
        }
    }
    Watcher watcher;
    auto const p = sample_default(problem, {.ess = 8000}, Random(2), watcher);
    double mean = 0;
    for (double const v : p.level_draws) mean += v / static_cast<double>(p.level_draws.size());
    // Beta(16 + w k, 4 + w (n - k))
    double const a = problem.prior_present[0] + problem.answer_weight * present;
    double const total = problem.prior_total + problem.answer_weight * answered;
    double const sd = std::sqrt(a / total * (1 - a / total) / total);
    CHECK(mean == Approx(a / total).margin(5 * sd / std::sqrt(static_cast<double>(p.level_draws.size()))));
}

TEST_CASE("effective sample size of an autoregression is n (1 - r) / (1 + r)", "[models][insilico]") {
    Random random(4);
    for (double const r : {0.0, 0.5, 0.9}) {
        constexpr std::size_t n = 20000;
        std::vector<double> draws(4 * n);
        for (std::size_t m = 0; m < 4; ++m) {
            double x = stats::sample_normal(random);
            for (std::size_t k = 0; k < n; ++k) {
                draws[m * n + k] = x;
                x = r * x + std::sqrt(1 - r * r) * stats::sample_normal(random);
            }
        }
        CAPTURE(r);
        CHECK(bulk_ess({draws, 4}) == Approx(4 * n * (1 - r) / (1 + r)).epsilon(0.08));
        CHECK(split_rhat({draws, 4}) < 1.01);
        // One chain elsewhere: R-hat sees it, also where only the spread differs.
        auto moved = draws;
        for (std::size_t k = 0; k < n; ++k) moved[k] += 3;
        CHECK(split_rhat({moved, 4}) > 1.3);
        auto wider = draws;
        for (std::size_t k = 0; k < n; ++k) wider[k] *= 5;
        CHECK(split_rhat({wider, 4}) > 1.1);
    }
    CHECK(bulk_ess({std::vector<double>(40, 1.0), 4}) == 40);
    CHECK(split_rhat({std::vector<double>(40, 1.0), 4}) == 1);
    CHECK(std::isnan(split_rhat({std::vector<double>(3, 1.0), 1})));
}

TEST_CASE("effective sample size holds for any number of chains, which are summed side by side",
          "[models][insilico]") {
    auto const n_chains = GENERATE(std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{5});
    constexpr std::size_t n = 20001;
    Random random(n_chains);
    std::vector<double> draws(n_chains * n);
    for (std::size_t m = 0; m < n_chains; ++m) {
        double x = stats::sample_normal(random);
        for (std::size_t k = 0; k < n; ++k) {
            draws[m * n + k] = x;
            x = 0.8 * x + 0.6 * stats::sample_normal(random);
        }
    }
    auto const [rhat, ess] = mixing_of({draws, n_chains});
    CHECK(ess == Approx(static_cast<double>(n_chains * n) / 9).epsilon(0.15));
    CHECK(rhat < 1.02);
    CHECK(split_rhat({draws, n_chains}) == rhat);
    CHECK(bulk_ess({draws, n_chains}) == ess);
}

TEST_CASE("modes are in order of their evidence, and those without any are left out", "[models][insilico]") {
    double const nan = std::nan("");
    using Order = std::vector<std::size_t>;
    CHECK(order_of_modes(std::vector<double>{-400, nan, -300, -300, nan, -900}) == Order{2, 3, 0, 5});
    CHECK(order_of_modes(std::vector<double>{nan, nan}).empty());
}

TEST_CASE("draws that are not finite have no diagnostics", "[models][insilico]") {
    std::vector<double> draws(40);
    std::iota(draws.begin(), draws.end(), 0.0);
    draws[17] = GENERATE(std::nan(""), std::numeric_limits<double>::infinity());
    CHECK(std::isnan(split_rhat({draws, 4})));
    CHECK(std::isnan(bulk_ess({draws, 4})));
    Posterior posterior;
    posterior.csmf_draws = draws;
    posterior.n_chains = 4;
    posterior.n_kept = 10;
    std::vector<double> const one_population{1};
    CHECK_THROWS_AS(summarise(posterior, one_population), ModelError);
}

TEST_CASE("Heidelberger and Welch's test passes noise and fails drift", "[models][insilico]") {
    Random random(9);
    int passed = 0;
    for (int i = 0; i < 200; ++i) {
        std::vector<double> noise(200);
        for (double& x : noise) x = 5 + stats::sample_normal(random);
        passed += passes_heidelberger_welch(noise) ? 1 : 0;
    }
    // Five looks at a level of 5 %: all but a few pass.
    CHECK(passed >= 190);
    std::vector<double> drift(200);
    for (std::size_t i = 0; i < 200; ++i) drift[i] = static_cast<double>(i) + stats::sample_normal(random);
    CHECK_FALSE(passes_heidelberger_welch(drift));
    std::vector<double> vague(200);  // stationary, but the mean is not known to a tenth
    for (double& x : vague) x = 0.1 + stats::sample_normal(random);
    CHECK_FALSE(passes_heidelberger_welch(vague));
}

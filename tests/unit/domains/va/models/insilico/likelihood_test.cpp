#include "domains/va/models/insilico/likelihood.hpp"

#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>

#include "problems.hpp"

using namespace vaster;
using namespace vaster::models::insilicova;
using va::Answer;

namespace {

/// log csmf_c P(x_n | c)^w for every cause, symptom by symptom.
std::vector<double> plain_log_weights(Problem const& problem, std::vector<double> const& levels,
                                      std::vector<double> const& log_csmf, std::size_t death) {
    std::size_t const group = problem.population.empty() ? 0 : problem.population[death];
    std::vector<double> logs(problem.n_causes);
    for (std::size_t c = 0; c < problem.n_causes; ++c) {
        logs[c] = log_csmf[group * problem.n_causes + c];
        for (std::size_t s = 0; s < problem.n_symptoms(); ++s) {
            std::size_t const cell = s * problem.n_causes + c;
            double const p = problem.given.empty() ? levels[problem.level[cell]] : problem.given[cell];
            Answer const answer = problem.answers.row(death)[s];
            if (answer == Answer::present) logs[c] += problem.answer_weight * std::log(p);
            if (answer == Answer::absent) logs[c] += problem.answer_weight * std::log1p(-p);
        }
    }
    return logs;
}

double log_sum(std::vector<double> const& logs) {
    double const most = *std::max_element(logs.begin(), logs.end());
    double sum = 0;
    for (double const x : logs) sum += std::exp(x - most);
    return most + std::log(sum);
}

/// Compares recorded probabilities, the marginal and expected counts with plain computation.
void check_against_plain(Problem const& problem, std::vector<double> const& levels, Random random) {
    std::vector<double> log_csmf(problem.n_populations * problem.n_causes);
    for (std::size_t g = 0; g < problem.n_populations; ++g) {
        double sum = 0;
        for (std::size_t c = 0; c < problem.n_causes; ++c) {
            sum += log_csmf[g * problem.n_causes + c] = 0.01 + random.uniform();
        }
        for (std::size_t c = 0; c < problem.n_causes; ++c) {
            double& f = log_csmf[g * problem.n_causes + c];
            f = std::log(f / sum);
        }
    }
    Likelihood likelihood(problem);
    likelihood.set_levels(levels);
    Counts counts = likelihood.make_counts();
    likelihood.draw(log_csmf, random, counts, Record::yes);
    std::vector<double> probability(problem.n_deaths() * problem.n_causes);
    likelihood.add_probabilities(probability);
    std::vector<double> expected(log_csmf.size());
    double const marginal = likelihood.marginal(log_csmf, expected);
    double plain_marginal = 0;
    std::vector<double> plain_expected(log_csmf.size());
    for (std::size_t i = 0; i < problem.n_deaths(); ++i) {
        auto const logs = plain_log_weights(problem, levels, log_csmf, i);
        std::size_t const group = problem.population.empty() ? 0 : problem.population[i];
        std::vector<double> told = logs;
        bool const is_shared =
            !problem.shares.empty() &&
            std::any_of(problem.shares.begin() + static_cast<std::ptrdiff_t>(i * problem.n_causes),
                        problem.shares.begin() + static_cast<std::ptrdiff_t>((i + 1) * problem.n_causes),
                        [](double share) { return share > 0; });
        for (std::size_t c = 0; c < problem.n_causes && is_shared; ++c)
            told[c] += std::log(problem.shares[i * problem.n_causes + c]);
        double total = log_sum(told);
        bool const is_known = !problem.known.empty() && problem.known[i] >= 0;
        if (is_known) total = logs[static_cast<std::size_t>(problem.known[i])];
        plain_marginal += total;
        for (std::size_t c = 0; c < problem.n_causes; ++c) {
            double p = std::exp(told[c] - total);
            if (is_known) p = c == static_cast<std::size_t>(problem.known[i]) ? 1 : 0;
            plain_expected[group * problem.n_causes + c] += p;
            REQUIRE(probability[i * problem.n_causes + c] == Approx(p).epsilon(1e-9).margin(1e-12));
        }
    }
    CHECK(marginal == Approx(plain_marginal).epsilon(1e-12));
    for (std::size_t k = 0; k < expected.size(); ++k) {
        CHECK(expected[k] == Approx(plain_expected[k]).epsilon(1e-9).margin(1e-9));
    }
    CHECK(std::accumulate(counts.deaths.begin(), counts.deaths.end(), 0.0) ==
          static_cast<double>(problem.n_deaths()));
}

/// The same deaths with P(s|c) that stay as they are, drawn from these numbers.
Problem with_given(Problem problem, std::vector<double> const& numbers, Random random) {
    problem.given.clear();
    for (std::size_t k = 0; k < problem.n_symptoms() * problem.n_causes; ++k)
        problem.given.push_back(numbers[random.below(numbers.size())]);
    problem.n_levels = 0;
    problem.level.clear();
    problem.start.clear();
    problem.start_value.clear();
    problem.prior_present.clear();
    return problem;
}

}  // namespace

TEST_CASE("shared products give the probabilities of plain computation", "[models][insilico]") {
    for (std::size_t const n_causes : {2, 7, 8, 9, 34, 65, 130}) {
        CAPTURE(n_causes);
        auto const problem = testing::random_problem(60, 40, n_causes, 6, Random(n_causes));
        check_against_plain(problem, {0.8, 0.5, 0.3, 0.1, 0.02, 0.001}, Random(4));
    }
}

TEST_CASE("sub-populations have cause fractions of their own, known causes are kept", "[models][insilico]") {
    auto problem = testing::random_problem(60, 30, 5, 4, Random(2));
    problem.n_populations = 3;
    for (std::size_t i = 0; i < 60; ++i) {
        problem.population.push_back(static_cast<std::uint32_t>(i % 3));
        problem.known.push_back(i % 4 == 0 ? static_cast<std::int32_t>(i % 5) : -1);
    }
    check_against_plain(problem, {0.8, 0.4, 0.1, 0.01}, Random(5));
}

TEST_CASE("nothing underflows at a thousand symptoms", "[models][insilico]") {
    // Products of up to 1,000 factors of 1e-4 are 1e-4000: these deaths have to be worked out in logarithms.
    auto problem = testing::random_problem(20, 1000, 6, 3, Random(3));
    problem.answers.row(0).fill(Answer::present);
    problem.answers.row(1).fill(Answer::absent);
    problem.answers.row(2).fill(Answer::missing);
    check_against_plain(problem, {0.9999, 0.3, 0.0001}, Random(6));
}

TEST_CASE("given P(s|c) give the probabilities of plain computation", "[models][insilico]") {
    for (std::size_t const n_causes : {2, 8, 9, 60, 130}) {
        CAPTURE(n_causes);
        auto const problem = testing::random_problem(60, 40, n_causes, 1, Random(n_causes));
        check_against_plain(with_given(problem, {0.9999, 0.5, 0.31, 0.02, 0.0001}, Random(3)), {}, Random(4));
    }
}

TEST_CASE("answers that weigh less give the probabilities of plain computation", "[models][insilico]") {
    for (double const weight : {0.5, 0.15, 0.01}) {
        CAPTURE(weight);
        auto problem = testing::random_problem(60, 40, 9, 6, Random(8));
        problem.answer_weight = weight;
        check_against_plain(problem, {0.8, 0.5, 0.3, 0.1, 0.02, 0.001}, Random(4));
        check_against_plain(with_given(problem, {0.9999, 0.5, 0.31, 0.02, 0.0001}, Random(3)), {}, Random(4));
        auto long_one = testing::random_problem(20, 1000, 6, 3, Random(3));
        long_one.answers.row(0).fill(Answer::present);
        long_one.answer_weight = weight;
        check_against_plain(long_one, {0.9999, 0.3, 0.0001}, Random(6));
    }
}

TEST_CASE("given P(s|c) of deaths beyond the range of doubles are worked out like the others",
          "[models][insilico]") {
    // Products of up to 1,000 factors of 1e-4 are 1e-4000.
    auto problem = testing::random_problem(20, 1000, 6, 1, Random(3));
    problem.answers.row(0).fill(Answer::present);
    problem.answers.row(1).fill(Answer::absent);
    problem.answers.row(2).fill(Answer::missing);
    check_against_plain(with_given(problem, {0.9999, 0.3, 0.0001}, Random(5)), {}, Random(6));
    problem.n_populations = 2;
    problem.known.assign(20, -1);
    for (std::size_t i = 0; i < 20; ++i) problem.population.push_back(static_cast<std::uint32_t>(i % 2));
    problem.known[0] = 2;
    problem.known[5] = 4;
    check_against_plain(with_given(problem, {0.9999, 0.3, 0.0001}, Random(5)), {}, Random(6));
}

TEST_CASE("given P(s|c) hold against cause fractions as small as they come", "[models][insilico]") {
    // The first death's likelihood is e^-921 at the second cause, the second one's at the first; the third
    // has no answer.
    Problem problem;
    problem.n_causes = 2;
    problem.answers = va::AnswerMatrix(3, 100);
    for (std::size_t s = 0; s < 100; ++s) {
        problem.answers.row(0)[s] = s < 50 ? Answer::present : Answer::absent;
        problem.answers.row(1)[s] = s < 50 ? Answer::absent : Answer::present;
        problem.answers.row(2)[s] = Answer::missing;
        problem.given.push_back(s < 50 ? 0.9999 : 0.0001);
        problem.given.push_back(s < 50 ? 0.0001 : 0.9999);
    }
    double const log_fraction = GENERATE(-1.0, -599.0, -601.0, -800.0, -915.0, -927.0, -2000.0);
    CAPTURE(log_fraction);
    Likelihood likelihood(problem);
    Counts counts = likelihood.make_counts();
    Random random(1);
    std::vector<double> const log_csmf{std::log1p(-std::exp(log_fraction)), log_fraction};
    likelihood.draw(log_csmf, random, counts, Record::yes);
    std::vector<double> p(6);
    likelihood.add_probabilities(p);
    for (std::size_t i = 0; i < 3; ++i) {
        auto const logs = plain_log_weights(problem, {}, log_csmf, i);
        CHECK(p[2 * i] == Approx(1 / (1 + std::exp(logs[1] - logs[0]))).epsilon(1e-9).margin(1e-40));
        CHECK(p[2 * i + 1] == Approx(1 / (1 + std::exp(logs[0] - logs[1]))).epsilon(1e-9).margin(1e-40));
    }
}

TEST_CASE("told causes weigh in proportion to their shares, others not at all", "[models][insilico]") {
    auto problem = testing::random_problem(40, 30, 6, 4, Random(2));
    problem.n_populations = 2;
    problem.known.assign(40, -1);
    problem.shares.assign(40 * 6, 0.0);
    for (std::size_t i = 0; i < 40; ++i) {
        problem.population.push_back(static_cast<std::uint32_t>(i % 2));
        if (i % 4 == 0) problem.known[i] = 1;
        if (i % 4 == 1) problem.shares[i * 6 + 2] = 0.5;
        if (i % 4 == 1) problem.shares[i * 6 + 4] = 0.25;
        if (i % 4 == 2) problem.shares[i * 6] = 1e-3;
        if (i % 4 == 2) problem.shares[i * 6 + 5] = 7;
    }
    check_against_plain(problem, {0.8, 0.4, 0.1, 0.01}, Random(5));
    check_against_plain(with_given(problem, {0.9999, 0.4, 0.0001}, Random(1)), {}, Random(5));
}

TEST_CASE("a told cause holds however much speaks against it", "[models][insilico]") {
    auto problem = testing::random_problem(20, 400, 6, 3, Random(3));
    problem.shares.assign(20 * 6, 0.0);
    problem.shares[2] = problem.shares[3] = 1;
    for (std::size_t s = 0; s < 400; ++s) {  // by its answers e^-3600 times as likely as the others
        problem.answers.row(0)[s] = Answer::present;
        for (std::size_t c = 0; c < 6; ++c) problem.level[s * 6 + c] = c == 2 || c == 3 ? 2 : 0;
    }
    check_against_plain(problem, {0.9, 0.3, 0.0001}, Random(6));
}

TEST_CASE("a death without any answer has the cause fractions as its probabilities", "[models][insilico]") {
    auto problem = testing::random_problem(3, 10, 3, 2, Random(3));
    problem.answers.row(1).fill(Answer::missing);
    Likelihood likelihood(problem);
    likelihood.set_levels(std::vector<double>{0.7, 0.2});
    Counts counts = likelihood.make_counts();
    Random random(1);
    likelihood.draw(std::vector<double>{std::log(0.5), std::log(0.3), std::log(0.2)}, random, counts,
                    Record::yes);
    std::vector<double> p(9);
    likelihood.add_probabilities(p);
    CHECK(p[3] == Approx(0.5));
    CHECK(p[4] == Approx(0.3));
    CHECK(p[5] == Approx(0.2));
}

TEST_CASE("a known cause holds however much speaks against it", "[models][insilico]") {
    auto problem = testing::random_problem(20, 200, 6, 3, Random(3));
    problem.known.assign(20, -1);
    problem.known[0] = 2;
    for (std::size_t s = 0; s < 200; ++s) {  // by its answers e^-1800 times as likely as the others
        problem.answers.row(0)[s] = Answer::present;
        for (std::size_t c = 0; c < 6; ++c) problem.level[s * 6 + c] = c == 2 ? 2 : 0;
    }
    check_against_plain(problem, {0.9, 0.3, 0.0001}, Random(6));
}

TEST_CASE("a known cause holds however small its fraction is", "[models][insilico]") {
    auto problem = testing::random_problem(2, 10, 3, 2, Random(3));
    for (std::size_t i = 0; i < 2; ++i) problem.answers.row(i).fill(Answer::absent);
    problem.known = {1, -1};
    double const log_fraction = GENERATE(-650.0, -709.0, -720.0, -800.0);
    Likelihood likelihood(problem);
    std::vector<double> const levels{0.7, 0.2};
    likelihood.set_levels(levels);
    Counts counts = likelihood.make_counts();
    std::vector<double> const log_csmf{std::log(0.5), log_fraction, std::log(0.5)};
    Random random(1);
    likelihood.draw(log_csmf, random, counts, Record::yes);
    CHECK(counts.deaths[1] == 1);
    std::vector<double> probability(6);
    likelihood.add_probabilities(probability);
    CHECK(probability[1] == 1);
    CHECK(probability[0] + probability[2] == 0);
    std::vector<double> expected(3);
    double const marginal = likelihood.marginal(log_csmf, expected);
    CHECK(marginal == Approx(plain_log_weights(problem, levels, log_csmf, 0)[1] +
                             log_sum(plain_log_weights(problem, levels, log_csmf, 1)))
                          .epsilon(1e-12));
    CHECK(expected[1] == Approx(1));
}

TEST_CASE("every vector width gives the same bytes", "[models][insilico]") {
    auto const levelled = testing::random_problem(200, 60, 21, 9, Random(8));
    bool const is_given = GENERATE(false, true);
    auto const problem = is_given ? with_given(levelled, {0.9, 0.2, 0.01}, Random(9)) : levelled;
    std::vector<double> levels{0.9, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01, 0.002, 0.0003};
    levels.resize(problem.n_levels);
    std::vector<double> const log_csmf(21, std::log(1.0 / 21));
    std::vector<std::vector<double>> results;
    for (auto const& name : Likelihood::versions()) {
        Likelihood likelihood(problem);
        likelihood.use_version(name);
        likelihood.set_levels(levels, 0.7);
        Counts counts = likelihood.make_counts();
        Random random(1);
        std::vector<double> all;
        for (int i = 0; i < 5; ++i) {
            likelihood.draw(log_csmf, random, counts, Record::yes);
            all.insert(all.end(), counts.deaths.begin(), counts.deaths.end());
            all.insert(all.end(), counts.present.begin(), counts.present.end());
            all.insert(all.end(), counts.answered.begin(), counts.answered.end());
        }
        std::vector<double> p(200 * 21);
        likelihood.add_probabilities(p);
        std::vector<double> expected(21);
        all.push_back(likelihood.marginal(log_csmf, expected));
        all.insert(all.end(), p.begin(), p.end());
        all.insert(all.end(), expected.begin(), expected.end());
        results.push_back(std::move(all));
    }
    for (auto const& result : results) CHECK(result == results.front());
    if (results.size() < 2) WARN("this processor runs one version only");
}

TEST_CASE("causes are drawn with their probabilities, and symptoms counted at their levels",
          "[models][insilico]") {
    auto const problem = testing::random_problem(40, 25, 4, 3, Random(12));
    std::vector<double> const levels{0.7, 0.3, 0.05};
    std::vector<double> const log_csmf{std::log(0.4), std::log(0.3), std::log(0.2), std::log(0.1)};
    Likelihood likelihood(problem);
    likelihood.set_levels(levels);
    Counts counts = likelihood.make_counts();
    std::vector<double> expected(4);
    (void)likelihood.marginal(log_csmf, expected);
    std::vector<double> mean(4);
    Random random(3);
    constexpr int n = 20000;
    double answered = 0;
    for (int i = 0; i < n; ++i) {
        likelihood.draw(log_csmf, random, counts);
        for (std::size_t c = 0; c < 4; ++c) mean[c] += counts.deaths[c] / n;
        answered += std::accumulate(counts.answered.begin(), counts.answered.end(), 0.0) / n;
    }
    // The sd of a count is at most sqrt(40) / 2.
    for (std::size_t c = 0; c < 4; ++c) CHECK(mean[c] == Approx(expected[c]).margin(5 * std::sqrt(10.0 / n)));
    double all_answers = 0;
    for (std::size_t i = 0; i < 40; ++i) {
        for (Answer const a : problem.answers.row(i)) all_answers += a != Answer::missing ? 1 : 0;
    }
    CHECK(answered == Approx(all_answers));
}

TEST_CASE("products that are kept in range by powers of two give the probabilities of plain computation",
          "[models][insilico]") {
    for (std::size_t const n_causes : {2, 9, 34, 60}) {
        CAPTURE(n_causes);
        auto problem = testing::random_problem(60, 300, n_causes, 6, Random(n_causes));
        Random random(5);
        for (std::size_t i = 0; i < 60; ++i)
            for (std::size_t s = 0; s < 300; ++s)
                if (random.uniform() < 0.5) problem.answers.row(i)[s] = Answer::present;
        problem.scales_products = true;
        // 150 present answers of up to 9.2 each way are far beyond the 709 that the range of doubles holds.
        check_against_plain(problem, {0.9998, 0.5, 0.3, 0.1, 0.001, 0.00011}, Random(4));
        check_against_plain(problem, {0.8, 0.7, 0.6, 0.5, 0.4, 0.3}, Random(4));
        // Causes that are ruled out, and one of several told.
        for (std::size_t i = 0; i < 60; ++i)
            for (std::size_t c = 0; c < n_causes; ++c)
                problem.shares.push_back(i % 3 == 0 ? (c % 2 == 0 ? 1 : 0) : i % 3 == 1 ? 0.5 : 0);
        check_against_plain(problem, {0.9998, 0.5, 0.3, 0.1, 0.001, 0.00011}, Random(4));
        problem.known.assign(60, -1);
        for (std::size_t i = 2; i < 60; i += 6) problem.known[i] = 1;
        check_against_plain(problem, {0.9, 0.5, 0.3, 0.1, 0.01, 0.0011}, Random(4));
    }
}

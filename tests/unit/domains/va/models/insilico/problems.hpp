#pragma once

#include <algorithm>
#include <vector>

#include "domains/va/models/insilico/problem.hpp"
#include "vaster/support/random.hpp"

namespace vaster::testing {

/// A problem whose deaths, levels and priors are drawn at random; every tenth answer is missing, and some
/// deaths are alike.
inline models::insilicova::Problem random_problem(std::size_t n_deaths, std::size_t n_symptoms,
                                                  std::size_t n_causes, std::size_t n_levels, Random random) {
    models::insilicova::Problem problem;
    problem.n_causes = n_causes;
    problem.n_levels = n_levels;
    problem.answers = va::AnswerMatrix(n_deaths, n_symptoms);
    for (std::size_t i = 0; i < n_deaths; ++i) {
        auto const row = problem.answers.row(i);
        if (i > 5 && i % 7 == 0) {
            std::copy_n(problem.answers.row(i - 3).begin(), n_symptoms, row.begin());
            continue;
        }
        for (auto&& answer : row) {
            double const u = random.uniform();
            answer = u < 0.1 ? va::Answer::missing : u < 0.3 ? va::Answer::present : va::Answer::absent;
        }
    }
    for (std::size_t k = 0; k < n_symptoms * n_causes; ++k) {
        problem.level.push_back(static_cast<std::uint8_t>(random.below(n_levels)));
    }
    problem.prior_total = 20;
    for (std::size_t l = 0; l < n_levels; ++l) {
        double const p = 0.8 / static_cast<double>(l + 1);
        problem.start.push_back(p);
        problem.start_value.push_back(p);
        problem.prior_present.push_back(problem.prior_total * p);
    }
    return problem;
}

/// As random_problem, with answers that follow the levels: causes can be told apart.
inline models::insilicova::Problem informative_problem(std::size_t n_deaths, std::size_t n_symptoms,
                                                       std::size_t n_causes,
                                                       std::vector<double> const& levels, Random random) {
    auto problem = random_problem(n_deaths, n_symptoms, n_causes, levels.size(), random);
    for (std::size_t i = 0; i < n_deaths; ++i) {
        std::size_t const cause = random.below(n_causes);
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            auto&& answer = problem.answers.row(i)[s];
            bool const present = random.uniform() < levels[problem.level[s * n_causes + cause]];
            if (answer != va::Answer::missing) answer = present ? va::Answer::present : va::Answer::absent;
        }
    }
    return problem;
}

}  // namespace vaster::testing

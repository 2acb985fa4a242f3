#include "vaster/models/insilico_tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "vaster/support/contracts.hpp"

namespace vaster::models::insilicova {

namespace {

using table::Answer;

/// Not 0.05: one answer among 20 deaths is too few, as in the reference, whose threshold is this difference
/// in doubles.
constexpr double least_answered = 1 - 0.95;
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// Cells of the InterVA-4 table (245 x 60) at each level, from the highest to the lowest.
constexpr std::array<double, max_levels> reference_counts{92,   197, 521, 287,  225, 1472, 199, 257,
                                                          2882, 449, 42,  4214, 101, 1262, 2500};

/// The means of the levels' priors are these times 0.99.
constexpr std::array<double, max_levels> prior_means{1,    .8,   .5,   .2,    .1,    .05,    .02,    .01,
                                                     .005, .002, .001, .0005, .0001, .00001, .000001};

/// R's quantile of type 7 of sorted values.
double sorted_quantile(std::vector<double> const& sorted, double p) {
    double const h = static_cast<double>(sorted.size() - 1) * p;
    auto const below = static_cast<std::size_t>(std::floor(h + 4 * std::numeric_limits<double>::epsilon()));
    double const rest = h - static_cast<double>(below);
    if (below + 1 >= sorted.size() || std::abs(rest) < 1e-12)
        return sorted[std::min(below, sorted.size() - 1)];
    return (1 - rest) * sorted[below] + rest * sorted[below + 1];
}

/// Levels of cells, and the number of each of the 15 levels.
struct Ranking {
    std::vector<std::uint8_t> level;
    std::array<double, max_levels> number{};
};

/// The lowest level takes what lies up to the quantile of the first share, and so on. The shares are those of
/// the levels from the HIGHEST down although they are dealt out from the lowest up: so it is in the
/// reference, and so it stays.
Ranking by_quantile(std::vector<double> const& cells) {
    std::vector<double> sorted = cells;
    std::sort(sorted.begin(), sorted.end());
    double total = 0;
    for (double const n : reference_counts) total += n;
    std::array<double, max_levels> cut{};
    Ranking ranking;
    double sum = 0;
    double share_before = 0;
    for (std::size_t k = 0; k < max_levels; ++k) {
        sum += reference_counts[k] / total;
        double const share = k + 1 == max_levels ? 1 : sum;
        cut[k] = sorted_quantile(sorted, share);
        ranking.number[max_levels - 1 - k] = sorted_quantile(sorted, (share + share_before) / 2);
        share_before = share;
    }
    ranking.level.reserve(cells.size());
    for (double const p : cells) {
        auto const k = std::lower_bound(cut.begin(), cut.end() - 1, p) - cut.begin();
        ranking.level.push_back(static_cast<std::uint8_t>(max_levels - 1 - static_cast<std::size_t>(k)));
    }
    return ranking;
}

/// The nearest InterVA number; half-way between two, the lower.
Ranking by_number(std::vector<double> const& cells) {
    Ranking ranking;
    ranking.number = level_values;
    for (double const p : cells) {
        std::uint8_t level = 0;
        for (std::uint8_t l = 1; l < max_levels; ++l) {
            double const cut = level_values[l - 1] + (level_values[l] - level_values[l - 1]) / 2;
            if (p <= cut) level = l;
        }
        ranking.level.push_back(level);
    }
    return ranking;
}

/// Distance from 0 or 1 of a cell whose n answers were all the same.
double stand_in(ZeroCells rule, double n_answers, Random& random) {
    constexpr double least = 1e-6;
    switch (rule) {
        case ZeroCells::random:
            return least * (1 + random.uniform());
        case ZeroCells::evidence:
            return least * (1 + 1 / (1 + n_answers));
        case ZeroCells::tied:
            return 1.5 * least;
    }
    return least;
}

bool answered_in_test(Deaths const& test, std::size_t symptom) {
    return std::any_of(test.rows.begin(), test.rows.end(),
                       [&](std::uint32_t row) { return test.answers.row(row)[symptom] != Answer::missing; });
}

void choose(TrainingTables const& training, Deaths const& test, TableOptions const& options,
            Prepared& prepared) {
    for (std::uint32_t s = 0; s < training.n_symptoms; ++s) {
        double answered = 0;
        for (std::size_t c = 0; c < training.n_causes; ++c)
            answered += training.answered[s * training.n_causes + c];
        double const n = static_cast<double>(training.n_deaths);
        if ((n - answered) / n > options.most_missing) {
            prepared.dropped.push_back({Dropped::missing_in_training, s});
        } else if (!answered_in_test(test, s)) {
            prepared.dropped.push_back({Dropped::missing_in_test, s});
        } else {
            prepared.symptoms.push_back(s);
        }
    }
    for (std::uint32_t c = 0; c < training.n_causes; ++c) {
        if (training.deaths[c] > 0)
            prepared.causes.push_back(c);
        else
            prepared.dropped.push_back({Dropped::cause_without_training, c});
    }
}

/// Median of how many cells the levels in use have.
double median_count(std::vector<std::size_t> counts) {
    std::sort(counts.begin(), counts.end());
    std::size_t const n = counts.size();
    return 0.5 * static_cast<double>(counts[(n - 1) / 2] + counts[n / 2]);
}

/// Levels that some cell has, numbered from the highest down, with their priors and starts.
void set_levels(Ranking const& ranking, LevelRule rule, Prepared& prepared) {
    Problem& problem = prepared.problem;
    std::array<std::size_t, max_levels> cells{};
    for (std::uint8_t const l : ranking.level) cells[l]++;
    std::array<std::uint8_t, max_levels> renumbered{};
    std::vector<std::size_t> counts;
    for (std::size_t l = 0; l < max_levels; ++l) {
        if (cells[l] == 0) continue;
        renumbered[l] = static_cast<std::uint8_t>(counts.size());
        counts.push_back(cells[l]);
        prepared.level_of.push_back(static_cast<std::uint8_t>(l));
    }
    for (std::uint8_t const l : ranking.level) problem.level.push_back(renumbered[l]);
    problem.n_levels = counts.size();
    double const strength = rule == LevelRule::quantile ? 0.01 : 1;
    double const deaths = std::trunc(1.5 * static_cast<double>(problem.n_deaths()));
    problem.prior_total = std::max(std::trunc(deaths * median_count(counts) * strength), 1.0);
    for (std::uint8_t const l : prepared.level_of) {
        problem.prior_present.push_back(0.99 * problem.prior_total * prior_means[l]);
        problem.start.push_back(level_values[l] * (highest_probability - lowest_probability) +
                                lowest_probability);
        problem.start_value.push_back(ranking.number[l]);
    }
}

}  // namespace

TrainingTables count_training(TrainingSet const& training) {
    TrainingTables tables;
    tables.n_symptoms = training.deaths.answers.n_columns();
    tables.n_causes = training.n_causes;
    tables.n_deaths = training.deaths.rows.size();
    tables.deaths.assign(tables.n_causes, 0);
    tables.present.assign(tables.n_symptoms * tables.n_causes, 0);
    tables.answered.assign(tables.n_symptoms * tables.n_causes, 0);
    for (std::size_t i = 0; i < tables.n_deaths; ++i) {
        std::size_t const cause = training.causes[i];
        tables.deaths[cause]++;
        auto const row = training.deaths.answers.row(training.deaths.rows[i]);
        for (std::size_t s = 0; s < row.size(); ++s) {
            tables.present[s * tables.n_causes + cause] += row[s] == Answer::present ? 1 : 0;
            tables.answered[s * tables.n_causes + cause] += row[s] != Answer::missing ? 1 : 0;
        }
    }
    return tables;
}

std::vector<double> conditional_probabilities(TrainingTables const& training,
                                              std::vector<std::uint32_t> const& symptoms,
                                              std::vector<std::uint32_t> const& causes,
                                              TableOptions const& options, Random& random) {
    std::vector<double> cells(symptoms.size() * causes.size());
    std::vector<double> answers(cells.size());
    for (std::size_t i = 0; i < symptoms.size(); ++i) {
        std::size_t const row = symptoms[i] * training.n_causes;
        double everywhere = 0;
        for (std::size_t c = 0; c < training.n_causes; ++c) everywhere += training.present[row + c];
        for (std::size_t j = 0; j < causes.size(); ++j) {
            double const present = training.present[row + causes[j]];
            double const answered = training.answered[row + causes[j]];
            double const deaths = training.deaths[causes[j]];
            double p = answered < least_answered * deaths || answered == 0 ? undefined : present / answered;
            if (deaths == 1 && answered == 0 && options.alternate_single_deaths && i % 2 == 1) p = 0;
            bool const is_defined = !std::isnan(p);
            if (!is_defined) p = everywhere / static_cast<double>(training.n_deaths);
            cells[i * causes.size() + j] = p;
            answers[i * causes.size() + j] = is_defined ? answered : static_cast<double>(training.n_deaths);
        }
    }
    for (std::size_t k = 0; k < cells.size(); ++k) {
        if (cells[k] == 0)
            cells[k] = stand_in(options.zero_cells, answers[k], random);
        else if (cells[k] == 1)
            cells[k] = 1 - stand_in(options.zero_cells, answers[k], random);
    }
    return cells;
}

Prepared prepare(TrainingTables const& training, Deaths const& test, TableOptions const& options,
                 Random& random) {
    VASTER_EXPECTS(training.n_symptoms == test.answers.n_columns());
    Prepared prepared;
    choose(training, test, options, prepared);
    Problem& problem = prepared.problem;
    problem.n_causes = prepared.causes.size();
    problem.answers = table::AnswerMatrix(test.rows.size(), prepared.symptoms.size());
    if (prepared.symptoms.empty() || prepared.causes.empty()) return prepared;
    for (std::size_t i = 0; i < test.rows.size(); ++i) {
        auto const from = test.answers.row(test.rows[i]);
        auto const to = problem.answers.row(i);
        for (std::size_t s = 0; s < prepared.symptoms.size(); ++s) to[s] = from[prepared.symptoms[s]];
    }
    auto const cells =
        conditional_probabilities(training, prepared.symptoms, prepared.causes, options, random);
    set_levels(options.levels == LevelRule::quantile ? by_quantile(cells) : by_number(cells), options.levels,
               prepared);
    return prepared;
}

std::vector<std::string> describe(std::vector<Prepared::Leaving> const& dropped) {
    static constexpr std::array<std::string_view, 3> texts{
        "{} left out: missing in more than 95 % of the training deaths",
        "{} left out: missing in every test death", "{} left out: no training death"};
    std::vector<std::string> lines;
    for (Dropped const why :
         {Dropped::missing_in_training, Dropped::missing_in_test, Dropped::cause_without_training}) {
        auto const n =
            std::count_if(dropped.begin(), dropped.end(), [&](auto const& d) { return d.why == why; });
        if (n == 0) continue;
        bool const is_cause = why == Dropped::cause_without_training;
        auto const what = fmt::format("{} {}{}", n, is_cause ? "cause" : "symptom", n == 1 ? "" : "s");
        lines.push_back(fmt::format(fmt::runtime(texts[static_cast<std::size_t>(why)]), what));
    }
    return lines;
}

}  // namespace vaster::models::insilicova

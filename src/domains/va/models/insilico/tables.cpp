#include "domains/va/models/insilico/tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models::insilicova {

namespace {

using va::Answer;

/// Not 0.05: one answer among 20 deaths is too few, as in the reference, whose threshold is this difference
/// in doubles.
constexpr double least_answered = 1 - 0.95;

/// Cells of the InterVA-4 table (245 x 60) at each level, from the highest to the lowest.
constexpr std::array<double, max_levels> reference_counts{92,   197, 521, 287,  225, 1472, 199, 257,
                                                          2882, 449, 42,  4214, 101, 1262, 2500};

/// The means of the levels' priors are these times 0.99.
constexpr std::array<double, max_levels> prior_means{1,    .8,   .5,   .2,    .1,    .05,    .02,    .01,
                                                     .005, .002, .001, .0005, .0001, .00001, .000001};

/// R's quantile of type 7 of sorted values, with R's slack of some roundings: the reference is R, and where a
/// level begins must not depend on the last bit of a product, as it would with stats::quantile().
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

/// Stand-ins for 0 lie between this and twice this; those for 1 as far below 1.
constexpr double least_stand_in = 1e-6;

bool stands_for_zero(double p) {
    return p <= 2 * least_stand_in;
}

bool stands_for_one(double p) {
    return p >= 1 - 2 * least_stand_in;
}

/// Cells that were 0 get the lowest level and those that were 1 the highest, wherever the shares of the
/// levels would have cut them apart.
void tie_certain(std::vector<double> const& cells, Ranking& ranking) {
    for (std::size_t k = 0; k < cells.size(); ++k) {
        if (stands_for_zero(cells[k])) ranking.level[k] = max_levels - 1;
        if (stands_for_one(cells[k])) ranking.level[k] = 0;
    }
}

/// Replaces exact 0 and 1: at random, or evenly spread in the order of the cells, which depends on no stream.
void replace_certain(std::vector<double>& cells, CertainCells rule, Random& random) {
    auto const n = static_cast<double>(
        std::count_if(cells.begin(), cells.end(), [](double p) { return p == 0 || p == 1; }));
    double place = 0.5;
    for (double& p : cells) {
        if (p != 0 && p != 1) continue;
        double const u = least_stand_in * (1 + (rule == CertainCells::random ? random.uniform() : place / n));
        place += 1;
        p = p == 0 ? u : 1 - u;
    }
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

/// Answers of the test deaths to the symptoms that were kept.
void copy_answers(Deaths const& test, Prepared& prepared) {
    prepared.problem.answers = va::AnswerMatrix(test.rows.size(), prepared.symptoms.size());
    for (std::size_t i = 0; i < test.rows.size(); ++i) {
        auto const from = test.answers.row(test.rows[i]);
        auto const to = prepared.problem.answers.row(i);
        for (std::size_t s = 0; s < prepared.symptoms.size(); ++s) to[s] = from[prepared.symptoms[s]];
    }
}

using CellCounts = std::array<std::size_t, max_levels>;

CellCounts count_cells(Ranking const& ranking) {
    CellCounts counts{};
    for (std::uint8_t const l : ranking.level) counts[l]++;
    return counts;
}

/// Median of how many cells the levels in use have.
double median_in_use(CellCounts const& counts) {
    std::vector<std::size_t> used;
    std::copy_if(counts.begin(), counts.end(), std::back_inserter(used), [](std::size_t n) { return n > 0; });
    std::sort(used.begin(), used.end());
    std::size_t const n = used.size();
    return 0.5 * static_cast<double>(used[(n - 1) / 2] + used[n / 2]);
}

/// B, the pseudo-deaths behind the prior of a level.
double prior_strength(Ranking const& ranking, LevelRule rule, std::size_t n_deaths) {
    double const strength = rule == LevelRule::quantile ? 0.01 : 1;
    double const deaths = std::trunc(1.5 * static_cast<double>(n_deaths));
    return std::max(std::trunc(deaths * median_in_use(count_cells(ranking)) * strength), 1.0);
}

/// Levels that some cell has, numbered from the highest down, with their priors and starts.
void set_levels(Ranking const& ranking, double prior_total, Prepared& prepared) {
    Problem& problem = prepared.problem;
    CellCounts const cells = count_cells(ranking);
    std::array<std::uint8_t, max_levels> renumbered{};
    for (std::size_t l = 0; l < max_levels; ++l) {
        if (cells[l] == 0) continue;
        renumbered[l] = static_cast<std::uint8_t>(prepared.level_of.size());
        prepared.level_of.push_back(static_cast<std::uint8_t>(l));
    }
    for (std::uint8_t const l : ranking.level) problem.level.push_back(renumbered[l]);
    problem.n_levels = prepared.level_of.size();
    problem.prior_total = prior_total;
    for (std::uint8_t const l : prepared.level_of) {
        problem.prior_present.push_back(0.99 * prior_total * prior_means[l]);
        problem.start.push_back(level_values[l] * (highest_probability - lowest_probability) +
                                lowest_probability);
        problem.start_value.push_back(ranking.number[l]);
    }
}

/// Chooses among the given symptoms those that some test death answers.
/// @returns their places in cells.symptoms
std::vector<std::size_t> choose_given(GivenCells const& cells, std::size_t n_causes, Deaths const& test,
                                      Prepared& prepared) {
    std::vector<std::size_t> places;
    std::size_t next = 0;
    for (std::uint32_t s = 0; s < test.answers.n_columns(); ++s) {
        if (next == cells.symptoms.size() || cells.symptoms[next] != s) {
            prepared.dropped.push_back({Dropped::symptom_not_given, s});
            continue;
        }
        std::size_t const place = next++;
        if (!answered_in_test(test, s)) {
            prepared.dropped.push_back({Dropped::missing_in_test, s});
            continue;
        }
        prepared.symptoms.push_back(s);
        places.push_back(place);
    }
    prepared.causes = cells.causes;
    for (std::uint32_t c = 0; c < n_causes; ++c)
        if (!std::binary_search(cells.causes.begin(), cells.causes.end(), c))
            prepared.dropped.push_back({Dropped::cause_not_given, c});
    return places;
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
    std::vector<double> cells;
    cells.reserve(symptoms.size() * causes.size());
    auto const n_deaths = static_cast<double>(training.n_deaths);
    for (std::size_t i = 0; i < symptoms.size(); ++i) {
        std::size_t const row = symptoms[i] * training.n_causes;
        double everywhere = 0;
        for (std::size_t c = 0; c < training.n_causes; ++c) everywhere += training.present[row + c];
        everywhere /= n_deaths;
        for (std::uint32_t const cause : causes) {
            double const present = training.present[row + cause];
            double const answered = training.answered[row + cause];
            double const deaths = training.deaths[cause];
            bool const is_defined = answered > 0 && answered >= least_answered * deaths;
            double p = is_defined ? present / answered : everywhere;
            bool const counts_as_absent =
                deaths == 1 && answered == 0 && options.alternate_single_deaths && i % 2 == 1;
            if (counts_as_absent) p = 0;
            cells.push_back(p);
        }
    }
    replace_certain(cells, options.certain_cells, random);
    return cells;
}

Prepared prepare(TrainingTables const& training, Deaths const& test, TableOptions const& options,
                 Random& random) {
    VASTER_EXPECTS(training.n_symptoms == test.answers.n_columns());
    Prepared prepared;
    choose(training, test, options, prepared);
    Problem& problem = prepared.problem;
    problem.n_causes = prepared.causes.size();
    if (prepared.symptoms.empty() || prepared.causes.empty()) return prepared;
    copy_answers(test, prepared);
    auto const cells =
        conditional_probabilities(training, prepared.symptoms, prepared.causes, options, random);
    Ranking ranking = options.levels == LevelRule::quantile ? by_quantile(cells) : by_number(cells);
    // The strength of the priors is the reference's also where certain cells then share a level.
    double const prior_total = prior_strength(ranking, options.levels, problem.n_deaths());
    if (options.certain_cells == CertainCells::tied) tie_certain(cells, ranking);
    set_levels(ranking, prior_total, prepared);
    return prepared;
}

Prepared prepare_given(GivenCells const& cells, std::size_t n_causes, Deaths const& test) {
    std::size_t const width = cells.causes.size();
    VASTER_EXPECTS(cells.levels.size() + cells.numbers.size() == cells.symptoms.size() * width);
    Prepared prepared;
    auto const places = choose_given(cells, n_causes, test, prepared);
    Problem& problem = prepared.problem;
    problem.n_causes = width;
    copy_answers(test, prepared);
    if (prepared.symptoms.empty() || width == 0) return prepared;
    Ranking ranking;
    ranking.number = level_values;
    for (std::size_t const place : places) {
        for (std::size_t k = place * width; k < (place + 1) * width; ++k) {
            if (cells.levels.empty())
                problem.given.push_back(
                    std::clamp(cells.numbers[k], lowest_probability, highest_probability));
            else
                ranking.level.push_back(cells.levels[k]);
        }
    }
    problem.scales_products = true;
    if (!cells.levels.empty())
        set_levels(ranking, prior_strength(ranking, LevelRule::fixed, problem.n_deaths()), prepared);
    return prepared;
}

bool is_cause(Dropped why) noexcept {
    return why == Dropped::cause_without_training || why == Dropped::cause_not_given;
}

std::vector<std::string> describe(std::vector<Prepared::Leaving> const& dropped) {
    static constexpr std::array<std::string_view, 5> texts{
        "{} left out: missing in more than 95 % of the training deaths",
        "{} left out: missing in every test death", "{} left out: not in the given table",
        "{} left out: no training death", "{} left out: not in the given table"};
    std::vector<std::string> lines;
    for (std::size_t reason = 0; reason < texts.size(); ++reason) {
        auto const why = static_cast<Dropped>(reason);
        auto const n =
            std::count_if(dropped.begin(), dropped.end(), [&](auto const& d) { return d.why == why; });
        if (n == 0) continue;
        auto const what = fmt::format("{} {}{}", n, is_cause(why) ? "cause" : "symptom", n == 1 ? "" : "s");
        lines.push_back(fmt::format(fmt::runtime(texts[reason]), what));
    }
    return lines;
}

}  // namespace vaster::models::insilicova

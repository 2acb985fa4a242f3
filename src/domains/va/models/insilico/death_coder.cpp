#include "domains/va/models/insilico/death_coder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/stats/quantile.hpp"
#include "domains/va/models/insilico/likelihood.hpp"
#include "domains/va/models/part_checks.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models::insilicova {

namespace {

using va::Answer;

/// Symptoms answered with one word whose P(s|c) has each level.
using LevelCounts = std::array<std::uint32_t, max_levels>;

std::vector<std::uint32_t> load_ascending(Parts const& parts, std::string_view part, std::size_t n) {
    auto const places = parts.get<std::uint32_t>(part);
    check_ascending(part, places);
    require<DataError>(places.empty() || places.back() < n, "part '{}' ends at {} (must be below {})", part,
                       places.empty() ? 0 : places.back(), n);
    return {places.begin(), places.end()};
}

/// Numbers of a shape, all within a range.
std::vector<double> load_reals(Parts const& parts, std::string_view part,
                               std::vector<std::uint64_t> const& shape, Range range) {
    auto const values = parts.get<double>(part, shape);
    check_range(part, values, range);
    return {values.begin(), values.end()};
}

/// Of a part with `dimensions` dimensions the length of one, at most `most`.
std::size_t length_of(Parts const& parts, std::string_view name, std::size_t dimensions, std::size_t which,
                      std::uint64_t most) {
    auto const* const part = parts.find(name);
    require<DataError>(part != nullptr && part->shape.size() == dimensions,
                       "part '{}' is absent or does not have {} dimensions", name, dimensions);
    std::uint64_t const n = part->shape[which];
    require<DataError>(n <= most, "part '{}' has {} of what may be {}", name, n, most);
    return n;
}

constexpr std::uint64_t most_draws = 100000;
constexpr std::uint64_t most_populations = 100000;

/// The fractions of every draw and population sum to 1.
void check_fractions(DrawsOfBatch const& draws) {
    std::size_t const n = draws.causes.size();
    for (std::size_t i = 0; i < draws.csmf.size(); i += n) {
        double sum = 0;
        for (std::size_t c = 0; c < n; ++c) sum += draws.csmf[i + c];
        constexpr double rounding = 1e-6;
        require<DataError>(std::abs(sum - 1) <= rounding, "part 'csmf': fractions {} sum to {} (must be 1)",
                           i / n, sum);
    }
}

}  // namespace

/// What coding one death needs, used for one after the other.
struct DeathCoder::Scratch {
    std::vector<LevelCounts> present, absent;  ///< [causes]
    std::vector<double> logs;                  ///< [causes][n_draws]
    std::vector<double> largest, total;        ///< [n_draws]
};

DrawsOfBatch draws_of(Prepared const& prepared, Posterior const& posterior, std::size_t n_symptoms,
                      std::size_t n_causes) {
    Problem const& problem = prepared.problem;
    DrawsOfBatch draws;
    draws.n_symptoms = n_symptoms;
    draws.n_causes = n_causes;
    draws.causes = prepared.causes;
    draws.n_populations = problem.n_populations;
    if (posterior.spread_csmf.empty()) {  // there was nothing to sample
        draws.n_draws = 1;
        draws.csmf = posterior.csmf;
        return draws;
    }
    draws.symptoms = prepared.symptoms;
    draws.level = problem.level;
    draws.given = problem.given;
    draws.n_levels = problem.n_levels;
    draws.answer_weight = problem.answer_weight;
    draws.is_uniform = problem.causes == CausePrior::uniform;
    draws.csmf = posterior.spread_csmf;
    draws.levels = posterior.spread_levels;
    draws.n_draws = draws.csmf.size() / (problem.n_populations * problem.n_causes);
    return draws;
}

DeathCoder::DeathCoder(DrawsOfBatch draws) : draws_(std::move(draws)) {
    std::size_t const n_cells = draws_.symptoms.size() * draws_.causes.size();
    std::size_t const n_draws = draws_.n_draws;
    std::size_t const n_fractions = draws_.n_populations * draws_.causes.size();
    VASTER_EXPECTS(draws_.level.size() + draws_.given.size() == n_cells);
    VASTER_EXPECTS(draws_.csmf.size() == n_draws * n_fractions);
    VASTER_EXPECTS(draws_.levels.size() == n_draws * draws_.n_levels);
    log_csmf_.resize(draws_.csmf.size());
    for (std::size_t t = 0; t < n_draws; ++t)
        for (std::size_t f = 0; f < n_fractions; ++f)
            log_csmf_[f * n_draws + t] = draws_.is_uniform ? 0 : std::log(draws_.csmf[t * n_fractions + f]);
    log_present_.resize(draws_.levels.size());
    log_absent_.resize(draws_.levels.size());
    for (std::size_t t = 0; t < n_draws; ++t)
        for (std::size_t l = 0; l < draws_.n_levels; ++l) {
            double const level = draws_.levels[t * draws_.n_levels + l];
            log_present_[l * n_draws + t] = draws_.answer_weight * std::log(level);
            log_absent_[l * n_draws + t] = draws_.answer_weight * std::log1p(-level);
        }
    for (double const p : draws_.given) {
        given_present_.push_back(draws_.answer_weight * std::log(p));
        given_absent_.push_back(draws_.answer_weight * std::log1p(-p));
    }
}

void DeathCoder::count_levels(va::AnswerRow answers, Scratch& scratch) const {
    std::size_t const n_causes = draws_.causes.size();
    scratch.present.assign(n_causes, {});
    scratch.absent.assign(n_causes, {});
    for (std::size_t s = 0; s < draws_.symptoms.size(); ++s) {
        Answer const answer = answers[draws_.symptoms[s]];
        if (answer == Answer::missing) continue;
        auto& counts = answer == Answer::present ? scratch.present : scratch.absent;
        for (std::size_t c = 0; c < n_causes; ++c) ++counts[c][draws_.level[s * n_causes + c]];
    }
}

void DeathCoder::add_levels(va::AnswerRow answers, Scratch& scratch) const {
    std::size_t const n_draws = draws_.n_draws;
    count_levels(answers, scratch);
    auto const add = [n_draws](double* to, double factor, double const* terms) {
        for (std::size_t t = 0; t < n_draws; ++t) to[t] += factor * terms[t];
    };
    for (std::size_t c = 0; c < draws_.causes.size(); ++c)
        for (std::size_t l = 0; l < draws_.n_levels; ++l) {
            double* const logs = scratch.logs.data() + c * n_draws;
            if (scratch.present[c][l] > 0) add(logs, scratch.present[c][l], &log_present_[l * n_draws]);
            if (scratch.absent[c][l] > 0) add(logs, scratch.absent[c][l], &log_absent_[l * n_draws]);
        }
}

void DeathCoder::add_given(va::AnswerRow answers, Scratch& scratch) const {
    std::size_t const n_causes = draws_.causes.size();
    for (std::size_t c = 0; c < n_causes; ++c) {
        double sum = 0;
        for (std::size_t s = 0; s < draws_.symptoms.size(); ++s) {
            Answer const answer = answers[draws_.symptoms[s]];
            if (answer == Answer::missing) continue;
            sum += (answer == Answer::present ? given_present_ : given_absent_)[s * n_causes + c];
        }
        for (std::size_t t = 0; t < draws_.n_draws; ++t) scratch.logs[c * draws_.n_draws + t] += sum;
    }
}

void DeathCoder::code(va::AnswerRow answers, std::size_t population, Scratch& scratch,
                      std::span<double> probability) const {
    std::size_t const n_causes = draws_.causes.size();
    std::size_t const n_draws = draws_.n_draws;
    auto const first = log_csmf_.begin() + static_cast<std::ptrdiff_t>(population * n_causes * n_draws);
    scratch.logs.assign(first, first + static_cast<std::ptrdiff_t>(n_causes * n_draws));
    if (draws_.given.empty())
        add_levels(answers, scratch);
    else
        add_given(answers, scratch);
    scratch.largest.assign(n_draws, -std::numeric_limits<double>::infinity());
    for (std::size_t c = 0; c < n_causes; ++c)
        for (std::size_t t = 0; t < n_draws; ++t)
            scratch.largest[t] = std::max(scratch.largest[t], scratch.logs[c * n_draws + t]);
    scratch.total.assign(n_draws, 0.0);
    for (std::size_t c = 0; c < n_causes; ++c)
        for (std::size_t t = 0; t < n_draws; ++t) {
            double& weight = scratch.logs[c * n_draws + t];
            weight = std::exp(weight - scratch.largest[t]);
            scratch.total[t] += weight;
        }
    for (std::size_t c = 0; c < n_causes; ++c) {
        double sum = 0;
        for (std::size_t t = 0; t < n_draws; ++t) sum += scratch.logs[c * n_draws + t] / scratch.total[t];
        probability[draws_.causes[c]] = sum / static_cast<double>(n_draws);
    }
}

Prediction DeathCoder::predict(TestSet const& test, Watcher& watcher) const {
    VASTER_EXPECTS(test.deaths.answers.n_columns() == draws_.n_symptoms);
    Prediction prediction;
    prediction.n_deaths = test.deaths.rows.size();
    prediction.n_causes = draws_.n_causes;
    prediction.probability.assign(prediction.n_deaths * prediction.n_causes, 0.0);
    Scratch scratch;
    for (std::size_t i = 0; i < prediction.n_deaths; ++i) {
        constexpr std::size_t between_looks = 256;
        if (i % between_looks == 0 && watcher.stop_requested()) throw Cancelled();
        std::size_t const population = test.population.empty() ? 0 : test.population[i];
        code(test.deaths.answers.row(test.deaths.rows[i]), population, scratch,
             std::span(prediction.probability).subspan(i * prediction.n_causes, prediction.n_causes));
    }
    return prediction;
}

CauseFractions DeathCoder::fractions(std::span<double const> shares) const {
    VASTER_EXPECTS(shares.size() == draws_.n_populations);
    std::size_t const n_causes = draws_.causes.size();
    std::size_t const n_fractions = draws_.n_populations * n_causes;
    CauseFractions all;
    for (auto* values : {&all.mean, &all.lo, &all.hi}) values->assign(draws_.n_causes, 0.0);
    std::vector<double> of_cause(draws_.n_draws);
    for (std::size_t c = 0; c < n_causes; ++c) {
        double sum = 0;
        for (std::size_t t = 0; t < draws_.n_draws; ++t) {
            of_cause[t] = 0;
            for (std::size_t g = 0; g < shares.size(); ++g)
                of_cause[t] += shares[g] * draws_.csmf[t * n_fractions + g * n_causes + c];
            sum += of_cause[t];
        }
        std::size_t const cause = draws_.causes[c];
        all.mean[cause] = sum / static_cast<double>(draws_.n_draws);
        all.lo[cause] = stats::quantile(of_cause, 0.025);
        all.hi[cause] = stats::quantile(of_cause, 0.975);
    }
    return all;
}

void DeathCoder::save(Parts& parts) const {
    auto const& d = draws_;
    parts.put("symptoms", d.symptoms);
    parts.put("causes", d.causes);
    if (d.given.empty())
        parts.put<std::uint8_t>("level", d.level, {d.symptoms.size(), d.causes.size()});
    else
        parts.put<double>("given", d.given, {d.symptoms.size(), d.causes.size()});
    parts.put<double>("csmf", d.csmf, {d.n_draws, d.n_populations, d.causes.size()});
    parts.put<double>("levels", d.levels, {d.n_draws, d.n_levels});
    if (d.is_uniform) parts.put<std::uint8_t>("uniform", std::vector<std::uint8_t>{1}, {1});
    // Weight 1 is not kept: a posterior without it has the bytes that it had before there was one.
    if (d.answer_weight != 1) parts.put<double>("answer_weight", std::vector{d.answer_weight}, {1});
}

std::unique_ptr<DeathCoder> DeathCoder::load(Parts const& parts, std::size_t n_symptoms,
                                             std::size_t n_causes) {
    DrawsOfBatch draws;
    draws.n_symptoms = n_symptoms;
    draws.n_causes = n_causes;
    draws.symptoms = load_ascending(parts, "symptoms", n_symptoms);
    draws.causes = load_ascending(parts, "causes", n_causes);
    require<DataError>(!draws.causes.empty() && draws.causes.size() <= max_causes,
                       "part 'causes' has {} causes (must be 1 to {})", draws.causes.size(), max_causes);
    std::vector<std::uint64_t> const cells{draws.symptoms.size(), draws.causes.size()};
    draws.n_draws = length_of(parts, "csmf", 3, 0, most_draws);
    draws.n_populations = length_of(parts, "csmf", 3, 1, most_populations);
    draws.n_levels = length_of(parts, "levels", 2, 1, max_levels);
    require<DataError>(draws.n_draws > 0 && draws.n_populations > 0, "part 'csmf' has no draws");
    draws.csmf = load_reals(parts, "csmf", {draws.n_draws, draws.n_populations, draws.causes.size()}, {0, 1});
    check_fractions(draws);
    constexpr double least = std::numeric_limits<double>::min();
    Range const inside{least, 1 - std::numeric_limits<double>::epsilon()};
    draws.levels = load_reals(parts, "levels", {draws.n_draws, draws.n_levels}, inside);
    if (parts.has("uniform")) {
        auto const is_uniform = parts.get<std::uint8_t>("uniform", {1});
        check_range("uniform", is_uniform, {0, 1});
        draws.is_uniform = is_uniform[0] == 1;
    }
    if (parts.has("answer_weight"))
        draws.answer_weight = load_reals(parts, "answer_weight", {1}, {least, 1}).front();
    if (parts.has("given")) {
        require<DataError>(draws.n_levels == 0, "part 'levels' has {} levels, and part 'given' has P(s|c)",
                           draws.n_levels);
        draws.given = load_reals(parts, "given", cells, inside);
        return std::make_unique<DeathCoder>(std::move(draws));
    }
    auto const level = parts.get<std::uint8_t>("level", cells);
    check_range("level", level, {0, static_cast<double>(draws.n_levels) - 1});
    draws.level.assign(level.begin(), level.end());
    return std::make_unique<DeathCoder>(std::move(draws));
}

}  // namespace vaster::models::insilicova

#include "domains/va/study/search.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "base/support/hash.hpp"
#include "domains/va/study/plan.hpp"
#include "domains/va/study/task.hpp"
#include "domains/va/study/trainer.hpp"

namespace vaster::va {
namespace {

std::string trial_identity(TuningTarget const& target, va::Cohort const& cohort, Setting const& setting,
                           std::uint32_t rung) {
    return fmt::format("va-comparison type=tuning model={} {} setting={} rung={}", target.model,
                       training_of(target.cell, cohort), setting, rung);
}

/// The sites of a pooled training set as folds.
InnerFolds site_folds(Comparison const& comparison, DesignCell const& cell, va::DeathList const& deaths) {
    InnerFolds folds{{}, static_cast<std::uint32_t>(cell.train_sites.size())};
    for (std::uint32_t const death : deaths) {
        auto const site =
            std::find(cell.train_sites.begin(), cell.train_sites.end(), comparison.cohort.site[death]);
        folds.fold.push_back(static_cast<std::uint32_t>(site - cell.train_sites.begin()));
    }
    return folds;
}

/// Mean of the metric over the folds.
double score_of(Comparison const& comparison, InnerFolds const& folds, va::DeathList const& deaths,
                models::Prediction const& prediction, std::string const& metric) {
    double sum = 0;
    for (std::uint32_t k = 0; k < folds.n_folds; ++k) {
        std::vector<std::uint32_t> truth;
        std::vector<double> probability;
        va::DeathList in_fold;
        for (std::size_t i = 0; i < deaths.size(); ++i) {
            if (folds.fold[i] != k) continue;
            in_fold.push_back(deaths[i]);
            truth.push_back(comparison.cohort.cause[deaths[i]]);
            auto const row = prediction.of_death(i);
            probability.insert(probability.end(), row.begin(), row.end());
        }
        auto const weights = comparison.weights_of(in_fold);
        sum += goodness(va::score(truth, probability, prediction.n_causes, {}, weights), metric);
    }
    double const mean = sum / folds.n_folds;
    return metric == "log_loss" || metric == "brier" ? -mean : mean;
}

}  // namespace

TuningPlan::TuningPlan(Comparison const& comparison) : comparison_(comparison), options_(comparison.tuning) {
    Ties const ties(comparison);
    auto const tuned = options_.models();
    for (auto const& model : tuned)
        settings_.emplace(model, settings_of(options_, model, comparison.options.seed));
    for (std::uint32_t method = 0; method < comparison.methods.size(); ++method) {
        auto const& models = ties.models_with(method);
        tuned_methods_.push_back(std::any_of(models.begin(), models.end(),
                                             [&](auto const& model) { return settings_.count(model) > 0; }));
    }
    std::set<std::string> seen;
    for (auto const& cell : comparison.cells) {
        if (!cell.skip_reason.empty()) continue;
        for (auto const& model : comparison.methods[cell.model].members)
            if (settings_.count(model) > 0 &&
                seen.insert(fit_identity(model, training_of(cell, comparison.cohort))).second)
                targets_.push_back({model, cell});
    }
    for (std::size_t t = 0; t < targets_.size(); ++t)
        for (std::size_t s = 0; s < settings_of_target(t).size(); ++s)
            for (std::uint32_t rung = 0; rung < n_rungs(); ++rung)
                trials_.emplace(
                    hash64(trial_identity(targets_[t], comparison.cohort, settings_of_target(t)[s], rung)),
                    TuningTrial{t, s, rung});
}

std::uint32_t TuningPlan::n_rungs() const {
    return options_.search == Search::halving ? options_.rungs : 1;
}

bool TuningPlan::is_tuned(DesignCell const& cell) const {
    return tuned_methods_[cell.model];
}

std::size_t TuningPlan::capacity() const {
    std::size_t n = comparison_.cells.size();
    for (std::size_t t = 0; t < targets_.size(); ++t)
        for (std::uint32_t rung = 0; rung < n_rungs(); ++rung)
            n += trials_in_rung(options_, settings_of_target(t).size(), rung);
    return n;
}

std::uint64_t TuningPlan::row_capacity() const {
    std::uint64_t n = 0;
    for (auto const& cell : comparison_.cells)
        if (cell.skip_reason.empty())
            n += comparison_.scored_deaths(comparison_.partition.test_deaths(cell)).size();
    for (std::size_t t = 0; t < targets_.size(); ++t) {
        std::size_t const n_train = comparison_.partition.training_deaths(targets_[t].cell).size();
        for (std::uint32_t rung = 0; rung < n_rungs(); ++rung)
            n += n_train * trials_in_rung(options_, settings_of_target(t).size(), rung);
    }
    return n;
}

std::size_t TuningPlan::setting_width() const {
    std::size_t width = 1;
    for (auto const& [model, settings] : settings_) {
        std::size_t longest = 0;
        for (auto const& setting : settings) longest = std::max(longest, setting.size());
        width += longest + 1;
    }
    return width;
}

TuningTrial const* TuningPlan::find_trial(study::Experiment const& experiment) const {
    auto const found = trials_.find(experiment.id.value);
    return found == trials_.end() ? nullptr : &found->second;
}

TuningPlan::Standing TuningPlan::standing(study::Records const& so_far) const {
    Standing standing;
    standing.done.assign(targets_.size(), Ranking(n_rungs()));
    for (std::size_t row = 0; row < so_far.size(); ++row) {
        auto const& experiment = so_far.experiment(row);
        if (auto const* trial = find_trial(experiment)) {
            standing.rungs = std::max(standing.rungs, trial->rung + 1);
            if (!so_far.done(row)) continue;
            double const score = std::get<double>(so_far.cells(row).back());
            bool const less_is_better = options_.metric == "log_loss" || options_.metric == "brier";
            standing.done[trial->target][trial->rung].emplace_back(less_is_better ? -score : score,
                                                                   trial->setting);
        } else {
            standing.designed |= is_tuned(cell_of(comparison_, experiment));
        }
    }
    for (auto& target : standing.done)
        for (auto& rung : target)
            std::sort(rung.begin(), rung.end(), [](auto const& a, auto const& b) {
                return a.first != b.first ? a.first > b.first : a.second < b.second;
            });
    return standing;
}

std::vector<TuningTrial> TuningPlan::next_trials(Standing const& standing) const {
    std::vector<TuningTrial> trials;
    std::uint32_t const rung = standing.rungs;
    for (std::size_t t = 0; t < targets_.size(); ++t) {
        std::size_t const n = trials_in_rung(options_, settings_of_target(t).size(), rung);
        if (rung == 0) {
            for (std::size_t s = 0; s < n; ++s) trials.push_back({t, s, 0});
            continue;
        }
        auto const& best = standing.done[t][rung - 1];
        for (std::size_t i = 0; i < std::min(n, best.size()); ++i)
            trials.push_back({t, best[i].second, rung});
    }
    return trials;
}

std::pair<Setting, std::string> TuningPlan::chosen(DesignCell const& cell, Standing const& standing) const {
    std::string const training = training_of(cell, comparison_.cohort);
    std::vector<Setting> settings;
    for (std::size_t t = 0; t < targets_.size(); ++t) {
        auto const& members = comparison_.methods[cell.model].members;
        bool const needed = std::find(members.begin(), members.end(), targets_[t].model) != members.end() &&
                            training_of(targets_[t].cell, comparison_.cohort) == training;
        if (!needed) continue;
        auto const& rungs = standing.done[t];
        auto const last =
            std::find_if(rungs.rbegin(), rungs.rend(), [](auto const& rung) { return !rung.empty(); });
        if (last == rungs.rend())
            return {"", fmt::format("every tuning trial of {} on {} failed", targets_[t].model, training)};
        auto const& setting = settings_of_target(t)[last->front().second];
        if (!setting.empty()) settings.push_back(setting);
    }
    return {fmt::format("{}", fmt::join(settings, " ")), ""};
}

std::vector<study::Experiment> TuningPlan::next(study::Records const& so_far) const {
    Standing const now = standing(so_far);
    if (now.designed) return {};
    PlanMaker maker(comparison_, so_far);
    bool const trials_left = now.rungs < n_rungs() && !targets_.empty();
    if (so_far.size() == 0)
        for (auto const& cell : comparison_.cells)
            if (!is_tuned(cell)) maker.add(cell, {std::string(), std::int64_t{0}});
    if (trials_left)
        for (auto const& trial : next_trials(now)) maker.add_alone(experiment_of(trial));
    if (trials_left && !maker.empty()) return maker.take();
    for (auto cell : comparison_.cells) {
        if (!is_tuned(cell)) continue;
        auto const [setting, obstacle] = chosen(cell, now);
        if (cell.skip_reason.empty()) cell.skip_reason = obstacle;
        maker.add(cell, {setting, std::int64_t{0}});
    }
    return maker.take();
}

study::Experiment TuningPlan::experiment_of(TuningTrial const& trial) const {
    auto const& [model, cell] = targets_[trial.target];
    Setting const& setting = settings_of_target(trial.target)[trial.setting];
    study::Experiment experiment;
    experiment.id.value =
        hash64(trial_identity(targets_[trial.target], comparison_.cohort, setting, trial.rung));
    experiment.expected_seconds = expected_seconds(trial);
    experiment.cost_key = model;
    experiment.design = {std::string("tuning"),
                         training_site_text(cell, comparison_.cohort),
                         std::string(),
                         model,
                         cell.fraction,
                         std::int64_t{cell.repeat},
                         setting,
                         std::int64_t{trial.rung}};
    experiment.n_rows = comparison_.partition.training_deaths(cell).size();
    return experiment;
}

double TuningPlan::expected_seconds(TuningTrial const& trial) const {
    auto const& [model, cell] = targets_[trial.target];
    auto const parameters = with_setting(comparison_.parameters_of(model), model,
                                         settings_of_target(trial.target)[trial.setting]);
    auto const n = static_cast<double>(comparison_.partition.training_deaths(cell).size());
    double const folds = options_.folds;
    double const n_train = n * (folds - 1) / folds * share_of_rung(options_, trial.rung);
    return folds * comparison_.model(model).expected_seconds(
                       parameters, {static_cast<std::size_t>(n_train), static_cast<std::size_t>(n / folds),
                                    comparison_.cohort.symptoms.size(), comparison_.cohort.causes.size()});
}

void TuningPlan::run(TuningTrial const& trial, study::ExperimentIndex index, study::Sink& sink,
                     Watcher& watcher) const {
    auto const& [model, cell] = targets_[trial.target];
    Setting const& setting = settings_of_target(trial.target)[trial.setting];
    ParametersOf const parameters = [&](std::string const& name) {
        return with_setting(comparison_.parameters_of(name), name, setting);
    };
    va::DeathList const deaths = comparison_.partition.training_deaths(cell);
    std::string const training = training_of(cell, comparison_.cohort);
    bool const by_site = options_.inner == InnerTest::leave_one_site_out && cell.train_sites.size() > 1;
    InnerFolds folds = by_site ? site_folds(comparison_, cell, deaths)
                               : inner_folds(comparison_, deaths, training, options_.folds);
    folds.share = share_of_rung(options_, trial.rung);
    double const started = monotonic_seconds();
    Trainer const trainer(comparison_, deaths, training, parameters);
    auto const prediction = out_of_fold(
        comparison_, trainer, folds, model, parameters, [&] { sink.begin(index); }, watcher);
    Seconds seconds;
    seconds.fit = monotonic_seconds() - started;
    study::Result result = evaluate(
        comparison_, {index, deaths.size(), deaths, "va inner " + training, prediction, "", seconds});
    result.cells.back() = score_of(comparison_, folds, deaths, prediction, options_.metric);
    sink.finish(std::move(result));
}

}  // namespace vaster::va

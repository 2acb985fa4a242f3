#include "domains/va/study/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/support/hash.hpp"

namespace vaster::va {
namespace {

/// Experiments of one key have costs in proportion to their guesses.
std::string cost_key(std::vector<std::string> const& models) {
    constexpr std::size_t longest = 64;
    std::string const key = fmt::format("{}", fmt::join(models, "+"));
    return key.size() <= longest ? key : fmt::format("{} models {:016x}", models.size(), hash64(key));
}

study::Cells design_columns(Comparison const& comparison, DesignCell const& cell) {
    return {to_text(cell.type),
            training_site_text(cell, comparison.cohort),
            comparison.cohort.sites[cell.test_site],
            comparison.options.models[cell.model],
            cell.fraction,
            std::int64_t{cell.repeat}};
}

bool is_in_fit(models::Model const& model) {
    return model.work == models::Work::in_fit;
}

}  // namespace

Ties::Ties(Comparison const& comparison) {
    std::vector<std::set<std::string>> tied;
    for (auto const& method : comparison.methods)
        tied.emplace_back(method.members.begin(), method.members.end());
    // Sets that share a model become one, until none do.
    for (bool changed = true; changed;) {
        changed = false;
        for (auto& a : tied)
            for (auto& b : tied) {
                bool const share =
                    std::any_of(a.begin(), a.end(), [&](auto const& m) { return b.count(m) > 0; });
                if (!share || a == b) continue;
                a.insert(b.begin(), b.end());
                b = a;
                changed = true;
            }
    }
    for (auto const& models : tied) models_.emplace_back(models.begin(), models.end());
}

PlanMaker::PlanMaker(Comparison const& comparison, study::Records const& so_far)
    : comparison_(comparison), ties_(comparison), next_index_(so_far.size()) {
    for (std::size_t row = 0; row < so_far.size(); ++row) {
        auto const& experiment = so_far.experiment(row);
        next_group_ = std::max(next_group_, experiment.group + 1);
        next_row_ = std::max(next_row_, experiment.first_row + experiment.n_rows);
    }
}

/// One task for every training set; where all models work in predict, for every test set too, since nothing
/// would be saved by doing them one after the other.
std::string PlanMaker::group_key(DesignCell const& cell) const {
    auto const& models = ties_.models_with(cell.model);
    std::string key = fmt::format("{} {}", fmt::join(models, "+"), training_of(cell, comparison_.cohort));
    if (std::none_of(models.begin(), models.end(),
                     [&](std::string const& name) { return is_in_fit(comparison_.model(name)); }))
        key += " on " + test_set_of(cell, comparison_.cohort);
    return key;
}

void PlanMaker::add(DesignCell const& cell, study::Cells const& extra) {
    study::Experiment experiment;
    experiment.index = next_index_++;
    experiment.id.value = hash64(identity_of(cell, comparison_.options, comparison_.cohort));
    experiment.cost_key = cost_key(ties_.models_with(cell.model));
    experiment.design = design_columns(comparison_, cell);
    experiment.design.insert(experiment.design.end(), extra.begin(), extra.end());
    experiment.skip_reason = cell.skip_reason;
    auto const [number, is_new] = numbers_.emplace(group_key(cell), next_group_);
    if (is_new) ++next_group_;
    experiment.group = number->second;
    experiment.first_row = next_row_;
    if (cell.skip_reason.empty()) {
        experiment.n_rows = comparison_.scored_deaths(comparison_.partition.test_deaths(cell)).size();
        auto& group = groups_[experiment.group];
        group.experiments.push_back(experiments_.size());
        count(group, cell);
    }
    next_row_ += experiment.n_rows;
    experiments_.push_back(std::move(experiment));
    cells_.push_back(cell);
}

void PlanMaker::add_alone(study::Experiment experiment) {
    experiment.index = next_index_++;
    experiment.group = next_group_++;
    experiment.first_row = next_row_;
    next_row_ += experiment.n_rows;
    experiments_.push_back(std::move(experiment));
    cells_.emplace_back();
}

void PlanMaker::count(Group& group, DesignCell const& cell) {
    Method const& method = comparison_.methods[cell.model];
    std::string const test = test_set_of(cell, comparison_.cohort);
    test_sizes_[test] = comparison_.partition.test_deaths(cell).size();
    for (auto const& member : method.members) group.tests[member].insert(test);
    if (method.ensemble && method.ensemble->weighting == Weighting::inner_cv)
        group.cross_validated.insert(method.members.begin(), method.members.end());
}

double PlanMaker::expected_seconds(Group const& group) const {
    DesignCell const& cell = cells_[group.experiments.front()];
    std::size_t const n_train = comparison_.partition.training_deaths(cell).size();
    auto const guess = [&](std::string const& model, std::size_t n, std::size_t n_test) {
        return comparison_.model(model).expected_seconds(
            comparison_.parameters_of(model),
            {n, n_test, comparison_.cohort.symptoms.size(), comparison_.cohort.causes.size()});
    };
    double seconds = 0;
    for (auto const& [model, tests] : group.tests) {
        std::size_t together = 0;
        for (auto const& test : tests) {
            together += test_sizes_.at(test);
            if (!is_in_fit(comparison_.model(model))) seconds += guess(model, n_train, test_sizes_.at(test));
        }
        if (is_in_fit(comparison_.model(model))) seconds += guess(model, n_train, together);
    }
    auto const n_folds = comparison_.options.inner_folds;
    for (auto const& model : group.cross_validated)
        seconds += n_folds * guess(model, n_train - n_train / n_folds, n_train / n_folds);
    return seconds;
}

std::vector<study::Experiment> PlanMaker::take() {
    for (auto const& [number, group] : groups_) {
        double const share = expected_seconds(group) / static_cast<double>(group.experiments.size());
        for (std::size_t const position : group.experiments) experiments_[position].expected_seconds = share;
    }
    return std::move(experiments_);
}

DesignCell const& cell_of(Comparison const& comparison, study::Experiment const& experiment) {
    return comparison.cells.at(comparison.cell_by_id.at(experiment.id.value));
}

}  // namespace vaster::va

#include "domains/va/study/context.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"

namespace vaster::va {
namespace {

std::optional<va::GivenSplits> given_splits(Options const& keys, va::Cohort const& cohort) {
    if (keys.splits.empty()) return std::nullopt;
    return va::read_splits(keys.splits, cohort, keys.source.label);
}

std::optional<va::KnownDeaths> known_deaths(Options const& keys, va::Cohort const& cohort) {
    if (keys.known.empty()) return std::nullopt;
    return va::read_known_deaths(keys.known, cohort, known_grouping_of(keys, cohort));
}

std::vector<Method> methods_of(Options const& keys) {
    std::vector<Method> methods;
    for (auto const& model : keys.models) methods.push_back({model, {model}, std::nullopt});
    for (auto const& text : keys.ensembles) {
        Ensemble ensemble = parse_ensemble(text, *keys.catalogue);
        methods.push_back({ensemble.name, ensemble.members, ensemble});
    }
    return methods;
}

/// The hash with the content of a model's file in it, if one is given.
std::string with_file(std::string const& hash, Parameters const& parameters, std::string const& table,
                      std::string const& key) {
    auto const& path = parameters.get<std::string>(key);
    return path.empty()
               ? hash
               : hash_text(fmt::format("{}\n{}.{} {}", hash, table, key, hash_text(read_file(path))));
}

/// A number of folds, and the key that says it.
struct Folds {
    std::string_view key;
    std::uint32_t n = 0;  ///< 0: nothing is divided into folds
};

/// The most folds that the experiment, or a trial of its models, divides its training set into.
Folds folds_of(Comparison const& comparison, DesignCell const& cell, std::vector<std::string> const& tuned) {
    Method const& method = comparison.methods[cell.model];
    auto const& tuning = comparison.tuning;
    Folds most;
    if (method.ensemble && method.ensemble->weighting == Weighting::inner_cv)
        most = {"design.inner_folds", comparison.options.inner_folds};
    bool const sites_are_folds = tuning.inner == InnerTest::leave_one_site_out && cell.train_sites.size() > 1;
    bool const has_trials = std::any_of(tuned.begin(), tuned.end(), [&](std::string const& model) {
        return std::find(method.members.begin(), method.members.end(), model) != method.members.end();
    });
    if (has_trials && !sites_are_folds && tuning.folds > most.n) most = {"tuning.folds", tuning.folds};
    return most;
}

/// How many deaths folds are made of: those of one ID are in one fold.
std::size_t n_for_folds(va::Cohort const& cohort, va::DeathList const& deaths) {
    if (cohort.first_of_id.empty()) return deaths.size();
    std::set<std::uint32_t> ids;
    for (std::uint32_t const death : deaths) ids.insert(cohort.first_of_id[death]);
    return ids.size();
}

/// A training set with fewer deaths than folds would fail every such experiment.
void skip_too_many_folds(Comparison& comparison) {
    auto const& cohort = comparison.cohort;
    auto const tuned = comparison.is_tuned() ? comparison.tuning.models() : std::vector<std::string>();
    std::map<std::string, std::size_t> n_deaths;  // by training set
    for (auto& cell : comparison.cells) {
        Folds const folds = folds_of(comparison, cell, tuned);
        if (!cell.skip_reason.empty() || folds.n == 0) continue;
        auto const [known, is_new] = n_deaths.emplace(training_of(cell, cohort), 0);
        if (is_new) known->second = n_for_folds(cohort, comparison.partition.training_deaths(cell));
        if (known->second >= folds.n) continue;
        cell.skip_reason =
            fmt::format("a training set of {} has {} deaths{}, which cannot be divided into {} folds ({})",
                        training_site_text(cell, cohort), known->second,
                        cohort.first_of_id.empty() ? "" : " of different IDs", folds.n, folds.key);
    }
}

}  // namespace

Comparison::Comparison(Options const& keys) : Comparison(keys, va::read_cohort(keys.source)) {}

Comparison::Comparison(Options const& keys, va::Cohort data)
    : catalogue(keys.catalogue),
      parameters(keys.parameters),
      cohort(std::move(data)),
      options(design_of(keys, cohort)),
      methods(methods_of(keys)),
      missing(keys.missing),
      n_resamples(keys.n_resamples),
      splits(given_splits(keys, cohort)),
      known(known_deaths(keys, cohort)),
      partition(cohort, options, splits),
      cells(design_cells(options, partition)),
      groupings(groupings_of(keys, cohort)),
      tuning(tuning_of(keys)) {
    // A model that this machine cannot run (a device that is not there) is refused before anything is made.
    for (auto const& name : fitted_models()) {
        (void)model(name).make(parameters_of(name), missing);
        if (!model(name).check) continue;
        for (auto& note : model(name).check(parameters_of(name), {cohort.symptoms, cohort.causes}))
            table_notes.push_back(fmt::format("{}: {}", name, note));
    }
    for (std::size_t i = 0; i < cells.size(); ++i)
        cell_by_id.emplace(hash64(identity_of(cells[i], options, cohort)), i);
    skip_known_tests();
    skip_too_many_folds(*this);
    if (!options.types.empty()) require_some_to_run(cells);
}

/// Nothing is left to score where all test deaths are known.
void Comparison::skip_known_tests() {
    if (!known) return;
    for (auto& cell : cells)
        if (cell.skip_reason.empty() && scored_deaths(partition.test_deaths(cell)).empty())
            cell.skip_reason = fmt::format("the causes of all test deaths of site {} are known",
                                           cohort.sites[cell.test_site]);
}

std::vector<std::string> Comparison::fitted_models() const {
    std::vector<std::string> models;
    for (auto const& method : methods)
        for (auto const& member : method.members)
            if (std::find(models.begin(), models.end(), member) == models.end()) models.push_back(member);
    return models;
}

Parameters const& Comparison::parameters_of(std::string const& model) const {
    return parameters.at(model);
}

std::string Comparison::data_hash() const {
    std::string hash = cohort.data_hash;
    if (splits) hash = hash_text(hash + "\n" + splits->hash);
    if (known) hash = hash_text(hash + "\nknown " + known->hash);
    for (auto const& name : fitted_models())
        for (auto const& key : model(name).parameters)
            if (key.format == Format::file)
                hash = with_file(hash, parameters_of(name), fmt::format("models.{}", name), key.name);
    for (auto const& grouping : groupings) hash = hash_text(fmt::format("{}\n{}", hash, hash_of(grouping)));
    return hash;
}

std::vector<std::string> Comparison::notes() const {
    std::vector<std::string> notes;
    if (known) notes = known->notes;
    notes.insert(notes.end(), table_notes.begin(), table_notes.end());
    if (n_resamples == 0)
        notes.emplace_back(
            "design.bootstrap = 0: experiments have no intervals (columns _lo and _hi are empty)");
    for (auto& note : pool_notes(options, cohort, partition)) notes.push_back(std::move(note));
    for (auto& note : skip_notes(cells)) notes.push_back(std::move(note));
    return notes;
}

va::DeathList Comparison::scored_deaths(va::DeathList const& test) const {
    va::DeathList scored;
    std::copy_if(test.begin(), test.end(), std::back_inserter(scored),
                 [&](std::uint32_t death) { return !is_known(death); });
    return scored;
}

std::vector<std::uint32_t> Comparison::causes_of(va::DeathList const& deaths) const {
    std::vector<std::uint32_t> causes;
    causes.reserve(deaths.size());
    for (std::uint32_t const death : deaths) causes.push_back(cohort.cause[death]);
    return causes;
}

}  // namespace vaster::va

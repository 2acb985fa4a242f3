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

/// Are the folds of the cell's trials its training sites?
bool sites_are_folds(Comparison const& comparison, DesignCell const& cell) {
    return comparison.tuning.inner == InnerTest::leave_one_site_out && cell.train_sites.size() > 1;
}

bool has_trials(Comparison const& comparison, DesignCell const& cell, std::vector<std::string> const& tuned) {
    auto const& members = comparison.methods[cell.model].members;
    return std::any_of(tuned.begin(), tuned.end(), [&](std::string const& model) {
        return std::find(members.begin(), members.end(), model) != members.end();
    });
}

/// The most folds that the experiment, or a trial of its models, divides its training set into.
Folds folds_of(Comparison const& comparison, DesignCell const& cell, std::vector<std::string> const& tuned) {
    Method const& method = comparison.methods[cell.model];
    auto const& tuning = comparison.tuning;
    Folds most;
    if (method.ensemble && method.ensemble->weighting == Weighting::inner_cv)
        most = {"design.inner_folds", comparison.options.inner_folds};
    bool const by_tuning = has_trials(comparison, cell, tuned) && !sites_are_folds(comparison, cell);
    if (by_tuning && tuning.folds > most.n) most = {"tuning.folds", tuning.folds};
    return most;
}

/// How many deaths folds are made of, by site: those of one ID are in one fold.
std::map<std::uint32_t, std::size_t> n_for_folds(va::Cohort const& cohort, va::DeathList const& deaths) {
    std::map<std::uint32_t, std::size_t> n_of_site;
    std::set<std::uint32_t> ids;
    for (std::uint32_t const death : deaths)
        if (cohort.first_of_id.empty() || ids.insert(cohort.first_of_id[death]).second)
            ++n_of_site[cohort.site[death]];
    return n_of_site;
}

/// The fewest deaths that a trial of the first rung trains on, beside the largest fold.
/// @param n_of_site  deaths of the training set
std::size_t fewest_in_first_rung(Comparison const& comparison, DesignCell const& cell,
                                 std::map<std::uint32_t, std::size_t> const& n_of_site) {
    std::size_t n = 0;
    std::size_t largest_site = 0;
    for (auto const& [site, n_site] : n_of_site) {
        n += n_site;
        largest_site = std::max(largest_site, n_site);
    }
    std::size_t const folds = comparison.tuning.folds;
    std::size_t const largest = sites_are_folds(comparison, cell) ? largest_site : (n + folds - 1) / folds;
    return va::reduced_size(n - largest, share_of_rung(comparison.tuning, 0));
}

/// Why experiments with this training set could not be run; empty: they can.
/// @param n_of_site  its deaths
std::string reason_against(Comparison const& comparison, DesignCell const& cell, Folds const& folds,
                           bool is_halved, std::map<std::uint32_t, std::size_t> const& n_of_site) {
    std::size_t n = 0;
    for (auto const& [site, n_site] : n_of_site) n += n_site;
    auto const& cohort = comparison.cohort;
    std::string const text =
        fmt::format("a training set of {} has {} deaths{}", training_site_text(cell, cohort), n,
                    cohort.first_of_id.empty() ? "" : " of different IDs");
    if (n < folds.n)
        return fmt::format("{}, which cannot be divided into {} folds ({})", text, folds.n, folds.key);
    if (is_halved && fewest_in_first_rung(comparison, cell, n_of_site) == 0)
        return fmt::format(
            "{}, of which the first rung of halving would train on none (tuning.factor = {}, "
            "tuning.rungs = {})",
            text, comparison.tuning.factor, comparison.tuning.rungs);
    return "";
}

/// A training set with fewer deaths than folds, or none for the first rung, would fail every such experiment.
void skip_what_cannot_be_divided(Comparison& comparison) {
    auto const& cohort = comparison.cohort;
    auto const tuned = comparison.is_tuned() ? comparison.tuning.models() : std::vector<std::string>();
    std::map<std::string, std::map<std::uint32_t, std::size_t>> n_deaths;  // by training set and site
    for (auto& cell : comparison.cells) {
        Folds const folds = folds_of(comparison, cell, tuned);
        bool const is_halved =
            comparison.tuning.search == Search::halving && has_trials(comparison, cell, tuned);
        if (!cell.skip_reason.empty() || (folds.n == 0 && !is_halved)) continue;
        auto const [known, is_new] = n_deaths.try_emplace(training_of(cell, cohort));
        if (is_new) known->second = n_for_folds(cohort, comparison.partition.training_deaths(cell));
        cell.skip_reason = reason_against(comparison, cell, folds, is_halved, known->second);
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
    skip_what_cannot_be_divided(*this);
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

bool Comparison::is_transductive(Method const& method) const {
    return method.adaptation.has_value() ||
           std::any_of(method.members.begin(), method.members.end(), [&](std::string const& member) {
               return model(member).predicts_by(parameters_of(member)) == models::Predicts::whole_batch;
           });
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

std::vector<std::uint32_t> Comparison::sites_of(va::DeathList const& deaths) const {
    std::vector<std::uint32_t> sites;
    sites.reserve(deaths.size());
    for (std::uint32_t const death : deaths) sites.push_back(cohort.site[death]);
    return sites;
}

}  // namespace vaster::va

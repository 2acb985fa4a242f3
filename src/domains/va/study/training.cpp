// The training's data, experiments and streams.
#include "domains/va/study/training.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "domains/va/data/questionnaire.hpp"
#include "domains/va/data/rules.hpp"
#include "domains/va/study/trainer.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

/// A site with fewer deaths says little when it is left out, and so stays in.
constexpr std::size_t least_left_out = 20;

DeathList deaths_of(Cohort const& cohort, std::vector<std::uint32_t> const& sites) {
    DeathList deaths;
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i)
        if (std::find(sites.begin(), sites.end(), cohort.site[i]) != sites.end())
            deaths.push_back(static_cast<std::uint32_t>(i));
    return deaths;
}

std::vector<std::uint64_t> counts_of(SharedArray<std::uint32_t> const& labels, DeathList const& deaths,
                                     std::size_t n) {
    std::vector<std::uint64_t> counts(n, 0);
    for (auto const death : deaths) ++counts[labels[death]];
    return counts;
}

/// How many deaths an ID counts once for.
std::size_t n_ids(Cohort const& cohort, DeathList const& deaths) {
    if (cohort.first_of_id.empty()) return deaths.size();
    std::set<std::uint32_t> ids;
    for (auto const death : deaths) ids.insert(cohort.first_of_id[death]);
    return ids.size();
}

bool has_folds(InnerDesign inner) {
    return inner == InnerDesign::cv || inner == InnerDesign::both;
}

bool has_sites(InnerDesign inner) {
    return inner == InnerDesign::leave_one_site_out || inner == InnerDesign::both;
}

bool is_weighted(Method const& method) {
    return method.ensemble && method.ensemble->weighting == Weighting::inner_cv;
}

void require_keepable(Method const& method, models::Catalogue const& catalogue) {
    for (auto const& member : method.members)
        require<ConfigError>(catalogue.at(member).load != nullptr,
                             "train.model: '{}' cannot be kept in a file; it can be compared only", member);
}

std::vector<CountedText> left_out_of(Cohort const& cohort, DeathList const& deaths) {
    std::vector<CountedText> left_out;
    for (auto const& [text, count] : cohort.reading.no_cause)
        left_out.push_back({fmt::format("without a cause: {}", va::quoted(text)), count});
    for (auto const& [text, count] : cohort.reading.left_out) left_out.push_back({tidied(text), count});
    if (auto const elsewhere = cohort.n_deaths() - deaths.size(); elsewhere > 0)
        left_out.push_back({"of other sites than those asked for", elsewhere});
    return left_out;
}

/// @param symptoms  of the cohort that was read
KeptCoding coding_of(CohortSource const& source, std::vector<std::string> const& symptoms) {
    bool const is_raw = source.format != CohortFormat::encoded;
    return {source.format,
            is_raw ? rules_text(questionnaire_of(source, symptoms).rules) : "",
            csv_options_of(source).quotes,
            source.label,
            source.label_columns,
            source.site,
            source.population,
            source.id,
            source.spellings};
}

}  // namespace

std::string to_text(TrainingStep step) {
    constexpr std::array<std::string_view, 4> names{"cv", "leave_one_site_out", "weights", "final"};
    return std::string(names.at(static_cast<std::size_t>(step)));
}

Training::Training(TrainingOptions const& options, Cohort cohort)
    : options_(options),
      comparison_(options.base, std::move(cohort)),
      deaths_(deaths_of(comparison_.cohort, comparison_.options.sites)) {
    require_keepable(method(), *comparison_.catalogue);
    require<DataError>(deaths_.size() > 1, "{}: there are {} deaths with a cause to train on",
                       options_.base.source.path.string(), deaths_.size());
    if (has_folds(options_.inner) || is_weighted(method())) add_folds();
    if (has_sites(options_.inner)) add_sites();
    add_final_fits();
}

void Training::add_folds() {
    auto const n_folds = options_.base.inner_folds;
    std::size_t const n = n_ids(comparison_.cohort, deaths_);
    require<DataError>(n >= n_folds, "{} deaths{} cannot be divided into {} folds (train.folds)", n,
                       comparison_.cohort.first_of_id.empty() ? "" : " of different IDs", n_folds);
    fold_ =
        inner_folds(comparison_, deaths_, training_of({TrainingStep::final_fit, {}, {}, {}}), n_folds).fold;
    if (!has_folds(options_.inner)) return;
    for (std::uint32_t k = 0; k < n_folds; ++k)
        cells_.push_back({TrainingStep::cv, fmt::format("{}", k), method().name, {}});
}

void Training::add_sites() {
    auto const& cohort = comparison_.cohort;
    auto const counts = counts_of(cohort.site, deaths_, cohort.sites.size());
    auto const n_sites =
        std::count_if(counts.begin(), counts.end(), [](std::uint64_t count) { return count > 0; });
    if (n_sites < 2) {
        notes_.emplace_back(
            "all deaths are of one site: none can be left out, and nothing says how the model "
            "does at another one");
        return;
    }
    for (std::size_t s = 0; s < counts.size(); ++s) {
        if (counts[s] == 0) continue;
        TrainingCell const cell{TrainingStep::leave_one_site_out, cohort.sites[s], method().name, {}};
        std::size_t const rest = deaths_.size() - counts[s];
        auto const folds = is_weighted(method()) ? options_.base.inner_folds : 2;
        if (counts[s] < least_left_out)
            notes_.push_back(fmt::format("site {} has {} deaths and is not left out in turn (fewer than {})",
                                         cohort.sites[s], counts[s], least_left_out));
        else if (rest < folds)
            notes_.push_back(
                fmt::format("site {} cannot be left out: the others have {} deaths", cohort.sites[s], rest));
        else
            cells_.push_back(cell);
    }
}

void Training::add_final_fits() {
    if (is_weighted(method()))
        for (auto const& member : method().members) cells_.push_back({TrainingStep::weights, {}, member, {}});
    for (auto const& member : method().members) cells_.push_back({TrainingStep::final_fit, {}, member, {}});
}

std::vector<std::string> Training::notes() const {
    std::vector<std::string> notes = comparison_.table_notes;
    notes.insert(notes.end(), notes_.begin(), notes_.end());
    return notes;
}

DeathList Training::train_deaths(TrainingCell const& cell) const {
    if (cell.step == TrainingStep::weights || cell.step == TrainingStep::final_fit) return deaths_;
    DeathList const test = test_deaths(cell);
    DeathList train;
    std::set_difference(deaths_.begin(), deaths_.end(), test.begin(), test.end(), std::back_inserter(train));
    return train;
}

DeathList Training::test_deaths(TrainingCell const& cell) const {
    auto const& cohort = comparison_.cohort;
    DeathList test;
    for (std::size_t i = 0; i < deaths_.size(); ++i) {
        bool const is_test = cell.step == TrainingStep::weights ||
                             (cell.step == TrainingStep::cv && fmt::format("{}", fold_[i]) == cell.unit) ||
                             (cell.step == TrainingStep::leave_one_site_out &&
                              cohort.sites[cohort.site[deaths_[i]]] == cell.unit);
        if (is_test) test.push_back(deaths_[i]);
    }
    return test;
}

std::string Training::training_of(TrainingCell const& cell) const {
    std::vector<std::string> sites;
    sites.reserve(comparison_.options.sites.size());
    for (auto const site : comparison_.options.sites) sites.push_back(comparison_.cohort.sites[site]);
    std::sort(sites.begin(), sites.end());
    std::string name = fmt::format("kept of {}", fmt::join(sites, "+"));
    if (cell.step == TrainingStep::cv)
        name += fmt::format(" fold={}/{}", cell.unit, options_.base.inner_folds);
    if (cell.step == TrainingStep::leave_one_site_out) name += fmt::format(" without={}", cell.unit);
    return name;
}

std::string Training::identity_of(TrainingCell const& cell) const {
    return fmt::format("{} {} {}", to_text(cell.step), cell.method, training_of(cell));
}

double Training::expected_seconds(TrainingCell const& cell) const {
    std::size_t const n_train = train_deaths(cell).size();
    std::size_t const n_test = test_deaths(cell).size();
    auto const guess = [&](std::string const& model, std::size_t train, std::size_t test) {
        return comparison_.model(model).expected_seconds(
            comparison_.parameters_of(model),
            {train, test, comparison_.cohort.symptoms.size(), comparison_.cohort.causes.size()});
    };
    std::size_t const folds = options_.base.inner_folds;
    auto const folded = [&](std::string const& model) {
        return static_cast<double>(folds) * guess(model, n_train - n_train / folds, n_train / folds);
    };
    if (cell.step == TrainingStep::weights) return folded(cell.method);
    if (cell.step == TrainingStep::final_fit) return guess(cell.method, n_train, 1);
    double seconds = 0;
    for (auto const& member : method().members)
        seconds += guess(member, n_train, n_test) + (is_weighted(method()) ? folded(member) : 0);
    return seconds;
}

std::filesystem::path Training::part_file(std::string const& model) const {
    return part_file_of(options_.output, model);
}

KeptModel Training::kept(std::string const& model, models::Classifier const& classifier) const {
    auto const& cohort = comparison_.cohort;
    auto const& known = comparison_.model(model);
    KeptModel kept;
    kept.name = model;
    kept.weights = {1};
    kept.members = {
        {model, parameters_text(known, comparison_.parameters_of(model)), known.parts_version, {}}};
    classifier.save(kept.members.front().parts);
    kept.missing = comparison_.missing;
    kept.seed = comparison_.options.seed;
    kept.symptoms = cohort.symptoms;
    kept.causes = cohort.causes;
    kept.cause_deaths = counts_of(cohort.cause, deaths_, cohort.causes.size());
    kept.cause_names = cohort.cause_names;
    kept.groupings = comparison_.groupings;
    kept.coding = coding_of(options_.base.source, comparison_.cohort.symptoms);
    kept.present.assign(cohort.symptoms.size(), 0);
    kept.unanswered = kept.present;
    for (auto const death : deaths_)
        for (std::size_t s = 0; s < cohort.symptoms.size(); ++s) {
            Answer const answer = cohort.answers.row(death)[s];
            if (answer == Answer::present) ++kept.present[s];
            if (answer == Answer::missing) ++kept.unanswered[s];
        }
    kept.data_hash = comparison_.data_hash();
    kept.n_deaths = deaths_.size();
    kept.sites = cohort.sites;
    kept.site_deaths = counts_of(cohort.site, deaths_, cohort.sites.size());
    kept.left_out = left_out_of(cohort, deaths_);
    return kept;
}

}  // namespace vaster::va

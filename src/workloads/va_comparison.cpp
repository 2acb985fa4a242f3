#include "vaster/workloads/va_comparison.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "vaster/models/classifier.hpp"
#include "vaster/support/clock.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/files.hpp"
#include "vaster/support/hash.hpp"
#include "vaster/va/known_deaths.hpp"
#include "vaster/va/metrics.hpp"
#include "vaster/workloads/va_design.hpp"

namespace vaster::workloads {
namespace {

using study::Cells;
using study::Config;
using study::Experiment;
using Texts = std::vector<std::string>;

std::vector<std::string> model_names() {
    std::vector<std::string> names;
    for (auto const& model : models::catalogue()) names.push_back(model.name);
    return names;
}

/// The comparison that was published with the predecessor; other models of the catalogue are asked for by
/// name.
Texts standard_models() {
    return {"xgboost", "insilico", "random_forest", "logistic_regression", "naive_bayes"};
}

std::uint32_t position_in(Texts const& list, std::string const& name) {
    auto const place = std::find(list.begin(), list.end(), name);
    VASTER_EXPECTS(place != list.end());
    return static_cast<std::uint32_t>(place - list.begin());
}

// ---- keys and checks ----

study::KeyTable data_table() {
    return {
        "data",
        "The deaths",
        {
            {.name = "path",
             .standard = "",
             .doc = "CSV file of the deaths; must be given",
             .effect = Effect::operation},
            {.name = "format",
             .standard = "phmrc-adult",
             .doc = "phmrc-adult: the raw release; encoded: site, label columns, symptoms coded Y / "
                    "empty / . or 1 / 0 / empty",
             .choices = va::cohort_format_names()},
            {.name = "label", .standard = "va34", .doc = "column with the causes"},
            {.name = "label_columns",
             .standard = Texts{"va34", "cod5"},
             .doc = "never features, whichever is the label"},
            {.name = "site", .standard = "site", .doc = "column with the sites"},
            {.name = "population",
             .standard = "",
             .doc = "column with sub-populations, such as age groups, which insilico gives cause fractions "
                    "of their own; never a symptom; empty: none"},
            {.name = "known",
             .standard = "",
             .doc = "CSV with column row (data row from 0): deaths whose cause is told to insilico where "
                    "they are to be coded; they are not scored",
             .effect = Effect::operation,
             .format = Format::file},
            {.name = "rows",
             .standard = "all",
             .doc = "of the raw release; reference: without 75 deaths that an earlier conversion dropped "
                    "by mistake",
             .choices = {"all", "reference"}},
            {.name = "missing",
             .standard = "absent",
             .doc = "how models without a notion of missing answers see them",
             .choices = models::missing_policy_names()},
            {.name = "splits",
             .standard = "",
             .doc = "CSV with label,site,row,part to use instead of drawn splits; row: data row from 0; "
                    "part: train, test, "
                    "train_0.25",
             .effect = Effect::operation,
             .format = Format::file},
        }};
}

study::KeyTable design_table() {
    return {
        "design",
        "The experiments",
        {
            {.name = "sites", .standard = Texts{}, .doc = "sites to compare; empty: all, in order of name"},
            {.name = "models",
             .standard = standard_models(),
             .doc = "models to compare",
             .choices = model_names()},
            {.name = "types",
             .standard = experiment_type_names(),
             .doc = "types of experiment",
             .choices = experiment_type_names()},
            {.name = "out_domain",
             .standard = "split",
             .doc = "split: train part of one site, test part of the other, one fit for all; full: whole "
                    "site, whole site",
             .choices = {"split", "full"}},
            {.name = "training_sizes",
             .standard = std::vector<double>{0.25, 0.5, 0.75, 1.0},
             .doc = "fractions of the primary site's training part",
             .bounds = {.above = 0, .at_most = 1}},
            {.name = "primary_site",
             .standard = "",
             .doc = "site of the training sizes; empty: first of sites"},
            {.name = "test_fraction",
             .standard = 0.2,
             .doc = "share of a site's deaths in its test part",
             .bounds = {.above = 0, .below = 1}},
            {.name = "repeats",
             .standard = std::int64_t{1},
             .doc = "times the design is repeated with new splits",
             .bounds = {.at_least = 1, .at_most = 100000}},
            {.name = "bootstrap",
             .standard = std::int64_t{1000},
             .doc = "resamples behind every interval",
             .bounds = {.at_least = 1, .at_most = 10000000}},
        }};
}

template <class T>
std::vector<std::string> repeated(std::vector<T> const& list, std::string_view key) {
    std::vector<std::string> problems;
    std::set<T> seen;
    for (auto const& item : list)
        if (!seen.insert(item).second) problems.push_back(fmt::format("{}: {} is listed twice", key, item));
    return problems;
}

std::vector<std::string> comparison_problems(Config const& config) {
    std::vector<std::string> problems;
    auto const add = [&](std::vector<std::string> more) {
        problems.insert(problems.end(), more.begin(), more.end());
    };
    auto const& sites = config.get<Texts>("design.sites");
    auto const& primary = config.get<std::string>("design.primary_site");
    if (config.get<std::string>("data.path").empty())
        problems.emplace_back(
            "data.path is not set; give the CSV file of the deaths with --data FILE or in [data]");
    for (char const* key : {"design.sites", "design.models", "design.types"})
        add(repeated(config.get<Texts>(key), key));
    add(repeated(config.get<std::vector<double>>("design.training_sizes"), "design.training_sizes"));
    for (char const* key : {"design.models", "design.types"})
        if (config.get<Texts>(key).empty())
            problems.push_back(fmt::format("{} is empty; nothing would be run", key));
    if (!primary.empty() && !sites.empty() && std::find(sites.begin(), sites.end(), primary) == sites.end())
        problems.push_back(fmt::format("design.primary_site = \"{}\" is not among design.sites", primary));
    if (!config.get<std::string>("data.splits").empty() && config.get<std::int64_t>("design.repeats") > 1)
        problems.emplace_back(
            "design.repeats > 1 with data.splits: every repeat would use the same given splits");
    return problems;
}

// ---- from config to design ----

std::vector<std::uint32_t> chosen_sites(Config const& config, va::Cohort const& cohort) {
    Texts names = config.get<Texts>("design.sites");
    if (names.empty()) names = cohort.sites;
    if (auto const& primary = config.get<std::string>("design.primary_site"); !primary.empty()) {
        if (std::find(names.begin(), names.end(), primary) == names.end()) names.push_back(primary);
    }
    std::vector<std::uint32_t> sites;
    std::vector<std::string> unknown;
    for (auto const& name : names) {
        if (std::find(cohort.sites.begin(), cohort.sites.end(), name) == cohort.sites.end())
            unknown.push_back(name);
        else
            sites.push_back(position_in(cohort.sites, name));
    }
    require<ConfigError>(unknown.empty(), "design.sites: {} {} not in the data; its sites are: {}",
                         fmt::join(unknown, ", "), unknown.size() == 1 ? "is" : "are",
                         fmt::join(cohort.sites, ", "));
    return sites;
}

DesignOptions options_of(Config const& config, va::Cohort const& cohort) {
    DesignOptions options;
    options.sites = chosen_sites(config, cohort);
    options.models = config.get<Texts>("design.models");
    for (auto const& name : config.get<Texts>("design.types"))
        options.types.push_back(static_cast<ExperimentType>(position_in(experiment_type_names(), name)));
    options.out_domain =
        config.get<std::string>("design.out_domain") == "full" ? OutDomain::full : OutDomain::split;
    options.training_sizes = config.get<std::vector<double>>("design.training_sizes");
    auto const& primary = config.get<std::string>("design.primary_site");
    options.primary_site = primary.empty() ? options.sites.front() : position_in(cohort.sites, primary);
    options.test_fraction = config.get<double>("design.test_fraction");
    options.repeats = static_cast<std::uint32_t>(config.get<std::int64_t>("design.repeats"));
    options.seed = static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"));
    return options;
}

// ---- results ----

/// Elements of an array, packed as study::ArraySpec has them.
class Packer {
  public:
    template <class T>
    Packer& add(T value) {
        auto const* bytes = reinterpret_cast<std::uint8_t const*>(&value);
        bytes_.insert(bytes_.end(), bytes, bytes + sizeof value);
        return *this;
    }

    template <class T>
    static std::vector<std::uint8_t> pack(std::vector<T> const& values) {
        std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
        std::memcpy(bytes.data(), values.data(), bytes.size());
        return bytes;
    }

    [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

  private:
    std::vector<std::uint8_t> bytes_;
};

std::vector<std::uint8_t> packed_causes(va::CauseScores const& causes) {
    Packer packer;
    for (std::size_t c = 0; c < causes.ccc.size(); ++c)
        packer.add(causes.sensitivity[c])
            .add(causes.specificity[c])
            .add(causes.precision[c])
            .add(causes.f1[c])
            .add(causes.ccc[c]);
    return packer.take();
}

std::vector<std::uint8_t> packed_predictions(va::Cohort const& cohort, va::DeathList const& test,
                                             models::Prediction const& prediction) {
    constexpr std::size_t n_kept = 3;
    Packer packer;
    for (std::size_t i = 0; i < test.size(); ++i) {
        auto const probability = prediction.of_death(i);
        auto const top = va::most_probable(probability, n_kept);
        packer.add(std::int64_t{cohort.row[test[i]]}).add(static_cast<std::int32_t>(cohort.cause[test[i]]));
        for (std::size_t k = 0; k < n_kept; ++k)
            packer.add(k < top.size() ? static_cast<std::int32_t>(top[k]) : std::int32_t{-1})
                .add(k < top.size() ? probability[top[k]] : 0.0);
    }
    return packer.take();
}

/// How the prediction was sampled; missing numbers for models that do not sample.
Cells sampling_cells(models::Prediction const& prediction) {
    constexpr std::size_t n_numbers = 12;
    if (!prediction.sampling) {
        Cells cells(n_numbers, std::numeric_limits<double>::quiet_NaN());
        cells.emplace_back(std::string());
        return cells;
    }
    models::Sampling const& sampling = *prediction.sampling;
    return {sampling.converged ? 1.0 : 0.0,
            sampling.rhat,
            sampling.ess,
            sampling.acceptance,
            static_cast<double>(sampling.iterations),
            static_cast<double>(sampling.chains),
            static_cast<double>(sampling.modes),
            sampling.mode_weight,
            sampling.mode_csmf_distance,
            sampling.mode_top_changes,
            static_cast<double>(sampling.symptoms_left_out),
            static_cast<double>(sampling.causes_left_out),
            fmt::format("{}", fmt::join(sampling.notes, "; "))};
}

/// What the model says of itself; n NaNs for models that do not.
std::vector<double> own_or_missing(std::vector<double> const& values, std::size_t n) {
    return values.empty() ? std::vector<double>(n, std::numeric_limits<double>::quiet_NaN()) : values;
}

struct Seconds {
    double fit = 0;
    double predict = 0;
    double metrics = 0;
};

Cells result_cells(std::size_t n_train, va::Scores const& scores, va::Intervals const& intervals,
                   Seconds const& seconds) {
    return {static_cast<std::int64_t>(n_train),
            static_cast<std::int64_t>(scores.n_deaths),
            scores.csmf_accuracy,
            intervals.csmf_accuracy.lo,
            intervals.csmf_accuracy.hi,
            scores.csmf_accuracy_union,
            scores.csmf_accuracy_posterior,
            scores.cccsmf_accuracy,
            scores.cod_accuracy,
            intervals.cod_accuracy.lo,
            intervals.cod_accuracy.hi,
            scores.top3_accuracy,
            scores.mean_ccc,
            scores.log_loss,
            scores.brier,
            seconds.fit,
            seconds.predict,
            seconds.metrics,
            scores.top5_accuracy,
            intervals.csmf_accuracy_union.lo,
            intervals.csmf_accuracy_union.hi,
            intervals.cccsmf_accuracy.lo,
            intervals.cccsmf_accuracy.hi,
            intervals.top3_accuracy.lo,
            intervals.top3_accuracy.hi,
            intervals.mean_ccc.lo,
            intervals.mean_ccc.hi};
}

// ---- the study ----

class VaComparison : public study::Study {
  public:
    explicit VaComparison(Config const& config)
        : config_(config),
          cohort_(va::read_cohort(cohort_source(config))),
          options_(options_of(config, cohort_)),
          missing_(models::missing_policy(config.get<std::string>("data.missing"))),
          n_resamples_(static_cast<std::size_t>(config.get<std::int64_t>("design.bootstrap"))),
          splits_(given_splits(config, cohort_)),
          known_(known_deaths(config, cohort_)),
          partition_(cohort_, options_, splits_),
          cells_(design_cells(options_, cohort_, partition_)),
          schema_(va_comparison_schema(cohort_)) {
        refuse_what_cannot_be_made();
        skip_what_cannot_be_scored();
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::size_t capacity() const override { return cells_.size(); }

    [[nodiscard]] std::string data_hash() const override {
        std::string hash = cohort_.data_hash;
        if (splits_) hash = hash_text(hash + "\n" + splits_->hash);
        if (known_) hash = hash_text(hash + "\nknown " + known_->hash);
        for (auto const& name : options_.models)
            for (auto const& key : models::find(name)->parameters)
                if (key.format == Format::file) hash = with_file(hash, "models." + name, key.name);
        return hash;
    }

    [[nodiscard]] std::vector<std::string> notes() const override {
        std::vector<std::string> notes = cohort_.notes;
        std::map<std::string, std::size_t> reasons;
        for (auto const& cell : cells_)
            if (!cell.skip_reason.empty()) ++reasons[cell.skip_reason];
        for (auto const& [reason, count] : reasons)
            notes.push_back(fmt::format("{} experiments skipped: {}", count, reason));
        return notes;
    }

    [[nodiscard]] std::vector<Experiment> next_experiments(study::Records const& so_far) const override {
        if (so_far.size() > 0) return {};
        std::vector<Experiment> experiments;
        std::map<std::string, std::uint64_t> groups;
        std::uint64_t first_row = 0;
        for (auto const& cell : cells_) {
            Experiment experiment = experiment_of(cell, experiments.size());
            bool const shared = model_of(cell).work == models::Work::in_fit;
            std::string key = fit_of(cell, options_, cohort_);
            if (!shared) key += " " + std::to_string(experiment.index);
            experiment.group = groups.emplace(std::move(key), groups.size()).first->second;
            experiment.first_row = first_row;
            first_row += experiment.n_rows;
            experiments.push_back(std::move(experiment));
        }
        guess_costs(experiments);
        return experiments;
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& watcher) const override {
        VASTER_EXPECTS(!task.items.empty());
        DesignCell const& first = cells_.at(task.items.front().experiment.index);
        va::DeathList const train = partition_.training_deaths(first);
        double const started = monotonic_seconds();
        auto const classifier = model_of(first).make(parameters_of(first), missing_);
        std::vector<std::uint32_t> const causes = causes_of(train);
        classifier->fit(
            {{cohort_.answers, train}, causes, cohort_.causes.size(), {cohort_.symptoms, cohort_.causes}},
            stream(options_.seed, fit_of(first, options_, cohort_), Purpose::fit), watcher);
        double const fit_seconds = monotonic_seconds() - started;
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            sink.finish(evaluate(item.experiment.index, *classifier, train.size(), fit_seconds, watcher));
        }
    }

  private:
    [[nodiscard]] static std::optional<va::GivenSplits> given_splits(Config const& config,
                                                                     va::Cohort const& cohort) {
        auto const& path = config.get<std::string>("data.splits");
        if (path.empty()) return std::nullopt;
        return va::read_splits(path, cohort, config.get<std::string>("data.label"));
    }

    [[nodiscard]] static std::optional<va::KnownDeaths> known_deaths(Config const& config,
                                                                     va::Cohort const& cohort) {
        auto const& path = config.get<std::string>("data.known");
        if (path.empty()) return std::nullopt;
        return va::read_known_deaths(path, cohort);
    }

    /// The hash with the content of a model's file in it, if one is given.
    [[nodiscard]] std::string with_file(std::string const& hash, std::string const& table,
                                        std::string const& key) const {
        auto const& path = config_.table(table).get<std::string>(key);
        return path.empty()
                   ? hash
                   : hash_text(fmt::format("{}\n{}.{} {}", hash, table, key, hash_text(read_file(path))));
    }

    /// A model that this machine cannot run (a device that is not there) is refused before anything is
    /// created.
    void refuse_what_cannot_be_made() const {
        for (auto const& name : options_.models)
            (void)models::find(name)->make(config_.table("models." + name), missing_);
    }

    void skip_what_cannot_be_scored() {
        if (!known_) return;
        for (auto& cell : cells_)
            if (cell.skip_reason.empty() && scored_deaths(partition_.test_deaths(cell)).empty())
                cell.skip_reason = fmt::format("the causes of all test deaths of site {} are known",
                                               cohort_.sites[cell.test_site]);
    }

    [[nodiscard]] bool is_known(std::uint32_t death) const { return known_ && known_->is_known[death]; }

    /// Those whose cause is not known beforehand.
    [[nodiscard]] va::DeathList scored_deaths(va::DeathList const& test) const {
        va::DeathList scored;
        std::copy_if(test.begin(), test.end(), std::back_inserter(scored),
                     [&](std::uint32_t death) { return !is_known(death); });
        return scored;
    }

    /// What a model says of the deaths that are scored. Its own cause fractions describe all deaths that it
    /// coded; where some of them are known beforehand, the mean of the others' probabilities stands in.
    [[nodiscard]] models::Prediction predict(models::Classifier const& classifier, va::DeathList const& test,
                                             Random random, Watcher& watcher) const {
        std::vector<std::int32_t> known;
        std::vector<std::uint32_t> population;
        for (std::uint32_t const death : test) {
            if (known_)
                known.push_back(is_known(death) ? static_cast<std::int32_t>(cohort_.cause[death]) : -1);
            if (!cohort_.populations.empty()) population.push_back(cohort_.population[death]);
        }
        auto prediction = classifier.predict({{cohort_.answers, test},
                                              known,
                                              population,
                                              std::max<std::size_t>(1, cohort_.populations.size())},
                                             random, watcher);
        return known_ ? without_known(std::move(prediction), test) : prediction;
    }

    [[nodiscard]] models::Prediction without_known(models::Prediction all, va::DeathList const& test) const {
        models::Prediction scored = std::move(all);
        auto const from = std::exchange(scored.probability, {});
        scored.n_deaths = 0;
        for (std::size_t i = 0; i < test.size(); ++i) {
            if (is_known(test[i])) continue;
            auto const row = from.begin() + static_cast<std::ptrdiff_t>(i * scored.n_causes);
            scored.probability.insert(scored.probability.end(), row,
                                      row + static_cast<std::ptrdiff_t>(scored.n_causes));
            ++scored.n_deaths;
        }
        scored.csmf.clear();
        if (scored.sampling) {
            scored.sampling->csmf_lo.clear();
            scored.sampling->csmf_hi.clear();
        }
        return scored;
    }

    [[nodiscard]] models::Model const& model_of(DesignCell const& cell) const {
        return *models::find(options_.models[cell.model]);
    }

    [[nodiscard]] Parameters const& parameters_of(DesignCell const& cell) const {
        return config_.table("models." + options_.models[cell.model]);
    }

    [[nodiscard]] std::vector<std::uint32_t> causes_of(va::DeathList const& deaths) const {
        std::vector<std::uint32_t> causes;
        causes.reserve(deaths.size());
        for (std::uint32_t const death : deaths) causes.push_back(cohort_.cause[death]);
        return causes;
    }

    [[nodiscard]] Experiment experiment_of(DesignCell const& cell, std::size_t index) const {
        Experiment experiment;
        experiment.index = index;
        experiment.id.value = hash64(identity_of(cell, options_, cohort_));
        experiment.cost_key = options_.models[cell.model];
        experiment.design = {to_text(cell.type),
                             cohort_.sites[cell.train_site],
                             cohort_.sites[cell.test_site],
                             options_.models[cell.model],
                             cell.fraction,
                             std::int64_t{cell.repeat}};
        experiment.skip_reason = cell.skip_reason;
        if (cell.skip_reason.empty()) experiment.n_rows = scored_deaths(partition_.test_deaths(cell)).size();
        return experiment;
    }

    /// Shares the expected time of every group equally among its experiments.
    void guess_costs(std::vector<Experiment>& experiments) const {
        std::map<std::uint64_t, std::vector<Experiment*>> groups;
        for (auto& experiment : experiments)
            if (experiment.skip_reason.empty()) groups[experiment.group].push_back(&experiment);
        for (auto const& [group, members] : groups) {
            DesignCell const& cell = cells_[members.front()->index];
            models::WorkSize size{partition_.training_deaths(cell).size(), 0, cohort_.symptoms.size(),
                                  cohort_.causes.size()};
            for (auto const* member : members) size.n_test += member->n_rows;
            double const seconds = model_of(cell).expected_seconds(parameters_of(cell), size);
            for (auto* member : members)
                member->expected_seconds = seconds / static_cast<double>(members.size());
        }
    }

    [[nodiscard]] study::Result evaluate(study::ExperimentIndex index, models::Classifier const& classifier,
                                         std::size_t n_train, double fit_seconds, Watcher& watcher) const {
        DesignCell const& cell = cells_.at(index);
        va::DeathList const coded = partition_.test_deaths(cell);
        va::DeathList const test = scored_deaths(coded);
        std::string const test_set = test_set_of(cell, options_, cohort_);
        Seconds seconds;
        seconds.fit = fit_seconds;
        double started = monotonic_seconds();
        std::string const pair = fit_of(cell, options_, cohort_) + " on " + test_set;
        models::Prediction const prediction =
            predict(classifier, coded, stream(options_.seed, pair, Purpose::predict), watcher);
        seconds.predict = monotonic_seconds() - started;

        started = monotonic_seconds();
        std::vector<std::uint32_t> const truth = causes_of(test);
        va::Scores const scores =
            va::score(truth, prediction.probability, cohort_.causes.size(), prediction.csmf);
        va::Intervals const intervals =
            va::bootstrap_intervals(va::assign(truth, prediction.probability, cohort_.causes.size()),
                                    n_resamples_, stream(options_.seed, test_set, Purpose::resample));
        seconds.metrics = monotonic_seconds() - started;

        study::Result result;
        result.index = index;
        result.cells = result_cells(n_train, scores, intervals, seconds);
        for (auto& sampled : sampling_cells(prediction)) result.cells.push_back(std::move(sampled));
        models::Sampling const sampling = prediction.sampling.value_or(models::Sampling());
        std::size_t const n_causes = cohort_.causes.size();
        result.arrays = {Packer::pack(scores.confusion),
                         Packer::pack(scores.csmf_true),
                         Packer::pack(scores.csmf_pred),
                         Packer::pack(own_or_missing(scores.csmf_own, n_causes)),
                         Packer::pack(own_or_missing(sampling.csmf_lo, n_causes)),
                         Packer::pack(own_or_missing(sampling.csmf_hi, n_causes)),
                         packed_causes(scores.causes),
                         packed_predictions(cohort_, test, prediction)};
        if (!cohort_.populations.empty())
            result.arrays.push_back(Packer::pack(
                own_or_missing(prediction.csmf_by_population, cohort_.populations.size() * n_causes)));
        return result;
    }

    Config config_;
    va::Cohort cohort_;
    DesignOptions options_;
    models::MissingPolicy missing_;
    std::size_t n_resamples_;
    std::optional<va::GivenSplits> splits_;
    std::optional<va::KnownDeaths> known_;
    Partition partition_;
    std::vector<DesignCell> cells_;
    study::Schema schema_;
};

class VaComparisonKind : public study::Kind {
  public:
    [[nodiscard]] std::string name() const override { return "va-comparison"; }

    [[nodiscard]] std::string doc() const override {
        return "Verbal-autopsy models in and out of the site they were trained on";
    }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override {
        std::vector<study::KeyTable> tables{data_table(), design_table()};
        for (auto const& model : models::catalogue())
            tables.push_back({"models." + model.name, model.doc, model.parameters});
        return tables;
    }

    [[nodiscard]] std::vector<std::string> problems(Config const& config) const override {
        return comparison_problems(config);
    }

    [[nodiscard]] bool relevant(Config const& config, std::string_view table) const override {
        if (!table.starts_with("models.")) return true;
        auto const& used = config.get<Texts>("design.models");
        return std::find(used.begin(), used.end(), table.substr(7)) != used.end();
    }

    [[nodiscard]] std::unique_ptr<study::Study> open(Config const& config) const override {
        return std::make_unique<VaComparison>(config);
    }

    [[nodiscard]] std::vector<TextTable> summary(Config const&, study::Schema const& schema,
                                                 study::Records const& records) const override {
        return summarize_va_comparison(schema, records);
    }
};

}  // namespace

va::CohortSource cohort_source(Config const& config) {
    va::CohortSource source;
    source.path = config.get<std::string>("data.path");
    source.format = va::cohort_format(config.get<std::string>("data.format"));
    source.label = config.get<std::string>("data.label");
    source.label_columns = config.get<Texts>("data.label_columns");
    source.site = config.get<std::string>("data.site");
    source.population = config.get<std::string>("data.population");
    source.rows =
        config.get<std::string>("data.rows") == "all" ? va::RowPolicy::all : va::RowPolicy::reference;
    return source;
}

std::unique_ptr<study::Kind> make_va_comparison() {
    return std::make_unique<VaComparisonKind>();
}

}  // namespace vaster::workloads

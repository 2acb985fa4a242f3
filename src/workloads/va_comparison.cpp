#include "vaster/workloads/va_comparison.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "va_keys.hpp"
#include "va_results.hpp"
#include "vaster/models/classifier.hpp"
#include "vaster/support/clock.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/hash.hpp"
#include "vaster/va/metrics.hpp"
#include "vaster/workloads/va_design.hpp"

namespace vaster::workloads {
namespace {

using study::Config;
using study::Experiment;
using Texts = std::vector<std::string>;

class VaComparison : public study::Study {
  public:
    explicit VaComparison(Config const& config)
        : config_(config),
          cohort_(va::read_cohort(source_of(config))),
          options_(options_of(config, cohort_)),
          missing_(models::missing_policy(config.get<std::string>("data.missing"))),
          n_resamples_(static_cast<std::size_t>(config.get<std::int64_t>("design.bootstrap"))),
          splits_(given_splits(config, cohort_)),
          partition_(cohort_, options_, splits_),
          cells_(design_cells(options_, cohort_, partition_)),
          groupings_(groupings_of(config, cohort_)),
          schema_(va_comparison_schema(cohort_.causes, cohort_.sites, groupings_)) {
        refuse_what_cannot_be_made();
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::size_t capacity() const override { return cells_.size(); }

    [[nodiscard]] std::string data_hash() const override {
        std::string hash = splits_ ? hash_text(cohort_.data_hash + "\n" + splits_->hash) : cohort_.data_hash;
        for (auto const& grouping : groupings_) hash = hash_text(hash + "\n" + hash_of(grouping));
        return hash;
    }

    [[nodiscard]] std::vector<std::string> notes() const override {
        std::vector<std::string> notes = cohort_.notes;
        for (auto& note : pool_notes(options_, cohort_, partition_)) notes.push_back(std::move(note));
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

    /// A model that this machine cannot run (a device that is not there) is refused before anything is
    /// created.
    void refuse_what_cannot_be_made() const {
        for (auto const& name : options_.models)
            (void)models::find(name)->make(config_.table("models." + name), missing_);
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
                             training_site_text(cell, cohort_),
                             cohort_.sites[cell.test_site],
                             options_.models[cell.model],
                             cell.fraction,
                             std::int64_t{cell.repeat}};
        experiment.skip_reason = cell.skip_reason;
        if (cell.skip_reason.empty()) experiment.n_rows = partition_.test_deaths(cell).size();
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
        va::DeathList const test = partition_.test_deaths(cell);
        std::string const test_set = test_set_of(cell, options_, cohort_);
        Seconds seconds;
        seconds.fit = fit_seconds;
        double started = monotonic_seconds();
        std::string const pair = fit_of(cell, options_, cohort_) + " on " + test_set;
        models::Prediction const prediction = classifier.predict(
            {{cohort_.answers, test}}, stream(options_.seed, pair, Purpose::predict), watcher);
        seconds.predict = monotonic_seconds() - started;

        started = monotonic_seconds();
        std::vector<std::uint32_t> const truth = causes_of(test);
        Random const resampling = stream(options_.seed, test_set, Purpose::resample);
        auto [scores, intervals] =
            scored(truth, prediction.probability, cohort_.causes.size(), prediction.csmf, resampling);
        std::vector<GroupedScores> grouped;
        for (auto const& grouping : groupings_)
            grouped.push_back(scored(grouping.of_deaths(truth), grouping.sums(prediction.probability),
                                     grouping.groups.size(), grouping.sums(prediction.csmf), resampling));
        seconds.metrics = monotonic_seconds() - started;
        return pack_result(
            index, cohort_,
            {n_train, test, prediction, std::move(scores), intervals, std::move(grouped), seconds});
    }

    /// Every labelling of one test set has the same resamples.
    [[nodiscard]] GroupedScores scored(std::vector<std::uint32_t> const& truth,
                                       std::vector<double> const& probability, std::size_t n_labels,
                                       std::vector<double> const& own_csmf, Random resampling) const {
        return {va::score(truth, probability, n_labels, own_csmf),
                va::bootstrap_intervals(va::assign(truth, probability, n_labels), n_resamples_, resampling)};
    }

    Config config_;
    va::Cohort cohort_;
    DesignOptions options_;
    models::MissingPolicy missing_;
    std::size_t n_resamples_;
    std::optional<va::GivenSplits> splits_;
    Partition partition_;
    std::vector<DesignCell> cells_;
    std::vector<va::Grouping> groupings_;
    study::Schema schema_;
};

class VaComparisonKind : public study::Kind {
  public:
    [[nodiscard]] std::string name() const override { return "va-comparison"; }

    [[nodiscard]] std::string doc() const override {
        return "Verbal-autopsy models in and out of the site they were trained on";
    }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override { return comparison_tables(); }

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

std::unique_ptr<study::Kind> make_va_comparison() {
    return std::make_unique<VaComparisonKind>();
}

}  // namespace vaster::workloads

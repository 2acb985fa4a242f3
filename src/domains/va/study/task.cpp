#include "domains/va/study/task.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "domains/va/study/plan.hpp"
#include "domains/va/study/schema.hpp"
#include "domains/va/study/trainer.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::va {
namespace {

/// Every labelling of one test set has the same resamples.
class Scoring {
  public:
    Scoring(Comparison const& comparison, DeathList const& test, std::string const& test_name)
        : weights_(comparison.weights_of(test)),
          n_resamples_(comparison.n_resamples),
          resampling_(random_stream(comparison.options.seed, test_name, Purpose::resample)) {}

    [[nodiscard]] GroupedScores of(std::vector<std::uint32_t> const& truth,
                                   std::vector<double> const& probability, std::size_t n_labels,
                                   std::vector<double> const& own_csmf) const {
        return {va::score(truth, probability, n_labels, own_csmf, weights_),
                va::bootstrap_intervals(va::assign(truth, probability, n_labels, weights_), n_resamples_,
                                        resampling_, probability)};
    }

  private:
    std::vector<double> weights_;
    std::size_t n_resamples_;
    Random resampling_;
};

/// One experiment of the task.
struct Item {
    study::ExperimentIndex index = 0;
    DesignCell const& cell;
    Method const& method;
    TestDeaths test;
};

class TaskRun {
  public:
    TaskRun(Comparison const& comparison, study::Task const& task, study::Sink& sink, Watcher& watcher)
        : comparison_(comparison),
          sink_(sink),
          watcher_(watcher),
          setting_(setting_of(task)),
          items_(items_of(task)),
          trainer_(comparison, comparison.partition.training_deaths(items_.front().cell),
                   training_of(items_.front().cell, comparison.cohort), parameters()) {}

    void run() {
        for (; next_ < items_.size(); ++next_) sink_.finish(finish(items_[next_]));
    }

  private:
    /// Settings of all models of the task; experiments that share a training set share its settings.
    [[nodiscard]] Setting setting_of(study::Task const& task) const {
        std::string text;
        if (comparison_.is_tuned())
            for (auto const& item : task.items)
                text += " " + std::get<std::string>(item.experiment.design.at(parameters_column));
        return text;
    }

    [[nodiscard]] std::vector<Item> items_of(study::Task const& task) const {
        std::vector<Item> items;
        for (auto const& [experiment, attempt] : task.items) {
            DesignCell const& cell = cell_of(comparison_, experiment);
            items.push_back(
                {experiment.index,
                 cell,
                 comparison_.methods[cell.model],
                 {test_set_of(cell, comparison_.cohort), comparison_.partition.test_deaths(cell)}});
        }
        return items;
    }

    /// The configured parameters with the settings that tuning has chosen for this training set.
    [[nodiscard]] ParametersOf parameters() const {
        return [&comparison = comparison_, setting = setting_](std::string const& model) {
            return with_setting(comparison.parameters_of(model), model, setting);
        };
    }

    /// What follows is charged to the items for which `needs` holds.
    template <class Needs>
    void begin_for(Needs needs) {
        std::vector<study::ExperimentIndex> indices;
        for (std::size_t i = next_; i < items_.size(); ++i)
            if (needs(items_[i])) indices.push_back(items_[i].index);
        sink_.begin_shared(indices);
    }

    static bool has_member(Item const& item, std::string const& model) {
        auto const& members = item.method.members;
        return std::find(members.begin(), members.end(), model) != members.end();
    }

    Fit const& fit(std::string const& model) {
        if (!trainer_.has_fit(model)) begin_for([&](Item const& item) { return has_member(item, model); });
        return trainer_.fit(model, watcher_);
    }

    Forecast const& forecast(std::string const& model, TestDeaths const& test) {
        fit(model);
        if (!trainer_.has_forecast(model, test.name))
            begin_for(
                [&](Item const& item) { return has_member(item, model) && item.test.name == test.name; });
        return trainer_.forecast(model, test, watcher_);
    }

    /// Inner cross-validation of a member, once for all ensembles that are weighted by it.
    OutOfFold const& inner(std::string const& model) {
        if (auto const known = inner_.find(model); known != inner_.end()) return known->second;
        double const started = monotonic_seconds();
        if (!folds_)
            folds_ = inner_folds(comparison_, trainer_.deaths(), trainer_.training(),
                                 comparison_.options.inner_folds);
        auto const charge = [&] {
            begin_for([&](Item const& item) {
                return item.method.ensemble && item.method.ensemble->weighting == Weighting::inner_cv &&
                       has_member(item, model);
            });
        };
        auto const prediction =
            out_of_fold(comparison_, trainer_, *folds_, model, parameters(), charge, watcher_);
        OutOfFold out = out_of_fold_scores(comparison_, trainer_.deaths(), prediction);
        out.seconds = monotonic_seconds() - started;
        return inner_.emplace(model, std::move(out)).first->second;
    }

    /// Of the members of an ensemble, with the whole time of the cross-validation behind them.
    struct Weights {
        std::vector<double> shares;
        double seconds = 0;
    };

    Weights new_weights(Ensemble const& ensemble) {
        if (ensemble.weighting != Weighting::inner_cv) return {fixed_weights(ensemble)};
        Weights weights;
        std::vector<OutOfFold const*> members;
        for (auto const& member : ensemble.members) {
            members.push_back(&inner(member));
            weights.seconds += members.back()->seconds;
        }
        double const started = monotonic_seconds();
        weights.shares = weights_from(ensemble.vote, members);
        weights.seconds += monotonic_seconds() - started;
        return weights;
    }

    Weights const& weights(Ensemble const& ensemble) {
        if (auto const known = weights_.find(ensemble.name); known != weights_.end()) return known->second;
        return weights_.emplace(ensemble.name, new_weights(ensemble)).first->second;
    }

    /// The item's prediction, and what it would have taken alone: the time of what it shares with other items
    /// counts in full.
    models::Prediction predict(Item const& item, Seconds& seconds, std::string& members_text) {
        std::vector<models::Prediction const*> members;
        for (auto const& model : item.method.members) {
            Forecast const& said = forecast(model, item.test);
            seconds.fit += fit(model).seconds;
            seconds.predict += said.seconds;
            members.push_back(&said.prediction);
        }
        if (!item.method.ensemble) return *members.front();
        auto const& [shares, weighting_seconds] = weights(*item.method.ensemble);
        seconds.fit += weighting_seconds;
        sink_.begin(item.index);
        members_text = describe(*item.method.ensemble, shares, members);
        return combine(item.method.ensemble->vote, shares, members);
    }

    /// "xgboost 0.612, insilico 0.388 (not converged)"
    static std::string describe(Ensemble const& ensemble, std::vector<double> const& shares,
                                std::vector<models::Prediction const*> const& members) {
        std::vector<std::string> texts;
        for (std::size_t m = 0; m < shares.size(); ++m) {
            bool const doubtful = members[m]->sampling && !members[m]->sampling->converged;
            texts.push_back(fmt::format("{} {:.4f}{}", ensemble.members[m], shares[m],
                                        doubtful ? " (not converged)" : ""));
        }
        return fmt::format("{}", fmt::join(texts, ", "));
    }

    study::Result finish(Item const& item) {
        Seconds seconds;
        std::string members;
        models::Prediction said = predict(item, seconds, members);
        sink_.begin(item.index);
        va::DeathList const test = comparison_.scored_deaths(item.test.deaths);
        double const started = monotonic_seconds();
        models::Prediction const prediction =
            adapted_if_wanted(comparison_, item.method, trainer_.deaths(), test, std::move(said), watcher_);
        if (item.method.adaptation) seconds.predict += monotonic_seconds() - started;
        return evaluate(comparison_, {item.index, trainer_.deaths().size(), test, item.test.name, prediction,
                                      std::move(members), seconds});
    }

    Comparison const& comparison_;
    study::Sink& sink_;
    Watcher& watcher_;
    Setting setting_;
    std::vector<Item> items_;
    std::size_t next_ = 0;  ///< the first item that has no result yet
    Trainer trainer_;
    std::optional<InnerFolds> folds_;
    std::map<std::string, OutOfFold> inner_;  ///< by model
    std::map<std::string, Weights> weights_;  ///< by ensemble
};

}  // namespace

study::Result evaluate(Comparison const& comparison, Predicted const& predicted) {
    auto const& [index, n_train, test, test_name, prediction, members, before] = predicted;
    double const started = monotonic_seconds();
    auto const truth = comparison.causes_of(test);
    Scoring const scoring(comparison, test, test_name);
    auto [scores, intervals] =
        scoring.of(truth, prediction.probability, comparison.cohort.causes.size(), prediction.csmf);
    std::vector<GroupedScores> grouped;
    for (auto const& grouping : comparison.groupings)
        grouped.push_back(scoring.of(grouping.of_deaths(truth), grouping.sums(prediction.probability),
                                     grouping.groups.size(), grouping.sums(prediction.csmf)));
    Seconds seconds = before;
    seconds.metrics = monotonic_seconds() - started;
    study::Result result = pack_result(index, comparison.cohort,
                                       {n_train, test, prediction, std::move(scores), intervals,
                                        std::move(grouped), seconds, comparison.weights_of(test)});
    if (comparison.has_ensembles()) result.cells.emplace_back(members);
    if (comparison.is_tuned()) result.cells.emplace_back(std::numeric_limits<double>::quiet_NaN());
    return result;
}

void run_task(Comparison const& comparison, study::Task const& task, study::Sink& sink, Watcher& watcher) {
    VASTER_EXPECTS(!task.items.empty());
    TaskRun(comparison, task, sink, watcher).run();
}

}  // namespace vaster::va

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "domains/va/study/context.hpp"
#include "domains/va/study/tuning.hpp"
#include "vaster/study/study.hpp"

namespace vaster::va {

/// A training set of the design on which a model is tuned.
struct TuningTarget {
    std::string model;
    DesignCell cell;  ///< one of those that train on it
};

/// A setting that is tried inside a training set: an experiment of the plan.
struct TuningTrial {
    std::size_t target = 0;   ///< position among the targets
    std::size_t setting = 0;  ///< position among the model's settings
    std::uint32_t rung = 0;
};

/// Plans a comparison whose models are tuned, stage by stage: first all experiments that no tuned model has a
/// part in and the first trials; then the next rungs of halving, if any; at last the experiments of the tuned
/// models with the settings that did best on their training sets. Each model is tuned once per training set.
class TuningPlan {
  public:
    explicit TuningPlan(Comparison const& comparison);

    [[nodiscard]] std::size_t capacity() const;
    [[nodiscard]] std::uint64_t row_capacity() const;
    [[nodiscard]] std::vector<study::Experiment> next(study::Records const& so_far) const;

    /// Bytes of the longest text in the column `parameters`.
    [[nodiscard]] std::size_t setting_width() const;

    /// The experiment's trial; nullptr for experiments of the design.
    [[nodiscard]] TuningTrial const* find_trial(study::Experiment const& experiment) const;

    /// Runs a trial: its score is the mean of the metric over the inner folds, its row and arrays those of
    /// the predictions of all training deaths, each by a fit that has not seen its fold.
    void run(TuningTrial const& trial, study::ExperimentIndex index, study::Sink& sink,
             Watcher& watcher) const;

  private:
    /// How the trials of one target ended, by rung.
    using Ranking =
        std::vector<std::vector<std::pair<double, std::size_t>>>;  ///< (score, setting), done ones

    struct Standing {
        bool designed = false;      ///< the experiments of the tuned models are there
        std::uint32_t rungs = 0;    ///< that have been tried
        std::vector<Ranking> done;  ///< by target
    };

    [[nodiscard]] std::vector<Setting> const& settings_of_target(std::size_t target) const {
        return settings_.at(targets_.at(target).model);
    }

    [[nodiscard]] std::uint32_t n_rungs() const;
    [[nodiscard]] bool is_tuned(DesignCell const& cell) const;
    [[nodiscard]] Standing standing(study::Records const& so_far) const;
    [[nodiscard]] std::vector<TuningTrial> next_trials(Standing const& standing) const;
    [[nodiscard]] study::Experiment experiment_of(TuningTrial const& trial) const;
    [[nodiscard]] double expected_seconds(TuningTrial const& trial) const;
    /// The settings of the models that the cell fits, or why there are none.
    [[nodiscard]] std::pair<Setting, std::string> chosen(DesignCell const& cell,
                                                         Standing const& standing) const;

    Comparison const& comparison_;
    TuningOptions const& options_;
    std::map<std::string, std::vector<Setting>> settings_;  ///< by model
    std::vector<TuningTarget> targets_;
    std::map<std::uint64_t, TuningTrial> trials_;  ///< all there can be, by identity
    std::vector<bool> tuned_methods_;
};

}  // namespace vaster::va

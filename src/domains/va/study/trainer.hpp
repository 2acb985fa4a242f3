#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "domains/va/study/context.hpp"

namespace vaster::va {

/// A model that has been fitted.
struct Fit {
    std::unique_ptr<models::Classifier> classifier;
    double seconds = 0;  ///< wall time
};

/// What a model said of a test set.
struct Forecast {
    models::Prediction prediction;  ///< of the deaths that are scored
    double seconds = 0;             ///< wall time
};

/// Deaths to be coded.
struct TestDeaths {
    std::string name;  ///< the random streams of predictions depend on it
    va::DeathList deaths;
    /// Is insilico told the causes that are known beforehand? Then those deaths are not scored.
    enum class Known { told, untold } known = Known::told;
};

/// The parameters of a model.
using ParametersOf = std::function<Parameters(std::string const& model)>;

/// Models on one training set. Every fit and every prediction is made once, when it is first asked for, so
/// that ensembles and plain experiments share them.
class Trainer {
  public:
    /// @param training  names the training set; with the model's name it names the streams
    Trainer(Comparison const& comparison, va::DeathList deaths, std::string training,
            ParametersOf parameters);

    [[nodiscard]] va::DeathList const& deaths() const noexcept { return deaths_; }

    [[nodiscard]] std::string const& training() const noexcept { return training_; }

    [[nodiscard]] bool has_fit(std::string const& model) const { return fits_.count(model) > 0; }

    [[nodiscard]] bool has_forecast(std::string const& model, std::string const& test) const {
        return forecasts_.count({model, test}) > 0;
    }

    /// @throws ModelError that names the model; Cancelled
    Fit const& fit(std::string const& model, Watcher& watcher);

    /// Fits the model first if need be. @throws ModelError that names the model; Cancelled
    Forecast const& forecast(std::string const& model, TestDeaths const& test, Watcher& watcher);

  private:
    Comparison const& comparison_;
    va::DeathList deaths_;
    std::string training_;
    ParametersOf parameters_;
    std::map<std::string, Fit> fits_;
    std::map<std::pair<std::string, std::string>, Forecast> forecasts_;
};

/// What a method said of a test set, adapted to its batches where it is adapted at all.
/// @param deaths    those that it was trained on
/// @param test      those of the prediction
/// @throws Cancelled
[[nodiscard]] models::Prediction adapted_if_wanted(Comparison const& comparison, Method const& method,
                                                   va::DeathList const& deaths, va::DeathList const& test,
                                                   models::Prediction prediction, Watcher& watcher);

/// Folds of a training set and what is done in each.
struct InnerFolds {
    std::vector<std::uint32_t> fold;  ///< of every death, [n_train]
    std::uint32_t n_folds = 0;
    double share = 1;  ///< of the deaths outside a fold that are trained on
};

/// The folds of stratified cross-validation inside a training set: a function of the study's seed and the
/// training set, the same for all models.
[[nodiscard]] InnerFolds inner_folds(Comparison const& comparison, va::DeathList const& deaths,
                                     std::string const& training, std::uint32_t n_folds);

/// Predictions of every training death by a model that has not seen its fold.
/// @param before_fold  called before every fit
/// @returns probabilities, [n_train][n_causes]
[[nodiscard]] models::Prediction out_of_fold(Comparison const& comparison, Trainer const& trainer,
                                             InnerFolds const& folds, std::string const& model,
                                             ParametersOf const& parameters,
                                             std::function<void()> const& before_fold, Watcher& watcher);

/// What ensembles are weighted by: how well a member did in its inner cross-validation.
/// @param prediction  of the trainer's deaths, as out_of_fold() has made it
[[nodiscard]] OutOfFold out_of_fold_scores(Comparison const& comparison, va::DeathList const& deaths,
                                           models::Prediction const& prediction);

}  // namespace vaster::va

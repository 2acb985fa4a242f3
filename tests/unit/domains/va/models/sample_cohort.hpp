#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "base/stats/samplers.hpp"
#include "domains/va/models/catalogue.hpp"

namespace vaster::testing {

/// Deaths with answers that depend on their causes, some of them missing.
struct SampleCohort {
    va::AnswerMatrix answers;
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> causes;

    [[nodiscard]] models::Deaths deaths() const { return {answers, rows}; }

    [[nodiscard]] models::TrainingSet training(std::size_t n_causes) const {
        return {deaths(), causes, n_causes};
    }
};

/// Causes are drawn from `occurring`. The rows are listed backwards, so that mixing up row and position
/// shows.
inline SampleCohort sample_cohort(std::size_t n_deaths, std::size_t n_symptoms,
                                  std::vector<std::uint32_t> const& occurring, Random random) {
    SampleCohort cohort{va::AnswerMatrix(n_deaths, n_symptoms), {}, std::vector<std::uint32_t>(n_deaths)};
    for (std::size_t i = 0; i < n_deaths; ++i) {
        auto const row = static_cast<std::uint32_t>(n_deaths - 1 - i);
        std::uint32_t const cause = occurring[random.below(occurring.size())];
        cohort.rows.push_back(row);
        cohort.causes[i] = cause;
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            double const p_present = (s + cause) % 3 == 0 ? 0.7 : 0.15;
            cohort.answers.row(row)[s] = random.uniform() < 0.2         ? va::Answer::missing
                                         : random.uniform() < p_present ? va::Answer::present
                                                                        : va::Answer::absent;
        }
    }
    return cohort;
}

/// A classifier of the catalogue with its default parameters, fitted.
inline std::unique_ptr<models::Classifier> fitted(models::Model const& model,
                                                  models::TrainingSet const& training,
                                                  models::MissingPolicy policy,
                                                  Parameters const& parameters) {
    auto classifier = model.make(parameters, policy);
    Watcher watcher;
    classifier->fit(training, Random(1), watcher);
    return classifier;
}

inline models::Prediction predicted(models::Classifier const& classifier, models::Deaths const& test) {
    Watcher watcher;
    return classifier.predict({test}, Random(2), watcher);
}

/// The answers row by row, for Python peers: 0 absent, 1 present, 2 missing.
inline std::vector<int> answer_numbers(models::Deaths const& deaths) {
    std::vector<int> all;
    for (std::uint32_t const row : deaths.rows)
        for (va::Answer const answer : deaths.answers.row(row)) all.push_back(static_cast<int>(answer));
    return all;
}

/// Between a prediction and probabilities of the given causes, [n_deaths][causes.size()].
inline double largest_difference(models::Prediction const& prediction,
                                 std::vector<std::uint32_t> const& causes,
                                 std::vector<double> const& expected) {
    if (expected.size() != prediction.n_deaths * causes.size()) throw std::logic_error("another shape");
    double largest = 0;
    for (std::size_t i = 0; i < prediction.n_deaths; ++i)
        for (std::size_t k = 0; k < causes.size(); ++k)
            largest = std::max(largest,
                               std::abs(prediction.of_death(i)[causes[k]] - expected[i * causes.size() + k]));
    return largest;
}

/// Allows so many threads.
class ThreadsWatcher : public Watcher {
  public:
    explicit ThreadsWatcher(std::size_t n) : n_(n) {}

    [[nodiscard]] std::size_t threads() const override { return n_; }

  private:
    std::size_t n_;
};

/// What a classifier keeps after having learned with so many threads.
inline Parts kept_with_threads(models::Model const& model, models::TrainingSet const& training,
                               Parameters const& parameters, std::size_t n_threads) {
    auto const classifier = model.make(parameters, models::MissingPolicy::ordinal);
    ThreadsWatcher watcher(n_threads);
    classifier->fit(training, Random(1), watcher);
    Parts parts;
    classifier->save(parts);
    return parts;
}

/// Counts what it hears, and says stop when it has been asked `patience` times.
class CountingWatcher : public Watcher {
  public:
    explicit CountingWatcher(int patience) : patience_(patience) {}

    void on_progress(double fraction) override { last_fraction = fraction; }

    bool stop_requested() override { return ++asked > patience_; }

    int asked = 0;
    double last_fraction = 0;

  private:
    int patience_;
};

}  // namespace vaster::testing

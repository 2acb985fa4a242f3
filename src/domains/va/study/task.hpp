#pragma once

#include <string>

#include "domains/va/study/context.hpp"
#include "domains/va/study/results.hpp"
#include "vaster/study/study.hpp"

namespace vaster::va {

/// Runs the experiments of one fit group, which share a training set: every model is fitted once, every test
/// set predicted once by each, whatever experiments and ensembles need it. A fit or prediction that fails is
/// charged to all experiments of the task that need it, and to no others.
void run_task(Comparison const& comparison, study::Task const& task, study::Sink& sink, Watcher& watcher);

/// What is known when a prediction has been made.
struct Predicted {
    study::ExperimentIndex index = 0;
    std::size_t n_train = 0;
    va::DeathList const& test;  ///< the deaths that were predicted, all of which are scored
    std::string test_name;      ///< the stream of resamples depends on it
    models::Prediction const& prediction;
    std::string members;  ///< of ensembles
    Seconds seconds;
};

/// Scores a prediction with all labels. In studies with tuning the last cell, the trial's score, is missing.
[[nodiscard]] study::Result evaluate(Comparison const& comparison, Predicted const& predicted);

}  // namespace vaster::va

#pragma once

#include <cstddef>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/splits.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::va {

/// Wall seconds of the parts of an experiment. What it shares with others counts in full, so that an
/// experiment shows what it would have taken alone: these are not to be added up over experiments.
struct Seconds {
    double fit = 0;      ///< of its model or of all members, with the cross-validation behind their weights
    double predict = 0;  ///< of its model or of all members
    double metrics = 0;
};

/// Metrics with the causes of a grouping.
struct GroupedScores {
    va::Scores scores;
    va::Intervals intervals;
};

/// What an experiment found out.
struct Evaluation {
    std::size_t n_train = 0;
    va::DeathList const& test;
    models::Prediction const& prediction;  ///< of `test`
    va::Scores scores;
    va::Intervals intervals;
    std::vector<GroupedScores> grouped;  ///< one for every grouping of the study
    Seconds seconds;
    std::vector<double> weights;  ///< of `test`; empty where the data have none
};

/// As a row and arrays of va_comparison_schema().
[[nodiscard]] study::Result pack_result(study::ExperimentIndex index, va::Cohort const& cohort,
                                        Evaluation const& evaluation);

}  // namespace vaster::va

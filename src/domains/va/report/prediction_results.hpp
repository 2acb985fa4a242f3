#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/store/reader.hpp"
#include "domains/va/prediction/cause_sums.hpp"
#include "domains/va/prediction/drift.hpp"
#include "domains/va/prediction/prediction_schema.hpp"

namespace vaster::va {

/// A cause fraction of a group of deaths.
struct FractionRow {
    std::string group;  ///< "all", "sex=female", "batch=Pemba"; "posterior": the deaths that taught the model
    std::string cause;
    double csmf = 0;  ///< NaN: undetermined, which has no fraction
    double transfer_lo =
        0;  ///< where the fraction of a site may be that the model has not seen; NaN: not known
    double transfer_hi = 0;
    double sampling_lo = 0;  ///< how far it would vary with other deaths of the kind; NaN: not known
    double sampling_hi = 0;
    double calibrated = 0;  ///< corrected by the confusion matrix; NaN: it is not
    double calibrated_lo = 0;
    double calibrated_hi = 0;
    std::uint64_t top_count = 0;  ///< deaths with the cause as the most probable one
    std::uint64_t n = 0;          ///< deaths of the group that count
    double sum_of_weights = 0;    ///< of these; NaN: not known
    double n_effective = 0;       ///< so many deaths of equal weight would say as much; NaN: not known
};

/// How well the model did where true causes are known.
struct PredictionScores {
    std::uint64_t n = 0;  ///< deaths whose true cause is one of the model's
    double cod_accuracy = 0;
    double top3_accuracy = 0;
    double csmf_accuracy = 0;  ///< of the means of the probabilities
    double log_loss = 0;
};

/// What a study file of a prediction says, all blocks together.
struct PredictionResults {
    ModelNote model;
    PredictionLayout layout;
    std::optional<PosteriorNote> posterior;  ///< by which each death was coded
    std::vector<std::string> causes;
    std::vector<std::string> cause_names;  ///< what people call them, as `causes`; empty: the same
    std::vector<std::string> symptoms;
    std::string data_hash;  ///< content of the file of new deaths
    std::size_t n_blocks = 0;
    std::vector<std::size_t> unfinished;  ///< blocks that have no result
    PredictionCells cells;                ///< sums over blocks; converged: 0 when some batch did not
    std::vector<FractionRow> fractions;
    std::optional<ConfusionCounts> confusion;  ///< by which fractions are corrected
    std::string why_no_transfer;               ///< empty: there are intervals
    std::vector<SymptomDrift> symptoms_drift;  ///< by symptom
    Drift drift;
    std::optional<PredictionScores> scores;
    std::vector<std::uint64_t> best;  ///< deaths by best probability, in tenths

    /// What people call a cause of `fractions`.
    [[nodiscard]] std::string const& name_of(std::string const& cause) const;
};

/// @throws DataError when it is not the study file of a prediction
[[nodiscard]] PredictionResults results_of(store::Reader const& study);

}  // namespace vaster::va

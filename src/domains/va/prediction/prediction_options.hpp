#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "domains/va/prediction/calibration.hpp"
#include "domains/va/prediction/new_columns.hpp"
#include "vaster/study/config.hpp"

namespace vaster::va {

/// The study kind of predictions.
inline constexpr std::string_view va_predict_kind = "va-predict";

/// What becomes of rows with an answer that cannot be read.
enum class BadRows {
    stop,  ///< the block that has it fails, and says where
    mark,  ///< the row is marked as unreadable, and has no cause
};

/// What becomes of deaths of which every answer is missing.
enum class Unanswered {
    undetermined,  ///< they have no cause, and do not count in the cause fractions
    model,         ///< they are marked, and have the causes that the model gives them
};

/// Which probabilities are kept of each death.
enum class Kept { top, all };

/// The values of all keys that a prediction has.
struct PredictionOptions {
    std::uint64_t seed = 0;
    std::filesystem::path model;      ///< the model file
    std::string content;              ///< that it must have; empty: whatever it has
    std::filesystem::path posterior;  ///< of a batch, by which deaths are coded one by one; empty: none
    std::filesystem::path study;      ///< the study file; posteriors are left beside it
    NewDeathsSource source;
    BadRows bad_rows = BadRows::stop;
    Unanswered unanswered = Unanswered::undetermined;
    double undetermined_below = 0;  ///< a best probability below it is undetermined
    std::size_t top = 0;            ///< most probable causes that are kept
    Kept probabilities = Kept::top;
    std::uint64_t block_rows = 0;
    std::size_t fit_deaths = 0;  ///< of a larger batch so many deaths are sampled
    Calibrate calibrate = Calibrate::none;
    std::filesystem::path confusion;  ///< the matrix of Calibrate::file
    bool strict = false;              ///< refuse deaths that are very different from the training deaths
};

/// The kind's tables of keys: [model], [data], [predict].
[[nodiscard]] std::vector<study::KeyTable> prediction_tables();

/// The only place where keys of the kind are fetched by name.
[[nodiscard]] PredictionOptions prediction_options_of(study::Config const& config);

/// What is wrong with the values taken together.
[[nodiscard]] std::vector<std::string> problems_of(PredictionOptions const& options);

}  // namespace vaster::va

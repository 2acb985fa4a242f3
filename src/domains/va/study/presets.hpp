#pragma once

#include <vector>

#include "vaster/study/presets.hpp"

namespace vaster::va {

/// What keys of models bring: models.xgboost.preset = "transfer" and models.logistic_regression.centre =
/// "site".
[[nodiscard]] std::vector<study::KeyPreset> model_presets();

/// Of comparisons. "transfer": what is recommended for sites without labelled deaths; docs/va/transfer.md.
[[nodiscard]] std::vector<study::Preset> comparison_presets();

/// The same of trainings.
[[nodiscard]] std::vector<study::Preset> training_presets();

}  // namespace vaster::va

#pragma once

#include <memory>

#include "domains/va/models/catalogue.hpp"
#include "domains/va/prediction/prediction_options.hpp"
#include "vaster/study/study.hpp"

namespace vaster::va {

/// The study kind `va-predict`: causes of new deaths by a kept model. Rows are read once on the first rank,
/// which notes where blocks of them begin; experiments are these blocks, or the batches of a model that codes
/// deaths together.
[[nodiscard]] std::unique_ptr<study::Kind> make_va_prediction(
    std::shared_ptr<models::Catalogue const> models);

}  // namespace vaster::va

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domains/va/prediction/model_in_use.hpp"
#include "domains/va/prediction/prediction_options.hpp"
#include "domains/va/prediction/prediction_schema.hpp"
#include "domains/va/prediction/read_block.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::va {

/// What is said of some deaths.
struct BlockResult {
    PredictionCells cells;
    BlockArrays arrays;
    std::optional<BatchLearning> learned;  ///< what the deaths have taught a model that leaves a posterior
};

/// Predicts deaths. A model that leaves a posterior learns from some of them, and then codes each by itself.
/// Of models that code deaths one by one, what is said of a death depends on its row alone.
/// @param test  names the deaths, for the random numbers of models that sample
/// @param site  name of the site that all of them are of; empty: nobody knows
/// @throws ModelError, Cancelled
[[nodiscard]] BlockResult predict_block(ModelInUse const& model, DeathsRead const& deaths,
                                        PredictionOptions const& options, PredictionLayout const& layout,
                                        std::string_view test, std::string_view site, Watcher& watcher);

}  // namespace vaster::va

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xgboost/c_api.h>

#include "domains/va/models/features.hpp"

namespace vaster::models::xgb {

/// The reason of a failed call as people can use it: XGBoost's text without its time stamp, source line and
/// stack trace.
[[nodiscard]] std::string clean_reason(std::string_view text);

/// @throws std::bad_alloc or ModelError with XGBoost's reason unless `status` is 0
void check(int status, std::string_view call);

struct FreeMatrix {
    void operator()(DMatrixHandle handle) const noexcept { XGDMatrixFree(handle); }
};

struct FreeBooster {
    void operator()(BoosterHandle handle) const noexcept { XGBoosterFree(handle); }
};

using Matrix = std::unique_ptr<void, FreeMatrix>;
using Booster = std::unique_ptr<void, FreeBooster>;
using Settings = std::vector<std::pair<std::string, std::string>>;

/// A matrix to learn from. XGBoost reads the bytes where they lie and makes its own sparse matrix of them,
/// which it divides into bins when a booster first sees it, once for all rounds.
[[nodiscard]] Matrix make_matrix(AnswerCodes const& codes);

/// Sets "label" or "weight", one number a row.
void set_info(Matrix const& matrix, char const* field, std::span<float const> values);

/// Where and how trees are grown: on the processor, or on the device of that number.
[[nodiscard]] Settings device_settings(std::optional<std::size_t> device, std::string const& tree_method);

[[nodiscard]] Booster make_booster(Matrix const& training, Settings const& settings);

/// A round with the gradients that the library computes itself.
/// @param round  counted from 0
void boost_round(Booster const& booster, Matrix const& training, int round);

/// A round with these gradients, [n_rows][n_classes].
void boost_round(Booster const& booster, Matrix const& training, int round, std::vector<float>& first,
                 std::vector<float>& second);

/// The scores of the training rows after the rounds so far, [n_rows][n_classes]; the library keeps them until
/// the next call.
[[nodiscard]] std::span<float const> training_scores(Booster const& booster, Matrix const& training);

/// Class probabilities, [n_rows][n_classes]. XGBoost reads the bytes where they lie, without a matrix.
[[nodiscard]] std::vector<float> predict(Booster const& booster, AnswerCodes const& codes,
                                         std::size_t n_classes);

}  // namespace vaster::models::xgb

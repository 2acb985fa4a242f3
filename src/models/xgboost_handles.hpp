#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xgboost/c_api.h>

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

/// A matrix of n_columns columns with a copy of the values, which are [n_rows][n_columns]; NaN is missing.
[[nodiscard]] Matrix make_matrix(std::span<float const> values, std::size_t n_columns);

/// Sets "label" or "weight", one number a row.
void set_info(Matrix const& matrix, char const* field, std::span<float const> values);

[[nodiscard]] Booster make_booster(Matrix const& training, Settings const& settings);

/// Class probabilities, [n_rows][n_classes].
[[nodiscard]] std::vector<float> predict(Booster const& booster, Matrix const& matrix, std::size_t n_rows,
                                         std::size_t n_classes);

}  // namespace vaster::models::xgb

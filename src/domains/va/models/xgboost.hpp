#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "domains/va/models/devices.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// What the linked library is.
struct XgboostBuild {
    std::string version;  ///< "1.7.4"
    bool has_cuda = false;
};

[[nodiscard]] XgboostBuild xgboost_build();

/// Answers, deaths times symptoms, from which on a training set is learned from by several threads: on
/// smaller ones they cost much more than they gain.
inline constexpr std::size_t xgboost_large = std::size_t{1} << 21U;
inline constexpr std::size_t xgboost_answers_for_a_thread = std::size_t{1} << 18U;

/// What preset "transfer" makes of the other keys where they are not given: trees that learn slowly, each
/// from some deaths and few symptoms, transfer better to other sites. Chosen by cross-validation inside
/// training parts (docs/va/transfer.md).
[[nodiscard]] std::vector<std::pair<std::string, Value>> xgboost_for_transfer();

/// Gradient-boosted trees: softmax over the causes that occur in the training set, through XGBoost's C
/// interface.
///
/// Rows keep the order of the training set; classes are numbered in the order of cause indices. A death
/// weighs as death_weights() says, the library's "weight": its gradient and Hessian are multiplied by it.
/// Deterministic: rows sampled with `subsample` and columns with `colsample_bytree` come from the stream
/// given to fit(). A training set of one cause needs no trees: that cause gets probability 1.
///
/// A training set of at least `xgboost_large` answers is learned from by as many threads as the watcher
/// allows, one for each `xgboost_answers_for_a_thread` at most. The library adds up gradients in an order
/// that depends on their number; here sums need no rounding (SoftmaxGradients), so that trees are the same.
/// That holds for one thread, too: what is learned depends on the training set alone. Smaller sets have the
/// library's own gradients and one thread.
///
/// With device "cuda" every rank of a node has one of its devices (own_device()), and ranks that share one
/// take turns: one fit or prediction on it at a time. Waiting counts as time of the fit.
///
/// `make` throws UnavailableError for device "cuda" where the library was built without it or the node has
/// no device, and ConfigError for settings that exclude each other. fit() and predict() throw ModelError with
/// XGBoost's own reason, and std::bad_alloc where that reason is memory. Chen and Guestrin (2016),
/// doi:10.1145/2939672.2939785.
/// @param build, node  what there is to run on; tests say something else
[[nodiscard]] Model xgboost(XgboostBuild const& build = xgboost_build(),
                            DeviceNode const& node = this_node());

}  // namespace vaster::models

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/tasks/class_tree.hpp"
#include "domains/stream/tasks/least_squares.hpp"

namespace vaster::stream {

/// What every kept model says of itself.
struct ModelOrigin {
    std::vector<std::string> attributes;  ///< names of the fields, in the order in which the model takes them
    std::string target;                   ///< the field that it was trained to tell
    std::size_t n_rows = 0;               ///< that it was trained on
    std::string rows_hash;                ///< of them, see TrainingRows::hash()
    std::string profile = "corrected";    ///< rule of the classes
};

/// A linear model in a file: task MLR.
struct LinearModel {
    ModelOrigin origin;
    LinearFit fit;
};

/// A classifier in a file: task DTC.
struct TreeModel {
    ModelOrigin origin;
    std::vector<std::string> classes;
    ClassTree tree;
};

/// As JSON; equal models have equal texts.
[[nodiscard]] std::string json_of(LinearModel const& model);
[[nodiscard]] std::string json_of(TreeModel const& model);

/// @throws IoError when the file cannot be read; DataError for what is not such a model, whole and by vaster
[[nodiscard]] LinearModel read_linear_model(std::filesystem::path const& path);
[[nodiscard]] TreeModel read_tree_model(std::filesystem::path const& path);

}  // namespace vaster::stream

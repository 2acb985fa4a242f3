#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Bytes of the name of a model or an ensemble at most: the width of the column `model`.
inline constexpr std::size_t longest_model_name = 32;

/// The models that a program has: those of vaster, then its own, in the order in which users see them.
class Catalogue {
  public:
    /// @throws std::logic_error for a model whose name is taken or is not a name, or that lacks a function
    explicit Catalogue(std::vector<Model> own = {});

    [[nodiscard]] std::vector<Model> const& all() const noexcept { return models_; }

    [[nodiscard]] std::vector<std::string> names() const;

    /// The model of that name, or nullptr.
    [[nodiscard]] Model const* find(std::string_view name) const;

    /// The model of that name. @throws std::logic_error when there is none
    [[nodiscard]] Model const& at(std::string_view name) const;

  private:
    std::vector<Model> models_;
};

/// Names of MissingPolicy, in its order.
[[nodiscard]] std::vector<std::string> const& missing_policy_names();

/// @throws std::logic_error for a name that is not in missing_policy_names()
[[nodiscard]] MissingPolicy missing_policy(std::string_view name);

}  // namespace vaster::models

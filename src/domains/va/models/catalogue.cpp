#include "domains/va/models/catalogue.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "domains/va/models/insilico/insilico.hpp"
#include "domains/va/models/interva.hpp"
#include "domains/va/models/lcva/lcva.hpp"
#include "domains/va/models/logistic_regression.hpp"
#include "domains/va/models/naive_bayes.hpp"
#include "domains/va/models/random_forest.hpp"
#include "domains/va/models/tariff.hpp"
#include "domains/va/models/xgboost.hpp"

namespace vaster::models {

namespace {

/// A model as it may be: its keys, its choice by --models and its ensembles are written with its name.
void check(Model const& model) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
    bool const named = !model.name.empty() && model.name.size() <= longest_model_name &&
                       model.name.find_first_not_of(allowed) == std::string::npos;
    if (!named)
        throw std::logic_error(fmt::format("a model is named '{}' (must be 1 to {} of a-z, 0-9 and _)",
                                           model.name, longest_model_name));
    if (!model.expected_seconds || !model.make)
        throw std::logic_error(fmt::format("model '{}' lacks its function {}", model.name,
                                           model.make ? "expected_seconds" : "make"));
}

}  // namespace

Catalogue::Catalogue(std::vector<Model> own)
    // Every model that vaster has, in the order in which users see them. To add one: a header that declares
    // its function, and its line here.
    : models_{
          xgboost(),     insilico(), random_forest(), logistic_regression(),
          naive_bayes(), tariff(),   interva(),       lcva(),
      } {
    for (auto& model : own) {
        check(model);
        if (find(model.name) != nullptr)
            throw std::logic_error(
                fmt::format("there are two models named '{}'; choose another name for yours", model.name));
        models_.push_back(std::move(model));
    }
}

std::vector<std::string> Catalogue::names() const {
    std::vector<std::string> names;
    names.reserve(models_.size());
    for (auto const& model : models_) names.push_back(model.name);
    return names;
}

Model const* Catalogue::find(std::string_view name) const {
    auto const place =
        std::find_if(models_.begin(), models_.end(), [&](Model const& model) { return model.name == name; });
    return place == models_.end() ? nullptr : &*place;
}

Model const& Catalogue::at(std::string_view name) const {
    auto const* const model = find(name);
    if (model == nullptr) throw std::logic_error(fmt::format("there is no model '{}'", name));
    return *model;
}

std::vector<std::string> const& missing_policy_names() {
    static std::vector<std::string> const names{"absent", "nan", "ordinal"};
    return names;
}

MissingPolicy missing_policy(std::string_view name) {
    auto const& names = missing_policy_names();
    auto const place = std::find(names.begin(), names.end(), name);
    if (place == names.end())
        throw std::logic_error(fmt::format("'{}' is not a policy for missing answers", name));
    return static_cast<MissingPolicy>(place - names.begin());
}

}  // namespace vaster::models

#pragma once

#include <functional>
#include <map>
#include <string>
#include <variant>

#include "domains/va/study/kept_model.hpp"

namespace vaster::va {

/// Facts about a model by name, numbers and texts: what a registry lists, filters and sorts models by.
using KeptFacts = std::map<std::string, std::variant<double, std::string>, std::less<>>;

/// What is said of a kept model:
///     model, members, missing, seed, n_train, n_symptoms, n_causes, n_sites, sites, data_hash
///     inner.DESIGN.METRIC   mean over the folds or the sites that have it, without the ends of intervals
///     study.config, study.data, study.plan   hashes of the training's study
///     created, chosen_by    as its provenance says
[[nodiscard]] KeptFacts facts_of(KeptModel const& model);

}  // namespace vaster::va

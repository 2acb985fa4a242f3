#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/models/adaptation.hpp"
#include "domains/va/study/ensemble.hpp"

namespace vaster::va {

/// What the column `model` names: a model of the catalogue, an ensemble of some, or one of these adapted to
/// every batch.
struct Method {
    std::string name;
    std::vector<std::string> members;  ///< models of the catalogue; a model is its own only member
    std::optional<Ensemble> ensemble = {};
    std::optional<models::AdaptationOptions> adaptation = {};
};

/// What is adapted, and what it is called then.
struct AdaptedName {
    std::string name;
    std::string base;  ///< a model of the catalogue, or an ensemble
};

/// Reads "METHOD" or "NAME = METHOD"; without a name it is METHOD_adapted.
/// @param ensembles  texts of all ensembles. @throws ConfigError that says what is wrong
[[nodiscard]] AdaptedName parse_adapted(std::string_view text, std::vector<std::string> const& ensembles,
                                        models::Catalogue const& catalogue);

/// What is wrong with design.adapt, a line for each: texts, and names that are taken.
/// @param ensembles  texts, of which those that cannot be read are passed over
[[nodiscard]] std::vector<std::string> adapt_problems(std::vector<std::string> const& texts,
                                                      std::vector<std::string> const& ensembles,
                                                      models::Catalogue const& catalogue);

/// The method that is adapted. @throws ConfigError as parse_adapted and parse_ensemble
[[nodiscard]] Method adapted_method(std::string_view text, std::vector<std::string> const& ensembles,
                                    models::AdaptationOptions const& options,
                                    models::Catalogue const& catalogue);

/// Adapts what a method said to the batches that the deaths are of, site by site. Deaths of sites that were
/// trained on are left as they are: there adaptation costs more than it brings.
/// @param sites           of the deaths; empty: they are one batch, of a site that was not trained on
/// @param was_trained_on  by site
/// @returns the prediction, without fractions of its own where it has been changed. @throws Cancelled
[[nodiscard]] models::Prediction adapted(models::Adapter const& adapter, models::Deaths const& deaths,
                                         std::span<std::uint32_t const> sites,
                                         std::vector<bool> const& was_trained_on,
                                         models::Prediction prediction, Watcher& watcher);

}  // namespace vaster::va

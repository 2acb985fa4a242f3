#pragma once  // Stable.

#include <vector>

#include "vaster/cli/domain.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::va {

/// Verbal autopsy, to be handed to cli::run_program().
[[nodiscard]] cli::Domain domain();

/// The same with models of the program's own.
/// @param own  models beside those of vaster: they get keys [models.NAME] and are planned, tuned, put into
///     ensembles and compared as the others. They are not compared unless asked for with --models.
/// @throws std::logic_error for a model whose name is taken or is not a name, or that lacks a function
[[nodiscard]] cli::Domain domain(std::vector<models::Model> own);

}  // namespace vaster::va

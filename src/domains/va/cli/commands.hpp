#pragma once

#include <memory>
#include <vector>

#include "vaster/cli/domain.hpp"

namespace vaster::models {
class Catalogue;
}

/// What the domain adds to the command line and to `vaster doctor`.
namespace vaster::va {

void add_code(cli::Command& app, cli::Program& program);
void add_compare(cli::Command& app, cli::Program& program);
void add_simulate(cli::Command& app, cli::Program& program);

/// @param catalogue  the models that a study may have; not null
void add_data(cli::Command& app, cli::Program& program,
              std::shared_ptr<models::Catalogue const> const& catalogue);

/// @param catalogue  the models that may guess the site; not null
void add_diagnose(cli::Command& app, cli::Program& program,
                  std::shared_ptr<models::Catalogue const> const& catalogue);

/// @param catalogue  the models that may be trained; not null
void add_train(cli::Command& app, cli::Program& program,
               std::shared_ptr<models::Catalogue const> const& catalogue);

/// @param kind  the kind `va-predict`, whose keys are flags; not null
void add_predict(cli::Command& app, cli::Program& program, std::shared_ptr<study::Kind const> const& kind);

/// The flags of a comparison for `vaster report`, and what its chapter says.
[[nodiscard]] report::OwnSections declare_comparison_chapter(cli::Command& report);

/// What `vaster model` is told of models of verbal autopsy. @param catalogue  not null
[[nodiscard]] cli::KeptModels kept_models(std::shared_ptr<models::Catalogue const> const& catalogue);

/// What the report says of a training.
[[nodiscard]] report::OwnSections declare_training_chapter(cli::Command& report);

/// Trains and predicts; the probabilities are part of the fingerprint.
[[nodiscard]] std::vector<report::Finding> examine_xgboost(cli::Examined const& examined);

}  // namespace vaster::va

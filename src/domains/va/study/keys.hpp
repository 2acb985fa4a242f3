#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/labels.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/study/design.hpp"
#include "domains/va/study/tuning.hpp"
#include "vaster/study/config.hpp"

namespace vaster::va {

/// The kind's tables of keys: [data], [design] and one for every model.
[[nodiscard]] std::vector<study::KeyTable> comparison_tables(models::Catalogue const& catalogue);

/// What is wrong with the values taken together, as far as the config alone can tell.
[[nodiscard]] std::vector<std::string> comparison_problems(study::Config const& config,
                                                           models::Catalogue const& catalogue);

/// What [design] says, with names looked up in the data.
/// @throws ConfigError for sites that the data does not have
[[nodiscard]] DesignOptions options_of(study::Config const& config, models::Catalogue const& catalogue,
                                       va::Cohort const& cohort);

/// What design.groupings says, for the causes of the data.
/// @throws DataError when a cause has no group, as va::read_mapping
[[nodiscard]] std::vector<va::Grouping> groupings_of(study::Config const& config, va::Cohort const& cohort);

/// What [tuning] says. @throws ConfigError as parse_space
[[nodiscard]] TuningOptions tuning_of(study::Config const& config, models::Catalogue const& catalogue);

/// Is the model compared, or a member of an ensemble?
[[nodiscard]] bool uses_model(study::Config const& config, models::Catalogue const& catalogue,
                              std::string_view model);

}  // namespace vaster::va

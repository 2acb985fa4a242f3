#pragma once

#include <vector>

#include "domains/va/models/catalogue.hpp"
#include "vaster/study/config.hpp"
#include "vaster/study/renamed_keys.hpp"

namespace vaster::va {

/// The kind's tables of keys: [data], [design], [tuning] and one for every model.
[[nodiscard]] std::vector<study::KeyTable> comparison_tables(models::Catalogue const& catalogue);

/// Keys of [data] that had other names before 0.1.0.
[[nodiscard]] std::vector<study::RenamedKey> renamed_data_keys();

/// The tables of a training: [data], [train], and one for each model.
[[nodiscard]] std::vector<study::KeyTable> training_tables(models::Catalogue const& catalogue);

}  // namespace vaster::va

#pragma once

#include "domains/va/data/cohort.hpp"

namespace vaster::va {

/// read_cohort for CohortFormat::phmrc_adult.
[[nodiscard]] Cohort read_phmrc_table(CohortSource const& source);

/// read_cohort for CohortFormat::encoded.
[[nodiscard]] Cohort read_encoded_table(CohortSource const& source);

}  // namespace vaster::va

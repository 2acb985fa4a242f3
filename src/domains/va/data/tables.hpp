#pragma once

#include "domains/va/data/cohort.hpp"

namespace vaster::va {

/// read_cohort for the raw formats: answers as they were given, which rules turn into symptoms.
[[nodiscard]] Cohort read_raw_table(CohortSource const& source);

/// read_cohort for CohortFormat::encoded.
[[nodiscard]] Cohort read_encoded_table(CohortSource const& source);

}  // namespace vaster::va

#pragma once

#include <memory>
#include <string>

#include "domains/va/data/cohort.hpp"
#include "vaster/study/study.hpp"

namespace vaster::va {

/// A cohort, and the block that it lies in, if it does, or why it does not though it was to.
struct CohortAndBlock {
    Cohort cohort;
    std::shared_ptr<SealedBlock const> block = nullptr;
    std::string block_problem = {};
};

/// The cohort from where Kind::open() was told to take its data. @throws Error as read_cohort()
[[nodiscard]] CohortAndBlock cohort_from(CohortSource const& source, study::DataFrom const& from);

}  // namespace vaster::va

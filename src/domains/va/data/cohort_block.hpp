#pragma once

#include <memory>

#include "domains/va/data/cohort.hpp"
#include "vaster/support/sealed_block.hpp"

namespace vaster::va {

/// The whole cohort in a block that other processes of the host can have, too.
/// @throws IoError where the system has no such memory
[[nodiscard]] std::shared_ptr<SealedBlock const> to_block(Cohort const& cohort);

/// The same cohort; what it has of each death stays in the block. Names and notes are copied.
/// @throws DataError when the block was not made by to_block()
[[nodiscard]] Cohort cohort_in(std::shared_ptr<SealedBlock const> const& block);

}  // namespace vaster::va

#pragma once

#include "core/report/chapter.hpp"

namespace vaster::va {

/// Causes that were told beforehand (data.known) beside the labels, and physicians beside each other, where
/// the study file keeps that. @throws DataError when it is not sound
void add_known(report::Chapter& chapter, store::Reader const& study);

}  // namespace vaster::va

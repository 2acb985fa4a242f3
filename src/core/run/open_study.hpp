#pragma once

#include <memory>
#include <string>

#include "vaster/study/kinds.hpp"
#include "vaster/study/study.hpp"

namespace vaster::run {

/// Makes the study that a rank orders of its task server: from the source of its data, from a block that
/// another server has read them into, or from the study file that keeps them. See study_order.hpp for the
/// text.
/// @throws Error
[[nodiscard]] study::Opened open_study(study::Kinds const& kinds, std::string const& text,
                                       std::shared_ptr<SealedBlock const> const& block);

}  // namespace vaster::run

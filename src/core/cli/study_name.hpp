#pragma once

#include <string>
#include <vector>

#include "core/store/reader.hpp"
#include "vaster/study/kinds.hpp"

namespace vaster::cli {

/// What people call a study: study.name, or the name of its file where nobody has named it. Falls back on the
/// file's name where the configuration cannot be read any more.
[[nodiscard]] std::string study_name(study::Kinds const& kinds, store::Reader const& study);

/// Names of several studies, made different by the names, then the places, of their files.
[[nodiscard]] std::vector<std::string> study_names(study::Kinds const& kinds,
                                                   std::vector<store::Reader const*> const& studies);

}  // namespace vaster::cli

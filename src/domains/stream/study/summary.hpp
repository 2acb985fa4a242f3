#pragma once

#include "vaster/study/study.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::stream {

/// For people at the end of a run: what each job took in and yielded, and how fast, the first repeat alone.
[[nodiscard]] TextTable summary_of(study::Records const& records);

}  // namespace vaster::stream

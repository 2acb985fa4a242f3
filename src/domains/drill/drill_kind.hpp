#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "vaster/study/study.hpp"

namespace vaster::drill {

/// The kind "drill": experiments that compute nothing of interest, and fail on request. With it users see how
/// their cluster behaves before they trust it with a week's work, and tests see how the engine and the study
/// file do. Results are a function of the study's seed and the experiment alone.
[[nodiscard]] std::unique_ptr<study::Kind> make_drill();

/// The configuration of a drill of so many experiments that take no time.
[[nodiscard]] std::string short_drill(std::size_t n_experiments);

}  // namespace vaster::drill

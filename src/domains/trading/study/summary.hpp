#pragma once

#include <vector>

#include "domains/trading/study/options.hpp"
#include "vaster/study/study.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::trading {

/// Tables for people: the generations, the best individuals, and what the chosen one of each window did on
/// bars that no fitness has seen, beside holding, placebo and deflated Sharpe ratio.
[[nodiscard]] std::vector<TextTable> evolve_summary(EvolveOptions const& options,
                                                    study::Records const& records);

}  // namespace vaster::trading

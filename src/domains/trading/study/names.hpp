#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "domains/trading/study/options.hpp"

/// The words of the configuration of an evolution, and what they stand for.
namespace vaster::trading {

/// Words and their meanings, in the order in which they are listed.
template <class T>
using Names = std::vector<std::pair<std::string, T>>;

template <class T>
std::vector<std::string> words(Names<T> const& names) {
    std::vector<std::string> result;
    for (auto const& [word, value] : names) result.push_back(word);
    return result;
}

template <class T>
T value_of(Names<T> const& names, std::string const& word) {
    return std::find_if(names.begin(), names.end(), [&](auto const& one) { return one.first == word; })
        ->second;
}

/// The bars' length in seconds.
[[nodiscard]] Names<std::int64_t> const& timeframes();
[[nodiscard]] Names<market::Backend> const& backends();
[[nodiscard]] Names<market::Gaps> const& gap_rules();
[[nodiscard]] Names<Simulated> const& simulations();
[[nodiscard]] Names<strategies::Profile> const& profiles();
[[nodiscard]] Names<strategies::Indicators> const& indicators();
[[nodiscard]] Names<evolution::Survival> const& survivals();
[[nodiscard]] Names<evolution::Adaptation> const& adaptations();
[[nodiscard]] Names<Measure> const& measures();
[[nodiscard]] Names<backtest::Sizing> const& sizings();
[[nodiscard]] Names<backtest::Fill> const& fills();
[[nodiscard]] Names<backtest::Training> const& trainings();

}  // namespace vaster::trading

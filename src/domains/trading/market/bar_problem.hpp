#pragma once

#include <string>

namespace vaster::market {

/// One bar's numbers.
struct BarNumbers {
    double open;
    double high;
    double low;
    double close;
    double volume;
    double funding;
};

/// What is wrong with a bar in itself, or "".
[[nodiscard]] std::string problem_of_bar(BarNumbers const& bar);

}  // namespace vaster::market

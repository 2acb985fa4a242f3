#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vaster::stream {

/// Points of one line of a plot.
struct PlotSeries {
    struct Point {
        std::int64_t time = 0;  ///< [ms]
        double value = 0;
    };

    std::string name;
    std::vector<Point> points;
};

/// Lines over the time since their first point, with a title and a legend: SVG, 800 x 600. Equal series give
/// equal bytes; there is nothing in it that would be fetched.
[[nodiscard]] std::string line_plot(std::string_view title, std::span<PlotSeries const> series);

}  // namespace vaster::stream

#include "domains/stream/tasks/line_plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace vaster::stream {
namespace {

constexpr double left = 70;
constexpr double right = 640;
constexpr double top = 50;
constexpr double bottom = 550;
constexpr double legend_step = 20;

/// Told apart with any kind of colour vision. Wong (2011), doi:10.1038/nmeth.1618.
constexpr std::array<std::string_view, 7> colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                  "#e69f00", "#56b4e9", "#000000"};

/// What the axes go over.
struct Frame {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity();

    [[nodiscard]] double x(std::int64_t time) const {
        auto const width = static_cast<double>(last - first);
        return left + (width > 0 ? static_cast<double>(time - first) / width : 0.5) * (right - left);
    }

    [[nodiscard]] double y(double value) const {
        double const height = most - least;
        if (std::isinf(height))  // of finite values
            return bottom - (value / 2 - least / 2) / (most / 2 - least / 2) * (bottom - top);
        return bottom - (height > 0 ? (value - least) / height : 0.5) * (bottom - top);
    }
};

Frame frame_of(std::span<PlotSeries const> series) {
    Frame frame;
    for (auto const& one : series) {
        for (auto const& point : one.points) {
            frame.first = std::min(frame.first, point.time);
            frame.last = std::max(frame.last, point.time);
            frame.least = std::min(frame.least, point.value);
            frame.most = std::max(frame.most, point.value);
        }
    }
    return frame;
}

std::string escaped(std::string_view text) {
    std::string safe;
    for (char const c : text) {
        if (c == '<')
            safe += "&lt;";
        else if (c == '>')
            safe += "&gt;";
        else if (c == '&')
            safe += "&amp;";
        else if (static_cast<unsigned char>(c) < ' ')
            safe += ' ';
        else
            safe += c;
    }
    return safe;
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view text) {
    return fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                       escaped(text));
}

std::string axes(Frame const& frame) {
    auto svg = fmt::format("<path d=\"M{0:.0f} {1:.0f}V{2:.0f}H{3:.0f}\" fill=\"none\" stroke=\"#444\"/>\n",
                           left, top, bottom, right);
    if (frame.first > frame.last) return svg;
    svg += text_at(left, bottom + 20, "middle", "0");
    svg += text_at(right, bottom + 20, "middle", fmt::format("{} ms", frame.last - frame.first));
    svg += text_at(left - 6, bottom, "end", fmt::format("{:.6g}", frame.least));
    svg += text_at(left - 6, top + 6, "end", fmt::format("{:.6g}", frame.most));
    return svg;
}

std::string line(PlotSeries const& series, Frame const& frame, std::string_view colour) {
    std::string points;
    for (auto const& point : series.points)
        points += fmt::format("{}{:.2f},{:.2f}", points.empty() ? "" : " ", frame.x(point.time),
                              frame.y(point.value));
    return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", points, colour);
}

}  // namespace

std::string line_plot(std::string_view title, std::span<PlotSeries const> series) {
    Frame const frame = frame_of(series);
    std::string svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"600\" viewBox=\"0 0 800 600\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"800\" height=\"600\" fill=\"#fff\"/>\n";
    svg += text_at((left + right) / 2, top / 2, "middle", title);
    svg += axes(frame);
    double legend = top;
    for (std::size_t i = 0; i < series.size(); ++i) {
        auto const colour = colours.at(i % colours.size());
        svg += line(series[i], frame, colour);
        svg += fmt::format("<rect x=\"655\" y=\"{:.0f}\" width=\"14\" height=\"4\" fill=\"{}\"/>\n", legend,
                           colour);
        svg += text_at(675, legend + 6, "start", series[i].name);
        legend += legend_step;
    }
    return svg + "</svg>\n";
}

}  // namespace vaster::stream

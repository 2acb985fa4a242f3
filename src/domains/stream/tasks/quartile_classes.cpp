#include "domains/stream/tasks/quartile_classes.hpp"

#include <algorithm>
#include <cmath>

#include "base/stats/quantile.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::stream {
namespace {

/// Of sorted values, at position (n + 1) p between them, as Apache's commons-math computes it.
double published_percentile(std::span<double const> sorted, double p) {
    auto const n = static_cast<double>(sorted.size());
    double const position = p * (n + 1);
    if (position < 1) return sorted.front();
    if (position >= n) return sorted.back();
    double const below = std::floor(position);
    auto const i = static_cast<std::size_t>(below);
    return sorted[i - 1] + (position - below) * (sorted[i] - sorted[i - 1]);
}

}  // namespace

QuartileClasses::QuartileClasses(std::vector<double> targets, Rule rule) : rule_(rule) {
    VASTER_EXPECTS(!targets.empty());
    auto const [least, most] = std::minmax_element(targets.begin(), targets.end());
    // Halves where differences of targets would be infinite.
    double const scale = std::isfinite(*most - *least) ? 1 : 0.5;
    for (auto& target : targets) target *= scale;
    if (rule == Rule::corrected) {
        cuts_ = {stats::quantile(targets, 0.25), stats::quantile(targets, 0.5),
                 stats::quantile(targets, 0.75)};
    } else {
        std::sort(targets.begin(), targets.end());
        cuts_ = {published_percentile(targets, 0.5), published_percentile(targets, 0.75), targets.back()};
    }
    for (auto& cut : cuts_) cut /= scale;
}

std::size_t QuartileClasses::of(double target) const {
    std::size_t at = 0;
    for (double const cut : cuts_) at += (rule_ == Rule::corrected ? target > cut : target >= cut) ? 1 : 0;
    return at;
}

}  // namespace vaster::stream

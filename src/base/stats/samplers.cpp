#include "base/stats/samplers.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "vaster/support/contracts.hpp"

namespace vaster::stats {
namespace {

/// Uniform in (0, 1], so that its logarithm is finite.
double positive_uniform(Random& random) {
    return 1 - random.uniform();
}

struct NormalPair {
    double first, second;
};

NormalPair normal_pair(Random& random) {
    for (;;) {
        double const x = 2 * random.uniform() - 1;
        double const y = 2 * random.uniform() - 1;
        double const square = x * x + y * y;
        if (square >= 1 || square == 0) continue;
        double const scale = std::sqrt(-2 * std::log(square) / square);
        return {x * scale, y * scale};
    }
}

/// Gamma of shape at least 1.
double sample_large_gamma(Random& random, double shape) {
    double const d = shape - 1.0 / 3;
    double const c = 1 / std::sqrt(9 * d);
    for (;;) {
        double const x = sample_normal(random);
        double const root = 1 + c * x;
        if (root <= 0) continue;
        double const v = root * root * root;
        double const u = positive_uniform(random);
        if (u < 1 - 0.0331 * (x * x) * (x * x)) return d * v;
        if (std::log(u) < 0.5 * x * x + d * (1 - v + std::log(v))) return d * v;
    }
}

}  // namespace

double sample_normal(Random& random) {
    return normal_pair(random).first;
}

void sample_normals(Random& random, std::span<double> draws) {
    for (std::size_t i = 0; i < draws.size(); i += 2) {
        auto const pair = normal_pair(random);
        draws[i] = pair.first;
        if (i + 1 < draws.size()) draws[i + 1] = pair.second;
    }
}

double sample_gamma(Random& random, double shape) {
    VASTER_EXPECTS(shape > 0);
    return shape >= 1 ? sample_large_gamma(random, shape) : std::exp(sample_log_gamma(random, shape));
}

double sample_log_gamma(Random& random, double shape) {
    VASTER_EXPECTS(shape > 0);
    if (shape >= 1) return std::log(sample_large_gamma(random, shape));
    double const larger = std::log(sample_large_gamma(random, shape + 1));
    return larger + std::log(positive_uniform(random)) / shape;
}

double sample_beta(Random& random, double a, double b) {
    double const log_x = sample_log_gamma(random, a);
    double const log_y = sample_log_gamma(random, b);
    return 1 / (1 + std::exp(log_y - log_x));
}

void sample_dirichlet(Random& random, std::span<double const> concentration, std::span<double> draw) {
    VASTER_EXPECTS(!draw.empty() && concentration.size() == draw.size());
    std::transform(concentration.begin(), concentration.end(), draw.begin(),
                   [&](double shape) { return sample_log_gamma(random, shape); });
    double const largest = *std::max_element(draw.begin(), draw.end());
    for (double& value : draw) value = std::exp(value - largest);
    double const sum = std::accumulate(draw.begin(), draw.end(), 0.0);
    for (double& value : draw) value /= sum;
}

std::size_t sample_categorical(Random& random, std::span<double const> weights) {
    double const total = std::accumulate(weights.begin(), weights.end(), 0.0);
    VASTER_EXPECTS(total > 0 && std::isfinite(total));
    double left = random.uniform() * total;
    std::size_t last = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] <= 0) continue;
        last = i;
        left -= weights[i];
        if (left < 0) return i;
    }
    return last;  // rounding of the running difference left a remainder
}

}  // namespace vaster::stats

#include "domains/va/models/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <optional>

namespace vaster::models {
namespace {

using Vector = std::vector<double>;

double dot(Vector const& a, Vector const& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// a += factor * b
void add(Vector& a, double factor, Vector const& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += factor * b[i];
}

struct Point {
    Vector x;
    double value = 0;
    Vector gradient;
};

/// One step and what it did to the gradient.
struct Pair {
    Vector step;
    Vector change;
    double product;  ///< of the two
};

/// The two loops of Nocedal: minus the approximate inverse Hessian times the gradient.
Vector direction_at(Vector const& gradient, std::deque<Pair> const& pairs) {
    Vector direction = gradient;
    Vector weights(pairs.size());
    for (std::size_t k = pairs.size(); k-- > 0;) {
        weights[k] = dot(pairs[k].step, direction) / pairs[k].product;
        add(direction, -weights[k], pairs[k].change);
    }
    // Before anything is known of the curvature a step has length 1 at most.
    double const scale = pairs.empty() ? 1 / std::max(1.0, std::sqrt(dot(gradient, gradient)))
                                       : pairs.back().product / dot(pairs.back().change, pairs.back().change);
    for (double& component : direction) component *= scale;
    for (std::size_t k = 0; k < pairs.size(); ++k)
        add(direction, weights[k] - dot(pairs[k].change, direction) / pairs[k].product, pairs[k].step);
    for (double& component : direction) component = -component;
    return direction;
}

class Search {
  public:
    Search(Objective const& objective, Watcher& watcher) : objective_(objective), watcher_(watcher) {}

    [[nodiscard]] Point evaluate(Vector x) const {
        if (watcher_.stop_requested()) throw Cancelled{};
        Point point{std::move(x), 0, {}};
        point.gradient.resize(point.x.size());
        point.value = objective_(point.x, point.gradient);
        return point;
    }

    /// The first point along the direction that is low enough; nothing when none is.
    [[nodiscard]] std::optional<Point> along(Point const& from, Vector const& direction) const {
        constexpr double least_decrease = 1e-4;
        constexpr double rounding = 1e-10;
        constexpr int most_trials = 40;
        double const slope = dot(from.gradient, direction);
        if (!(slope < 0)) return std::nullopt;
        double length = 1;
        for (int trial = 0; trial < most_trials; ++trial) {
            Vector x = from.x;
            add(x, length, direction);
            Point point = evaluate(std::move(x));
            double const rise = point.value - from.value;
            bool const is_lower = rise <= least_decrease * length * slope;
            bool const is_flatter = rise <= rounding * std::abs(from.value) &&
                                    dot(point.gradient, direction) <= (2 * least_decrease - 1) * slope;
            if (is_lower || is_flatter) return point;
            double const parabola = -slope * length * length / (2 * (rise - slope * length));
            length =
                std::isfinite(parabola) ? std::clamp(parabola, 0.1 * length, 0.5 * length) : 0.1 * length;
        }
        return std::nullopt;
    }

  private:
    Objective const& objective_;
    Watcher& watcher_;
};

void remember(std::deque<Pair>& pairs, std::size_t memory, Point const& from, Point const& to) {
    Pair pair{to.x, to.gradient, 0};
    add(pair.step, -1, from.x);
    add(pair.change, -1, from.gradient);
    pair.product = dot(pair.step, pair.change);
    if (!(pair.product > 0)) return;  // rounding; a convex function has none
    pairs.push_back(std::move(pair));
    if (pairs.size() > memory) pairs.pop_front();
}

}  // namespace

LbfgsResult minimise(Objective const& objective, std::vector<double>& x, LbfgsOptions const& options,
                     Watcher& watcher) {
    Search const search(objective, watcher);
    Point point = search.evaluate(std::move(x));
    std::deque<Pair> pairs;
    LbfgsResult result;
    for (;;) {
        result.gradient_length = std::sqrt(dot(point.gradient, point.gradient));
        result.converged = result.gradient_length <= options.tolerance;
        if (result.converged || result.iterations == options.max_iterations) break;
        auto next = search.along(point, direction_at(point.gradient, pairs));
        if (!next) break;
        remember(pairs, options.memory, point, *next);
        point = std::move(*next);
        ++result.iterations;
    }
    x = std::move(point.x);
    return result;
}

}  // namespace vaster::models

#include "base/evolution/pareto.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "vaster/support/contracts.hpp"

namespace vaster::evolution {
namespace {

std::vector<std::size_t> positions(std::size_t n) {
    std::vector<std::size_t> all(n);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

/// Adds to the distances of one front what one objective says.
void add_gaps(Objectives const& objectives, std::size_t objective, std::vector<std::size_t> members,
              std::vector<double>& distances) {
    auto const value = [&](std::size_t member) { return objectives[member][objective]; };
    std::stable_sort(members.begin(), members.end(),
                     [&](std::size_t a, std::size_t b) { return value(a) < value(b); });
    double const range = value(members.back()) - value(members.front());
    if (!(range > 0)) return;
    distances[members.front()] = distances[members.back()] = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i + 1 < members.size(); ++i)
        distances[members[i]] += (value(members[i + 1]) - value(members[i - 1])) / range;
}

}  // namespace

bool dominates(std::vector<double> const& a, std::vector<double> const& b) {
    VASTER_EXPECTS(a.size() == b.size());
    bool better = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] < b[i]) return false;
        better = better || a[i] > b[i];
    }
    return better;
}

std::vector<std::size_t> fronts(Objectives const& objectives) {
    std::size_t const n = objectives.size();
    std::vector<std::vector<std::size_t>> inferiors(n);
    std::vector<std::size_t> n_superiors(n, 0);
    for (std::size_t a = 0; a < n; ++a)
        for (std::size_t b = 0; b < n; ++b)
            if (dominates(objectives[a], objectives[b])) {
                inferiors[a].push_back(b);
                ++n_superiors[b];
            }
    std::vector<std::size_t> front(n, 0);
    std::vector<std::size_t> current;
    for (std::size_t a = 0; a < n; ++a)
        if (n_superiors[a] == 0) current.push_back(a);
    for (std::size_t number = 0; !current.empty(); ++number) {
        std::vector<std::size_t> next;
        for (std::size_t const a : current) {
            front[a] = number;
            for (std::size_t const b : inferiors[a])
                if (--n_superiors[b] == 0) next.push_back(b);
        }
        current = std::move(next);
    }
    return front;
}

std::vector<double> crowding(Objectives const& objectives, std::vector<std::size_t> const& front) {
    VASTER_EXPECTS(objectives.size() == front.size());
    std::vector<double> distances(objectives.size(), 0.0);
    if (objectives.empty()) return distances;
    std::vector<std::vector<std::size_t>> members(*std::max_element(front.begin(), front.end()) + 1);
    for (std::size_t i = 0; i < front.size(); ++i) members[front[i]].push_back(i);
    for (auto const& one : members)
        for (std::size_t objective = 0; objective < objectives.front().size(); ++objective)
            add_gaps(objectives, objective, one, distances);
    return distances;
}

std::vector<std::size_t> ranking(Objectives const& objectives) {
    auto order = positions(objectives.size());
    if (!objectives.empty() && objectives.front().size() == 1) {
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return objectives[a].front() > objectives[b].front();
        });
        return order;
    }
    auto const front = fronts(objectives);
    auto const distances = crowding(objectives, front);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return front[a] != front[b] ? front[a] < front[b] : distances[a] > distances[b];
    });
    return order;
}

}  // namespace vaster::evolution

#include "base/evolution/diversity.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "base/stats/summary.hpp"

namespace vaster::evolution {
namespace {

double species_entropy(std::span<Individual const> population) {
    std::map<std::size_t, std::size_t> counts;
    for (auto const& one : population) ++counts[one.genome.species];
    double bits = 0;
    for (auto const& [species, count] : counts) {
        double const share = static_cast<double>(count) / static_cast<double>(population.size());
        bits -= share * std::log2(share);
    }
    return bits;
}

double mean_distance(Space const& space, std::span<Individual const> population) {
    double sum = 0;
    std::size_t pairs = 0;
    for (std::size_t a = 0; a < population.size(); ++a)
        for (std::size_t b = a + 1; b < population.size(); ++b, ++pairs)
            sum += distance(space, population[a].genome, population[b].genome);
    return pairs > 0 ? sum / static_cast<double>(pairs) : std::numeric_limits<double>::quiet_NaN();
}

double relative_spread(std::span<Individual const> population) {
    std::vector<double> values;
    values.reserve(population.size());
    for (auto const& one : population) values.push_back(one.objectives.front());
    stats::Summary const summary = stats::summarise(values);
    return summary.mean == 0 ? std::numeric_limits<double>::quiet_NaN() : summary.sd / std::abs(summary.mean);
}

}  // namespace

Diversity diversity(Space const& space, std::span<Individual const> population) {
    return {species_entropy(population), mean_distance(space, population), relative_spread(population)};
}

}  // namespace vaster::evolution

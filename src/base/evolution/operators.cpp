#include "base/evolution/operators.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/stats/samplers.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::evolution {

double distance(Space const& space, Genome const& a, Genome const& b) {
    if (a.species != b.species) return 1;
    auto const& genes = space.at(a.species).genes;
    double sum = 0;
    for (std::size_t i = 0; i < genes.size(); ++i) {
        double const range = genes[i].max - genes[i].min;
        double const share = range > 0 ? (a.genes[i] - b.genes[i]) / range : 0;
        sum += share * share;
    }
    return genes.empty() ? 0 : std::sqrt(sum / static_cast<double>(genes.size()));
}

double reflect(double value, double min, double max) {
    VASTER_EXPECTS(min <= max);
    double const range = max - min;
    if (range <= 0) return min;
    double const there_and_back = 2 * range;
    double offset = std::fmod(value - min, there_and_back);
    if (offset < 0) offset += there_and_back;
    if (offset > range) offset = there_and_back - offset;
    return std::clamp(min + offset, min, max);
}

Genome random_genome(Space const& space, Random& random) {
    VASTER_EXPECTS(!space.empty());
    Genome genome;
    genome.species = random.below(space.size());
    auto const& genes = space[genome.species].genes;
    genome.genes.reserve(genes.size());
    for (auto const& gene : genes) {
        double const value = gene.min + random.uniform() * (gene.max - gene.min);
        genome.genes.push_back(std::min(value, gene.max));
    }
    return genome;
}

Genome blend(Space const& space, Genome const& a, Genome const& b, double reach, Random& random) {
    VASTER_EXPECTS(a.species == b.species);
    auto const& genes = space.at(a.species).genes;
    Genome child = a;
    for (std::size_t i = 0; i < genes.size(); ++i) {
        double const weight = random.uniform() * (1 + 2 * reach) - reach;
        child.genes[i] = reflect(a.genes[i] + weight * (b.genes[i] - a.genes[i]), genes[i].min, genes[i].max);
    }
    return child;
}

Genome mutate(Space const& space, Genome genome, Mutation const& mutation, Random& random) {
    auto const& genes = space.at(genome.species).genes;
    if (genes.empty()) return genome;
    std::size_t const chosen = random.below(genes.size());
    for (std::size_t i = 0; i < genes.size(); ++i) {
        bool const drawn = random.uniform() < mutation.gene_chance;
        if (!drawn && i != chosen) continue;
        double const noise = stats::sample_normal(random) * mutation.step * (genes[i].max - genes[i].min);
        genome.genes[i] = reflect(genome.genes[i] + noise, genes[i].min, genes[i].max);
    }
    return genome;
}

std::size_t tournament(std::size_t n, std::size_t size, Random& random) {
    VASTER_EXPECTS(n > 0 && size > 0);
    std::vector<std::size_t> contestants(n);
    std::iota(contestants.begin(), contestants.end(), std::size_t{0});
    std::size_t best = n;
    for (std::size_t i = 0; i < std::min(n, size); ++i) {  // the first draws of a Fisher-Yates shuffle
        std::swap(contestants[i], contestants[i + random.below(n - i)]);
        best = std::min(best, contestants[i]);
    }
    return best;
}

}  // namespace vaster::evolution

#include "domains/trading/study/space.hpp"

#include <algorithm>
#include <utility>

namespace vaster::trading {

namespace {

bool evolves(strategies::Gene const& gene, strategies::Profile profile) {
    if (gene.used == strategies::GeneUse::signal) return true;
    return profile == strategies::Profile::corrected && gene.used == strategies::GeneUse::backtest;
}

}  // namespace

EvolveSpace::EvolveSpace(std::vector<strategies::SeedIndex> seeds, strategies::Profile profile)
    : seeds_(std::move(seeds)) {
    for (auto const seed : seeds_) {
        auto const& kind = strategies::seeds()[seed];
        evolution::Species species{std::string(kind.name), {}};
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < kind.genes.size(); ++i) {
            auto const& gene = kind.genes[i];
            if (!evolves(gene, profile)) continue;
            species.genes.push_back({std::string(gene.name), gene.min, gene.max});
            places.push_back(i);
        }
        space_.push_back(std::move(species));
        places_.push_back(std::move(places));
    }
}

std::vector<double> EvolveSpace::all_genes(evolution::Genome const& genome) const {
    auto genes = strategies::default_genes(seed(genome));
    auto const& places = places_.at(genome.species);
    for (std::size_t i = 0; i < places.size(); ++i) genes[places[i]] = genome.genes.at(i);
    return genes;
}

evolution::Genome EvolveSpace::genome(std::size_t species, std::vector<double> const& genes) const {
    evolution::Genome result{species, {}};
    for (std::size_t const place : places_.at(species)) result.genes.push_back(genes.at(place));
    return result;
}

std::optional<std::size_t> EvolveSpace::find(std::string_view seed_name) const {
    for (std::size_t species = 0; species < space_.size(); ++species)
        if (space_[species].name == seed_name) return species;
    return std::nullopt;
}

std::vector<evolution::Genome> EvolveSpace::defaults() const {
    std::vector<evolution::Genome> all;
    for (std::size_t species = 0; species < space_.size(); ++species)
        all.push_back(genome(species, strategies::default_genes(seeds_[species])));
    return all;
}

std::size_t most_genes() {
    std::size_t most = 0;
    for (auto const& seed : strategies::seeds()) most = std::max(most, seed.genes.size());
    return most;
}

}  // namespace vaster::trading

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/evolution/genome.hpp"
#include "domains/trading/strategies/seeds.hpp"
#include "domains/trading/strategies/signal.hpp"

namespace vaster::trading {

/// The seeds that evolve as species: the genes that act on the signal are theirs, and those that act in the
/// back-test, unless the published rules are wanted, which had none. The others keep their defaults.
class EvolveSpace {
  public:
    /// @param seeds  at least one
    EvolveSpace(std::vector<strategies::SeedIndex> seeds, strategies::Profile profile);

    [[nodiscard]] evolution::Space const& species() const noexcept { return space_; }

    [[nodiscard]] strategies::SeedIndex seed(evolution::Genome const& genome) const {
        return seeds_.at(genome.species);
    }

    /// All genes of its seed.
    [[nodiscard]] std::vector<double> all_genes(evolution::Genome const& genome) const;

    /// What all_genes() was made from. @param genes  of the seed, perhaps with more numbers behind them
    [[nodiscard]] evolution::Genome genome(std::size_t species, std::vector<double> const& genes) const;

    /// The species of a seed; nothing if it does not evolve.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view seed_name) const;

    /// Each species with the defaults of its seed.
    [[nodiscard]] std::vector<evolution::Genome> defaults() const;

  private:
    std::vector<strategies::SeedIndex> seeds_;
    std::vector<std::vector<std::size_t>> places_;  ///< of a species' genes among its seed's
    evolution::Space space_;
};

/// The largest number of genes that a seed has.
[[nodiscard]] std::size_t most_genes();

}  // namespace vaster::trading

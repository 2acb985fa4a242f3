#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/tables.hpp"
#include "core/store/reader.hpp"

// The numbers behind the chapter of a study of strategies that evolve (docs/trading/evolve.md). A row of such
// a study is a newborn individual: who lives on for another generation has no second row.
namespace vaster::trading {

/// One individual, as its row has it.
struct Individual {
    std::size_t row = 0;
    std::int64_t window = 0, generation = 0;
    std::string seed;           ///< kind of strategy
    std::vector<double> genes;  ///< in the seed's order
    study::Status status = study::Status::pending;
    double fitness = 0;  ///< NaN without a result
};

/// The individuals of a study, in order of its rows.
class Individuals {
  public:
    /// @throws DataError when the study lacks the columns of strategies that evolve
    explicit Individuals(store::Reader const& study);

    [[nodiscard]] std::vector<Individual> const& all() const noexcept { return all_; }

    /// Those of a generation, as {window, generation}, with their places in all().
    using Generations = std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Individual const*>>;
    [[nodiscard]] Generations generations() const;

    /// The fittest of a window first; rows decide between equals. Without those that have no fitness.
    [[nodiscard]] std::vector<Individual const*> by_fitness(std::int64_t window) const;

    [[nodiscard]] std::vector<std::int64_t> windows() const;  ///< sorted
    [[nodiscard]] std::vector<std::string> seeds() const;     ///< as they come
    [[nodiscard]] std::string gene_name(Individual const& one, std::size_t gene) const;

    /// A result of an individual that has results.
    [[nodiscard]] double result(Individual const& one, std::string_view column) const;

  private:
    store::Reader const& study_;
    std::vector<Individual> all_;
};

/// "window 2".
[[nodiscard]] std::string window_name(std::int64_t window);

/// A generation: newborn, how many have a result, fitness, diversity. `seed_bits` is the entropy of the seeds
/// of all newborn, -sum p log2 p; `gene_spread` the mean over the newborn of each seed and its genes of the
/// standard deviation, in units of the range that the study has tried (seeds with fewer than two newborn are
/// left out).
[[nodiscard]] report::Table generations_table(Individuals const& individuals);

/// The lines of the figure of fitness: best so far, mean of the newborn.
[[nodiscard]] report::Table progress_table(report::Table const& generations);

/// Share of each seed among the newborn of a generation, noughts too.
[[nodiscard]] report::Table seed_shares_table(Individuals const& individuals);

/// How each gene of a seed is distributed among the newborn of a generation: extremes and quartiles (type 7),
/// and their place between the smallest (0) and the largest number that the study has tried (1). Genes that
/// never differ are left out.
[[nodiscard]] report::Table genes_table(Individuals const& individuals);

/// The fittest individuals of each window, on training and on test bars.
[[nodiscard]] report::Table fittest_table(Individuals const& individuals);

/// The fittest one of each window beside holding and its placebo, on training and on test bars.
[[nodiscard]] report::Table out_of_sample_table(Individuals const& individuals);

}  // namespace vaster::trading

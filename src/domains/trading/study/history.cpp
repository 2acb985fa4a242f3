#include "domains/trading/study/history.hpp"

#include <utility>

#include "domains/trading/study/schema.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::trading {
namespace {

/// The newborn of one window and generation.
struct Newborn {
    std::vector<evolution::Individual> evaluated;
    std::size_t attempted = 0;
};

evolution::Individual individual_of(EvolveOptions const& options, EvolveSpace const& space,
                                    PlannedIndividual const& planned, std::size_t row,
                                    study::Cells const& results) {
    auto const species = space.find(planned.seed);
    VASTER_EXPECTS(species.has_value());
    return {row, planned.island, space.genome(*species, planned.genes), objectives_of(options, results)};
}

}  // namespace

std::vector<SettledGeneration> replay(EvolveOptions const& options, EvolveSpace const& space,
                                      study::Records const& records,
                                      std::function<void(SettledGeneration const&)> const& watch) {
    std::vector<SettledGeneration> last;
    for (std::size_t row = 0; row < records.size();) {
        std::vector<Newborn> newborn(options.validation.windows);
        std::size_t const generation = planned_individual(records.experiment(row).design).generation;
        for (; row < records.size(); ++row) {
            auto const planned = planned_individual(records.experiment(row).design);
            if (planned.generation != generation) break;
            Newborn& window = newborn.at(planned.window);
            ++window.attempted;
            if (records.done(row))
                window.evaluated.push_back(individual_of(options, space, planned, row, records.cells(row)));
        }
        last.resize(newborn.size());
        for (std::size_t i = 0; i < newborn.size(); ++i) {
            auto& [evaluated, attempted] = newborn[i];
            if (attempted == 0) continue;
            SettledGeneration& now = last[i];
            now.window = i;
            now.attempted = attempted;
            now.evaluated = evaluated.size();
            now.population = generation == 0 ? evolution::first_population(options.evolution,
                                                                           std::move(evaluated), attempted)
                                             : evolution::next_population(options.evolution, now.population,
                                                                          std::move(evaluated), attempted);
            watch(now);
        }
    }
    return last;
}

}  // namespace vaster::trading

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/evolution/genome.hpp"
#include "domains/trading/study/judge.hpp"
#include "domains/trading/study/space.hpp"
#include "vaster/study/schema.hpp"
#include "vaster/study/study.hpp"

namespace vaster::trading {

/// The columns of the design and of the results, and for each seed the names of its genes.
[[nodiscard]] study::Schema evolve_schema();

/// An individual as it stands in the plan.
struct PlannedIndividual {
    std::size_t window = 0;
    std::size_t generation = 0;
    std::size_t place = 0;  ///< among the newborn of its generation and window
    std::size_t island = 0;
    std::string seed;
    std::int64_t mother = evolution::nobody;
    std::int64_t father = evolution::nobody;
    std::vector<double> genes;  ///< all of the seed's; once read from a plan, with missing ones behind
};

[[nodiscard]] study::Cells design_cells(PlannedIndividual const& individual);
[[nodiscard]] PlannedIndividual planned_individual(study::Cells const& design);

[[nodiscard]] study::Cells result_cells(Judgement const& judgement);

/// Position of a results column. @throws std::logic_error when there is none
[[nodiscard]] std::size_t result_column(std::string_view name);

/// Is there a results column of this name, with a minus before it or not, that can be an objective?
[[nodiscard]] bool can_be_objective(std::string_view name);

/// What the evolution makes more of: the fitness, or the objectives as the options name them. What is missing
/// is as bad as can be.
[[nodiscard]] std::vector<double> objectives_of(EvolveOptions const& options, study::Cells const& results);

}  // namespace vaster::trading

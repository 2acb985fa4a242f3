#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vaster::simulation {

/// A fit group as it was measured.
struct Cost {
    std::string key;
    double expected_seconds = 0;  ///< the plan's guess
    double seconds = 0;           ///< what it took
    unsigned experiments = 1;
    double evaluation_share =
        0;  ///< of its seconds: all but the fit, which whoever has a part of the group repeats
};

/// The fit groups of the five default models on the six PHMRC sites, in order of the plan.
std::vector<Cost> measured_costs();

/// The same so many times over, as repeats of the design would make them.
std::vector<Cost> repeated(std::vector<Cost> const& costs, std::size_t times);

enum class Order {
    longest_first,  ///< as the engine does
    first_in_plan,
    random,
};

/// What the engine's own work takes, as measured (docs/performance.md). [s]
struct Rates {
    double decision = 10.5e-6;  ///< rank 0: to hear that a worker is ready and to hand out a task
    double results = 10e-6;     ///< rank 0: to hear and note the results of a fit group, three in the mean
    double message = 1e-3;      ///< from rank to rank, most of it the sleep of one that waits
    double start = 1e-3;        ///< a worker: give a task to its child, take the results, commit them
};

struct Outcome {
    double makespan = 0;     ///< [s]
    double lower_bound = 0;  ///< lower_bound()
    double rank0_share = 0;  ///< of the makespan, in which rank 0 decides
    std::size_t tasks = 0;
    std::size_t fits = 0;  ///< more than there are groups: so many were divided
};

/// Total work over ranks, or the longest group. [s]
double lower_bound(std::vector<Cost> const& costs, int ranks);

/// Runs the engine's Dispatcher in virtual time.
Outcome run(std::vector<Cost> const& costs, int ranks, Order order, Rates rates = {});

}  // namespace vaster::simulation

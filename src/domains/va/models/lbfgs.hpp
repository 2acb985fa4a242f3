#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "vaster/support/watcher.hpp"

namespace vaster::models {

/// The value of a differentiable function at x; writes its gradient, which has the length of x.
using Objective = std::function<double(std::span<double const> x, std::span<double> gradient)>;

struct LbfgsOptions {
    std::size_t memory = 10;           ///< pairs of steps and gradient changes that are kept
    std::size_t max_iterations = 500;  ///< steps
    double tolerance = 1e-6;           ///< Euclidean length of the gradient at which x is the minimum
};

/// How a search for a minimum ended.
struct LbfgsResult {
    bool converged = false;
    std::size_t iterations = 0;
    double gradient_length = 0;
};

/// Minimises a convex function by limited-memory BFGS, from x on, which becomes the best point found.
///
/// The step along each direction is halved (or less, by parabola) from 1 until the value has decreased enough
/// (Armijo, 1e-4) or, where differences of values drown in rounding, until the slope has (Hager and Zhang's
/// approximate condition, doi:10.1137/030601880). A search that finds no such step ends unconverged.
/// Nocedal (1980), doi:10.1090/S0025-5718-1980-0572855-7; Liu and Nocedal (1989), doi:10.1007/BF01589116.
/// @throws Cancelled when the watcher says stop; it is asked at every evaluation
[[nodiscard]] LbfgsResult minimise(Objective const& objective, std::vector<double>& x,
                                   LbfgsOptions const& options, Watcher& watcher);

}  // namespace vaster::models

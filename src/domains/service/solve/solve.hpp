#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "domains/service/solve/answer.hpp"
#include "domains/service/solve/problem.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::service::solve {

/// What became of a problem.
enum class Status : std::uint8_t {
    optimal,     ///< no feasible point is better, but for the gap
    feasible,    ///< a point that meets all demands; there may be better ones
    infeasible,  ///< no point meets all demands
    unbounded,   ///< the objective gets better without end
    unknown,     ///< solvers came to no result, or to results that contradict each other
    failed,      ///< every solver broke down
};

[[nodiscard]] std::string to_text(Status status);

/// The result for a problem, as its file states it (not turned into one to be minimised).
struct Solution {
    Status status = Status::failed;
    bool confirmed = false;  ///< our own evaluation shows it, or two solvers agree
    std::string evidence;    ///< what shows it, or that nothing does: "duals", "KKT residual", "clp, glpsol"
    std::string scope;       ///< of the optimum: "global", "local", "best of 50 starts"; empty: there is none
    double objective = std::numeric_limits<double>::quiet_NaN();
    double bound = std::numeric_limits<double>::quiet_NaN();  ///< no better objective is possible
    double gap = std::numeric_limits<double>::quiet_NaN();    ///< |objective - bound| / max(1, |objective|)
    double violation = std::numeric_limits<double>::quiet_NaN();
    double kkt = std::numeric_limits<double>::quiet_NaN();  ///< residual, of smooth problems
    std::string solver;                                     ///< whose point it is, or whose word
    std::string version;
    std::string limit;           ///< "time", "nodes", "iterations", if that ended the search
    std::string fallbacks = {};  ///< solvers whose result was not taken, and why
    std::vector<double> values;  ///< of the variables; empty: none
    std::vector<double> duals;   ///< of the rows; empty: none
    std::vector<double> reduced_costs;
};

struct SolveOptions {
    Limits limits;
    bool fallback = true;  ///< ask the next solver when one fails, or cannot be confirmed
    std::string first;     ///< solver to begin with; empty: the best for the class
};

/// Has the problem solved, and believes nothing: each claim is checked by our own evaluation, and one that
/// does not hold makes the next solver try, as does an error, a crash, or a time limit without a feasible
/// point. Solvers run in processes of their own.
/// @param solvers  for the problem's class, the best first
[[nodiscard]] Solution solve(Problem const& problem, SolveOptions const& options,
                             std::span<Solver const> solvers, Watcher& watcher);

}  // namespace vaster::service::solve

#pragma once

#include <optional>
#include <span>
#include <string>

#include "domains/service/solve/problem.hpp"

/// Our own evaluation of what solvers claim, in long double. Nothing here asks a solver.
namespace vaster::service::solve {

/// A larger violation is none that rounding explains.
inline constexpr double most_violation = 1e-6;
/// An integer variable may be so far from one before it is rounded.
inline constexpr double most_fraction = 1e-5;

/// By how much a point breaks what the problem demands.
struct Violation {
    /// The largest of (what is too much) / max(1, |bound|) over bounds and constraints; infinite for a point
    /// where a formula has no value.
    double size = 0;
    std::string where = {};  ///< "constraint 'c1' is 42, above 40", of the largest
};

/// @param x  a value for each variable. Whether integers are some is not looked at
[[nodiscard]] Violation violation_of(Problem const& problem, std::span<double const> x);

/// The objective with its constant. NaN where it has no value.
[[nodiscard]] long double objective_of(Problem const& problem, std::span<double const> x);

/// Where bounds contradict each other ("variable 'x' must be at least 3 and at most 2"), or there is no
/// integer between them; empty: nowhere. The problem is infeasible then.
[[nodiscard]] std::string contradiction_in(Problem const& problem);

/// The bound that multipliers of the rows prove for the linear objective, its constant included (weak
/// duality):
///     sum_i (y_i > 0 ? y_i lower_i : y_i upper_i) + sum_j (d_j > 0 ? d_j lower_j : d_j upper_j),  d = c -
///     A'y
/// Where a bound that enters is infinite, one that follows from a row and the bounds of all variables stands
/// in for it. Nothing, where there is none either and it enters with more than rounding.
[[nodiscard]] std::optional<double> dual_bound(Problem const& minimized, std::span<double const> duals);

/// c - A'y of a linear problem.
[[nodiscard]] std::vector<double> reduced_costs(Problem const& problem, std::span<double const> duals);

/// Do factors of the rows, or their negatives, show that no point meets all of them (Farkas' lemma)? The sum
/// of the rows by these factors is below what the bounds of the variables allow.
[[nodiscard]] bool proves_infeasible(Problem const& problem, std::span<double const> ray);

/// The linear problem whose duals are such factors where there are any: how little the constraints must give
/// way for a point to meet them. It always has an optimum. Its first variables are those of the problem.
[[nodiscard]] Problem feasibility_problem(Problem const& problem);

/// The linear problem of the direction, no longer than 1 in each variable, in which the objective falls
/// fastest for ever. It always has an optimum, which is 0 where there is no such direction.
[[nodiscard]] Problem direction_problem(Problem const& minimized);

/// Can one go in this direction from any feasible point for ever, with an objective that falls?
[[nodiscard]] bool is_unbounded_direction(Problem const& minimized, std::span<double const> ray);

/// Is the problem convex, so that a local optimum is a global one? True only where it can be shown: an
/// objective and constraints of degree two at most with matrices that are semidefinite as they must be.
[[nodiscard]] bool is_convex(Problem const& minimized);

/// The linear problem whose optimum is the smallest residual of the Karush-Kuhn-Tucker conditions at a point:
/// multipliers of rows and bounds with the right signs that balance the gradient best. A multiplier of a
/// bound that is `d` away is at most `slack / d`.
struct KktProblem {
    Problem problem;  ///< variables: the residual, then the multipliers
    std::vector<int> rows =
        {};            ///< of each multiplier: the row that it belongs to; -1: a bound of a variable
    double scale = 1;  ///< max(1, largest part of the gradient)
};

[[nodiscard]] KktProblem kkt_problem(Problem const& minimized, std::span<double const> x);

/// The residual that a solution of the KKT problem really has, in units of its scale.
[[nodiscard]] double kkt_residual(KktProblem const& kkt, std::span<double const> solution);

}  // namespace vaster::service::solve

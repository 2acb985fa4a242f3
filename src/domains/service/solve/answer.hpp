#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "domains/service/solve/problem.hpp"

namespace vaster::service::solve {

/// What a solver says of a problem. Nobody believes it before it has been checked.
enum class Claim : std::uint8_t { optimal, feasible, infeasible, unbounded, unknown };

struct Answer {
    Claim claim = Claim::unknown;
    std::vector<double> values = {};  ///< of the variables; empty: none
    std::vector<double> duals = {};   ///< of the rows: what the objective changes by for a unit; empty: none
    double bound = std::numeric_limits<double>::quiet_NaN();  ///< of the objective, without its constant
    std::string version = {};
    std::string limit = {};  ///< "time", "nodes" or "iterations", if that ended it
    std::string note = {};   ///< in the solver's words
};

/// Where a solver stops.
struct Limits {
    double seconds = 60;
    double gap = 1e-6;            ///< relative, at which a solution counts as optimal
    std::int64_t nodes = 0;       ///< of a tree of branches; 0: any number
    std::int64_t iterations = 0;  ///< 0: any number
    std::int64_t starts = 50;     ///< of the search for a global optimum
    std::uint64_t seed = 0;       ///< of that search
};

/// One of the programs and libraries that solve problems. They are given problems to be minimised.
struct Solver {
    std::string name;
    std::function<Answer(Problem const& minimized, Limits const& limits)> run;
};

/// The one that is asked only on request.
inline constexpr char const* exact_solver = "glpsol-exact";

/// Those for a class of problems, the best first.
/// @param requested  exact_solver: it is among those for linear problems
/// @throws UnavailableError when the program was built without solvers
[[nodiscard]] std::vector<Solver> solvers_for(Class problem_class, std::string_view requested = {});

/// Names of all solvers.
[[nodiscard]] std::vector<std::string> solver_names();

[[nodiscard]] Answer solve_by_clp(Problem const& minimized, Limits const& limits);
[[nodiscard]] Answer solve_by_cbc(Problem const& minimized, Limits const& limits);
[[nodiscard]] Answer solve_by_ipopt(Problem const& minimized, Limits const& limits);
/// Sequential quadratic programming from the start.
[[nodiscard]] Answer solve_by_slsqp(Problem const& minimized, Limits const& limits);
/// Evolution over the whole box, then local searches from many starts: the best point that was seen.
[[nodiscard]] Answer solve_by_nlopt(Problem const& minimized, Limits const& limits);
/// GLPK, as a program: its licence does not let us link it (decision 14).
[[nodiscard]] Answer solve_by_glpsol(Problem const& minimized, Limits const& limits);
/// Its simplex method in rational numbers, of linear problems: slow, and without tolerances.
[[nodiscard]] Answer solve_by_glpsol_exactly(Problem const& minimized, Limits const& limits);

/// An answer as bytes, for the way out of the process that a solver runs in.
[[nodiscard]] std::string to_bytes(Answer const& answer);
/// @throws DataError for bytes that are none
[[nodiscard]] Answer answer_of(std::string_view bytes);

}  // namespace vaster::service::solve

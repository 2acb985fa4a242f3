#pragma once

#include <memory>
#include <string>

#include "domains/service/solve/solve.hpp"
#include "vaster/study/study.hpp"

namespace vaster::service::solve {

/// The array with a value for each variable and each constraint, and its fields.
inline constexpr char const* solution_array = "solution";

/// The kind `solve`: each problem is an experiment.
[[nodiscard]] std::unique_ptr<study::Kind> make_solve_kind();

/// The design and what came out, as cells of the study file give them.
struct Solved {
    std::string problem;  ///< the file
    std::string outcome;
    bool confirmed = false;
    std::string evidence;
    std::string scope;
    double objective = 0;
    double bound = 0;
    double gap = 0;
    double violation = 0;
    double kkt = 0;
    std::string solver;
    std::string version;
    std::string limit;
    std::string fallbacks;
    double seconds = 0;
};

[[nodiscard]] Solved solved_of(study::Experiment const& experiment, study::Cells const& cells);

/// A row of the solution: "variable" or "constraint", its name, its value, and its dual (a reduced cost of a
/// variable).
struct SolutionRow {
    std::string part;
    std::string name;
    double value = 0;
    double dual = 0;
};

/// @param bytes  of the array `solution` of one experiment
[[nodiscard]] std::vector<SolutionRow> solution_of(study::Schema const& schema,
                                                   std::vector<std::uint8_t> const& bytes);

}  // namespace vaster::service::solve

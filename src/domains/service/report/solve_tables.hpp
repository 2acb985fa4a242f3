#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/report/tables.hpp"
#include "core/store/reader.hpp"
#include "domains/service/solve/study.hpp"

// The numbers of studies of optimisation problems.
namespace vaster::service::solve {

/// A problem that has a result.
struct SolvedRow {
    std::size_t row = 0;  ///< in the study file
    std::string name;     ///< of its file, without folders where no other problem's file is called so
    std::string type;     ///< "lp", "mip", "smooth", "global"
    Solved result;
};

/// Those that have one, in order of the plan.
[[nodiscard]] std::vector<SolvedRow> solved_rows(store::Reader const& study);

/// A row a problem: outcome, what shows it, objective, bound, gap, violation, solver, time.
[[nodiscard]] report::Table solved_table(std::vector<SolvedRow> const& solved);

/// How many problems by outcome, and whether that is confirmed.
[[nodiscard]] report::Table outcomes_table(std::vector<SolvedRow> const& solved);

/// Gaps between objective and bound that are more than rounding, the largest first.
[[nodiscard]] report::Table gaps_table(std::vector<SolvedRow> const& solved);

/// For each solver the problems whose answer is its own, and those of which its answer was not taken.
[[nodiscard]] report::Table solvers_table(std::vector<SolvedRow> const& solved);

/// A row for each answer that was not taken: the problem, the solver, why, and whose answer was taken.
[[nodiscard]] report::Table fallbacks_table(std::vector<SolvedRow> const& solved);

/// The first rows of the solutions of the first problems that have one.
/// @param problems  so many problems. @param rows  of each
[[nodiscard]] report::Table solutions_table(store::Reader const& study, std::vector<SolvedRow> const& solved,
                                            std::size_t problems, std::size_t rows);

}  // namespace vaster::service::solve

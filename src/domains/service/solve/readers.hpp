#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "domains/service/solve/problem.hpp"

namespace vaster::service::solve {

/// Bounds of this size and more mean that there is none, as CPLEX and HiGHS take them.
inline constexpr double as_good_as_infinite = 1e20;

/// The problem in the text of a file, by the ending of its name: .mps, .lp, .json.
///
/// What is read is what is checked, and what solvers are given through their interfaces: no file goes to a
/// solver's own reader. Whatever is not understood is refused, never skipped.
/// @param file  for messages. @throws DataError with file, line and column, what is wrong, and what helps
[[nodiscard]] Problem read_problem(std::string const& file, std::string_view text);

/// MPS, fixed and free: ROWS, COLUMNS (with markers of integers), RHS, RANGES, BOUNDS, OBJSENSE. The first
/// row N is the objective; its right-hand side enters with the sign turned. @throws DataError
[[nodiscard]] Problem read_mps(std::string const& file, std::string_view text);

/// LP as CPLEX has it: linear terms, Bounds, Generals, Binaries. @throws DataError
[[nodiscard]] Problem read_lp(std::string const& file, std::string_view text);

/// JSON: variables with bounds, type and start, an objective and constraints as formulas. @throws DataError
[[nodiscard]] Problem read_json(std::string const& file, std::string_view text);

/// A whole text as a number, with a sign or an exponent by E or D; "inf" and "infinity" count, too.
/// Nothing: it is none, or has no place in a double.
[[nodiscard]] std::optional<double> number_of(std::string_view text);

/// A bound: infinite where it is as good as that.
[[nodiscard]] double bound_of(double number);

/// What no reader may let through: no variables, or a name that is there twice. @throws DataError
void check_problem(std::string const& file, Problem const& problem);

}  // namespace vaster::service::solve

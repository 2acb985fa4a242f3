#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace vaster::service::solve {

class Formula;

inline constexpr double unlimited = std::numeric_limits<double>::infinity();

struct Variable {
    std::string name;
    double lower = 0;
    double upper = unlimited;
    bool integer = false;
    double start = std::numeric_limits<double>::quiet_NaN();  ///< where a search begins; NaN: not said
};

/// coefficient times variable.
struct Term {
    std::size_t variable = 0;
    double coefficient = 0;
};

/// A constraint: lower <= the sum of the terms, or the formula, <= upper.
struct Row {
    std::string name;
    double lower = -unlimited;
    double upper = unlimited;
    std::vector<Term> terms = {};                      ///< each variable once
    std::shared_ptr<Formula const> formula = nullptr;  ///< null: the row is linear
    double constant = 0;  ///< of a linear row: what its file adds to the terms; the bounds are without it
};

enum class Sense : std::uint8_t { minimize, maximize };

/// What kind of problem it is, found by reading it.
enum class Class : std::uint8_t {
    lp,      ///< all linear
    mip,     ///< all linear, some variables integers
    smooth,  ///< formulas that can be differentiated
    global,  ///< many local optima, as its file says, or formulas without derivatives
};

[[nodiscard]] std::string to_text(Class problem_class);

/// An optimisation problem: what one file says.
struct Problem {
    std::string name;
    Sense sense = Sense::minimize;
    bool global = false;  ///< the file says that there are many local optima
    std::vector<Variable> variables = {};
    std::vector<Term> objective = {};                  ///< each variable once
    double constant = 0;                               ///< added to the objective
    std::shared_ptr<Formula const> formula = nullptr;  ///< the objective, where it is not linear
    std::vector<Row> rows = {};
};

[[nodiscard]] Class class_of(Problem const& problem);

/// The linear problem as one to be minimised: its objective with the sign turned where it is maximised.
[[nodiscard]] Problem minimized(Problem problem);

/// The same without the demand that variables are integers.
[[nodiscard]] Problem relaxed(Problem problem);

/// "minimize, 3 variables (2 integer), 4 constraints", for messages.
[[nodiscard]] std::string summary_of(Problem const& problem);

}  // namespace vaster::service::solve

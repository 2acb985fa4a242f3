#include "domains/service/solve/problem.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/support/texts.hpp"
#include "domains/service/solve/formula.hpp"

namespace vaster::service::solve {
namespace {

std::size_t count_integers(Problem const& problem) {
    return static_cast<std::size_t>(std::count_if(problem.variables.begin(), problem.variables.end(),
                                                  [](Variable const& one) { return one.integer; }));
}

}  // namespace

std::string to_text(Class problem_class) {
    switch (problem_class) {
        case Class::lp:
            return "lp";
        case Class::mip:
            return "mip";
        case Class::smooth:
            return "smooth";
        default:
            return "global";
    }
}

Class class_of(Problem const& problem) {
    bool linear = problem.formula == nullptr;
    bool smooth = linear || problem.formula->is_smooth();
    for (auto const& row : problem.rows) {
        if (row.formula == nullptr) continue;
        linear = false;
        smooth = smooth && row.formula->is_smooth();
    }
    if (linear) return count_integers(problem) > 0 ? Class::mip : Class::lp;
    return smooth && !problem.global ? Class::smooth : Class::global;
}

Problem minimized(Problem problem) {
    if (problem.sense == Sense::minimize) return problem;
    problem.sense = Sense::minimize;
    problem.constant = -problem.constant;
    for (auto& term : problem.objective) term.coefficient = -term.coefficient;
    return problem;
}

Problem relaxed(Problem problem) {
    for (auto& variable : problem.variables) variable.integer = false;
    return problem;
}

std::string summary_of(Problem const& problem) {
    auto const integers = count_integers(problem);
    return fmt::format("{}, {}{}, {}", problem.sense == Sense::minimize ? "minimize" : "maximize",
                       counted(problem.variables.size(), "variable"),
                       integers > 0 ? fmt::format(" ({} integer)", integers) : "",
                       counted(problem.rows.size(), "constraint"));
}

}  // namespace vaster::service::solve

// The solvers that this program has.
#include "domains/service/solve/answer.hpp"

namespace vaster::service::solve {

std::vector<Solver> solvers_for(Class problem_class, std::string_view requested) {
    switch (problem_class) {
        case Class::lp: {
            std::vector<Solver> solvers{{"clp", solve_by_clp}, {"glpsol", solve_by_glpsol}};
            if (requested == exact_solver) solvers.push_back({exact_solver, solve_by_glpsol_exactly});
            return solvers;
        }
        case Class::mip:
            return {{"cbc", solve_by_cbc}, {"glpsol", solve_by_glpsol}};
        case Class::smooth:
            return {{"ipopt", solve_by_ipopt}, {"slsqp", solve_by_slsqp}};
        default:
            return {{"nlopt", solve_by_nlopt}};
    }
}

}  // namespace vaster::service::solve

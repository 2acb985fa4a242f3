// In place of solvers.cpp, in a program that is built without them.
#include "domains/service/solve/answer.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {

std::vector<Solver> solvers_for(Class /*problem_class*/, std::string_view /*requested*/) {
    throw UnavailableError(
        "this program was built without solvers; build it with -DVASTER_WITH_SOLVERS=ON (docs/install.md)");
}

}  // namespace vaster::service::solve

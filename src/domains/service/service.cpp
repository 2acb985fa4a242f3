// Tables, and optimisation problems: everything that a program knows of them.
#include "domains/service/service.hpp"

#include <memory>

#include "domains/service/cli/commands.hpp"
#include "domains/service/solve/study.hpp"

namespace vaster::service {

cli::Domain domain() {
    cli::Domain domain;
    domain.name = "service";
    domain.doc = "exact statistics and formulas over tables, and optimisation problems with checked answers";
    std::shared_ptr<study::Kind const> const solving = solve::make_solve_kind();
    domain.kinds = {solving};
    domain.commands = {
        [solving](cli::Command& app, cli::Program& program) { add_solve(app, program, solving); }, add_table};
    return domain;
}

}  // namespace vaster::service

// Jobs and tables: everything that a program knows of them.
#include "domains/service/service.hpp"

#include <memory>

#include "domains/service/cli/commands.hpp"
#include "domains/service/jobs/jobs_study.hpp"

namespace vaster::service {

cli::Domain domain() {
    cli::Domain domain;
    domain.name = "service";
    domain.doc = "commands as jobs, and exact statistics and formulas over tables";
    std::shared_ptr<study::Kind const> const jobs = make_jobs();
    domain.kinds = {jobs};
    domain.commands = {[jobs](cli::Command& app, cli::Program& program) { add_jobs(app, program, jobs); },
                       add_table};
    return domain;
}

}  // namespace vaster::service

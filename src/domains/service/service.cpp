// Jobs, optimisation problems and tables: everything that a program knows of them.
#include "domains/service/service.hpp"

#include <memory>

#include "core/report/chapter.hpp"
#include "domains/service/cli/commands.hpp"
#include "domains/service/jobs/jobs_study.hpp"
#include "domains/service/report/jobs_chapter.hpp"
#include "domains/service/report/solve_chapter.hpp"
#include "domains/service/solve/study.hpp"

namespace vaster::service {

cli::Domain domain() {
    cli::Domain domain;
    domain.name = "service";
    domain.doc =
        "commands as jobs, exact statistics and formulas over tables, and optimisation problems with checked "
        "answers";
    std::shared_ptr<study::Kind const> const jobs = make_jobs();
    std::shared_ptr<study::Kind const> const solving = solve::make_solve_kind();
    domain.kinds = {jobs, solving};
    domain.commands = {
        [jobs](cli::Command& app, cli::Program& program) { add_jobs(app, program, jobs); },
        [solving](cli::Command& app, cli::Program& program) { add_solve(app, program, solving); }, add_table};
    // The chapters have the numbers of the summaries, too.
    domain.chapters = {
        {jobs->name(),
         [jobs](cli::Command& /*report*/) {
             auto const add = [jobs](report::Chapter& chapter, store::Reader const& study) {
                 add_jobs_sections(chapter, study, *jobs);
             };
             return report::OwnSections{add, report::SummaryTables::none};
         }},
        {solving->name(), [](cli::Command& /*report*/) {
             return report::OwnSections{solve::add_solve_sections, report::SummaryTables::none};
         }}};
    return domain;
}

}  // namespace vaster::service

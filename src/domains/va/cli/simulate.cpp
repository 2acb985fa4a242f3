// vaster simulate: a made-up cohort.
#include "domains/va/data/simulate.hpp"

#include <memory>
#include <ostream>

#include "core/cli/output.hpp"
#include "domains/va/cli/commands.hpp"

namespace vaster::va {
namespace {

struct Flags {
    va::SimulationOptions options;
    std::string format = "phmrc-adult";
    cli::OutputFlags output;
};

}  // namespace

void add_simulate(cli::Command& app, cli::Program& program) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* command =
        app.add_subcommand("simulate", "Write a made-up cohort with sites that really differ");
    command->add_option("--deaths", flags->options.n_deaths, "how many deaths")
        ->capture_default_str()
        ->between(1, 1000000000);
    command->add_option("--seed", flags->options.seed, "seed; the same seed gives the same bytes")
        ->capture_default_str();
    command
        ->add_option("--format", flags->format,
                     "phmrc-adult: answers as in the raw release; encoded: Y, empty, .")
        ->capture_default_str()
        ->one_of({"phmrc-adult", "encoded"});
    flags->output.add_to(*command);
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            flags->options.format = va::cohort_format(flags->format);
            flags->output.write([&](std::ostream& out) { va::simulate(flags->options, out); });
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::va

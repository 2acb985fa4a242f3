// vaster task-server: the process that loads the data and forks the computing children of one rank. Not for
// people.
#include <memory>

#include "core/engine/child/serve.hpp"
#include "core/run/open_study.hpp"
#include "vaster/cli/command.hpp"

namespace vaster::cli {

void add_task_server(Command& app, Program& program) {
    auto const fd = std::make_shared<int>(-1);
    Command* command = app.add_subcommand("task-server", "Started by run; not for people");
    command->hide();
    command->add_option("--fd", *fd, "socket to the rank")->required();
    command->callback([fd, &program] {
        program.action = [fd, &kinds = program.kinds](Invocation) {
            return static_cast<ExitCode>(engine::serve(*fd, [&](auto const& text, auto const& block) {
                return run::open_study(kinds, text, block);
            }));
        };
    });
}

}  // namespace vaster::cli

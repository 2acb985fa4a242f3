// vaster task-server: the process that loads the data and forks the computing children of one rank. Not for
// people.
#include <memory>

#include <CLI/CLI.hpp>

#include "vaster/cli/command.hpp"
#include "vaster/cli/study_flags.hpp"
#include "vaster/engine/serve.hpp"

namespace vaster::cli {

void add_task_server(CLI::App& app, Action& chosen) {
    auto const fd = std::make_shared<int>(-1);
    CLI::App* command = app.add_subcommand("task-server", "Started by run; not for people")->group("");
    command->add_option("--fd", *fd, "socket to the rank")->required();
    command->callback([fd, &chosen] {
        chosen = [fd](Invocation) {
            return static_cast<ExitCode>(engine::serve(*fd, [](std::string const& config_text) {
                LoadedConfig const loaded = load_config({"", config_text, {}});
                return loaded.kind->open(loaded.config);
            }));
        };
    });
}

}  // namespace vaster::cli

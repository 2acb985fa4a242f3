// vaster task-server: the process that loads the data and forks the computing children of one rank. Not for
// people.
#include <memory>

#include <CLI/CLI.hpp>

#include "study_order.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/cli/study_flags.hpp"
#include "vaster/engine/serve.hpp"
#include "vaster/store/kept_data.hpp"
#include "vaster/study/serialization.hpp"

namespace vaster::cli {

void add_task_server(CLI::App& app, Action& chosen) {
    auto const fd = std::make_shared<int>(-1);
    CLI::App* command = app.add_subcommand("task-server", "Started by run; not for people")->group("");
    command->add_option("--fd", *fd, "socket to the rank")->required();
    command->callback([fd, &chosen] {
        chosen = [fd](Invocation) {
            return static_cast<ExitCode>(engine::serve(*fd, [](std::string const& text) {
                auto const order = study::unpack<StudyOrder>(text);
                LoadedConfig const loaded = load_config({"", order.config, {}});
                if (order.kept_in.empty()) return loaded.kind->open(loaded.config);
                return loaded.kind->reopen(loaded.config, store::read_kept_data(order.kept_in));
            }));
        };
    });
}

}  // namespace vaster::cli

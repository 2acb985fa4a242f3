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
namespace {

using Block = std::shared_ptr<SealedBlock const>;

/// A study whose data are read into a block; without one where the system has no such memory.
engine::Opened open_into_block(LoadedConfig const& loaded) {
    std::string problem;
    try {
        if (Block const block = loaded.kind->read_into_block(loaded.config))
            return {loaded.kind->open_from(loaded.config, block), block};
    } catch (IoError const& error) {  // if it is the data that cannot be read, open() says so again
        problem = error.what();
    }
    return {loaded.kind->open(loaded.config), nullptr, problem};
}

engine::Opened open_study(std::string const& text, Block const& block) {
    auto const order = study::unpack<StudyOrder>(text);
    LoadedConfig const loaded = load_config({"", order.config, {}});
    if (!order.kept_in.empty())
        return {loaded.kind->reopen(loaded.config, store::read_kept_data(order.kept_in))};
    if (block) return {loaded.kind->open_from(loaded.config, block), block};
    if (order.keeping == Keeping::shared) return open_into_block(loaded);
    return {loaded.kind->open(loaded.config)};
}

}  // namespace

void add_task_server(CLI::App& app, Action& chosen) {
    auto const fd = std::make_shared<int>(-1);
    CLI::App* command = app.add_subcommand("task-server", "Started by run; not for people")->group("");
    command->add_option("--fd", *fd, "socket to the rank")->required();
    command->callback([fd, &chosen] {
        chosen = [fd](Invocation) { return static_cast<ExitCode>(engine::serve(*fd, open_study)); };
    });
}

}  // namespace vaster::cli

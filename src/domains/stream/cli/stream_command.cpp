// vaster stream: everything that is done with streams, but for studies of several tasks ('vaster run').
#include "domains/stream/cli/commands.hpp"

namespace vaster::stream {

void add_stream(cli::Command& app, cli::Program& program, std::shared_ptr<study::Kind const> const& kind) {
    cli::Command* const stream =
        app.add_subcommand("stream", "Streams of sensors: tasks, made-up data, and files put through a task");
    stream->require_subcommand();
    add_benchmark(*stream, program, *kind);
    add_import(*stream, program);
    add_list(*stream, program);
    add_metrics(*stream, program);
    add_peak(*stream, program, *kind);
    add_rate(*stream, program, *kind);
    add_run_batch(*stream, program, *kind);
    add_run_file(*stream, program, *kind);
    add_simulate(*stream, program);
}

}  // namespace vaster::stream

// vaster stream metrics: what a study came to, with the names that users of PyRIoTBench know.
#include <memory>

#include <fmt/format.h>

#include "core/cli/document_output.hpp"
#include "core/store/reader.hpp"
#include "domains/stream/cli/commands.hpp"
#include "domains/stream/cli/metrics.hpp"
#include "domains/stream/report/load_tables.hpp"
#include "domains/stream/study/options.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

struct Flags {
    std::string study;
    cli::DocumentFlags document;
};

ExitCode metrics(Flags const& flags, study::Kinds const& kinds) {
    store::Reader const study(flags.study);
    auto const kind = kinds.of({"", study.header().config, {}}).name();
    require<DataError>(kind == stream_kind, "{} is a study of kind {}, not {}", flags.study, kind,
                       stream_kind);
    auto const jobs = metrics_of(study);
    std::vector<TextTable> shown;
    shown.reserve(jobs.size());
    for (auto const& [job, one] : jobs) shown.push_back(table_of(job, one));
    auto document = document_of(jobs);
    for (auto& table :
         {loads_table(study), trials_table(study), latencies_table(study), backlog_table(study)})
        if (!table.rows.empty()) document.tables.push_back(table);
    flags.document.write(document, shown);
    return ExitCode::success;
}

}  // namespace

void add_metrics(cli::Command& stream, cli::Program& program) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* const command =
        stream.add_subcommand("metrics", "Counts, time and rate of a study, with the names of PyRIoTBench");
    command->add_option("study", flags->study, "a study of kind stream")->required()->option_text("STUDY.h5");
    flags->document.add_to(*command, "jobs");
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) { return metrics(*flags, program.kinds); };
    });
}

}  // namespace vaster::stream

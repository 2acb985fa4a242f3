// Streams of sensors: everything that a program knows of them.
#include "domains/stream/stream.hpp"

#include <memory>

#include "core/report/chapter.hpp"
#include "domains/stream/cli/commands.hpp"
#include "domains/stream/report/chapter.hpp"
#include "domains/stream/study/options.hpp"
#include "domains/stream/study/stream_study.hpp"

namespace vaster::stream {

namespace {

report::OwnSections declare_chapter(cli::Command& /*report*/) {
    return {add_stream_sections, report::SummaryTables::all};
}

}  // namespace

cli::Domain domain() {
    cli::Domain domain;
    domain.name = "stream";
    domain.doc = "tasks and dataflows over the records of sensors: what they yield, and how fast they are";
    std::shared_ptr<study::Kind const> const kind = make_stream_kind();
    domain.kinds = {kind};
    domain.commands = {[kind](cli::Command& app, cli::Program& program) { add_stream(app, program, kind); }};
    domain.chapters = {{std::string(stream_kind), declare_chapter}};
    domain.first_steps =
        "  vaster stream simulate SYS --records 20000 --output city.csv    a made-up stream of sensors\n"
        "  vaster stream run-file AVG city.csv --data-set SYS -o averages.csv    put it through a task\n"
        "  vaster stream peak AVG city.csv --data-set SYS    the highest rate that it sustains\n";
    return domain;
}

}  // namespace vaster::stream

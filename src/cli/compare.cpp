// vaster compare: which model is better, where, and how sure is that?
#include <memory>

#include <CLI/CLI.hpp>

#include "vaster/cli/command.hpp"
#include "vaster/cli/comparison_flags.hpp"
#include "vaster/cli/document_output.hpp"
#include "vaster/report/comparison.hpp"
#include "vaster/store/reader.hpp"

namespace vaster::cli {
namespace {

struct Flags {
    std::string path;
    report::ComparisonOptions options;
    DocumentFlags output;
};

}  // namespace

void add_compare(CLI::App& app, Action& chosen) {
    auto const flags = std::make_shared<Flags>();
    CLI::App* command = app.add_subcommand(
        "compare", "Compare the models of a study: means, paired differences, tests, transfer, gaps");
    command->add_option("study", flags->path, "the study file")->required()->option_text("STUDY.h5");
    add_comparison_flags(*command, flags->options);
    flags->output.add_to(*command, "means");
    command->callback([flags, &chosen] {
        chosen = [flags](Invocation) {
            store::Reader const reader(flags->path);
            auto const comparison = report::compare(reader, flags->options);
            flags->output.write(report::document_of(reader, comparison), report::text_of(comparison));
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::cli

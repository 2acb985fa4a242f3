// vaster compare: which model is better, where, and how sure is that?
#include <memory>

#include "core/cli/document_output.hpp"
#include "core/store/reader.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/cli/comparison_flags.hpp"
#include "domains/va/report/comparison_chapter.hpp"

namespace vaster::va {
namespace {

struct Flags {
    std::string path;
    ComparisonOptions options;
    cli::DocumentFlags output;
};

}  // namespace

report::OwnSections declare_comparison_chapter(cli::Command& report) {
    auto const options = std::make_shared<ComparisonOptions>();
    add_comparison_flags(report, *options);
    return {[options](report::Chapter& chapter, store::Reader const& study) {
                add_comparison(chapter, study, *options);
            },
            report::SummaryTables::first};
}

void add_compare(cli::Command& app, cli::Program& program) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* command = app.add_subcommand(
        "compare", "Compare the models of a study: means, paired differences, tests, transfer, gaps");
    command->add_option("study", flags->path, "the study file")->required()->option_text("STUDY.h5");
    add_comparison_flags(*command, flags->options);
    flags->output.add_to(*command, "means");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            store::Reader const reader(flags->path);
            auto const comparison = compare(reader, flags->options);
            flags->output.write(document_of(reader, comparison), text_of(comparison));
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::va

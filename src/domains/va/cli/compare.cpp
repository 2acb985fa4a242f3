// vaster compare: which model is better, where, and how sure is that?
#include <memory>

#include "core/cli/document_output.hpp"
#include "core/cli/study_name.hpp"
#include "core/store/reader.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/cli/comparison_flags.hpp"
#include "domains/va/report/comparison_chapter.hpp"

namespace vaster::va {
namespace {

struct Flags {
    std::vector<std::string> paths;
    bool all = false;
    ComparisonOptions options;
    cli::DocumentFlags output;

    [[nodiscard]] Extent extent() const { return all ? Extent::all : Extent::short_form; }
};

std::vector<NamedStudy> named(std::vector<store::Reader const*> const& studies,
                              std::vector<std::string> const& names) {
    std::vector<NamedStudy> all;
    all.reserve(studies.size());
    for (std::size_t i = 0; i < studies.size(); ++i) all.push_back({names[i], studies[i]});
    return all;
}

void compare_one(Flags const& flags) {
    store::Reader const study(flags.paths.front());
    auto const comparison = compare(study, flags.options);
    flags.output.write(document_of(study, comparison), text_of(comparison, flags.extent()));
}

void compare_several(Flags const& flags, study::Kinds const& kinds) {
    std::vector<std::unique_ptr<store::Reader>> readers;
    std::vector<store::Reader const*> all;
    for (auto const& path : flags.paths)
        all.push_back(readers.emplace_back(std::make_unique<store::Reader>(path)).get());
    auto const studies = named(all, cli::study_names(kinds, all));
    auto const comparison = compare(studies, flags.options);
    flags.output.write(document_of(studies, comparison), text_of(comparison, flags.extent()));
}

}  // namespace

report::OwnSections declare_comparison_chapter(cli::Command& report) {
    auto const options = std::make_shared<ComparisonOptions>();
    add_comparison_flags(report, *options);
    report::OwnSections own;
    own.add = [options](report::Chapter& chapter, store::Reader const& study) {
        add_comparison(chapter, study, *options);
    };
    own.summary = report::SummaryTables::none;
    own.together = [options](std::vector<store::Reader const*> const& studies,
                             std::vector<std::string> const& names) {
        return side_by_side(named(studies, names), *options);
    };
    return own;
}

void add_compare(cli::Command& app, cli::Program& program) {
    auto const flags = std::make_shared<Flags>();
    cli::Command* command = app.add_subcommand(
        "compare", "Compare the models of a study: a verdict in words, means, paired differences with tests");
    command
        ->add_option("studies", flags->paths,
                     "the study file; of several, what they have in common is compared")
        ->required()
        ->option_text("STUDY.h5 ...");
    add_comparison_flags(*command, flags->options);
    command->add_flag("--all", flags->all,
                      "every table: also intervals over sites and repeats, learning curves, gaps, transfer");
    flags->output.add_to(*command, "means");
    command->callback([flags, &program] {
        program.action = [flags, &kinds = program.kinds](Invocation) {
            if (flags->paths.size() == 1)
                compare_one(*flags);
            else
                compare_several(*flags, kinds);
            return ExitCode::success;
        };
    });
}

}  // namespace vaster::va

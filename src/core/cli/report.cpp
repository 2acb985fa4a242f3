// vaster report: a folder with pictures and tables of one or more studies.
#include <algorithm>
#include <map>
#include <memory>

#include "base/support/streams.hpp"
#include "core/cli/study_name.hpp"
#include "core/report/chapter.hpp"
#include "core/report/folder.hpp"
#include "core/store/reader.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/cli/domain.hpp"

namespace vaster::cli {
namespace {

using report::Overwrite;
using report::Pictures;

struct Flags {
    std::vector<std::string> paths;
    std::string output;
    bool overwrite = false;
    bool summary = false;
    std::string pictures = "all";
    std::map<std::string, report::OwnSections> chapters = {};  ///< by kind
    std::map<std::string, std::function<std::vector<report::Block>(store::Reader const&)>> verdicts = {};
};

std::map<std::string, Pictures> const picture_names{
    {"all", Pictures::svg_and_png}, {"svg", Pictures::svg}, {"none", Pictures::none}};

std::vector<std::string> names_of(std::map<std::string, Pictures> const& pictures) {
    std::vector<std::string> names;
    names.reserve(pictures.size());
    for (auto const& [name, which] : pictures) names.push_back(name);
    return names;
}

/// Beside the first study file: "study-report" for study.h5.
std::filesystem::path folder_of(Flags const& flags) {
    if (!flags.output.empty()) return flags.output;
    std::filesystem::path const study(flags.paths.front());
    return study.parent_path() / (study.stem().string() + "-report");
}

void print(std::vector<TextTable> const& tables) {
    for (auto const& table : tables) fmt::print("{}\n", to_text(table));
}

std::vector<TextTable> summary_of(study::Kinds const& kinds, store::Reader const& study,
                                  std::string const& path) {
    study::LoadedConfig const loaded = kinds.load({path, study.header().config, {}});
    return loaded.kind->summary(loaded.config, study.schema(), study);
}

void print_verdict(Flags const& flags, store::Reader const& study) {
    auto const verdict = flags.verdicts.find(study.header().kind);
    if (verdict != flags.verdicts.end())
        print(report::text_of(verdict->second(study), report::verdict_heading));
}

report::Chapter chapter_of(Flags const& flags, std::string const& name,
                           std::shared_ptr<store::Reader const> const& study,
                           std::vector<TextTable> const& summary) {
    auto const own = flags.chapters.find(study->header().kind);
    return report::chapter_of(study, name, summary, own != flags.chapters.end() ? &own->second : nullptr);
}

/// What is said of the studies together, where there are several of one kind that has something to say.
std::vector<report::Chapter> together(Flags const& flags, std::vector<store::Reader const*> const& studies,
                                      std::vector<std::string> const& names) {
    auto const& kind = studies.front()->header().kind;
    auto const own = flags.chapters.find(kind);
    bool const one_kind = std::all_of(studies.begin(), studies.end(),
                                      [&](auto const* study) { return study->header().kind == kind; });
    if (studies.size() < 2 || !one_kind || own == flags.chapters.end() || !own->second.together) return {};
    auto chapter = own->second.together(studies, names);
    fmt::print("{}\n\n", chapter.title);
    for (auto const& note : chapter.notes) fmt::print("{}\n\n", note);
    print(report::text_of(chapter.verdict, report::verdict_heading));
    return {std::move(chapter)};
}

ExitCode make_report(Flags const& flags, study::Kinds const& kinds) {
    auto const folder = folder_of(flags);
    if (!flags.summary) report::check_folder(folder, flags.overwrite ? Overwrite::allow : Overwrite::refuse);
    std::vector<std::shared_ptr<store::Reader const>> studies;
    std::vector<store::Reader const*> all;
    for (auto const& path : flags.paths)
        all.push_back(studies.emplace_back(std::make_shared<store::Reader const>(path)).get());
    auto const names = study_names(kinds, all);
    std::vector<report::Chapter> chapters = together(flags, all, names);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all.size() > 1) fmt::print("{}\n\n", names[i]);
        auto const summary = summary_of(kinds, *all[i], flags.paths[i]);
        print(summary);
        if (flags.summary) {
            print_verdict(flags, *all[i]);
            continue;
        }
        chapters.push_back(chapter_of(flags, names[i], studies[i], summary));
        print(report::text_of(chapters.back().verdict, report::verdict_heading));
    }
    if (flags.summary) return ExitCode::success;
    for (auto const& note : report::write_folder(chapters, folder, picture_names.at(flags.pictures)))
        say(std::string_view(note));
    fmt::print("Report: {}\n", (folder / "index.html").string());
    return ExitCode::success;
}

}  // namespace

void add_report(Command& app, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = app.add_subcommand(
        "report",
        "Print the summary tables of studies, and make a folder with a page of figures, tables, pictures");
    command->add_option("studies", flags->paths, "the study files")->required()->option_text("STUDY.h5 ...");
    command
        ->add_option("--output", flags->output,
                     "folder to make; STUDY-report beside the first file if not given")
        ->option_text("DIR");
    command->add_flag("--overwrite", flags->overwrite, "also into a folder that holds other things");
    command->add_flag("--summary", flags->summary, "only print the summary tables");
    command
        ->add_option("--figures", flags->pictures,
                     "files of the figures beside the page: all (SVG and PNG), svg, none")
        ->option_text("WHICH")
        ->one_of(names_of(picture_names));
    for (auto const& domain : program.domains)
        for (auto const& chapter : domain.chapters) {
            flags->chapters.emplace(chapter.kind, chapter.declare(*command));
            if (chapter.verdict) flags->verdicts.emplace(chapter.kind, chapter.verdict);
        }
    command->callback([flags, &program] {
        program.action = [flags, &kinds = program.kinds](Invocation) { return make_report(*flags, kinds); };
    });
}

}  // namespace vaster::cli

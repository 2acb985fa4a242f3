// vaster report: a folder with pictures and tables of one or more studies.
#include <map>
#include <memory>

#include "base/support/streams.hpp"
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

ExitCode make_report(Flags const& flags, study::Kinds const& kinds) {
    auto const folder = folder_of(flags);
    if (!flags.summary) report::check_folder(folder, flags.overwrite ? Overwrite::allow : Overwrite::refuse);
    std::vector<report::Chapter> chapters;
    for (auto const& path : flags.paths) {
        store::Reader const study(path);
        auto const summary = summary_of(kinds, study, path);
        print(summary);
        if (flags.summary) continue;
        auto const own = flags.chapters.find(study.header().kind);
        chapters.push_back(
            report::chapter_of(study, summary, own != flags.chapters.end() ? &own->second : nullptr));
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
        for (auto const& chapter : domain.chapters)
            flags->chapters.emplace(chapter.kind, chapter.declare(*command));
    command->callback([flags, &program] {
        program.action = [flags, &kinds = program.kinds](Invocation) { return make_report(*flags, kinds); };
    });
}

}  // namespace vaster::cli

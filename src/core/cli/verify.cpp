// vaster verify: are all checksums of a study file right, and the files that it left beside it those that it
// left?
#include "core/store/verify.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "base/support/texts.hpp"
#include "core/store/reader.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/study/kinds.hpp"
#include "vaster/study/label.hpp"
#include "vaster/study/left_files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::cli {
ExitCode print_verification(std::string const& path) {
    auto const bad = store::verify(path);
    for (auto const& row : bad) fmt::print("{}: {}\n", path, row.text());
    auto const rows =
        std::count_if(bad.begin(), bad.end(), [](auto const& one) { return one.row.has_value(); });
    if (bad.empty()) fmt::print("{}: every checksum holds\n", path);
    if (rows > 0) fmt::print("{} damaged rows; --resume computes them again\n", rows);
    if (static_cast<std::size_t>(rows) < bad.size())
        fmt::print("data of the study are damaged, which nothing can compute again: use an intact copy\n");
    return bad.empty() ? ExitCode::success : ExitCode::data;
}

namespace {

/// The configuration that the study file keeps; nothing where this version cannot read it.
std::optional<study::LoadedConfig> config_of(study::Kinds const& kinds, store::Reader const& study,
                                             std::string const& path) {
    try {
        return kinds.load({path, study.header().config, {{"study.output", path, "the study file"}}});
    } catch (ConfigError const& error) {
        fmt::print("{}: files that its experiments may have left are not looked at: {}\n", path,
                   error.what());
        return std::nullopt;
    }
}

/// Of kinds whose experiments leave files. Where these are is said by the configuration, from the folder
/// where one is.
ExitCode print_left_files(study::Kinds const& kinds, std::string const& path) {
    store::Reader const study(path);
    auto const loaded = config_of(kinds, study, path);
    auto const* const kind = dynamic_cast<study::LeavesFiles const*>(loaded ? loaded->kind : nullptr);
    if (kind == nullptr) return ExitCode::success;
    auto const rows = kind->rows_without_file(loaded->config, study.schema(), study);
    study::Labels const labels(study.schema());
    for (auto const row : rows)
        fmt::print("{}: experiment {} ({}) is done, but a file that it left is gone or was changed\n", path,
                   row, labels.of(study.experiment(row).design));
    if (rows.empty()) return ExitCode::success;
    fmt::print("{} without files of theirs; --resume computes them again\n",
               counted(rows.size(), "experiment"));
    fmt::print(
        "(files are looked for from the folder that you are in, as by --resume; --study-file-only looks for "
        "none)\n");
    return ExitCode::data;
}

}  // namespace

void add_verify(Command& app, Program& program) {
    struct Flags {
        std::string path;
        bool study_file_only = false;
    };

    auto const flags = std::make_shared<Flags>();
    Command* command = app.add_subcommand(
        "verify", "Check every checksum of a study file, and the files that its experiments have left");
    command->add_option("study", flags->path, "the study file")->required()->option_text("STUDY.h5");
    command->add_flag("--study-file-only", flags->study_file_only,
                      "do not look for the files that experiments have left beside it");
    command->footer("Exit code 0 when all of them hold, 65 when not.");
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) {
            auto const code = print_verification(flags->path);
            bool const is_all = code != ExitCode::success || flags->study_file_only;
            return is_all ? code : print_left_files(program.kinds, flags->path);
        };
    });
}

}  // namespace vaster::cli

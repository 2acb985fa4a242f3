// vaster status: how far a study has come.
#include "core/report/status.hpp"

#include <filesystem>
#include <memory>
#include <system_error>

#include "core/store/reader.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::cli {

void add_status(Command& app, Program& program) {
    struct Flags {
        std::string path;
        bool json = false;
    };

    auto const flags = std::make_shared<Flags>();
    Command* command =
        app.add_subcommand("status", "How far a study has come, and what failed; also while it runs");
    command->add_option("study", flags->path, "the study file")->required()->option_text("STUDY.h5");
    command->add_flag("--json", flags->json, "for machines");
    command->footer("Exit code 0 when the study is finished, 75 when work remains or experiments failed.");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            std::error_code unknown;
            bool const absent = std::filesystem::symlink_status(flags->path, unknown).type() ==
                                std::filesystem::file_type::not_found;
            require<IoError>(
                !absent,
                "there is no {} yet: a run makes it when its processes have started; a job that waits in a "
                "queue has made none (of Slurm: squeue --me --format '%i %T %r %k')",
                flags->path);
            store::Reader const reader(flags->path, store::Look::states);
            report::StatusReport const status = report::status_of(reader);
            fmt::print("{}", flags->json ? report::status_json(reader, status)
                                         : report::status_text(reader, status));
            return status.finished() ? ExitCode::success : ExitCode::partial;
        };
    });
}

}  // namespace vaster::cli

#include "core/run/ending.hpp"

#include <cstdio>
#include <exception>

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"

namespace vaster::run {

ExitCode code_of(engine::Totals const& totals) {
    if (!totals.complete()) return ExitCode::partial;
    return totals.lost_ranks > 0 ? ExitCode::rank_lost : ExitCode::success;
}

char const* word_of(engine::Totals const& totals) {
    if (totals.complete()) return "complete";
    return totals.left > 0 || totals.unplanned || totals.orphaned ? "unfinished" : "failed";
}

void print_ending(engine::Totals const& totals, std::filesystem::path const& study) {
    if (totals.lost_ranks > 0)
        fmt::print("\n{} lost on the way; the others went on without.\n",
                   totals.lost_ranks == 1 ? "A rank was" : fmt::format("{} ranks were", totals.lost_ranks));
    std::string const skipped = totals.skipped > 0 ? fmt::format(" ({} skipped)", totals.skipped) : "";
    if (totals.complete() && totals.done == 0)
        fmt::print("\nNothing was run{}: {} holds no results; '{} status' says why.\n", skipped,
                   study.string(), program_name());
    else if (totals.complete())
        fmt::print("\nAll {} experiments have their result{}, in {}\n", totals.done, skipped, study.string());
    else
        fmt::print(
            "\n{}: {} done, {} failed, {} left{}, in {}\nRun the same command with --resume to continue; "
            "'{} status' says more.\n",
            totals.drained ? "Stopped early" : "Finished with failures", totals.done, totals.failed,
            totals.left, totals.unplanned ? " and more to be planned" : "", study.string(), program_name());
    std::fflush(stdout);
}

void EndingFile::prepare() const {
    if (path_.empty()) return;
    try {
        replace_file(path_, "");
        std::filesystem::remove(path_);
    } catch (std::exception const& error) {
        throw IoError(fmt::format(
            "the ending file {} cannot be written: {}; name a file in a directory that the first rank can "
            "write to with --ending-file or VASTER_ENDING_FILE",
            path_, error.what()));
    }
}

void EndingFile::write(ExitCode code, char const* word) const noexcept {
    if (path_.empty()) return;
    try {
        write_file_atomically(path_, fmt::format("{} {}\n", static_cast<int>(code), word));
    } catch (std::exception const& error) {
        std::fprintf(stderr, "vaster: the ending file is not written: %s; the run ends with code %d (%s)\n",
                     error.what(), static_cast<int>(code), word);
    }
}

}  // namespace vaster::run

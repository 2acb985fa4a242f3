#include "core/run/ending.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"

namespace vaster::run {

namespace fs = std::filesystem;

namespace {

/// The pipe behind "PATH pipe:[NUMBER]" if it still has that number, which is unique on a host.
Descriptor open_pipe(std::string const& place) {
    auto const end_of_path = place.rfind(' ');
    if (end_of_path == std::string::npos) return {};
    std::string const path = place.substr(0, end_of_path);
    std::error_code not_there;
    std::string const what = fs::read_symlink(path, not_there).string();
    if (not_there || !what.starts_with("pipe:[") || what != place.substr(end_of_path + 1)) return {};
    return Descriptor(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
}

/// A launcher that has gone does not want to know any more.
void write_line(Descriptor const& pipe, int code, std::string_view words) noexcept {
    try {
        (void)write_or_lose(pipe.get(), fmt::format("{} {}\n", code, words), Patience::none);
    } catch (...) {
        say(std::string_view("there is no memory to tell the launcher how the run ended"));
    }
}

}  // namespace

ExitCode code_of(engine::Totals const& totals) {
    if (!totals.complete()) return ExitCode::partial;
    return totals.lost_ranks > 0 ? ExitCode::rank_lost : ExitCode::success;
}

char const* word_of(engine::Totals const& totals) {
    if (totals.complete()) return "complete";
    if (totals.too_little_time) return "no-time";
    return totals.left > 0 || totals.unplanned || totals.orphaned ? "unfinished" : "failed";
}

std::string words_of(engine::Totals const& totals) {
    return fmt::format("{} {}", word_of(totals), totals.committed);
}

std::string ending_text(engine::Totals const& totals, std::filesystem::path const& study,
                        std::string const& how_to_continue) {
    std::string text;
    if (totals.lost_ranks > 0)
        text += fmt::format(
            "\n{} lost on the way; the others went on without.\n",
            totals.lost_ranks == 1 ? "A rank was" : fmt::format("{} ranks were", totals.lost_ranks));
    std::string const skipped = totals.skipped > 0 ? fmt::format(" ({} skipped)", totals.skipped) : "";
    if (totals.complete() && totals.done == 0)
        return text + fmt::format("\nNothing was run{}: {} holds no results; '{} status' says why.\n",
                                  skipped, study.string(), program_name());
    if (totals.complete()) {
        std::string const all = totals.done == 1 ? "The experiment has its"
                                                 : fmt::format("All {} experiments have their", totals.done);
        return text + fmt::format("\n{} result{}, in {}\n", all, skipped, study.string());
    }
    text += fmt::format(
        "\n{}: {} done, {} failed, {} left{}, in {}\n{} '{} status' says more.\n",
        totals.drained ? "Stopped early" : "Finished with failures", totals.done, totals.failed, totals.left,
        totals.unplanned ? " and more to be planned" : "", study.string(),
        how_to_continue.empty() ? "Run the same command with --resume to continue." : how_to_continue,
        program_name());
    if (totals.too_little_time)
        text +=
            "Nothing was begun, since nothing that is left is expected to end in the time of this run: the "
            "next run needs more time (sbatch --time, run.max_time), or it comes no further.\n";
    else if (totals.left > 0 && totals.committed == 0)
        text +=
            "This run has added no result: if it was its time that ended it, the next run needs more "
            "(sbatch --time, run.max_time), or a limit for each experiment that is shorter than a run "
            "(run.timeout).\n";
    return text;
}

void show(std::string const& text, fs::path const& study) {
    int const problem = write_or_lose(STDOUT_FILENO, text, Patience::endless);
    if (problem == 0) return;
    say("{0}: the summary cannot be written to standard output: {1}; '{0} report --summary {2}' shows it "
        "again",
        program_name(), system_reason(problem), study.string());
}

void say_ending(engine::Totals const& totals, fs::path const& study, std::string const& how_to_continue) {
    auto const text = ending_text(totals, study, how_to_continue);
    auto const begin = std::min(text.find_first_not_of('\n'), text.size());
    auto const end = std::min(text.find_last_not_of('\n'), text.size() - 1) + 1;
    say("{}: {}", program_name(), std::string_view(text).substr(begin, end - begin));
}

EndingPlaces launchers_places() {
    auto const text_in = [](char const* variable) {
        char const* const text = std::getenv(variable);
        return std::string(text == nullptr ? "" : text);
    };
    return {"", text_in("VASTER_ENDING_FILE"), text_in("VASTER_ENDING_PIPE")};
}

Ending::Ending(EndingPlaces const& places) : pipe_(open_pipe(places.launcher_pipe)) {
    if (!places.file.empty()) files_.emplace_back(places.file);
    if (!places.launcher_file.empty() && !pipe_) files_.emplace_back(places.launcher_file);
}

void Ending::prepare() {
    for (auto const& file : files_) {
        try {
            write_file_atomically(file, "");
            if (fs::is_regular_file(file)) fs::remove(target_to_write(file));
        } catch (std::exception const& error) {
            std::string const name = file.string();
            files_.clear();  // nobody is told twice
            throw IoError(fmt::format(
                "the ending file {} cannot be written on host {}: {}; name a file in a directory that the "
                "first rank can write to with --ending-file or VASTER_ENDING_FILE",
                name, host_name(), error.what()));
        }
    }
}

void Ending::write(ExitCode code, std::string_view words) const noexcept {
    auto const number = static_cast<int>(code);
    if (pipe_) write_line(pipe_, number, words);
    for (auto const& file : files_) {
        try {
            write_file_atomically(file, fmt::format("{} {}\n", number, words));
        } catch (std::exception const& error) {
            say("{}: on host {}: the ending file is not written: {}; the run ends with code {} ({})",
                program_name(), host_name(), error.what(), number, words);
        }
    }
}

}  // namespace vaster::run

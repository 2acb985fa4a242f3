#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/run.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

/// How a run ends: what it prints, its exit code, and the file that tells the code to scripts.
namespace vaster::run {

[[nodiscard]] ExitCode code_of(engine::Totals const& totals);

/// "complete", "unfinished" (there is more to do), "no-time" (there is, but it takes more time than the run
/// had, so that nothing was begun) or "failed" (some experiments failed for good).
[[nodiscard]] char const* word_of(engine::Totals const& totals);

/// What the ending file says of the run after its exit code: the word, and how many results this run has
/// committed: "unfinished 12".
[[nodiscard]] std::string words_of(engine::Totals const& totals);

/// A sentence or two for people. @param how_to_continue  a sentence of the script that has started the run,
/// or of the study kind; empty: as any study
[[nodiscard]] std::string ending_text(engine::Totals const& totals, std::filesystem::path const& study,
                                      std::string const& how_to_continue);

/// Writes the summary and the sentences to standard output. The exit code of a run tells of the study, and
/// the study file has all that is shown here: a line on standard error is all that becomes of what cannot be
/// written.
void show(std::string const& text, std::filesystem::path const& study);

/// The sentences of ending_text() on standard error: all that a quiet run says of an end that is not
/// complete.
void say_ending(engine::Totals const& totals, std::filesystem::path const& study,
                std::string const& how_to_continue);

/// Who wants to know how a run ended, as its command line and environment say.
struct EndingPlaces {
    std::string file;           ///< --ending-file; empty: none
    std::string launcher_file;  ///< VASTER_ENDING_FILE: for a launcher whose pipe is not to be had
    /// VASTER_ENDING_PIPE: "/proc/4711/fd/10 pipe:[815]", an open pipe of the launcher on this host and what
    /// it is, since there may be another process of that number on another host
    std::string launcher_pipe;
};

/// Those of the launcher that has started this process, by its environment.
[[nodiscard]] EndingPlaces launchers_places();

/// Tells scripts what mpirun --enable-recovery, which always ends with 0, does not: "75 unfinished 12".
class Ending {
  public:
    explicit Ending(EndingPlaces const& places);

    /// Removes what an earlier run has left in the files. Called before work begins, so that nobody learns at
    /// the end of a long run that a name was wrong. @throws IoError when one cannot be written
    void prepare();

    /// A place that can no longer be written to costs a line on standard error, never the run's exit code.
    void write(ExitCode code, std::string_view words) const noexcept;

  private:
    std::vector<std::filesystem::path> files_;
    Descriptor pipe_;
};

}  // namespace vaster::run

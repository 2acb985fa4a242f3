#pragma once

#include <filesystem>
#include <string>

#include "core/engine/run.hpp"
#include "vaster/support/errors.hpp"

/// How a run ends: what it prints, its exit code, and the file that tells the code to scripts.
namespace vaster::run {

[[nodiscard]] ExitCode code_of(engine::Totals const& totals);

/// "complete", "unfinished" (there is more to do), "no-time" (there is, but it takes more time than the run
/// had, so that nothing was begun) or "failed" (some experiments failed for good).
[[nodiscard]] char const* word_of(engine::Totals const& totals);

/// A sentence or two for people, on standard output.
void print_ending(engine::Totals const& totals, std::filesystem::path const& study);

/// Tells scripts what mpirun --enable-recovery, which always ends with 0, does not: "75 unfinished".
class EndingFile {
  public:
    /// @param path  empty: nobody wants to know
    explicit EndingFile(std::string path) : path_(std::move(path)) {}

    /// Removes what an earlier run has left there. Called before work begins, so that nobody learns at the
    /// end of a long run that its name was wrong. @throws IoError when it cannot be written
    void prepare() const;

    /// A file that can no longer be written costs a line on standard error, never the run's exit code.
    void write(ExitCode code, char const* word) const noexcept;

  private:
    std::string path_;
};

}  // namespace vaster::run

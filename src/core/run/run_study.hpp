#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/run/ending.hpp"
#include "vaster/study/kinds.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/invocation.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::store {
class Reader;
}

namespace vaster::run {

/// What to do with a study file that is there already.
enum class Existing {
    refuse,     ///< the default: never overwrite it
    resume,     ///< --resume: go on where it stopped
    overwrite,  ///< --overwrite: start anew
};

/// What the results of a study come to, in words.
using VerdictOf = std::function<std::vector<TextTable>(store::Reader const& study)>;

struct RunOptions {
    Existing existing = Existing::refuse;
    std::string study_flag = "--output";  ///< of the command, for another name of the study file
    bool quiet = false;           ///< neither progress nor summary: the first failure, and an incomplete end
    std::string log_file;         ///< empty: none
    std::string how_to_continue;  ///< VASTER_CONTINUE: for ending_text()
    EndingPlaces ending;          ///< get the exit code and "complete", "failed", "unfinished" or "refused"
    std::string log_level = "info";
    std::string log_format = "text";
    std::string status_directory;               ///< empty: none
    std::string serve_at;                       ///< address for monitor::parse_address; empty: nowhere
    std::map<std::string, VerdictOf> verdicts;  ///< by kind of study; printed behind the summary
    std::string command_line;                   ///< for the study file's provenance
    double started = 0;  ///< monotonic_seconds() when the program began: run.max_time counts from it
    /// What a command makes of the study file once the run has ended, on the first rank only; the other ranks
    /// do not wait for it. It is given the run's exit code and answers with the one to end with. Empty:
    /// nothing
    std::function<ExitCode(std::filesystem::path const& study, ExitCode code)> afterwards = {};
};

/// What the MPI library should do where the user has not said otherwise: waiting ranks give way to working
/// ones, and ROMIO writes the study file. Before MPI starts.
void prefer_mpi_settings();

/// Runs a study on all ranks of this MPI job, or on one process: plans, opens the study file or resumes it,
/// runs what is to be done, prints the summary.
/// @param kinds   the kinds of study that the program knows; every rank must give the same
/// @param source  called on rank 0 only
/// @return success when every experiment has its result, partial otherwise
[[nodiscard]] ExitCode run_study(study::Kinds const& kinds,
                                 std::function<study::ConfigSource()> const& source,
                                 RunOptions const& options, Invocation invocation);

}  // namespace vaster::run

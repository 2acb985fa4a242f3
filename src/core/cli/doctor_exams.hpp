#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/engine/rank/task_server.hpp"
#include "core/mpi/session.hpp"
#include "core/report/checkup.hpp"
#include "vaster/study/config.hpp"

/// The examinations of `vaster doctor`. Each really does what a run does, on every rank.
namespace vaster::cli::doctor {

/// How long any of them waits for another rank or process.
inline constexpr double patience_seconds = 30;

/// Small experiments that each rank computes and writes.
inline constexpr int experiments_per_rank = 4;

/// Every rank sends to every other one, and a token goes round: does everything arrive, unchanged?
/// @param hosts  becomes the host of each rank
[[nodiscard]] report::Finding examine_messages(mpi::Session& session, std::vector<std::string>& hosts);

/// Do the clocks of all hosts agree? The finding is rank 0's.
[[nodiscard]] report::Finding examine_clocks(mpi::Session& session, std::vector<std::string> const& hosts);

/// A study that needs no data and is done in no time.
struct TrialStudy {
    std::string config;  ///< TOML, of experiments_per_rank experiments for each rank
    std::string kind;
};

/// Opens the study in the task server and computes experiments in a child.
/// @param results  becomes theirs
[[nodiscard]] report::Finding examine_task_server(engine::TaskServer server, int rank,
                                                  TrialStudy const& trial, engine::Description& description,
                                                  std::vector<study::Result>& results);

/// All ranks write their results into one study file, close it, and read those of all.
[[nodiscard]] report::Finding examine_study_file(mpi::Session& session, std::filesystem::path const& folder,
                                                 TrialStudy const& trial,
                                                 engine::Description const& description,
                                                 std::vector<study::Result> const& results);

/// What a file of the system says; "" where there is none, or none that may be read.
[[nodiscard]] std::string text_or_nothing(std::filesystem::path const& path);

/// @param ranks_here  ranks on this host
[[nodiscard]] report::Finding examine_memory(std::uint64_t run_memory, std::size_t ranks_here);
[[nodiscard]] report::Finding examine_limits(std::uint64_t run_memory);
[[nodiscard]] report::Finding examine_disk(std::filesystem::path const& folder);
[[nodiscard]] report::Finding examine_shared_memory();

/// Has each rank a core to itself? Each computes on one, or on all that it has where few fits are left. Looks
/// at ranks that may use the same cores, and at all of a host.
[[nodiscard]] report::Finding examine_cores(std::vector<report::RankFindings> const& ranks);

/// Has the memory that this rank takes its place beside the processors that it may use?
/// @param cpus    by number
/// @param nodes   where the system describes nodes of memory: node0/cpulist
/// @param status  of this process: Mems_allowed_list
[[nodiscard]] report::Finding examine_memory_nodes(
    std::vector<std::size_t> const& cpus, std::filesystem::path const& nodes = "/sys/devices/system/node",
    std::filesystem::path const& status = "/proc/self/status");

/// What the batch system says of this job, against what MPI says.
[[nodiscard]] report::Finding examine_slurm(int n_ranks);

}  // namespace vaster::cli::doctor

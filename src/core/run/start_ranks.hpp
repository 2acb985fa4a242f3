#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vaster/support/invocation.hpp"

namespace vaster::run {

/// A physical core: its package, and its number there.
using Core = std::pair<long, long>;

/// Physical cores that this process may use: threads of one core count once.
/// @param cpus  processors by number
/// @param topology  where the system describes them: cpu0/topology/core_id, physical_package_id. What it does
/// not describe counts as a core, of package -1
[[nodiscard]] std::set<Core> cores_of(std::vector<std::size_t> const& cpus,
                                      std::filesystem::path const& topology = "/sys/devices/system/cpu");

/// How many they are.
[[nodiscard]] std::size_t count_cores(std::vector<std::size_t> const& cpus,
                                      std::filesystem::path const& topology = "/sys/devices/system/cpu");

/// The processors that this process may use.
[[nodiscard]] std::vector<std::size_t> usable_cpus();

/// May there be more ranks than cores?
enum class Oversubscribe { refuse, allow };

/// What --ranks asks for: "all" are as many as there are cores.
/// @throws UsageError for anything else than "all" or a number from 1, and for too many
[[nodiscard]] std::size_t rank_count(std::string_view text, std::size_t n_cores, Oversubscribe oversubscribe);

/// Who has started this process as a rank: "mpirun" or "srun"; nothing: nobody.
[[nodiscard]] std::optional<std::string> launcher_of_this_rank();

/// Allowed where that is for the launcher to judge: the user has a launcher, hosts or a job of their own, or
/// has told Open MPI that more ranks than cores are welcome.
[[nodiscard]] Oversubscribe oversubscription();

/// Has mpirun started all ranks on this host? What other launchers have done is not known.
[[nodiscard]] bool all_ranks_are_here();

/// Spares MPI, which has not begun, the search for fast networks, which takes it 0.2 s, unless the user has
/// said what it is to use (OMPI_MCA_pml): all ranks are on this host.
void look_for_no_network();

/// Lets MPI, which has not begun, use no network and open no port, unless the user has said what it is to use
/// (OMPI_MCA_btl, OMPI_MCA_pml): all ranks are on this host.
void stay_on_this_host();

/// The same for a process that no launcher has started; MPI makes no folder for it in TMPDIR either.
void be_the_only_rank();

/// The arguments without --ranks and its value.
[[nodiscard]] std::vector<std::string> without_ranks(Invocation invocation);

/// Becomes vaster-mpirun, which starts this program with these arguments on so many ranks and ends with its
/// code. It is looked for beside the program, in PATH, and in the repository that the program was built in.
/// @throws UnavailableError when it is not there or cannot be started
[[noreturn]] void become_launcher(std::size_t n_ranks, std::vector<std::string> const& arguments);

}  // namespace vaster::run

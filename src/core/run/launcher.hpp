#pragma once

namespace vaster::run {

/// What the other ranks of this host do meanwhile.
enum class Others {
    finalize,  ///< some may be in MPI_Finalize: the daemon of Open MPI gets 15 s
    leave,     ///< all leave now, since nothing was begun: it gets 5 s
};

/// Open MPI 4.1 waits for ever for a host that has lost its power, though no rank is left elsewhere: mpirun
/// on its host, or its daemon (orted) on the others when mpirun's host is the lost one. This leaves a process
/// behind that ends the one that has started this rank, should it still be there some seconds after this rank
/// has ended. For the last moment of a rank that knows that another one is lost: it forks.
/// Does nothing to an mpirun below vaster-mpirun or a job script, which do the same, or to other launchers.
void end_launcher_if_it_stays(Others others) noexcept;

}  // namespace vaster::run

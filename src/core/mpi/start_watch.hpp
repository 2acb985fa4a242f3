#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include <sys/types.h>

namespace vaster::mpi {

/// While MPI starts nobody tells a rank that another one has died: where ranks survive each other (mpirun
/// --enable-recovery) it would wait for ever. This watch looks at the ranks that the same launcher has
/// started on this host, and at the clock; if one of them is gone, or MPI does not start in time, it says so
/// and ends the process with 75. The time: 40 s and 0.1 s for each rank, or what VASTER_START_SECONDS says.
class StartWatch {
  public:
    /// @param before_leaving  called by a thread of its own just before the process is ended
    explicit StartWatch(std::function<void()> before_leaving);
    StartWatch(StartWatch const&) = delete;
    StartWatch& operator=(StartWatch const&) = delete;

  private:
    void watch(std::stop_token const& stop);
    [[noreturn]] void leave(std::string const& why) const;
    [[nodiscard]] std::set<pid_t> children() const;
    [[nodiscard]] bool rank_is_gone();

    std::function<void()> before_leaving_;
    pid_t launcher_;
    std::string name_;
    std::size_t wanted_;  ///< processes of the launcher on this host; 0: it is not known
    double all_started_;  ///< when all of them must be there
    std::set<pid_t> seen_;
    double patience_;      ///< read before the thread begins: MPI changes the environment while it starts [s]
    std::jthread thread_;  ///< last: it uses the others
};

}  // namespace vaster::mpi

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/engine/rank0/schedule.hpp"
#include "core/study/journal.hpp"
#include "vaster/study/experiment.hpp"

namespace vaster::engine {

/// What has come so far of a task that a rank has been given.
struct Assignment {
    std::uint64_t number = 0;                         ///< Task::number
    std::list<OpenExperiment> open;                   ///< without a result yet, of all groups in the task
    std::map<std::string, study::MeasuredCost> done;  ///< of what has its result, by cost key
    std::set<std::uint64_t> fitted;                   ///< groups with a result
    double expected = 0;                              ///< corrected, of all in the task [s]
    double since = 0;
    bool teaches = true;  ///< what it costs is what the plan's guess stands for
};

/// A task as it is sent to a rank, and what is remembered of it.
struct HandedOut {
    study::Task task;
    Assignment assignment;
};

enum class PeerState : std::uint8_t {
    unready,  ///< has no task, and has not asked for one yet
    idle,     ///< has asked for a task
    begun,    ///< has a task; whether it is to prefetch another one has not been decided
    working,  ///< has a task
    retired,  ///< alive, but out of work for good
    lost,     ///< its process has ended, or nothing was heard of it for too long
};

/// What rank 0 knows of a rank, itself among them.
struct Peer {
    PeerState state = PeerState::unready;
    std::string host;                     ///< empty: not known yet
    double heard = 0;                     ///< its last sign of life [s]
    std::optional<Assignment> task;       ///< when begun or working
    std::optional<HandedOut> prefetched;  ///< to be begun after the task
    std::uint64_t ended = 0;              ///< tasks
};

/// All ranks, as rank 0 knows them: what each is doing, when it was last heard of, where it is, and whether
/// its host can be trusted with work. Knows no MPI and no clock.
class Ranks {
  public:
    /// So many different experiments that fail on a host one after the other, without a result between them,
    /// are one too many for it.
    static constexpr std::size_t most_failures = 3;

    explicit Ranks(int size);

    [[nodiscard]] Peer const& operator[](int rank) const { return peers_.at(static_cast<std::size_t>(rank)); }

    [[nodiscard]] int size() const noexcept { return static_cast<int>(peers_.size()); }

    /// Neither retired nor lost?
    [[nodiscard]] bool takes_part(int rank) const;

    [[nodiscard]] std::size_t n_taking_part() const noexcept;

    /// With a task.
    [[nodiscard]] std::size_t n_busy() const noexcept;

    /// Experiments that are being done.
    [[nodiscard]] std::size_t n_running() const noexcept;

    [[nodiscard]] std::size_t count(PeerState state) const noexcept {
        return counts_[static_cast<std::size_t>(state)];
    }

    /// Those in this state, in order.
    [[nodiscard]] std::vector<int> in(PeerState state) const;

    /// Those that take part but rank 0, in order.
    [[nodiscard]] std::vector<int> others() const;

    /// Those but rank 0 that take part and gave no sign for more than `limit` seconds.
    [[nodiscard]] std::vector<int> silent(double now, double limit) const;

    /// A sign of life. @param now  [s]
    void heard(int rank, double now) { peer(rank).heard = now; }

    void set_host(int rank, std::string const& host) { peer(rank).host = host; }

    /// The rank asks for a task. Ignored when it has one: that is on its way, then.
    void ready(int rank);

    /// The rank, which has none, gets a task.
    void begin(int rank, Assignment task);

    /// It has been decided whether the rank prefetches another task.
    /// @param next  that task, if so
    void set_prefetched(int rank, std::optional<HandedOut> next);

    /// The task of a rank, to note results in; null when it has none.
    [[nodiscard]] Assignment* task_of(int rank);

    /// A rank's task has ended; the prefetched one, if any, begins.
    /// @param now  [s]
    [[nodiscard]] Assignment end_task(int rank, double now);

    /// Takes the prefetched task away from a rank.
    [[nodiscard]] std::optional<HandedOut> take_prefetched(int rank);

    /// A rank, which has no task by now, takes part no more.
    /// @param how  retired or lost
    void leave(int rank, PeerState how);

    void on_result(int rank) { failures_.erase(peer(rank).host); }

    /// An attempt failed there, other than by an error of the model.
    /// @return true when it is the one that makes the host untrusted
    bool on_failure(int rank, study::ExperimentIndex index);

    /// May the rank be given more? Not on a host that failed too many in a row, as long as there is another
    /// host.
    [[nodiscard]] bool trusted(int rank) const;

  private:
    static constexpr std::size_t n_states = 6;

    [[nodiscard]] Peer& peer(int rank) { return peers_.at(static_cast<std::size_t>(rank)); }

    void set_state(int rank, PeerState state);
    [[nodiscard]] bool untrusted(std::string const& host) const;
    template <class Holds>
    [[nodiscard]] std::vector<int> those(Holds const& holds) const;

    std::vector<Peer> peers_;
    std::array<std::size_t, n_states> counts_{};                        ///< peers by state
    std::map<std::string, std::set<study::ExperimentIndex>> failures_;  ///< in a row, by host
};

}  // namespace vaster::engine

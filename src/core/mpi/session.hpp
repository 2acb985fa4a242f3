#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vaster/support/errors.hpp"

namespace vaster::mpi {

/// A message as bytes, and who sent it.
struct Letter {
    int from = 0;
    std::string bytes;
};

/// What messages of one purpose are marked with; each purpose has a mailbox of its own on every rank.
enum class Topic : int { agreement = 1, orders, reports, host };

/// Another rank is gone, or seems to be. The run can be started again, so its code is 75.
using PeerLost = ErrorOf<ExitCode::partial>;

/// MPI from start to end, for a program whose ranks each have one thread. Make it in main() outside of every
/// try block: its destructor finalizes MPI, and would abort the job before a handler could say why. Where MPI
/// runs already (tests) it joins in and leaves finalizing to whoever started it.
///
/// No member function blocks inside MPI: waiting is looking with a Backoff, and has a deadline.
///
/// The ranks know each other's processes, so that the end of one on the same host is seen at once. All ranks
/// must make their Session together. Until `survive_losses()` is called the loss of any rank, on whichever
/// host, ends this process with 75: nobody waits for ever for a rank that is gone.
class Session {
  public:
    /// @param before_leaving  called, by another thread, before the process ends since a rank is lost
    Session(
        int& argc, char**& argv, std::function<void()> before_leaving = [] {});
    ~Session();
    Session(Session const&) = delete;
    Session& operator=(Session const&) = delete;

    [[nodiscard]] int rank() const noexcept;
    [[nodiscard]] int size() const noexcept;

    /// "Open MPI v4.1.4", as the library calls itself.
    [[nodiscard]] static std::string library();

    /// Rank 0 reads the world, all ranks get the text or the same refusal. Every rank must call it.
    /// @param read  called on rank 0 only; an Error it throws becomes the Refusal
    /// @param patience_seconds  how long the other ranks wait for rank 0
    /// @throws Refusal with the exit code of rank 0's error, on all ranks in step
    /// @throws PeerLost when rank 0 gave no sign within the time, or has ended
    [[nodiscard]] std::string agree(std::function<std::string()> const& read, double patience_seconds = 3600);

    /// Every rank acts; if one cannot, none goes on. Every rank must call it.
    /// @return on rank 0 what each rank said, in their order; nothing on the others
    /// @throws Refusal with the words of the lowest rank that threw an Error, on all ranks in step
    /// @throws PeerLost when a rank gave no sign within the time, or has ended
    std::vector<std::string> together(std::function<std::string()> const& act,
                                      double patience_seconds = 3600);

    /// Ranks on this host, in order, this one among them: those whose processes can see each other.
    [[nodiscard]] std::vector<int> const& host() const noexcept;

    /// Logical processors that ranks of this host may run on, in order.
    [[nodiscard]] std::vector<std::size_t> const& host_processors() const noexcept;

    /// Is any rank on another host?
    [[nodiscard]] bool spans_hosts() const noexcept;

    /// The first rank of each host acts, and all of the host get its text. Every rank of the host must call
    /// it.
    /// @param act  called on the first rank of the host only; an Error it throws becomes the Refusal
    /// @throws Refusal with the exit code of that error, on all ranks of the host
    /// @throws PeerLost when the first rank of the host gave no sign within the time, or is known to have
    /// ended
    [[nodiscard]] std::string once_per_host(std::function<std::string()> const& act,
                                            double patience_seconds = 3600);

    /// Hands a message over; returns at once. Messages of one topic between two ranks arrive in order.
    void post(int to, Topic topic, std::string bytes);

    /// The next message of a topic, if one has arrived.
    [[nodiscard]] std::optional<Letter> take(Topic topic);

    /// Waits until everything that was posted has left; false if some of it has not within the time.
    bool flush(double patience_seconds);

    /// Other ranks whose processes are known to have ended, in order: on rank 0 all of its host, on the
    /// others rank 0 and the first rank of their host if these are on it. The end of a rank on another host
    /// only shows in its silence.
    [[nodiscard]] std::vector<int> gone();

    /// The name of a rank's host.
    [[nodiscard]] std::string host_of(int rank) const;

    /// What went wrong, with the name of this host where there are others and the code says that it is about
    /// files, data or something that is missing: "on host node7: cannot open ...".
    [[nodiscard]] std::string with_host(std::string const& text, ExitCode code) const;

    /// How long a process has given no sign of life of its own, whatever it is doing: on rank 0 any other
    /// rank's, on the others rank 0's [s]. Nothing where the network does not carry these signs (see
    /// core/mpi/pulse.hpp).
    [[nodiscard]] std::optional<double> silence(int rank) const;

    /// Ends this process with 75 if it has been stopped as a whole (frozen, suspended) for longer than this
    /// since all ranks had begun: the others take it for lost, and its work is theirs.
    void leave_if_stopped_for(double seconds) const;

    /// @param seconds  after which a silent rank is lost, before `survive_losses()` (default: 10)
    void set_silence_limit(double seconds);

    /// From now on it is for the caller to look at `gone()` and `silence()`.
    void survive_losses();

    /// Ends this process with the code should it still be there after so long: MPI_Finalize waits for every
    /// rank, the lost ones among them.
    static void leave_within(unsigned seconds, ExitCode code);

    /// MPI is gone, and what this process has still to do may take its time.
    static void has_left();

    /// Ends all ranks, at once and without ceremony, with this exit code.
    [[noreturn]] void abort(ExitCode code);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vaster::mpi

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace vaster::mpi {

/// Where the datagrams of a rank go, and what marks them as this job's.
struct PulseCard {
    std::vector<std::uint32_t> addresses;  ///< IPv4, as the network has them; of every interface that is up
    std::uint16_t port = 0;                ///< as the network has it; 0: this rank has no socket
    std::uint64_t token = 0;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& addresses& port& token;
    }
};

/// Signs of life between rank 0 and each other rank: datagrams every half second, from a thread that does
/// nothing else. So a rank that reads a large file, or waits for a file system, is known to be alive, and one
/// whose host has lost its power is known to be gone, while MPI starts to be used just as in the middle of a
/// run. Knows no MPI.
///
/// Until `survive()` is called the loss of any rank ends the process: ranks that wait for all of them would
/// wait for ever. Rank 0, which alone hears all, tells the others who is lost, so they all end at once.
///
/// Where the network does not carry the datagrams nothing is known, and nothing is concluded.
///
/// The thread also sees when the rank itself does not come back from a call (`Call`): a rank that was killed
/// while it wrote into memory that it shared with this one leaves MPI waiting for the rest for ever, and no
/// other rank of this host may be left to end the process.
class Pulse {
  public:
    struct Options {
        int rank = 0;
        int size = 1;
        /// Called by the thread with the number of a lost rank; the process is expected to end there.
        std::function<void(int, double silent_seconds)> on_loss = [](int, double) {};
        /// Called by the thread when this rank does not come back from a call; the process is expected to end
        /// there, too.
        std::function<void(double seconds)> on_stuck = [](double) {};
        double interval_seconds = 0.5;
        double limit_seconds = 10;  ///< a rank without a sign for so long is lost
    };

    /// A call of this rank that comes back at once, if it comes back.
    class Call {
      public:
        explicit Call(Pulse& pulse) noexcept : pulse_(pulse) { pulse_.count_call(); }

        ~Call() { pulse_.count_call(); }

        Call(Call const&) = delete;
        Call& operator=(Call const&) = delete;

      private:
        Pulse& pulse_;
    };

    explicit Pulse(Options options);
    ~Pulse();
    Pulse(Pulse const&) = delete;
    Pulse& operator=(Pulse const&) = delete;

    [[nodiscard]] PulseCard card() const;

    /// Begins to give signs. @param rank_zero  rank 0's card, on rank 0 too
    void begin(PulseCard const& rank_zero);

    /// @param seconds  a rank without a sign for so long is lost, and one that is in a call for three times
    /// as long is stuck
    void set_limit(double seconds);

    /// From now on nothing but `silence()` tells of lost ranks.
    void survive();

    /// How long nothing was heard of a rank: on rank 0 of any other one, on the others of rank 0 [s]. Time in
    /// which this process was itself stopped does not count. Nothing where it was never heard.
    [[nodiscard]] std::optional<double> silence(int rank) const;

    /// For how long this process has been stopped as a whole, at worst [s]: frozen, suspended, swapped out.
    [[nodiscard]] double longest_stop() const;

  private:
    struct State;

    void count_call() noexcept;

    std::unique_ptr<State> state_;
};

}  // namespace vaster::mpi

#pragma once

#include <optional>

/// Which ranks count as lost, by what is not heard of them.
namespace vaster::engine {

/// Signs of life come in two ways: messages of MPI, which a rank sends between its other work, and those that
/// a thread of its process sends, whatever else it is doing.
struct Silence {
    double of_rank = 0;                ///< since its last message [s]
    std::optional<double> of_process;  ///< since the last sign of its process [s]; nothing: none ever came
};

enum class Alive {
    yes,
    silent,  ///< neither it nor its process gives a sign
    stuck,   ///< its process lives, but it has done nothing for long: a file system that hangs, perhaps
};

/// A rank without messages is lost after `limit` seconds, if its process is silent, too; after three times as
/// long where no signs of processes pass the network; and after six times as long though its process lives.
[[nodiscard]] Alive judge(Silence const& silence, double limit);

/// How long a rank may have been stopped as a whole before it must take itself for lost [s]: the others count
/// from its last sign, which may be half a second older than the stop, and a moment on its way.
[[nodiscard]] double longest_stop(double limit);

/// What is said of a rank that is lost.
/// @param alive  not Alive::yes
[[nodiscard]] char const* reason_of(Alive alive);

/// After so many times the limit a rank is lost in any case.
inline constexpr double longest_silence = 6;

}  // namespace vaster::engine

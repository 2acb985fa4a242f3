#include "core/engine/signs.hpp"

#include <algorithm>

namespace vaster::engine {

Alive judge(Silence const& silence, double limit) {
    constexpr double without_signs_of_process = 3;
    if (silence.of_rank <= limit) return Alive::yes;
    if (silence.of_rank > longest_silence * limit)
        return silence.of_process && *silence.of_process <= limit ? Alive::stuck : Alive::silent;
    if (silence.of_process) return *silence.of_process > limit ? Alive::silent : Alive::yes;
    return silence.of_rank > without_signs_of_process * limit ? Alive::silent : Alive::yes;
}

double longest_stop(double limit) {
    constexpr double margin = 1;
    return std::max(limit - margin, limit / 2);
}

char const* reason_of(Alive alive) {
    return alive == Alive::stuck ? "its process lives, but has done nothing" : "no sign of life";
}

}  // namespace vaster::engine

#include "core/run/in_sight.hpp"

#include <chrono>
#include <thread>

#include "base/support/clock.hpp"
#include "core/store/reader.hpp"

namespace vaster::run {

std::uint64_t results_in_sight(std::filesystem::path const& study, std::uint64_t wanted,
                               double patience_seconds) {
    constexpr std::chrono::milliseconds between_looks(250);
    double const deadline = monotonic_seconds() + patience_seconds;
    for (;;) {
        store::Reader const reader(study, store::Look::states);
        auto const seen = reader.counts()[static_cast<std::size_t>(study::Status::done)];
        if (seen >= wanted || monotonic_seconds() >= deadline) return seen;
        std::this_thread::sleep_for(between_looks);
    }
}

}  // namespace vaster::run

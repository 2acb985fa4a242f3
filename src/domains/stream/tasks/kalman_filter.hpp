#pragma once

#include <cstdint>
#include <optional>

#include "domains/stream/tasks/state.hpp"

namespace vaster::stream {

/// A number that is seen through noise: p += q; K = p / (p + r); x += K (z - x); p = (1 - K) p; where nothing
/// is seen, p += q alone. Kalman (1960), doi:10.1115/1.3662552.
struct KalmanFilter {
    double value = 0;    ///< x
    double error = 0;    ///< p
    bool begun = false;  ///< has a number come yet?

    /// @param process_noise  q, variance that a step adds. @param sensor_noise  r, variance of what is seen
    void take(std::optional<double> const& seen, double process_noise, double sensor_noise) {
        error += process_noise;
        if (!seen) return;
        double const gain = error / (error + sensor_noise);
        value += gain * (*seen - value);
        error *= 1 - gain;
        begun = true;
    }

    void save(StateWriter& state) const {
        state.put(value);
        state.put(error);
        state.put(static_cast<std::uint8_t>(begun));
    }

    void load(StateReader& state) {
        value = state.get<double>();
        error = state.get<double>();
        begun = state.get<std::uint8_t>() != 0;
    }
};

}  // namespace vaster::stream

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "domains/stream/tasks/state.hpp"

namespace vaster::stream {

/// A number that is seen through noise: p += q; K = p / (p + r); x += K (z - x); p = (1 - K) p; where nothing
/// is seen, p += q alone. Kalman (1960), doi:10.1115/1.3662552.
struct KalmanFilter {
    static constexpr double most_error = std::numeric_limits<double>::max() / 2;

    double value = 0;    ///< x
    double error = 0;    ///< p
    bool begun = false;  ///< has a number come yet?

    /// @param process_noise  q, variance that a step adds. @param sensor_noise  r, variance of what is seen
    void take(std::optional<double> const& seen, double process_noise, double sensor_noise) {
        error = std::min(error + process_noise, most_error);
        if (!seen) return;
        double const gain = error / (error + sensor_noise);
        double const step = *seen - value;
        // Numbers that are too far apart for their difference: their weighted sum is as finite as they are.
        value = std::isfinite(step) ? value + gain * step : (1 - gain) * value + gain * *seen;
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

#pragma once

#include <cmath>
#include <cstddef>

#include "domains/stream/tasks/rolling_values.hpp"

namespace vaster::stream {

/// The least-squares line through the last values of a key over their count, and its next values.
class SlidingLine {
  public:
    /// @param train  values that the line goes through, at least 2. @param predict  values after them
    SlidingLine(std::size_t train, std::size_t predict) : train_(train), predict_(predict) {
        auto const n = static_cast<double>(train);
        half_ = (n - 1) / 2;
        spread_ = n * (n * n - 1) / 12;
    }

    [[nodiscard]] std::size_t train() const noexcept { return train_; }

    /// Adds a value to the window. @returns whether there are predictions: the window was full before
    [[nodiscard]] bool take(RollingValues& window, double value) const {
        bool const was_full = window.size() == train_;
        window.push(value, train_);
        return was_full;
    }

    /// Says the next values, one after the other. The line depends on where values are in the window only,
    /// not on how many came before: places are counted from its middle, which keeps all digits however long
    /// the stream is. A prediction that is beyond the doubles is infinite; none is NaN.
    template <class Emit>
    void predict(RollingValues const& window, Emit emit) const {
        double scale = 1;
        Line line = line_through(window, scale);
        if (!std::isfinite(line.slope * (half_ + static_cast<double>(predict_)))) {
            scale = least_scale;
            line = line_through(window, scale);
        }
        double const back = 1 / scale;
        for (std::size_t i = 1; i <= predict_; ++i)
            emit((line.mean + line.slope * (half_ + static_cast<double>(i))) * back);
    }

  private:
    struct Line {
        double mean;
        double slope;
    };

    static constexpr double least_scale = 0x1p-64;  ///< with which no sum over a window is infinite

    /// Of the values times a power of two.
    [[nodiscard]] Line line_through(RollingValues const& window, double scale) const {
        double const mean = window.mean() * scale;
        double moment = 0;
        for (std::size_t i = 0; i < train_; ++i)
            moment += (static_cast<double>(i) - half_) * (window[i] * scale - mean);
        return {mean, moment / spread_};
    }

    std::size_t train_;
    std::size_t predict_;
    double half_ = 0;    ///< from the window's middle to its last value
    double spread_ = 0;  ///< sum of squares of the places about their middle
};

}  // namespace vaster::stream

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vaster::backtest {

/// Bars [begin, end).
struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::size_t size() const noexcept { return end - begin; }

    bool operator==(Range const&) const = default;
};

/// One step of a walk forward: what is chosen on `train` is judged on `test`, which comes later.
struct Window {
    Range train;
    Range test;
};

/// Does the training part begin with the first bar, or go along?
enum class Training : std::uint8_t { anchored, rolling };

/// Cuts the bars into one training part and `count` test parts of (nearly) equal length that follow each
/// other to the last bar. Between training and test `gap` bars are left out, so that nothing that looks some
/// bars ahead in training can see the test.
/// @param train_share  of the bars, before the first test part. In (0, 1)
/// @throws DataError when the bars do not suffice for two bars in each part
[[nodiscard]] std::vector<Window> walk_forward(std::size_t bars, std::size_t count, double train_share,
                                               std::size_t gap, Training training);

}  // namespace vaster::backtest

#pragma once

#include <cstddef>
#include <vector>

#include "domains/trading/indicators/rolling.hpp"
#include "domains/trading/strategies/support_vectors.hpp"

namespace vaster::strategies {

// What the two seeds that learn share.

/// Bars ahead that they learn to foretell. The last bars of a training window are left out by as many, since
/// their answers lie in the future.
constexpr std::size_t horizon = 5;

/// The columns [n_features][n_bars] as rows, a bar each; what is not a finite number is 0.
[[nodiscard]] Rows as_rows(std::vector<Series> const& columns);

/// Mean and spread of every column of some rows; how to bring a row to mean 0 and spread 1.
class Scaling {
  public:
    /// Over the rows [begin, end). A column that does not change is left as it is.
    Scaling(Rows const& rows, std::size_t begin, std::size_t end);

    /// A row, scaled.
    void apply(std::span<double const> row, std::span<double> scaled) const;

    /// The rows [begin, end), scaled.
    [[nodiscard]] Rows apply(Rows const& rows, std::size_t begin, std::size_t end) const;

  private:
    std::vector<double> means_;
    std::vector<double> spreads_;
};

/// One step of a walk through the bars: learns from rows [learn_begin, learn_end), whose answers are
/// known on bar use_begin, and speaks for the bars [use_begin, use_end).
struct LearningStep {
    std::size_t learn_begin;
    std::size_t learn_end;
    std::size_t use_begin;
    std::size_t use_end;
};

/// Trainings every `every` bars, each on the last `window` rows whose answers are known, none before
/// `first_row`.
[[nodiscard]] std::vector<LearningStep> walk_forward(std::size_t n_bars, std::size_t first_row,
                                                     std::size_t window, std::size_t every);

/// One step that learns from the last `window` bars and speaks for all, those before it too.
[[nodiscard]] std::vector<LearningStep> look_back(std::size_t n_bars, std::size_t window);

}  // namespace vaster::strategies

#include "domains/trading/strategies/learning.hpp"

#include <algorithm>
#include <cmath>

namespace vaster::strategies {

Rows as_rows(std::vector<Series> const& columns) {
    Rows rows{columns.size(), {}};
    std::size_t const n = columns.empty() ? 0 : columns.front().size();
    rows.values.reserve(n * columns.size());
    for (std::size_t i = 0; i < n; ++i)
        for (Series const& column : columns) rows.values.push_back(std::isfinite(column[i]) ? column[i] : 0);
    return rows;
}

Scaling::Scaling(Rows const& rows, std::size_t begin, std::size_t end)
    : means_(rows.n_columns), spreads_(rows.n_columns) {
    auto const n = static_cast<double>(end - begin);
    for (std::size_t i = begin; i < end; ++i)
        for (std::size_t k = 0; k < rows.n_columns; ++k) means_[k] += rows[i][k] / n;
    for (std::size_t i = begin; i < end; ++i)
        for (std::size_t k = 0; k < rows.n_columns; ++k) {
            double const distance = rows[i][k] - means_[k];
            spreads_[k] += distance * distance / n;
        }
    for (std::size_t k = 0; k < rows.n_columns; ++k) {
        double const spread = std::sqrt(spreads_[k]);
        spreads_[k] = spread > 1e-12 * std::abs(means_[k]) && spread > 0 ? spread : 1;
    }
}

void Scaling::apply(std::span<double const> row, std::span<double> scaled) const {
    for (std::size_t k = 0; k < row.size(); ++k) scaled[k] = (row[k] - means_[k]) / spreads_[k];
}

Rows Scaling::apply(Rows const& rows, std::size_t begin, std::size_t end) const {
    Rows result{rows.n_columns, {}};
    result.values.resize((end - begin) * rows.n_columns);
    for (std::size_t i = begin; i < end; ++i)
        apply(rows[i], std::span(result.values).subspan((i - begin) * rows.n_columns, rows.n_columns));
    return result;
}

std::vector<LearningStep> walk_forward(std::size_t n_bars, std::size_t first_row, std::size_t window,
                                       std::size_t every) {
    std::vector<LearningStep> steps;
    for (std::size_t now = first_row + window + horizon; now < n_bars; now += every)
        steps.push_back({now - horizon - window + 1, now - horizon + 1, now, std::min(now + every, n_bars)});
    return steps;
}

std::vector<LearningStep> look_back(std::size_t n_bars, std::size_t window) {
    return n_bars == 0 ? std::vector<LearningStep>{}
                       : std::vector<LearningStep>{{n_bars - std::min(n_bars, window), n_bars, 0, n_bars}};
}

}  // namespace vaster::strategies

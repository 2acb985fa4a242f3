#include "domains/va/models/tariff_table.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "base/stats/distributions.hpp"
#include "base/stats/quantile.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models {
namespace {

constexpr double least_spread = 0.001;

/// (x - median) / IQR in place.
void rates_to_tariffs(std::span<double> rates, std::vector<double>& scratch) {
    scratch.assign(rates.begin(), rates.end());
    double const median = stats::quantile(scratch, 0.5);
    double const spread = stats::quantile(scratch, 0.75) - stats::quantile(scratch, 0.25);
    for (double& rate : rates) rate = (rate - median) / (spread > 0 ? spread : least_spread);
}

/// Draws the share of n deaths that have a sign, when each has it with probability p, by inversion.
class ShareDraws {
  public:
    ShareDraws(std::uint32_t n, double p) : n_(n) {
        if (n == 0 || p == 0 || p == 1) {
            constant_ = p;
            return;
        }
        double sum = 0;
        for (std::uint32_t k = 0; k < n; ++k) {
            sum += stats::binomial_mass(k, n, p);
            cumulative_.push_back(sum);
        }
    }

    [[nodiscard]] double draw(Random& random) const {
        if (cumulative_.empty()) return constant_;
        auto const place = std::upper_bound(cumulative_.begin(), cumulative_.end(), random.uniform());
        return static_cast<double>(place - cumulative_.begin()) / n_;
    }

  private:
    double n_;
    double constant_ = 0;
    std::vector<double> cumulative_;  ///< P(at most k), k < n
};

/// Of one sign, by class.
std::vector<double> rates_of(EndorsementCounts const& counts, std::size_t sign) {
    std::size_t const first = sign * counts.n_classes;
    bool const is_weighed = !counts.weight_answered.empty();
    auto const of_present = [&](std::size_t k) {
        return is_weighed ? counts.weight_present[first + k] : counts.present[first + k];
    };
    auto const of_answered = [&](std::size_t k) {
        return is_weighed ? counts.weight_answered[first + k] : counts.answered[first + k];
    };
    double present = 0;
    double answered = 0;
    for (std::size_t k = 0; k < counts.n_classes; ++k) {
        present += of_present(k);
        answered += of_answered(k);
    }
    double const everywhere = answered > 0 ? present / answered : 0;
    std::vector<double> rates;
    for (std::size_t k = 0; k < counts.n_classes; ++k) {
        double const n = of_answered(k);
        rates.push_back(n > 0 ? of_present(k) / n : everywhere);
    }
    return rates;
}

/// Sets the tariffs of a sign to 0 whose interval over resamples holds 0.
void drop_insignificant(std::span<double> tariffs, std::vector<double> const& rates,
                        std::span<std::uint32_t const> answered, std::size_t n_resamples, Random& random) {
    std::vector<ShareDraws> draws;
    for (std::size_t k = 0; k < rates.size(); ++k) draws.emplace_back(answered[k], rates[k]);
    std::vector<std::vector<double>> resampled(rates.size());
    std::vector<double> row(rates.size());
    std::vector<double> scratch;
    for (std::size_t r = 0; r < n_resamples; ++r) {
        for (std::size_t k = 0; k < row.size(); ++k) row[k] = draws[k].draw(random);
        rates_to_tariffs(row, scratch);
        for (std::size_t k = 0; k < row.size(); ++k) resampled[k].push_back(row[k]);
    }
    for (std::size_t k = 0; k < tariffs.size(); ++k) {
        stats::Interval const interval = stats::percentile_interval(resampled[k]);
        if (interval.lo <= 0 && interval.hi >= 0) tariffs[k] = 0;
    }
}

/// Keeps the n largest tariffs of every class by absolute value, and those equal to the least of them.
void keep_largest(std::vector<double>& table, std::size_t n_classes, std::size_t n_kept) {
    std::size_t const n_signs = table.size() / n_classes;
    if (n_kept >= n_signs) return;
    std::vector<double> sizes(n_signs);
    for (std::size_t k = 0; k < n_classes; ++k) {
        for (std::size_t s = 0; s < n_signs; ++s) sizes[s] = std::abs(table[s * n_classes + k]);
        auto const least = sizes.begin() + static_cast<std::ptrdiff_t>(n_kept - 1);
        std::nth_element(sizes.begin(), least, sizes.end(), std::greater<>());
        for (std::size_t s = 0; s < n_signs; ++s)
            if (std::abs(table[s * n_classes + k]) < *least) table[s * n_classes + k] = 0;
    }
}

}  // namespace

namespace {

/// Weights in the place of numbers.
void weigh(EndorsementCounts& counts, va::AnswerMatrix const& signs, PresentCauses const& present,
           std::span<double const> weights) {
    counts.weight_present.assign(counts.present.size(), 0.0);
    counts.weight_answered.assign(counts.present.size(), 0.0);
    std::vector<double> squares(counts.present.size(), 0.0);
    for (std::size_t i = 0; i < signs.n_rows(); ++i) {
        auto const row = signs.row(i);
        for (std::size_t s = 0; s < row.size(); ++s) {
            if (row[s] == va::Answer::missing) continue;
            std::size_t const cell = s * counts.n_classes + present.class_of[i];
            counts.weight_present[cell] += row[s] == va::Answer::present ? weights[i] : 0;
            counts.weight_answered[cell] += weights[i];
            squares[cell] += weights[i] * weights[i];
        }
    }
    for (std::size_t cell = 0; cell < squares.size(); ++cell) {
        double const sum = counts.weight_answered[cell];
        counts.answered[cell] =
            static_cast<std::uint32_t>(squares[cell] > 0 ? std::lround(sum * sum / squares[cell]) : 0);
    }
}

}  // namespace

EndorsementCounts count_endorsements(va::AnswerMatrix const& signs, PresentCauses const& present,
                                     std::span<double const> weights) {
    using va::Answer;
    VASTER_EXPECTS(signs.n_rows() == present.class_of.size());
    EndorsementCounts counts{signs.n_columns(), present.size(), {}, {}, {}, {}};
    counts.present.assign(counts.n_signs * counts.n_classes, 0);
    counts.answered.assign(counts.n_signs * counts.n_classes, 0);
    for (std::size_t i = 0; i < signs.n_rows(); ++i) {
        auto const row = signs.row(i);
        for (std::size_t s = 0; s < row.size(); ++s) {
            std::size_t const cell = s * counts.n_classes + present.class_of[i];
            counts.present[cell] += row[s] == Answer::present ? 1 : 0;
            counts.answered[cell] += row[s] != Answer::missing ? 1 : 0;
        }
    }
    if (!weights.empty()) weigh(counts, signs, present, weights);
    return counts;
}

std::vector<double> tariff_table(EndorsementCounts const& counts, TariffOptions const& options,
                                 Random& random, Watcher& watcher) {
    std::size_t const n_classes = counts.n_classes;
    std::vector<double> table;
    table.reserve(counts.n_signs * n_classes);
    std::vector<double> scratch;
    for (std::size_t s = 0; s < counts.n_signs; ++s) {
        if (watcher.stop_requested()) throw Cancelled{};
        std::vector<double> const rates = rates_of(counts, s);
        std::vector<double> tariffs = rates;
        rates_to_tariffs(tariffs, scratch);
        if (options.n_resamples > 0)
            drop_insignificant(tariffs, rates, std::span(counts.answered).subspan(s * n_classes, n_classes),
                               options.n_resamples, random);
        table.insert(table.end(), tariffs.begin(), tariffs.end());
        watcher.on_progress(static_cast<double>(s + 1) / static_cast<double>(counts.n_signs));
    }
    keep_largest(table, n_classes, options.n_kept);
    for (double& tariff : table) tariff = std::nearbyint(tariff * 2) / 2;
    return table;
}

}  // namespace vaster::models

#include "domains/va/models/insilico/diagnostics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/stats/distributions.hpp"

namespace vaster::models::insilicova {

namespace {

using Values = std::vector<double>;

double mean_of(std::span<double const> x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

bool all_equal(std::span<double const> x) {
    return std::all_of(x.begin(), x.end(), [&](double v) { return v == x.front(); });
}

bool all_finite(std::span<double const> x) {
    return std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
}

/// Autocovariance at a lag, divisor n.
double autocovariance(std::span<double const> x, double mean, std::size_t lag) {
    double sum = 0;
    for (std::size_t i = lag; i < x.size(); ++i) sum += (x[i] - mean) * (x[i - lag] - mean);
    return sum / static_cast<double>(x.size());
}

/// Spectral density at frequency 0 of the autoregression that AIC chooses among orders up to 10 log10 n, by
/// the Yule-Walker equations and Levinson's recursion.
double spectrum_at_zero(std::span<double const> x) {
    auto const n = static_cast<double>(x.size());
    if (all_equal(x)) return 0;
    auto const most = std::min(x.size() - 1, static_cast<std::size_t>(10 * std::log10(n)));
    double const mean = mean_of(x);
    Values covariance(most + 1);
    for (std::size_t lag = 0; lag <= most; ++lag) covariance[lag] = autocovariance(x, mean, lag);
    Values coefficients;
    Values best;
    double variance = covariance[0];
    double best_variance = variance;
    double best_aic = n * std::log(variance);
    for (std::size_t order = 1; order <= most; ++order) {
        double reflection = covariance[order];
        for (std::size_t j = 0; j + 1 < order; ++j) reflection -= coefficients[j] * covariance[order - 1 - j];
        reflection /= variance;
        Values next(order);
        for (std::size_t j = 0; j + 1 < order; ++j)
            next[j] = coefficients[j] - reflection * coefficients[order - 2 - j];
        next[order - 1] = reflection;
        coefficients = std::move(next);
        variance *= 1 - reflection * reflection;
        if (!(variance > 0)) break;
        double const aic = n * std::log(variance) + 2 * static_cast<double>(order);
        if (aic < best_aic) {
            best_aic = aic;
            best = coefficients;
            best_variance = variance;
        }
    }
    double const scaled = best_variance * n / (n - static_cast<double>(best.size() + 1));
    double const rest = 1 - std::accumulate(best.begin(), best.end(), 0.0);
    return scaled / (rest * rest);
}

/// Distribution function of the Cramer-von Mises statistic's limit.
/// Anderson and Darling (1952), doi:10.1214/aoms/1177729437, first four terms.
double cramer_von_mises_cdf(double q) {
    constexpr double pi = 3.14159265358979323846;
    double sum = 0;
    for (int k = 0; k < 4; ++k) {
        double const four = 4 * k + 1;
        double const u = four * four / (16 * q);
        if (u > -std::log(1e-5)) continue;
        double const z =
            std::tgamma(k + 0.5) * std::sqrt(four) / (std::tgamma(k + 1) * std::pow(pi, 1.5) * std::sqrt(q));
        sum += z * std::exp(-u) * std::cyl_bessel_k(0.25, u);
    }
    return sum;
}

bool is_stationary(std::span<double const> x, double spectrum) {
    auto const n = static_cast<double>(x.size());
    double const mean = mean_of(x);
    double bridge = 0;
    double sum = 0;
    for (double const v : x) {
        bridge += v - mean;
        sum += bridge * bridge;
    }
    return cramer_von_mises_cdf(sum / (n * n * spectrum)) < 0.95;
}

/// Normal scores of the average ranks, Blom's offset.
Values rank_normalised(Values const& x) {
    std::size_t const n = x.size();
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return x[i] < x[j]; });
    Values scores(n);
    for (std::size_t i = 0; i < n;) {
        std::size_t j = i;
        while (j < n && x[order[j]] == x[order[i]]) ++j;
        double const rank = 0.5 * static_cast<double>(i + 1 + j);
        double const score = stats::normal_quantile((rank - 0.375) / (static_cast<double>(n) + 0.25));
        for (; i < j; ++i) scores[order[i]] = score;
    }
    return scores;
}

/// Each chain cut into halves, one after the other; a middle draw is left out.
struct Split {
    Values draws;
    std::size_t length = 0;
    std::size_t n_halves = 0;

    [[nodiscard]] std::span<double const> half(std::size_t i) const {
        return {draws.data() + i * length, length};
    }
};

Split split(ChainDraws const& chains) {
    std::size_t const n = chains.n_draws();
    Split out;
    out.length = n / 2;
    out.n_halves = 2 * chains.n_chains;
    for (std::size_t m = 0; m < chains.n_chains; ++m) {
        auto const chain = chains.draws.subspan(m * n, n);
        out.draws.insert(out.draws.end(), chain.begin(),
                         chain.begin() + static_cast<std::ptrdiff_t>(out.length));
        out.draws.insert(out.draws.end(), chain.end() - static_cast<std::ptrdiff_t>(out.length), chain.end());
    }
    return out;
}

struct Variances {
    double within = 0;
    double plus = 0;  ///< the pooled estimate, which variance between the chains widens
};

Variances variances(Split const& s) {
    auto const n = static_cast<double>(s.length);
    Values means;
    Variances v;
    for (std::size_t i = 0; i < s.n_halves; ++i) {
        auto const half = s.half(i);
        means.push_back(mean_of(half));
        v.within += autocovariance(half, means.back(), 0) * n / (n - 1);
    }
    v.within /= static_cast<double>(s.n_halves);
    double const grand = mean_of(means);
    double between = 0;
    for (double const m : means) between += (m - grand) * (m - grand);
    between /= static_cast<double>(s.n_halves - 1);
    v.plus = v.within * (n - 1) / n + between;
    return v;
}

double rhat_of(Variances const& v) {
    if (!(v.within > 0)) return v.plus > 0 ? std::numeric_limits<double>::infinity() : 1;
    return std::sqrt(v.plus / v.within);
}

/// Of the distances to the median.
double folded_rhat(Split s) {
    Values sorted = s.draws;
    std::sort(sorted.begin(), sorted.end());
    double const median = 0.5 * (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]);
    for (double& x : s.draws) x = std::abs(x - median);
    s.draws = rank_normalised(s.draws);
    return rhat_of(variances(s));
}

/// Halves of chains, each about its mean, some of them side by side: their sums over draws do not wait for
/// each other, and each is the same as if it were alone.
class Centred {
  public:
    explicit Centred(Split const& s)
        : length_(s.length), n_halves_(s.n_halves), draws_((n_halves_ + abreast - 1) / abreast) {
        for (std::size_t b = 0; b < draws_.size(); ++b) {
            draws_[b].resize(length_);
            for (std::size_t j = 0; j < abreast && b * abreast + j < n_halves_; ++j) {
                auto const half = s.half(b * abreast + j);
                double const mean = mean_of(half);
                for (std::size_t i = 0; i < length_; ++i) draws_[b][i][j] = half[i] - mean;
            }
        }
    }

    /// Mean over the halves of their autocovariances, divisor n.
    [[nodiscard]] double autocovariance(std::size_t lag) const {
        double sum = 0;
        for (std::size_t b = 0; b < draws_.size(); ++b) {
            Abreast sums{};
            auto const& x = draws_[b];
            for (std::size_t i = lag; i < length_; ++i)
                for (std::size_t j = 0; j < abreast; ++j) sums[j] += x[i][j] * x[i - lag][j];
            for (std::size_t j = 0; j < abreast && b * abreast + j < n_halves_; ++j)
                sum += sums[j] / static_cast<double>(length_);
        }
        return sum / static_cast<double>(n_halves_);
    }

  private:
    static constexpr std::size_t abreast = 4;
    using Abreast = std::array<double, abreast>;
    std::size_t length_;
    std::size_t n_halves_;
    std::vector<std::vector<Abreast>> draws_;
};

/// @param s  rank-normalised. @param v  of it
double ess_of(Split const& s, Variances const& v) {
    auto const draws = static_cast<double>(s.draws.size());
    Centred const centred(s);
    auto const n = static_cast<double>(s.length);
    auto const correlation = [&](std::size_t lag) {
        double const covariance = centred.autocovariance(lag) * n / (n - 1);
        return 1 - (v.within - covariance) / v.plus;
    };
    // Pairs of neighbouring lags, as long as their sums stay positive, never rising.
    double previous = 1 + correlation(1);
    double sum = previous;
    for (std::size_t lag = 2; lag + 1 < s.length; lag += 2) {
        double const pair = correlation(lag) + correlation(lag + 1);
        if (!(pair > 0)) break;
        previous = std::min(previous, pair);
        sum += previous;
    }
    double const time = std::max(2 * sum - 1, 1 / std::log10(draws));
    return draws / time;
}

}  // namespace

bool passes_heidelberger_welch(std::span<double const> draws) {
    if (all_equal(draws)) return true;
    std::size_t const n = draws.size();
    double const spectrum = spectrum_at_zero(draws.subspan(n / 2 - 1));
    for (std::size_t tenth = 0; tenth < 5; ++tenth) {
        std::size_t const from = tenth * n / 10;
        if (from + 1 > n / 2) break;
        auto const rest = draws.subspan(from);
        if (!is_stationary(rest, spectrum)) continue;
        double const half_width = 1.96 * std::sqrt(spectrum_at_zero(rest) / static_cast<double>(rest.size()));
        return half_width <= 0.1 * std::abs(mean_of(rest));
    }
    return false;
}

Mixing mixing_of(ChainDraws const& chains) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    auto const total = static_cast<double>(chains.draws.size());
    if (chains.n_draws() < 4 || !all_finite(chains.draws)) return {none, none};
    if (all_equal(chains.draws)) return {1, total};
    Split s = split(chains);
    double const folded = folded_rhat(s);
    s.draws = rank_normalised(s.draws);
    Variances const v = variances(s);
    return {std::max(rhat_of(v), folded), v.plus > 0 ? ess_of(s, v) : total};
}

double split_rhat(ChainDraws const& chains) {
    return mixing_of(chains).rhat;
}

double bulk_ess(ChainDraws const& chains) {
    return mixing_of(chains).ess;
}

}  // namespace vaster::models::insilicova

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "domains/trading/market/bars.hpp"

namespace vaster::market {

/// When made-up series begin: 2020-01-01 00:00 UTC.
inline constexpr std::int64_t synthetic_begin = 1577836800;

/// The series that the golden numbers of the seeds are computed on: hourly bars of a random walk from 100,
/// made of SplitMix64 from seed 42 alone, the same on every machine. Of every bar's eight draws u0 .. u7 in
/// [0, 1):
///     open = close before;  close = open (1 + 0.02 sqrt(3) (u0 + u1 + u2 + u3 - 2))
///     high = max(open, close) (1 + 0.005 u4);  low = min(open, close) (1 - 0.005 u5)
///     volume = 1000 + 4000 u6;  funding = 0.0004 (u7 - 0.5)
[[nodiscard]] Bars golden_series(std::size_t n_bars = 1000);

/// One asset of a made-up market.
struct Asset {
    std::string symbol;
    double first_price = 100;
};

/// What the bars of a made-up asset do. Regimes follow each other as a Markov chain.
struct Regime {
    double drift = 0;          ///< mean of the return of a bar [1]
    double volatility = 0.02;  ///< standard deviation of the return of a bar [1]
    double persistence = 1;    ///< probability that the next bar is of the same regime
};

struct WalkOptions {
    std::size_t n_bars = 1000;
    std::int64_t step = 3600;            ///< [s]
    std::vector<Regime> regimes = {{}};  ///< one: a geometric random walk
};

/// A geometric random walk, with regimes if there are several. Each of the five steps of a bar moves the
/// logarithm of the price by
///     (drift - volatility^2 / 2) / 5 + volatility / sqrt(5) N(0, 1);
/// the extremes of the path are high and low. A regime that ends is followed by another, each as likely.
///     volume = |N(1e6, 2e5)| (1 + 0.5 |r|),  r the return of the bar
///     funding = 0.1 (mean of r over 24 bars) + N(0, 1e-4)
/// The series is a function of (study_seed, symbol, options).
[[nodiscard]] Bars random_walk(Asset const& asset, WalkOptions const& options, std::uint64_t study_seed);

}  // namespace vaster::market

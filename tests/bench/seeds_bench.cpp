// Times of the seeds: usage: vaster_bench_seeds [N_BARS [SEED]]. A table in Markdown, one line a seed and
// profile, each with default genes on the golden series: milliseconds of the fastest of some runs, bars a
// second. Below, of the account that trades.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "domains/trading/backtest/simulate.hpp"
#include "domains/trading/market/synthetic.hpp"
#include "domains/trading/strategies/signal.hpp"

using namespace vaster;

namespace {

using Numbers = std::vector<double>;

constexpr double patience = 0.5;  ///< [s] for the runs of one seed

/// Time of the fastest of some runs. @param run  gives a number a bar
template <class Run>
double seconds_of(Run const& run_once, std::size_t n_bars) {
    double fastest = 1e9;
    double total = 0;
    for (int run = 0; run < 3 || (run < 500 && total < patience); ++run) {
        auto const begin = std::chrono::steady_clock::now();
        Numbers const result = run_once();
        std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
        total += took.count();
        if (result.size() == n_bars) fastest = std::min(fastest, took.count());
    }
    return fastest;
}

/// Times of trading after wishes that change side every so many bars.
void time_trading() {
    constexpr std::size_t n_bars = 10'000;
    auto const bars = market::golden_series(n_bars);
    fmt::print("\n| trading of 10,000 bars | ms | million bars a second |\n|---|---|---|\n");
    for (std::size_t const each : {std::size_t{720}, std::size_t{1}}) {
        Numbers wishes(n_bars);
        for (std::size_t i = 0; i < n_bars; ++i) wishes[i] = i / each % 2 == 0 ? 1 : -1;
        double const seconds = seconds_of(
            [&] {
                return backtest::simulate({bars.open, bars.high, bars.low, bars.close}, wishes,
                                          {.fee = 0, .slippage = 0})
                    .returns;
            },
            n_bars);
        fmt::print("| an order every {} bars | {:.3f} | {:.1f} |\n", each, 1e3 * seconds,
                   1e-6 * n_bars / seconds);
    }
}

void print_line(std::string_view profile, std::string_view seed, double seconds, std::size_t n_bars) {
    fmt::print("| {} | {} | {:.4f} | {:.2f} |\n", profile, seed, 1e3 * seconds,
               1e-6 * static_cast<double>(n_bars) / seconds);
}

}  // namespace

int main(int argc, char** argv) {
    auto const n_bars = static_cast<std::size_t>(argc > 1 ? std::atoll(argv[1]) : 1000);
    std::string_view const only = argc > 2 ? argv[2] : "";
    auto const bars = market::golden_series(n_bars);
    fmt::print("| profile | seed | ms for {} bars | million bars a second |\n|---|---|---|---|\n", n_bars);
    for (auto const profile : {strategies::Profile::published, strategies::Profile::corrected}) {
        std::string_view const name = profile == strategies::Profile::published ? "published" : "corrected";
        double sum = 0;
        for (strategies::SeedIndex i = 0; i < strategies::seeds().size(); ++i) {
            std::string_view const seed = strategies::seeds()[i].name;
            if (!only.empty() && seed != only) continue;
            auto const genes = strategies::default_genes(i);
            double const seconds =
                seconds_of([&] { return strategies::signal(i, genes, bars, {profile}); }, n_bars);
            sum += seconds;
            print_line(name, seed, seconds, n_bars);
        }
        if (only.empty()) print_line(name, "all, one after the other", sum, n_bars);
    }
    if (only.empty()) time_trading();
}

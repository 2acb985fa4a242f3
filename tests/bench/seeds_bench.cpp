// Times of the seeds: usage: vaster_bench_seeds [N_BARS [SEED]]. A table in Markdown, one line a seed and
// profile, each with default genes on the golden series: milliseconds of the fastest of some runs, bars a
// second.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>

#include <fmt/core.h>

#include "vaster/market/synthetic.hpp"
#include "vaster/strategies/signal.hpp"

using namespace vaster;

namespace {

constexpr double patience = 0.5;  ///< [s] for the runs of one seed

double seconds_of(strategies::SeedIndex seed, market::Bars const& bars,
                  strategies::Settings const& settings) {
    auto const genes = strategies::default_genes(seed);
    double fastest = 1e9;
    double total = 0;
    for (int run = 0; run < 3 || (run < 500 && total < patience); ++run) {
        auto const begin = std::chrono::steady_clock::now();
        auto const signal = strategies::signal(seed, genes, bars, settings);
        std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
        total += took.count();
        if (signal.size() == bars.size()) fastest = std::min(fastest, took.count());
    }
    return fastest;
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
            double const seconds = seconds_of(i, bars, {profile});
            sum += seconds;
            print_line(name, seed, seconds, n_bars);
        }
        if (only.empty()) print_line(name, "all, one after the other", sum, n_bars);
    }
}

// Times of the seeds: usage: vaster_bench_seeds [N_BARS]. One line a seed and profile: milliseconds of the
// fastest of some runs, millions of bars a second.
#include <algorithm>
#include <chrono>
#include <cstdlib>

#include <fmt/core.h>

#include "vaster/market/synthetic.hpp"
#include "vaster/strategies/signal.hpp"

using namespace vaster;

namespace {

double seconds_of(strategies::SeedIndex seed, market::Bars const& bars,
                  strategies::Settings const& settings) {
    auto const genes = strategies::default_genes(seed);
    double fastest = 1e9;
    double total = 0;
    for (int run = 0; run < 3 || (run < 200 && total < 0.3); ++run) {
        auto const begin = std::chrono::steady_clock::now();
        auto const signal = strategies::signal(seed, genes, bars, settings);
        std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
        total += took.count();
        if (signal.size() == bars.size()) fastest = std::min(fastest, took.count());
    }
    return fastest;
}

}  // namespace

int main(int argc, char** argv) {
    auto const n_bars = static_cast<std::size_t>(argc > 1 ? std::atoll(argv[1]) : 1000);
    auto const bars = market::golden_series(n_bars);
    for (auto const profile : {strategies::Profile::published, strategies::Profile::corrected}) {
        double sum = 0;
        fmt::print("{}\n", profile == strategies::Profile::published ? "published" : "corrected");
        for (strategies::SeedIndex i = 0; i < strategies::seeds().size(); ++i) {
            double const seconds = seconds_of(i, bars, {profile});
            sum += seconds;
            fmt::print("  {:24} {:10.4f} ms {:10.2f} M bars/s\n", strategies::seeds()[i].name, 1e3 * seconds,
                       1e-6 * static_cast<double>(n_bars) / seconds);
        }
        fmt::print("  {:24} {:10.4f} ms\n", "all", 1e3 * sum);
    }
}

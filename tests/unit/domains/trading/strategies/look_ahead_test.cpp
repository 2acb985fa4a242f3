#include <cmath>

#include <catch2/catch.hpp>

#include "domains/trading/market/synthetic.hpp"
#include "domains/trading/strategies/signal.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using strategies::Profile;
using strategies::Settings;

namespace {

/// The same bars up to `last`; after it another market altogether.
market::Bars with_another_future(market::Bars bars, std::size_t last) {
    Random random = random_stream(1, "another future", Purpose::simulate);
    for (std::size_t i = last + 1; i < bars.size(); ++i) {
        double const factor = 0.2 + 3 * random.uniform();
        bars.open[i] *= factor;
        bars.high[i] *= factor * 1.1;
        bars.low[i] *= factor * 0.9;
        bars.close[i] *= factor;
        bars.volume[i] *= 5 * random.uniform();
        bars.funding[i] *= -3;
    }
    return bars;
}

std::vector<double> random_genes(strategies::SeedKind const& kind, Random& random) {
    std::vector<double> genes;
    for (auto const& gene : kind.genes) genes.push_back(gene.min + (gene.max - gene.min) * random.uniform());
    return genes;
}

/// How many of the signals up to bar `last` a change of later bars changes.
std::size_t n_changed(strategies::SeedIndex seed, std::vector<double> const& genes, market::Bars const& bars,
                      std::size_t last, Settings const& settings) {
    auto const before = strategies::signal(seed, genes, bars, settings);
    auto const after = strategies::signal(seed, genes, with_another_future(bars, last), settings);
    auto const alone = strategies::signal(seed, genes, market::slice(bars, 0, last + 1), settings);
    std::size_t n = 0;
    for (std::size_t i = 0; i <= last; ++i) n += before[i] != after[i] || before[i] != alone[i] ? 1 : 0;
    return n;
}

}  // namespace

TEST_CASE("no signal of the corrected profile depends on a later bar", "[strategies][look-ahead]") {
    auto const bars = market::golden_series(800);
    Random random = random_stream(2, "genes", Purpose::simulate);
    for (strategies::SeedIndex seed = 0; seed < strategies::seeds().size(); ++seed) {
        auto const& kind = strategies::seeds()[seed];
        INFO(kind.name);
        std::size_t n_signals = 0;
        for (int draw = 0; draw < 4; ++draw) {
            auto const genes = draw == 0 ? strategies::default_genes(seed) : random_genes(kind, random);
            auto const indicators =
                draw % 2 == 0 ? strategies::Indicators::standard : strategies::Indicators::talib;
            std::size_t const last = 520 + random.below(270);
            CHECK(n_changed(seed, genes, bars, last, {Profile::corrected, indicators}) == 0);
            for (double const s : strategies::signal(seed, genes, bars, {Profile::corrected, indicators})) {
                CHECK_FALSE((std::isnan(s) || std::abs(s) > 1));
                n_signals += s != 0 ? 1 : 0;
            }
        }
        CHECK(n_signals > 20);
    }
}

TEST_CASE("the published seeds that learn look ahead, and the test sees it", "[strategies][look-ahead]") {
    auto const bars = market::golden_series(800);
    for (auto const* name : {"Linear_SVC_Classifier", "PCA_Tree_Quantile"}) {
        auto const seed = strategies::find_seed(name).value();
        CHECK(n_changed(seed, strategies::default_genes(seed), bars, 600, {Profile::published}) > 0);
    }
}

TEST_CASE("few bars have signals too", "[strategies][look-ahead]") {
    for (strategies::SeedIndex seed = 0; seed < strategies::seeds().size(); ++seed)
        for (auto const profile : {Profile::corrected, Profile::published})
            for (std::size_t const n : {0, 1, 2, 7, 40}) {
                INFO(strategies::seeds()[seed].name << " with " << n << " bars");
                auto const bars = market::golden_series(n);
                CHECK(strategies::signal(seed, strategies::default_genes(seed), bars, {profile}).size() == n);
            }
}

TEST_CASE("a market that stands still has finite signals", "[strategies][look-ahead]") {
    auto bars = market::golden_series(400);
    for (auto* column : {&bars.open, &bars.high, &bars.low, &bars.close}) column->assign(400, 100.0);
    bars.volume.assign(400, 0.0);
    bars.funding.assign(400, 0.0);
    for (strategies::SeedIndex seed = 0; seed < strategies::seeds().size(); ++seed)
        for (auto const profile : {Profile::corrected, Profile::published}) {
            INFO(strategies::seeds()[seed].name);
            bool is_finite = true;
            for (double const s : strategies::signal(seed, strategies::default_genes(seed), bars, {profile}))
                is_finite = is_finite && std::abs(s) <= 1;
            CHECK(is_finite);
        }
}

TEST_CASE("the seed that needs funding rates says so", "[strategies][look-ahead]") {
    auto bars = market::golden_series(50);
    bars.funding.clear();
    auto const seed = strategies::find_seed("Funding_Rate_Carry").value();
    CHECK_THROWS_WITH(strategies::signal(seed, strategies::default_genes(seed), bars),
                      Catch::Contains("funding_rate") && Catch::Contains("GOLDEN"));
}

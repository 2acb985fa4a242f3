// What each gene acts on.
#include <catch2/catch.hpp>

#include "domains/trading/market/synthetic.hpp"
#include "domains/trading/strategies/signal.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using strategies::GeneUse;
using strategies::Profile;
using strategies::SeedIndex;

namespace {

/// A wild and a calm market, and one that is both by turns, with funding rates.
std::vector<market::Bars> markets() {
    auto const golden = market::golden_series(700);
    std::vector<market::Bars> all{golden};
    market::WalkOptions options;
    options.n_bars = golden.size();
    using Regimes = decltype(options.regimes);
    for (Regimes const& regimes :
         {Regimes{{0, 0.003, 1}}, Regimes{{0, 0.004, 0.99}, {0.002, 0.02, 0.98}, {-0.002, 0.03, 0.98}}}) {
        options.regimes = regimes;
        all.push_back(market::random_walk({"BTC", 100}, options, 5));
        all.back().funding = golden.funding;
    }
    return all;
}

std::vector<double> genes_between(SeedIndex seed, Random& random) {
    std::vector<double> genes;
    for (auto const& gene : strategies::seeds()[seed].genes)
        genes.push_back(gene.min + (gene.max - gene.min) * random.uniform());
    return genes;
}

/// Does the signal change anywhere when a gene, and nothing else, goes from a quarter of its range to the
/// next?
/// A gene that does nothing is looked for less long.
bool acts(SeedIndex seed, std::size_t which, Profile profile, std::vector<market::Bars> const& markets) {
    auto const& gene = strategies::seeds()[seed].genes[which];
    int const n_draws = gene.used == GeneUse::signal ? 12 : 2;
    Random random = random_stream(3, std::string(gene.name), Purpose::simulate);
    for (int draw = 0; draw < n_draws; ++draw) {
        auto genes = draw == 0 ? strategies::default_genes(seed) : genes_between(seed, random);
        for (auto const& bars : markets) {
            std::vector<double> before;
            for (double const share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
                genes[which] = gene.min + (gene.max - gene.min) * share;
                auto const now = strategies::signal(seed, genes, bars, {profile});
                if (!before.empty() && now != before) return true;
                before = now;
            }
        }
    }
    return false;
}

}  // namespace

TEST_CASE("a gene changes the signal if and only if it says so", "[strategies][genes]") {
    auto const all = markets();
    for (SeedIndex seed = 0; seed < strategies::seeds().size(); ++seed) {
        auto const& kind = strategies::seeds()[seed];
        for (std::size_t which = 0; which < kind.genes.size(); ++which) {
            INFO(kind.name << "." << kind.genes[which].name);
            CHECK(acts(seed, which, Profile::corrected, all) == (kind.genes[which].used == GeneUse::signal));
        }
    }
}

TEST_CASE("members of an ensemble vote in the corrected profile alone", "[strategies][genes]") {
    // The published members learnt from the same rows and never disagreed.
    auto const seed = strategies::find_seed("Linear_SVC_Classifier").value();
    auto const& genes = strategies::seeds()[seed].genes;
    std::size_t which = 0;
    while (genes[which].name != "ensemble_size") ++which;
    CHECK_FALSE(acts(seed, which, Profile::published, {market::golden_series(300)}));
    auto const bars = market::golden_series(700);
    auto of_five = strategies::default_genes(seed);
    of_five[which] = 5;
    auto const signal = strategies::signal(seed, of_five, bars);
    CHECK(signal == strategies::signal(seed, of_five, bars));
    auto of_one = of_five;
    of_one[which] = 1;
    auto const alone = strategies::signal(seed, of_one, bars);
    std::size_t n_changed = 0;
    for (std::size_t i = 0; i < signal.size(); ++i) n_changed += signal[i] != alone[i] ? 1 : 0;
    CHECK(n_changed > 0);
    CHECK(n_changed < signal.size() / 4);  // samples of the same rows mostly agree
}

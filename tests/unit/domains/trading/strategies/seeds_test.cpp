#include "domains/trading/strategies/seeds.hpp"

#include <limits>
#include <set>

#include <catch2/catch.hpp>

using namespace vaster;

TEST_CASE("every seed has a name of its own and defaults within bounds", "[strategies][seeds]") {
    std::set<std::string_view> names;
    for (strategies::SeedIndex i = 0; i < strategies::seeds().size(); ++i) {
        auto const& kind = strategies::seeds()[i];
        INFO(kind.name);
        CHECK(names.insert(kind.name).second);
        CHECK(strategies::find_seed(kind.name) == i);
        std::set<std::string_view> genes;
        for (auto const& gene : kind.genes) {
            INFO(gene.name);
            CHECK(genes.insert(gene.name).second);
            CHECK(gene.min < gene.max);
            CHECK(gene.min <= gene.default_value);
            CHECK(gene.default_value <= gene.max);
        }
    }
    CHECK(names.size() == 14);
    CHECK_FALSE(strategies::find_seed("Coin_Toss").has_value());
}

TEST_CASE("genes out of bounds are moved to the nearest bound", "[strategies][seeds]") {
    auto const seed = strategies::find_seed("EMA_Crossover").value();
    std::vector<double> const genes{4, 35, std::numeric_limits<double>::quiet_NaN(), 0.7, 0.02};
    CHECK(strategies::clamped(seed, genes) == std::vector<double>{5, 34, 0.01, 0.7, 0.02});
    CHECK(strategies::clamped(seed, strategies::default_genes(seed)) == strategies::default_genes(seed));
}

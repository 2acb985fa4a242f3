#include "domains/trading/study/bar_input.hpp"

#include <cstring>
#include <limits>

#include <catch2/catch.hpp>

#include "domains/trading/market/synthetic.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::trading;

namespace {

market::Bars walk(std::string const& symbol, std::size_t n_bars) {
    market::WalkOptions options;
    options.n_bars = n_bars;
    return market::random_walk({symbol, 100}, options, 1);
}

study::KeptData kept_of(std::vector<market::Bars> const& assets) {
    study::KeptData kept;
    kept.schema.labels = {asset_labels(assets)};
    kept.inputs = {input_of(assets)};
    return kept;
}

}  // namespace

TEST_CASE("bars come back bit by bit from the data that a study file keeps", "[study][evolve]") {
    auto btc = walk("BTC", 50);
    btc.funding.assign(50, 0.0001);
    btc.volume[3] = std::numeric_limits<double>::denorm_min();
    auto eth = walk("ETH/USD", 20);
    eth.funding.clear();
    auto const back = assets_of(kept_of({btc, eth}));
    REQUIRE(back.size() == 2);
    for (auto const& [one, other] : {std::pair(back[0], btc), std::pair(back[1], eth)}) {
        CHECK(one.symbol == other.symbol);
        CHECK(one.times == other.times);
        CHECK(one.open == other.open);
        CHECK(one.high == other.high);
        CHECK(one.low == other.low);
        CHECK(one.close == other.close);
        CHECK(one.volume == other.volume);
        CHECK(one.funding == other.funding);
    }
}

TEST_CASE("bars of an asset that the file does not name are refused", "[study][evolve]") {
    auto kept = kept_of({walk("BTC", 10)});
    std::int64_t const asset = 7;
    std::memcpy(kept.inputs[0].rows.data() + kept.inputs[0].rows.size() - sizeof asset, &asset, sizeof asset);
    CHECK_THROWS_WITH(assets_of(kept), Catch::Contains("asset 7"));
}

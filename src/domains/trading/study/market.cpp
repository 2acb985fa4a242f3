#include "domains/trading/study/market.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "domains/trading/market/csv.hpp"
#include "domains/trading/market/storage.hpp"
#include "domains/trading/market/synthetic.hpp"
#include "domains/trading/market/timeframe.hpp"
#include "domains/trading/study/bar_input.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::trading {
namespace {

market::WalkOptions walk_options(EvolveData const& data) {
    market::WalkOptions options;
    options.n_bars = data.bars;
    options.step = data.step_seconds;
    options.regimes = {{data.drift, data.volatility, 1}};
    if (data.simulated == Simulated::regimes)  // calm, rising, falling and wild
        options.regimes = {{data.drift, 0.5 * data.volatility, 0.995},
                           {data.drift + 0.1 * data.volatility, data.volatility, 0.99},
                           {data.drift - 0.1 * data.volatility, data.volatility, 0.99},
                           {data.drift, 2 * data.volatility, 0.98}};
    return options;
}

Assets simulated(EvolveOptions const& options) {
    EvolveData const& data = options.data;
    if (data.simulated == Simulated::golden) return {market::golden_series(data.bars)};
    Assets assets;
    auto const symbols = data.symbols.empty() ? std::vector<std::string>{"BTC"} : data.symbols;
    for (auto const& symbol : symbols)
        assets.push_back(market::random_walk({symbol, 100}, walk_options(data), options.seed));
    return assets;
}

Assets from_csv(EvolveData const& data) {
    market::CsvRules rules;
    rules.gaps = data.gaps;
    Assets all = market::read_csv(data.path, rules);
    if (data.symbols.empty()) return all;
    Assets chosen;
    std::vector<std::string> there;
    for (auto const& bars : all) there.push_back(bars.symbol);
    for (auto const& symbol : data.symbols) {
        auto const found = std::find(there.begin(), there.end(), symbol);
        require<DataError>(found != there.end(), "{} has no bars of {}; it has {}", data.path, symbol,
                           fmt::join(there, ", "));
        chosen.push_back(std::move(all[static_cast<std::size_t>(found - there.begin())]));
    }
    return chosen;
}

/// @param symbols  empty: all
Assets from_storage(std::vector<std::string> const& symbols, market::Storage const& storage) {
    Assets assets;
    for (auto const& symbol : symbols.empty() ? storage.symbols() : symbols)
        assets.push_back(storage.bars({symbol}));
    return assets;
}

/// The bars of a file in the timeframe that is asked for.
Assets from_file(EvolveData const& data) {
    Assets assets = data.path.ends_with(".csv") ? from_csv(data)
                                                : from_storage(data.symbols, *market::open_market(data.path));
    require<DataError>(!assets.empty(), "{} has no bars", data.path);
    for (auto& bars : assets)
        if (market::step_of(bars) != data.step_seconds) bars = market::resample(bars, data.step_seconds);
    return assets;
}

std::vector<std::size_t> random_order(std::size_t n, Random random) {
    std::vector<std::size_t> order(n - 1);
    std::iota(order.begin(), order.end(), std::size_t{1});
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

std::vector<backtest::Window> windows_of(std::size_t n_bars, EvolveValidation const& validation) {
    if (validation.train_share == 1) return {{{0, n_bars}, {n_bars, n_bars}}};
    return backtest::walk_forward(n_bars, validation.windows, validation.train_share, validation.gap,
                                  validation.training);
}

Stage stage_of(Assets const& assets, backtest::Window const& window, std::size_t number,
               EvolveOptions const& options) {
    Stage stage;
    stage.n_train = window.train.size();
    stage.test_begin = window.test.begin - window.train.begin;
    for (auto const& bars : assets)
        stage.bars.push_back(market::slice(bars, window.train.begin, window.test.end - window.train.begin));
    for (std::size_t i = 0; i < options.validation.placebos; ++i) {
        auto const order = random_order(
            stage.n_train,
            random_stream(options.seed, fmt::format("placebo={} window={}", i, number), Purpose::simulate));
        Assets placebo;
        for (auto const& bars : stage.bars)
            placebo.push_back(shuffled(market::slice(bars, 0, stage.n_train), order));
        stage.placebos.push_back(std::move(placebo));
    }
    return stage;
}

template <class T>
void add(ContentHash& hash, std::vector<T> const& column) {
    hash.add({reinterpret_cast<char const*>(column.data()), column.size() * sizeof(T)});
}

std::string hash_of(Assets const& assets) {
    ContentHash hash;
    for (auto const& bars : assets) {
        hash.add(bars.symbol);
        add(hash, bars.times);
        for (auto const* column :
             {&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume, &bars.funding})
            add(hash, *column);
    }
    return hash.text();
}

}  // namespace

market::Bars shuffled(market::Bars const& bars, std::vector<std::size_t> const& order) {
    market::Bars result = bars;
    for (std::size_t t = 1; t < bars.size(); ++t) {
        std::size_t const from = order[t - 1];
        double const scale = result.close[t - 1] / bars.close[from - 1];
        result.open[t] = bars.open[from] * scale;
        result.high[t] = bars.high[from] * scale;
        result.low[t] = bars.low[from] * scale;
        result.close[t] = bars.close[from] * scale;
        result.volume[t] = bars.volume[from];
        if (!bars.funding.empty()) result.funding[t] = bars.funding[from];
    }
    return result;
}

Assets bars_of(EvolveOptions const& options) {
    return options.data.path.empty() ? simulated(options) : from_file(options.data);
}

Assets kept_bars(study::KeptData const& kept) {
    return from_storage({}, *market::hold(assets_of(kept)));
}

study::Inventory inventory_of(Assets const& assets) {
    constexpr std::size_t most_listed = 12;
    study::Inventory inventory;
    inventory.facts.push_back(
        fmt::format("bars of {} asset{}", assets.size(), assets.size() == 1 ? "" : "s"));
    for (std::size_t i = 0; i < std::min(assets.size(), most_listed); ++i) {
        auto const& bars = assets[i];
        if (bars.size() == 0) continue;
        inventory.facts.push_back(
            fmt::format("{}: {} bars from {} to {}, {}", bars.symbol, bars.size(),
                        market::format_time(bars.times.front()), market::format_time(bars.times.back()),
                        bars.funding.empty() ? "no funding rates" : "with funding rates"));
    }
    if (assets.size() > most_listed)
        inventory.facts.push_back(fmt::format("and {} more", assets.size() - most_listed));
    return inventory;
}

EvolveMarket market_of(EvolveOptions const& options, Assets const& assets) {
    EvolveMarket opened;
    opened.data_hash = hash_of(assets);
    opened.assets = asset_labels(assets);
    std::size_t const n_bars = assets.front().size();
    for (auto const& bars : assets) {
        market::check(bars);
        opened.has_funding = opened.has_funding && !bars.funding.empty();
        require<DataError>(
            bars.size() == n_bars,
            "{} has {} bars, but {} has {}: assets that are traded together need the same bars; cut the "
            "file or choose others by data.symbols",
            bars.symbol, bars.size(), assets.front().symbol, n_bars);
    }
    auto const windows = windows_of(n_bars, options.validation);
    for (std::size_t i = 0; i < windows.size(); ++i)
        opened.stages.push_back(stage_of(assets, windows[i], i, options));
    return opened;
}

}  // namespace vaster::trading

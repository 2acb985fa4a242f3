#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "domains/trading/backtest/windows.hpp"
#include "domains/trading/market/bars.hpp"
#include "domains/trading/study/options.hpp"
#include "vaster/study/input.hpp"
#include "vaster/study/inventory.hpp"

namespace vaster::trading {

/// Bars of all assets, of one length.
using Assets = std::vector<market::Bars>;

/// What one step of the walk forward is played on.
struct Stage {
    Assets bars;                   ///< of training, gap and test
    std::size_t n_train = 0;       ///< bars at the beginning that fitness may see
    std::size_t test_begin = 0;    ///< position of the first bar of the test; the number of bars without one
    std::vector<Assets> placebos;  ///< [placebo]: training bars, shuffled

    [[nodiscard]] std::size_t size() const { return bars.front().size(); }
};

/// The bars of a study and its windows.
struct EvolveMarket {
    std::vector<Stage> stages;  ///< by window
    std::string data_hash;
    study::LabelList assets;  ///< their symbols
    std::vector<std::string> notes;
    bool has_funding = true;  ///< do all assets have funding rates?
};

/// Reads or makes the bars of all assets. @throws DataError
[[nodiscard]] Assets bars_of(EvolveOptions const& options);

/// The same bars from a study file that keeps them: those that were chosen when it was made. @throws
/// DataError
[[nodiscard]] Assets kept_bars(study::KeptData const& kept);

/// What was read, for its user: "2 assets, 1,000 bars each, from ... to ...: BTC, ETH".
[[nodiscard]] study::Inventory inventory_of(Assets const& assets);

/// The bars of a study, cut into windows. @throws DataError
[[nodiscard]] EvolveMarket market_of(EvolveOptions const& options, Assets const& assets);

/// The same bars in another order: how each moved, from the close before on, is shuffled, and so are volumes
/// and funding rates with it. Keeps how returns are distributed, and leaves no pattern in time. The first bar
/// stays.
/// @param order  a permutation of 1 .. size - 1
[[nodiscard]] market::Bars shuffled(market::Bars const& bars, std::vector<std::size_t> const& order);

}  // namespace vaster::trading

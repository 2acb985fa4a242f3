// Bars as a CSV or market file.
#include <ostream>

#include <fmt/core.h>

#include "domains/trading/market/storage.hpp"
#include "domains/trading/market/timeframe.hpp"
#include "domains/trading/study/evolve.hpp"
#include "domains/trading/study/market.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::trading {

void write_bars(study::Config const& config, std::ostream& out) {
    Assets const assets = bars_of(evolve_options(config));
    bool funded = true;
    for (auto const& bars : assets) funded = funded && !bars.funding.empty();
    out << "symbol,timestamp,open,high,low,close,volume" << (funded ? ",funding_rate\n" : "\n");
    for (auto const& bars : assets)
        for (std::size_t t = 0; t < bars.size(); ++t) {
            out << csv_line({bars.symbol, market::format_time(bars.times[t])});
            for (auto const* column : {&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume})
                out << ',' << number_text((*column)[t]);
            if (funded) out << ',' << number_text(bars.funding[t]);
            out << '\n';
        }
}

void store_bars(study::Config const& config, std::filesystem::path const& path) {
    Assets const assets = bars_of(evolve_options(config));
    std::filesystem::remove(path);
    market::store_bars(path, assets);
}

}  // namespace vaster::trading

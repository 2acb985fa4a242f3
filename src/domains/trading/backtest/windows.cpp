#include "domains/trading/backtest/windows.hpp"

#include <cmath>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::backtest {

std::vector<Window> walk_forward(std::size_t bars, std::size_t count, double train_share, std::size_t gap,
                                 Training training) {
    VASTER_EXPECTS(count > 0 && train_share > 0 && train_share < 1);
    auto const first_test = static_cast<std::size_t>(std::floor(static_cast<double>(bars) * train_share));
    require<DataError>(
        first_test >= gap + 2 && bars >= first_test + 2 * count,
        "{} bars are too few for {} windows: the training part has {} of them, of which {} are left out "
        "before each test; give more bars, fewer windows or a smaller gap",
        bars, count, first_test, gap);
    std::vector<Window> windows;
    std::size_t const tested = bars - first_test;
    for (std::size_t i = 0; i < count; ++i) {
        Range const test{first_test + tested * i / count, first_test + tested * (i + 1) / count};
        std::size_t const begin = training == Training::anchored ? 0 : test.begin - first_test;
        windows.push_back({{begin, test.begin - gap}, test});
    }
    return windows;
}

}  // namespace vaster::backtest

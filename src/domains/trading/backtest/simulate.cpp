#include "domains/trading/backtest/simulate.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "vaster/support/contracts.hpp"

namespace vaster::backtest {
namespace {

int sign_of(double value) {
    return value > 0 ? 1 : value < 0 ? -1 : 0;
}

class Trader {
  public:
    Trader(Prices const& prices, TradingRules const& rules) : prices_(prices), rules_(rules) {
        account_.returns.reserve(prices.size());
        account_.position.reserve(prices.size());
        if (rules.stop_loss_atr > 0 || rules.trailing_stop_atr > 0) true_range_ = mean_true_range(prices);
    }

    /// Bar t, at whose beginning the wish is known.
    void live_through(std::size_t t, double wish) {
        bar_ = t;
        if (equity_ > 0) {
            if (rules_.fill == Fill::next_open) follow(wish, prices_.open[t]);
            watch_levels();
            if (rules_.fill == Fill::next_close) follow(wish, prices_.close[t]);
        }
        mark();
    }

    Account finish() {
        if (trade_) close_trade();
        return std::move(account_);
    }

    void first_bar() {
        account_.returns.push_back(0);
        account_.position.push_back(0);
    }

  private:
    void follow(double wish, double price) {
        if (sign_of(wish) != barred_side_) barred_side_ = 0;
        if (wish == followed_ || barred_side_ != 0) return;
        followed_ = wish;
        if (trade_ && sign_of(wish) != trade_->side) {
            exchange(0, price);
            close_trade();
        }
        if (wish == 0) return;
        if (!trade_) open_trade(sign_of(wish), price);
        exchange(wish, price);
    }

    /// Makes the position this share of equity at this price.
    void exchange(double share, double price) {
        double const equity = cash_ + units_ * price;
        if (equity <= 0) return;
        double const wanted = share * equity / price;
        double const notional = std::abs(wanted - units_) * price;
        double const cost = notional * (rules_.fee + rules_.slippage);
        cash_ -= (wanted - units_) * price + cost;
        units_ = wanted;
        account_.turnover += notional / equity;
        account_.costs += cost / equity;
        last_price_ = price;
    }

    void open_trade(int side, double price) {
        trade_.emplace();
        trade_->entry = bar_;
        trade_->side = side;
        equity_at_entry_ = cash_;
        entry_price_ = best_price_ = price;
        double const range = true_range_.empty() ? 0 : true_range_[bar_ - 1];
        stop_distance_ = nearer(rules_.stop_loss * price, rules_.stop_loss_atr * range);
        trailing_range_ = rules_.trailing_stop_atr * range;
    }

    void close_trade() {
        trade_->exit = bar_;
        trade_->profit = (cash_ + units_ * last_price_) / equity_at_entry_ - 1;
        account_.trades.push_back(*trade_);
        trade_.reset();
    }

    /// Does the bar reach a level at which the position is to be closed? If so, closes it there.
    void watch_levels() {
        if (!trade_) return;
        auto const price = price_of_exit();
        int const side = trade_->side;
        best_price_ =
            side > 0 ? std::max(best_price_, prices_.high[bar_]) : std::min(best_price_, prices_.low[bar_]);
        if (!price) return;
        exchange(0, *price);
        close_trade();
        barred_side_ = side;
        followed_ = 0;
    }

    [[nodiscard]] std::optional<double> price_of_exit() const {
        double const side = trade_->side;
        double const open = prices_.open[bar_];
        double const worst = side > 0 ? prices_.low[bar_] : prices_.high[bar_];
        double const best = side > 0 ? prices_.high[bar_] : prices_.low[bar_];
        auto const loss = loss_level();
        auto const profit = profit_level();
        bool const beyond = (loss && (open - *loss) * side <= 0) || (profit && (open - *profit) * side >= 0);
        if (beyond) return open;
        if (loss && (worst - *loss) * side <= 0) return loss;
        if (profit && (best - *profit) * side >= 0) return profit;
        return std::nullopt;
    }

    /// The smaller of two distances; 0 is none.
    static double nearer(double a, double b) { return a > 0 && b > 0 ? std::min(a, b) : std::max(a, b); }

    /// The nearer one of stop loss and trailing stop.
    [[nodiscard]] std::optional<double> loss_level() const {
        double const side = trade_->side;
        std::optional<double> level;
        if (stop_distance_ > 0) level = entry_price_ - side * stop_distance_;
        double const distance = nearer(rules_.trailing_stop * best_price_, trailing_range_);
        if (distance > 0) {
            double const trailing = best_price_ - side * distance;
            if (!level || (trailing - *level) * side > 0) level = trailing;
        }
        return level;
    }

    [[nodiscard]] std::optional<double> profit_level() const {
        if (rules_.take_profit <= 0) return std::nullopt;
        return entry_price_ * (1 + trade_->side * rules_.take_profit);
    }

    void mark() {
        double const close = prices_.close[bar_];
        last_price_ = close;
        double const before = equity_;
        equity_ = std::max(0.0, cash_ + units_ * close);
        account_.returns.push_back(before > 0 ? equity_ / before - 1 : 0);
        if (equity_ > 0) {
            account_.position.push_back(units_ * close / equity_);
            return;
        }
        account_.position.push_back(0);
        cash_ = units_ = 0;
        if (trade_) close_trade();
    }

    Prices const& prices_;
    TradingRules const& rules_;
    Account account_;
    double cash_ = 1;
    double units_ = 0;
    double equity_ = 1;
    double followed_ = 0;  ///< the wish that the position was made for
    int barred_side_ = 0;  ///< of a position that was closed by a level: not taken again at once
    std::size_t bar_ = 0;
    double last_price_ = 0;
    std::optional<Trade> trade_;
    double equity_at_entry_ = 1;
    double entry_price_ = 0;
    double best_price_ = 0;           ///< since the entry, of bars before this one
    std::vector<double> true_range_;  ///< empty where no rule needs it
    double stop_distance_ = 0;        ///< from the entry price
    double trailing_range_ = 0;       ///< distance from the best price, of trailing_stop_atr
};

}  // namespace

std::vector<double> mean_true_range(Prices const& prices) {
    constexpr std::size_t window = 14;
    std::vector<double> ranges;
    std::vector<double> means;
    double sum = 0;
    for (std::size_t t = 0; t < prices.size(); ++t) {
        double const before = t > 0 ? prices.close[t - 1] : prices.open[t];
        ranges.push_back(std::max(prices.high[t], before) - std::min(prices.low[t], before));
        sum += ranges.back();
        if (t >= window) sum -= ranges[t - window];
        means.push_back(sum / static_cast<double>(std::min(t + 1, window)));
    }
    return means;
}

Account simulate(Prices const& prices, std::span<double const> wishes, TradingRules const& rules) {
    VASTER_EXPECTS(wishes.size() == prices.size());
    Trader trader(prices, rules);
    if (prices.size() > 0) trader.first_bar();
    for (std::size_t t = 1; t < prices.size(); ++t) trader.live_through(t, wishes[t - 1]);
    return trader.finish();
}

}  // namespace vaster::backtest

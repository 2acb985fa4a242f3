// Trees on the main directions of many indicators.
#include <algorithm>
#include <cmath>
#include <string>

#include "domains/trading/indicators/indicators.hpp"
#include "domains/trading/strategies/learning.hpp"
#include "domains/trading/strategies/principal_components.hpp"
#include "domains/trading/strategies/regression_forest.hpp"
#include "domains/trading/strategies/rules.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::strategies {
namespace {

constexpr std::size_t refit_every = 125;  ///< [bars]
constexpr std::size_t first_row = 105;    ///< from here on all features are there
constexpr std::uint64_t forest_seed = 42;
constexpr std::size_t n_features = 72;

/// Standardised third and fourth moment, less 3, of the last n values.
struct Shape {
    Series skewness;
    Series kurtosis;
};

Shape shape_of(View x, std::size_t n) {
    Series const mean = rolling_mean(x, n);
    Series const deviation = rolling_deviation(x, n, Deviation::population);
    Shape result{mean, mean};
    Series z(n);
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(deviation[i]) || deviation[i] == 0) continue;
        View const window = x.subspan(i + 1 - n, n);
        for (std::size_t k = 0; k < n; ++k) z[k] = (window[k] - mean[i]) / deviation[i];
        double cubes = 0;
        double fourths = 0;
        for (double const value : z) {
            double const cube = value * value * value;
            cubes += cube;
            fourths += cube * value;
        }
        result.skewness[i] = cubes / static_cast<double>(n);
        result.kurtosis[i] = fourths / static_cast<double>(n) - 3;
    }
    return result;
}

/// The features, all of them: levels against the close, so that the price itself does not matter.
class Features {
  public:
    Features(market::Bars const& bars, Indicators kind)
        : bars_(bars), kind_(kind), rows_{n_features, std::vector<double>(bars.size() * n_features)} {
        returns_ = relative_change(bars.close);
        averages();
        strengths();
        divergences();
        volatility();
        paths();
        for (std::size_t const n : {1, 2, 3, 5})
            for (Series const& series : {returns_, rsi_14_, deviation_20_, volume_20_})
                add(lagged(series, n));
        VASTER_ENSURES(n_added_ == n_features);
    }

    [[nodiscard]] Rows take() && { return std::move(rows_); }

  private:
    void add(View series) {
        for (std::size_t i = 0; i < series.size(); ++i)
            rows_.values[i * n_features + n_added_] = std::isfinite(series[i]) ? series[i] : 0;
        ++n_added_;
    }

    void averages() {
        for (std::size_t const n : {5, 10, 20, 50, 100}) {
            add(ratio(bars_.close, rolling_mean(bars_.close, n)));
            add(ratio(bars_.close, exponential_average(bars_.close, n, kind_)));
        }
    }

    void strengths() {
        for (std::size_t const n : {7, 14, 21, 28}) {
            Series const rsi = relative_strength(bars_.close, n, kind_);
            Series beyond = rsi;
            for (double& x : beyond) x = (x - 50) / 20;
            if (n == 14) rsi_14_ = rsi;
            add(change(rsi));
            add(rsi);
            add(beyond);
        }
    }

    void divergences() {
        struct Spans {
            std::size_t fast;
            std::size_t slow;
            std::size_t signal;
        };

        for (Spans const spans : {Spans{12, 26, 9}, Spans{5, 35, 5}, Spans{8, 21, 5}}) {
            Series macd = exponential_average(bars_.close, spans.fast, kind_);
            Series const slow = exponential_average(bars_.close, spans.slow, kind_);
            for (std::size_t i = 0; i < macd.size(); ++i) macd[i] = (macd[i] - slow[i]) / bars_.close[i];
            Series const signal = exponential_average(macd, spans.signal, kind_);
            Series rest = macd;
            for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= signal[i];
            add(macd);
            add(signal);
            add(rest);
        }
    }

    void volatility() {
        for (std::size_t const n : {10, 20, 50}) {
            Series const deviation = rolling_deviation(returns_, n);
            Series const volume = ratio(bars_.volume, rolling_mean(bars_.volume, n));
            if (n == 20) deviation_20_ = deviation;
            if (n == 20) volume_20_ = volume;
            add(deviation);
            add(ratio(deviation, rolling_mean(deviation, n)));
            add(volume);
        }
        for (std::size_t const n : {20, 50, 100}) {
            Shape const shape = shape_of(returns_, n);
            add(shape.skewness);
            add(shape.kurtosis);
        }
    }

    void paths() {
        for (std::size_t const n : {10, 20, 50, 100}) {
            Series const low = rolling_min(bars_.low, n);
            Series const high = rolling_max(bars_.high, n);
            Series place(low.size());
            for (std::size_t i = 0; i < low.size(); ++i)
                place[i] = (bars_.close[i] - low[i]) / (high[i] - low[i]);
            add(place);
        }
        for (std::size_t const n : {5, 10, 20}) {
            add(relative_change(bars_.close, n));
            add(relative_change(rolling_mean(bars_.close, n), n));
        }
    }

    market::Bars const& bars_;
    Indicators kind_;
    Rows rows_;
    std::size_t n_added_ = 0;
    Series returns_;
    Series rsi_14_;
    Series deviation_20_;
    Series volume_20_;
};

/// The return over the horizon; 0 where it is not known yet.
Series returns_ahead(View close) {
    Series result(close.size());
    for (std::size_t i = 0; i + horizon < close.size(); ++i) result[i] = close[i + horizon] / close[i] - 1;
    return result;
}

Series foretell(Input const& in, std::vector<LearningStep> const& steps) {
    Rows const rows = Features(in.bars, in.settings.indicators).take();
    Series const answers = returns_ahead(in.bars.close);
    Series result(in.size(), std::nan(""));
    for (LearningStep const& step : steps) {
        // Published: scaled and turned by the whole history.
        std::size_t const begin = in.is_published() ? 0 : step.learn_begin;
        Scaling const scaling(rows, begin, step.learn_end);
        Rows const directions = principal_directions({rows, begin, step.learn_end}, scaling, in.period(0));
        Rows const seen = project({rows, step.learn_begin, step.learn_end}, scaling, directions);
        ForestOptions const options{std::min<std::size_t>(100, in.period(2)), in.period(1)};
        Random const random = random_stream(
            forest_seed, "PCA_Tree_Quantile bar=" + std::to_string(step.use_begin), Purpose::fit);
        ForestAndTree const trees(seen, View(answers).subspan(step.learn_begin, seen.size()), options,
                                  random);
        Rows const asked = project({rows, step.use_begin, step.use_end}, scaling, directions);
        auto const told = trees.predict(asked);
        std::copy(told.begin(), told.end(), result.begin() + static_cast<std::ptrdiff_t>(step.use_begin));
    }
    return result;
}

}  // namespace

Series pca_tree_quantile(Input const& in) {
    std::size_t const window = in.period(4);
    double const share = in.genes[3];
    Series const told =
        foretell(in, in.is_published() ? look_back(in.size(), window)
                                       : walk_forward(in.size(), first_row, window, refit_every));
    Series const high = rolling_quantile(told, 100, share, in.is_published() ? 0 : 20);
    Series const low = rolling_quantile(told, 100, 1 - share, in.is_published() ? 0 : 20);
    Series signal(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (told[i] > high[i]) signal[i] = 1;
        if (told[i] < low[i]) signal[i] = -1;
    }
    return signal;
}

}  // namespace vaster::strategies

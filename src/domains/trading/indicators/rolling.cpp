#include "domains/trading/indicators/rolling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vaster/support/contracts.hpp"

namespace vaster::strategies {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// How many values are slid over before sums of squares are begun anew.
constexpr std::size_t restart_after = 256;

/// A sum that carries its rounding error along. Neumaier (1974), doi:10.1002/zamm.19740540106.
class Sum {
  public:
    void add(double x) {
        double const sum = sum_ + x;
        error_ += std::abs(sum_) >= std::abs(x) ? (sum_ - sum) + x : (x - sum) + sum_;
        sum_ = sum;
    }

    [[nodiscard]] double value() const { return sum_ + error_; }

  private:
    double sum_ = 0;
    double error_ = 0;
};

template <class Finish>
Series slide_sum(View x, std::size_t window, std::size_t enough, Finish finish) {
    VASTER_EXPECTS(window >= 1);
    if (enough == 0) enough = window;
    Series result(x.size(), missing);
    Sum sum;
    std::size_t n = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (i >= window && !std::isnan(x[i - window])) {
            --n;
            if (n == 0)
                sum = {};
            else
                sum.add(-x[i - window]);
        }
        if (!std::isnan(x[i])) {
            ++n;
            sum.add(x[i]);
        }
        if (n >= enough) result[i] = finish(sum.value(), n);
    }
    return result;
}

/// Sums of a window's values and their squares, both around a value nearby.
class Moments {
  public:
    explicit Moments(double pivot) : pivot_(pivot) {}

    void add(double x) {
        sum_.add(x - pivot_);
        squares_.add((x - pivot_) * (x - pivot_));
    }

    void remove(double x) {
        sum_.add(pivot_ - x);
        squares_.add(-(x - pivot_) * (x - pivot_));
    }

    [[nodiscard]] double deviation(std::size_t n, Deviation kind) const {
        auto const count = static_cast<double>(n);
        double const about_mean = squares_.value() - sum_.value() * sum_.value() / count;
        return std::sqrt(std::max(0.0, about_mean) / (kind == Deviation::sample ? count - 1 : count));
    }

  private:
    double pivot_;
    Sum sum_;
    Sum squares_;
};

/// Extremes in constant time a value: those that may still become the extreme wait in a queue.
template <class Beats>
Series rolling_extreme(View x, std::size_t window, Beats beats) {
    VASTER_EXPECTS(window >= 1);
    Series result(x.size(), missing);
    std::vector<std::size_t> queue(x.size());
    std::size_t front = 0;
    std::size_t back = 0;
    std::size_t numbers = 0;  // in a row, up to here
    for (std::size_t i = 0; i < x.size(); ++i) {
        numbers = std::isnan(x[i]) ? 0 : numbers + 1;
        if (numbers == 0) {
            front = back;
            continue;
        }
        while (back > front && !beats(x[queue[back - 1]], x[i])) --back;
        queue[back++] = i;
        if (queue[front] + window <= i) ++front;
        if (numbers >= window) result[i] = x[queue[front]];
    }
    return result;
}

/// Calls visit(i) for every bar whose window has numbers only.
template <class Visit>
void for_full_windows(View x, std::size_t window, Visit visit) {
    std::size_t numbers = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        numbers = std::isnan(x[i]) ? 0 : numbers + 1;
        if (numbers >= window) visit(i);
    }
}

double quantile_of_sorted(View sorted, double p) {
    double const h = static_cast<double>(sorted.size() - 1) * p;
    auto const below = static_cast<std::size_t>(h);
    if (below + 1 == sorted.size()) return sorted[below];
    return sorted[below] + (h - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

}  // namespace

Series rolling_sum(View x, std::size_t window, std::size_t enough) {
    return slide_sum(x, window, enough, [](double sum, std::size_t) { return sum; });
}

Series rolling_mean(View x, std::size_t window, std::size_t enough) {
    return slide_sum(x, window, enough,
                     [](double sum, std::size_t n) { return sum / static_cast<double>(n); });
}

Series rolling_deviation(View x, std::size_t window, Deviation kind) {
    VASTER_EXPECTS(window >= 2);
    Series result(x.size(), missing);
    Moments moments(0);
    std::size_t next_restart = 0;
    std::size_t last_change = 0;
    std::size_t previous = x.size();
    for_full_windows(x, window, [&](std::size_t i) {
        if (i >= next_restart || previous + 1 != i) {
            moments = Moments(x[i]);
            for (std::size_t k = i + 1 - window; k <= i; ++k) moments.add(x[k]);
            for (last_change = i; last_change + window > i + 1 && x[last_change - 1] == x[i];) --last_change;
            next_restart = i + restart_after;
        } else {
            moments.remove(x[i - window]);
            moments.add(x[i]);
            if (x[i] != x[i - 1]) last_change = i;
        }
        previous = i;
        result[i] = last_change + window <= i + 1 ? 0 : moments.deviation(window, kind);
    });
    return result;
}

Series rolling_max(View x, std::size_t window) {
    return rolling_extreme(x, window, [](double a, double b) { return a > b; });
}

Series rolling_min(View x, std::size_t window) {
    return rolling_extreme(x, window, [](double a, double b) { return a < b; });
}

Series rolling_quantile(View x, std::size_t window, double p, std::size_t enough) {
    VASTER_EXPECTS(window >= 1 && p >= 0 && p <= 1);
    if (enough == 0) enough = window;
    Series result(x.size(), missing);
    Series sorted;
    sorted.reserve(window);
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (i >= window && !std::isnan(x[i - window]))
            sorted.erase(std::lower_bound(sorted.begin(), sorted.end(), x[i - window]));
        if (!std::isnan(x[i])) sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), x[i]), x[i]);
        if (sorted.size() >= enough) result[i] = quantile_of_sorted(sorted, p);
    }
    return result;
}

Series rolling_rank(View x, std::size_t window) {
    VASTER_EXPECTS(window >= 1);
    Series result(x.size(), missing);
    for_full_windows(x, window, [&](std::size_t i) {
        int below = 0;
        int equal = 0;
        for (double const other : x.subspan(i + 1 - window, window)) {
            below += other < x[i] ? 1 : 0;
            equal += other == x[i] ? 1 : 0;
        }
        result[i] = (below + 0.5 * (equal + 1)) / static_cast<double>(window);
    });
    return result;
}

Series lagged(View x, std::size_t bars) {
    Series result(x.size(), missing);
    if (bars < x.size())
        std::copy(x.begin(), x.end() - static_cast<std::ptrdiff_t>(bars),
                  result.begin() + static_cast<std::ptrdiff_t>(bars));
    return result;
}

Series change(View x, std::size_t bars) {
    Series result(x.size(), missing);
    for (std::size_t i = bars; i < x.size(); ++i) result[i] = x[i] - x[i - bars];
    return result;
}

Series relative_change(View x, std::size_t bars) {
    Series result(x.size(), missing);
    for (std::size_t i = bars; i < x.size(); ++i) result[i] = x[i] / x[i - bars] - 1;
    return result;
}

Series ratio(View a, View b) {
    VASTER_EXPECTS(a.size() == b.size());
    Series result(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] / b[i];
    return result;
}

Series filled(Series x, double value) {
    for (double& number : x)
        if (std::isnan(number)) number = value;
    return x;
}

}  // namespace vaster::strategies

#include "domains/va/prediction/calibration.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "base/csv/csv.hpp"
#include "base/stats/quantile.hpp"
#include "base/stats/samplers.hpp"
#include "base/support/nearest.hpp"
#include "domains/va/data/spellings.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void check_rows(ConfusionCounts const& confusion, std::vector<std::string> const& causes) {
    std::size_t const n = causes.size();
    std::vector<std::string> without;
    for (std::size_t i = 0; i < n; ++i) {
        auto const row = std::span(confusion.deaths).subspan(i * n, n);
        if (std::all_of(row.begin(), row.end(), [](std::uint64_t deaths) { return deaths == 0; }))
            without.push_back(causes[i]);
    }
    require<DataError>(
        without.empty(),
        "{}: no death has the true cause {}, so that nothing says how such deaths are assigned; "
        "give another matrix with --confusion, or leave --calibrate out",
        confusion.source, fmt::join(without, ", "));
}

std::uint64_t count_in(std::string_view text, csv::CsvReader const& table, std::string_view column) {
    std::uint64_t count = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    constexpr std::uint64_t most = 1000000000;
    require<DataError>(
        problem == std::errc() && end == text.data() + text.size() && count <= most,
        "{}, line {}, column '{}': '{}' is not a count of deaths (a whole number from 0 to {}); "
        "shares do not say how sure they are",
        table.name(), table.line(), column, text, most);
    return count;
}

std::size_t place_of(std::string_view cause, std::vector<std::string> const& causes,
                     std::string const& where) {
    auto const place = std::find(causes.begin(), causes.end(), cause);
    require<DataError>(place != causes.end(), "{}: '{}' is not a cause of the model; {}", where, cause,
                       suggestion(cause, causes, "its causes are"));
    return static_cast<std::size_t>(place - causes.begin());
}

/// Reads a matrix of counts.
class ConfusionReader {
  public:
    ConfusionReader(std::filesystem::path const& path, std::vector<std::string> const& causes)
        : table_(path), causes_(causes), true_cause_(table_.position("cause", "the true causes")) {}

    ConfusionCounts read() && {
        find_columns();
        std::size_t const n = causes_.size();
        std::vector<bool> seen(n, false);
        ConfusionCounts confusion{std::vector<std::uint64_t>(n * n, 0), table_.name()};
        while (table_.next()) {
            auto const cells = table_.cells();
            auto const where = fmt::format("{}, line {}", table_.name(), table_.line());
            auto const row = place_of(trimmed(cells[true_cause_]), causes_, where);
            require<DataError>(!seen[row], "{}: cause '{}' is there twice", where, causes_[row]);
            seen[row] = true;
            for (std::size_t c = 0; c < n; ++c)
                confusion.deaths[row * n + c] = count_in(trimmed(cells[column_of_[c]]), table_, causes_[c]);
        }
        require_all(seen, "row");
        check_rows(confusion, causes_);
        return confusion;
    }

  private:
    void find_columns() {
        std::vector<bool> seen(causes_.size(), false);
        column_of_.assign(causes_.size(), 0);
        for (std::size_t j = 0; j < table_.header().size(); ++j) {
            if (j == true_cause_) continue;
            auto const cause = place_of(trimmed(table_.header()[j]), causes_,
                                        fmt::format("{}, column {}", table_.name(), j + 1));
            seen[cause] = true;
            column_of_[cause] = j;
        }
        require_all(seen, "column");
    }

    void require_all(std::vector<bool> const& seen, std::string_view what) const {
        std::vector<std::string> absent;
        for (std::size_t c = 0; c < seen.size(); ++c)
            if (!seen[c]) absent.push_back(causes_[c]);
        require<DataError>(absent.empty(), "{} has no {} for {} of the model's {} causes: {}", table_.name(),
                           what, absent.size(), causes_.size(), fmt::join(absent, ", "));
    }

    csv::CsvReader table_;
    std::vector<std::string> const& causes_;
    std::size_t true_cause_;
    std::vector<std::size_t> column_of_;  ///< [n_causes]
};

/// Assigned causes and a matrix, and draws of both.
class Calibration {
  public:
    Calibration(std::span<double const> assigned, ConfusionCounts const& confusion, Random random)
        : n_(assigned.size()), counts_(confusion.deaths.begin(), confusion.deaths.end()), random_(random) {
        for (double& count : counts_) count += 1 / static_cast<double>(n_);
        for (std::size_t j = 0; j < n_; ++j) {
            deaths_.push_back(assigned[j]);
            if (assigned[j] == 0) continue;
            seen_.push_back(j);
            weights_.push_back(assigned[j]);
        }
    }

    /// The fractions that make the assigned causes most likely.
    [[nodiscard]] std::vector<double> estimate() const {
        std::vector<double> shares(counts_);
        for (std::size_t i = 0; i < n_; ++i) {
            auto const row = std::span(shares).subspan(i * n_, n_);
            double const sum = std::accumulate(row.begin(), row.end(), 0.0);
            for (double& share : row) share /= sum;
        }
        return most_likely_fractions(deaths_, shares);
    }

    /// The same for a draw of the matrix and of the assigned causes.
    [[nodiscard]] std::vector<double> draw() {
        std::vector<double> shares(counts_.size());
        for (std::size_t i = 0; i < n_; ++i) {
            auto const row = std::span(shares).subspan(i * n_, n_);
            stats::sample_dirichlet(random_, std::span(counts_).subspan(i * n_, n_), row);
            constexpr double least = 1e-300;  // a share may underflow, but is not impossible
            for (double& share : row) share = std::max(share, least);
        }
        std::vector<double> drawn(weights_.size());
        stats::sample_dirichlet(random_, weights_, drawn);
        std::vector<double> deaths(n_, 0.0);
        for (std::size_t k = 0; k < seen_.size(); ++k) deaths[seen_[k]] = drawn[k];
        constexpr double gap = 1e-5;  // far below what draws differ by
        return most_likely_fractions(deaths, shares, gap);
    }

  private:
    std::size_t n_;
    std::vector<double> counts_;     ///< with the prior, [n_causes][n_causes]
    std::vector<double> deaths_;     ///< by assigned cause
    std::vector<std::size_t> seen_;  ///< causes that were assigned
    std::vector<double> weights_;    ///< their deaths
    Random random_;
};

}  // namespace

std::uint64_t ConfusionCounts::total() const {
    return std::accumulate(deaths.begin(), deaths.end(), std::uint64_t{0});
}

ConfusionCounts confusion_of(KeptModel const& model, Calibrate calibrate) {
    bool const by_sites = calibrate == Calibrate::transfer;
    std::string_view const design = by_sites ? "leave_one_site_out" : "cv";
    auto const* const inner = model.inner_of(design);
    require<DataError>(
        inner != nullptr,
        "--calibrate {}: the model file has no inner results of design {}; 'vaster train' makes "
        "them with --inner {}",
        by_sites ? "transfer" : "inner", design, design);
    ConfusionCounts confusion{
        inner->confusion, by_sites ? "inner results, each site left out in turn" : "inner cross-validation"};
    check_rows(confusion, model.causes);
    return confusion;
}

ConfusionCounts read_confusion(std::filesystem::path const& path, std::vector<std::string> const& causes) {
    return ConfusionReader(path, causes).read();
}

std::vector<double> most_likely_fractions(std::span<double const> assigned, std::span<double const> shares,
                                          double gap) {
    std::size_t const n = assigned.size();
    VASTER_EXPECTS(n > 0 && shares.size() == n * n);
    double const total = std::accumulate(assigned.begin(), assigned.end(), 0.0);
    VASTER_EXPECTS(total > 0);
    std::vector<double> fractions(n, 1 / static_cast<double>(n));
    std::vector<double> expected(n);
    constexpr std::size_t most_steps = 200000;
    for (std::size_t step = 0; step < most_steps; ++step) {
        std::fill(expected.begin(), expected.end(), 0.0);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) expected[j] += fractions[i] * shares[i * n + j];
        double steepest = 0;
        for (std::size_t i = 0; i < n; ++i) {
            double slope = 0;
            for (std::size_t j = 0; j < n; ++j) slope += assigned[j] * shares[i * n + j] / expected[j];
            slope /= total;
            steepest = std::max(steepest, slope);
            fractions[i] *= slope;
        }
        if (steepest - 1 <= gap) break;
    }
    return fractions;
}

std::vector<CalibratedFraction> calibrated_fractions(std::span<double const> assigned,
                                                     ConfusionCounts const& confusion, std::uint64_t seed,
                                                     std::size_t n_draws) {
    std::size_t const n = assigned.size();
    VASTER_EXPECTS(confusion.deaths.size() == n * n);
    if (std::all_of(assigned.begin(), assigned.end(), [](double deaths) { return deaths == 0; }))
        return std::vector<CalibratedFraction>(n, {nan, nan, nan});
    Calibration calibration(assigned, confusion,
                            random_stream(seed, "calibrated fractions", Purpose::resample));
    auto const estimate = calibration.estimate();
    std::vector<std::vector<double>> draws(n, std::vector<double>(n_draws));
    for (std::size_t t = 0; t < n_draws; ++t) {
        auto const fractions = calibration.draw();
        for (std::size_t i = 0; i < n; ++i) draws[i][t] = fractions[i];
    }
    std::vector<CalibratedFraction> all;
    all.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
        auto const interval = stats::percentile_interval(draws[i]);
        all.push_back({estimate[i], interval.lo, interval.hi});
    }
    return all;
}

}  // namespace vaster::va

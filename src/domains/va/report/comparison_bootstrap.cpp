#include "domains/va/report/comparison_bootstrap.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <span>

#include "base/stats/bootstrap.hpp"
#include "base/stats/quantile.hpp"
#include "base/stats/summary.hpp"
#include "base/support/hash.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// So many resamples are counted side by side.
constexpr std::size_t lanes = 16;
using Lanes = std::array<double, lanes>;

/// How often each death is in so many resamples.
class Times {
  public:
    Times(std::size_t n_deaths, std::size_t n_resamples)
        : n_((n_resamples + lanes - 1) / lanes * lanes), times_(n_deaths * n_, 0U) {}

    void set(std::size_t resample, std::span<std::uint32_t const> of_deaths) {
        for (std::size_t death = 0; death < of_deaths.size(); ++death)
            times_[death * n_ + resample] = of_deaths[death];
    }

    /// In `lanes` resamples from `first` on; in none beyond the last one.
    [[nodiscard]] std::uint32_t const* of(std::size_t death, std::size_t first) const {
        return &times_[death * n_ + first];
    }

  private:
    std::size_t n_;  ///< resamples, in whole lanes
    std::vector<std::uint32_t> times_;
};

/// Weights of one experiment in some resamples.
class Tally {
  public:
    explicit Tally(std::size_t n_causes)
        : truth_(n_causes), predicted_(n_causes), true_shares_(n_causes), predicted_shares_(n_causes) {}

    void count(std::span<TestedDeath const> tested, Times const& times, std::size_t first) {
        std::fill(truth_.begin(), truth_.end(), Lanes{});
        std::fill(predicted_.begin(), predicted_.end(), Lanes{});
        n_ = right_ = in_top3_ = {};
        for (auto const& death : tested) {
            auto const* const drawn = times.of(death.death, first);
            Lanes weight;
            for (std::size_t lane = 0; lane < lanes; ++lane) weight[lane] = drawn[lane] * death.weight;
            add(truth_[static_cast<std::size_t>(death.truth)], weight);
            add(predicted_[static_cast<std::size_t>(death.predicted)], weight);
            add(n_, weight);
            if (death.right()) add(right_, weight);
            if (death.in_top3) add(in_top3_, weight);
        }
    }

    [[nodiscard]] double csmf_accuracy(std::size_t lane) {
        if (n_[lane] == 0) return missing;
        for (std::size_t cause = 0; cause < truth_.size(); ++cause) {
            true_shares_[cause] = truth_[cause][lane] / n_[lane];
            predicted_shares_[cause] = predicted_[cause][lane] / n_[lane];
        }
        return va::csmf_accuracy(true_shares_, predicted_shares_);
    }

    [[nodiscard]] double cod_accuracy(std::size_t lane) const {
        return n_[lane] == 0 ? missing : right_[lane] / n_[lane];
    }

    [[nodiscard]] double top3_accuracy(std::size_t lane) const {
        return n_[lane] == 0 ? missing : in_top3_[lane] / n_[lane];
    }

  private:
    static void add(Lanes& sums, Lanes const& more) {
        for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += more[lane];
    }

    std::vector<Lanes> truth_, predicted_;  ///< of each cause
    Lanes n_{}, right_{}, in_top3_{};
    std::vector<double> true_shares_, predicted_shares_;  ///< in one lane
};

using TallyMetric = double (*)(Tally&, std::size_t lane);

/// The metrics that counts of predictions give; nullptr for all others.
TallyMetric tally_metric(std::string const& name) {
    static std::map<std::string, TallyMetric> const known{
        {"csmf_accuracy", [](Tally& t, std::size_t lane) { return t.csmf_accuracy(lane); }},
        {"cccsmf_accuracy",
         [](Tally& t, std::size_t lane) { return va::chance_corrected(t.csmf_accuracy(lane)); }},
        {"cod_accuracy", [](Tally& t, std::size_t lane) { return t.cod_accuracy(lane); }},
        {"top3_accuracy", [](Tally& t, std::size_t lane) { return t.top3_accuracy(lane); }},
    };
    auto const found = known.find(name);
    return found == known.end() ? nullptr : found->second;
}

/// Draws deaths within each site. Each site's tested deaths have a stream of their own: the same deaths have
/// the same resamples, whatever the question.
class DeathResampler {
  public:
    DeathResampler(Deaths const& deaths, std::uint64_t seed) : deaths_(deaths), times_(deaths.rows().size()) {
        for (auto const& stratum : deaths.strata()) {
            auto const* rows = reinterpret_cast<char const*>(deaths.rows().data() + stratum.first);
            auto const hash = hash_text({rows, stratum.n * sizeof(std::int64_t)});
            streams_.push_back(random_stream(seed, "compare deaths=" + hash, Purpose::resample));
        }
    }

    /// How often each death is in the next resamples.
    [[nodiscard]] Times next(std::size_t n_resamples) {
        Times all(times_.size(), n_resamples);
        for (std::size_t r = 0; r < n_resamples; ++r) {
            for (std::size_t s = 0; s < streams_.size(); ++s) {
                auto const& stratum = deaths_.strata()[s];
                stats::resample_counts(streams_[s], std::span(times_).subspan(stratum.first, stratum.n));
            }
            all.set(r, times_);
        }
        return all;
    }

  private:
    Deaths const& deaths_;
    std::vector<std::uint32_t> times_;  ///< in one resample
    std::vector<Random> streams_;
};

/// What a model's metric at a place counts for in a contrast.
double weight_in(Contrast const& contrast, std::size_t model, std::size_t place) {
    if (model == contrast.plus) return contrast.weights.of(place);
    return model == contrast.minus ? -contrast.weights.of(place) : 0;
}

/// Sums of the contrasts in each resample.
class ContrastSums {
  public:
    ContrastSums(std::vector<Contrast> const& contrasts, std::size_t n_resamples)
        : contrasts_(contrasts), sums_(contrasts.size(), std::vector<double>(n_resamples, 0.0)) {}

    /// Adds a model's metric at a place in `n` resamples from `first` on.
    /// @param times  of those resamples
    void add(Deaths& deaths, std::size_t model, std::size_t place, TallyMetric measure, Tally& tally,
             Times const& times, std::size_t first, std::size_t n) {
        weights_.clear();
        for (std::size_t k = 0; k < contrasts_.size(); ++k)
            if (double const weight = weight_in(contrasts_[k], model, place); weight != 0)
                weights_.push_back({&sums_[k], weight});
        if (weights_.empty()) return;
        auto const tested = deaths.tested(model, place);
        if (tested.empty()) return;
        for (std::size_t begin = 0; begin < n; begin += lanes) {
            tally.count(tested, times, begin);
            for (std::size_t lane = 0; lane < lanes && begin + lane < n; ++lane) {
                double const value = measure(tally, lane);
                for (auto const& [sums, weight] : weights_) (*sums)[first + begin + lane] += weight * value;
            }
        }
    }

    [[nodiscard]] std::vector<double>& of(std::size_t contrast) { return sums_[contrast]; }

  private:
    struct Weighted {
        std::vector<double>* sums;
        double weight;
    };

    std::vector<Contrast> const& contrasts_;
    std::vector<std::vector<double>> sums_;  ///< [n_contrasts][n_resamples]
    std::vector<Weighted> weights_;          ///< of the model at the place, other than 0
};

}  // namespace

std::vector<double> measured_once(Deaths& deaths, std::size_t model, std::string const& metric) {
    std::vector<double> values(deaths.n_places(), missing);
    TallyMetric const measure = metric == "top3_accuracy" ? nullptr : tally_metric(metric);
    if (measure == nullptr) return values;
    Times once(deaths.rows().size(), 1);
    once.set(0, std::vector<std::uint32_t>(deaths.rows().size(), 1));
    Tally tally(deaths.n_causes());
    for (std::size_t place = 0; place < values.size(); ++place) {
        auto const tested = deaths.tested(model, place);
        if (tested.empty()) continue;
        tally.count(tested, once, 0);
        values[place] = measure(tally, 0);
    }
    return values;
}

double guessing(std::string const& metric, std::size_t n_causes) {
    if (metric == "cod_accuracy") return n_causes == 0 ? missing : 1 / static_cast<double>(n_causes);
    if (metric == "csmf_accuracy") return 1 - std::exp(-1.0);
    return metric == "cccsmf_accuracy" ? 0 : missing;
}

std::vector<Resampled> bootstrap_contrasts(Deaths& deaths, std::string const& metric,
                                           std::vector<Contrast> const& contrasts, std::size_t n_resamples,
                                           std::uint64_t seed, std::size_t room) {
    std::vector<Resampled> resampled(contrasts.size(), {missing, {missing, missing}, {}});
    TallyMetric const measure = tally_metric(metric);
    if (measure == nullptr) return resampled;
    std::size_t const bytes_of_lanes =
        std::max<std::size_t>(deaths.rows().size(), 1) * lanes * sizeof(std::uint32_t);
    std::size_t const at_once = std::max<std::size_t>(room / bytes_of_lanes, 1) * lanes;
    DeathResampler resampler(deaths, seed);
    ContrastSums sums(contrasts, n_resamples);
    Tally tally(deaths.n_causes());
    for (std::size_t first = 0; first < n_resamples; first += at_once) {
        std::size_t const n = std::min(at_once, n_resamples - first);
        auto const times = resampler.next(n);
        for (std::size_t model = 0; model < deaths.n_models(); ++model)
            for (std::size_t place = 0; place < deaths.n_places(); ++place)
                sums.add(deaths, model, place, measure, tally, times, first, n);
    }
    for (std::size_t k = 0; k < contrasts.size(); ++k)
        if (!contrasts[k].weights.none())
            resampled[k] = {stats::summarise(sums.of(k)).mean, stats::percentile_interval(sums.of(k)),
                            sums.of(k)};
    return resampled;
}

Discordance discordance_of(Deaths& deaths, std::size_t first, std::size_t second,
                           std::vector<bool> const& places) {
    Discordance discordance;
    std::vector<std::int64_t> differences(deaths.rows().size(), 0);
    std::vector<bool> seen(deaths.rows().size(), false);
    for (std::size_t place = 0; place < places.size(); ++place) {
        if (!places[place]) continue;
        auto const of_first = deaths.tested(first, place);
        auto const of_second = deaths.tested(second, place);
        if (of_first.empty() || of_second.empty()) continue;
        for (std::size_t i = 0; i < of_first.size(); ++i) {
            int const difference = int{of_first[i].right()} - int{of_second[i].right()};
            discordance.only_first += difference > 0 ? 1 : 0;
            discordance.only_second += difference < 0 ? 1 : 0;
            differences[of_first[i].death] += difference;
            seen[of_first[i].death] = true;
            ++discordance.tests;
        }
    }
    discordance.deaths = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), true));
    if (discordance.tests == 0)
        discordance.exact = {missing, missing};
    else
        discordance.exact = stats::sign_flip_test(differences);
    return discordance;
}

}  // namespace vaster::va

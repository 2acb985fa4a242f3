#include "domains/va/prediction/predict_block.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "domains/va/metrics/metrics.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Sub-populations by number, in byte order of their names.
struct Populations {
    std::vector<std::uint32_t> of_death;
    std::size_t n = 1;
    std::vector<std::string> names;
};

/// Those of a posterior. @throws DataError for one that it does not have
Populations populations_in(BatchLearning const& posterior, DeathsRead const& deaths,
                           std::span<std::uint32_t const> chosen) {
    Populations result;
    if (posterior.populations.empty()) return result;
    result.n = posterior.populations.size();
    result.of_death.reserve(chosen.size());
    for (std::uint32_t const i : chosen) {
        try {
            result.of_death.push_back(posterior.population(deaths.population[i]));
        } catch (DataError const& error) {
            throw DataError(fmt::format("row {}: {}", deaths.row[i], error.what()));
        }
    }
    return result;
}

Populations populations_of(DeathsRead const& deaths, std::span<std::uint32_t const> chosen) {
    Populations result;
    if (deaths.population.empty()) return result;
    std::vector<std::string> names = deaths.population;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    result.n = std::max<std::size_t>(names.size(), 1);
    for (std::uint32_t const i : chosen)
        result.of_death.push_back(static_cast<std::uint32_t>(
            std::lower_bound(names.begin(), names.end(), deaths.population[i]) - names.begin()));
    result.names = std::move(names);
    return result;
}

/// How many causes are more probable than one, or as probable and before it.
std::int32_t rank_of(std::span<double const> probability, std::size_t cause) {
    std::int32_t rank = 0;
    for (std::size_t c = 0; c < probability.size(); ++c)
        if (probability[c] > probability[cause] || (probability[c] == probability[cause] && c < cause))
            ++rank;
    return rank;
}

class BlockPredictor {
  public:
    BlockPredictor(ModelInUse const& model, DeathsRead const& deaths, PredictionOptions const& options,
                   PredictionLayout const& layout)
        : model_(model), deaths_(deaths), options_(options), layout_(layout) {
        result_.arrays.sums = layout.no_sums();
    }

    BlockResult predict(std::string_view test, std::string_view site, Watcher& watcher) && {
        choose();
        models::Prediction prediction;
        if (!chosen_.empty()) prediction = predicted(test, site, watcher);
        auto& cells = result_.cells;
        cells.deaths = static_cast<std::int64_t>(deaths_.row.size());
        cells.converged = prediction.sampling ? (prediction.sampling->converged ? 1 : 0) : nan;
        cells.rhat = prediction.sampling ? prediction.sampling->rhat : nan;
        if (result_.learned)
            keep_own(va::fractions_of(model_.kept, *result_.learned));
        else if (layout_.batches)
            keep_own(prediction);
        std::size_t next = 0;
        for (std::size_t i = 0; i < deaths_.row.size(); ++i) {
            bool const has_prediction = next < chosen_.size() && chosen_[next] == i;
            add(i, has_prediction ? prediction.of_death(next) : std::span<double const>());
            if (has_prediction) ++next;
        }
        return std::move(result_);
    }

  private:
    /// The deaths that the model is asked about.
    void choose() {
        for (std::uint32_t i = 0; i < deaths_.row.size(); ++i) {
            bool const left_out = deaths_.unreadable[i] ||
                                  (deaths_.unanswered[i] && options_.unanswered == Unanswered::undetermined);
            if (!left_out) chosen_.push_back(i);
        }
    }

    models::Prediction predicted(std::string_view test, std::string_view site, Watcher& watcher) {
        auto const& posterior = model_.posterior;
        Populations const populations =
            posterior ? populations_in(*posterior, deaths_, chosen_) : populations_of(deaths_, chosen_);
        models::TestSet const set{{deaths_.answers, chosen_}, {}, populations.of_death, populations.n};
        if (posterior) return va::predict(model_.kept, model_.members, *posterior, set, test, watcher);
        if (!model_.leaves_posterior)
            return va::predict(model_.kept, model_.members, set, test, watcher, site);
        result_.learned = learned(set, populations.names, test, watcher);
        return va::predict(model_.kept, model_.members, *result_.learned, set, test, watcher);
    }

    /// What the deaths teach the model, or so many of them as are to be sampled.
    [[nodiscard]] BatchLearning learned(models::TestSet const& deaths,
                                        std::vector<std::string> const& populations, std::string_view test,
                                        Watcher& watcher) const {
        std::vector<std::uint64_t> rows;
        rows.reserve(chosen_.size());
        for (auto const i : chosen_) rows.push_back(deaths_.row[i]);
        auto learning = learn_batch(
            model_.kept, model_.members,
            {deaths, sampled_deaths(rows, options_.seed, options_.fit_deaths), populations, test}, watcher);
        learning.model = model_.content;
        learning.seed = options_.seed;
        return learning;
    }

    void keep_own(models::CauseFractions const& fractions) {
        models::Prediction own;
        own.csmf = fractions.mean;
        own.sampling.emplace();
        own.sampling->csmf_lo = fractions.lo;
        own.sampling->csmf_hi = fractions.hi;
        keep_own(own);
    }

    void keep_own(models::Prediction const& prediction) {
        std::vector<double> const none(layout_.n_causes, nan);
        auto const or_none = [&](std::vector<double> const& values) {
            return values.size() == layout_.n_causes ? values : none;
        };
        auto& own = result_.arrays.own;
        own.fraction = or_none(prediction.csmf);
        own.lo = prediction.sampling ? or_none(prediction.sampling->csmf_lo) : none;
        own.hi = prediction.sampling ? or_none(prediction.sampling->csmf_hi) : none;
    }

    /// @param probability  empty: the model was not asked
    void add(std::size_t i, std::span<double const> probability) {
        DeathRow death;
        death.row = static_cast<std::int64_t>(deaths_.row[i]);
        death.causes.assign(layout_.top, -1);
        death.probabilities.assign(layout_.top, nan);
        death.true_cause = deaths_.truth[i];
        death.true_probability = nan;
        if (!deaths_.weight.empty()) death.weight = deaths_.weight[i];
        if (deaths_.unreadable[i]) death.flags |= flag_unreadable;
        if (deaths_.unanswered[i]) death.flags |= flag_unanswered;
        if (probability.empty())
            death.flags |= flag_undetermined;
        else
            fill(death, deaths_.group[i], probability);
        count(death);
        result_.arrays.deaths.push_back(std::move(death));
        if (!layout_.all) return;
        auto& all = result_.arrays.probability;
        if (probability.empty())
            all.insert(all.end(), layout_.n_causes, nan);
        else
            all.insert(all.end(), probability.begin(), probability.end());
    }

    void fill(DeathRow& death, std::size_t group, std::span<double const> probability) {
        auto const best = most_probable(probability, layout_.top);
        std::size_t top = best.front();
        death.probabilities.front() = probability[top];
        if (probability[top] < options_.undetermined_below) {
            death.flags |= flag_undetermined;
            top = layout_.n_causes;
        } else {
            for (std::size_t k = 0; k < best.size(); ++k) {
                death.causes[k] = static_cast<std::int32_t>(best[k]);
                death.probabilities[k] = probability[best[k]];
            }
        }
        if (death.true_cause >= 0) {
            auto const truth = static_cast<std::size_t>(death.true_cause);
            death.true_rank = rank_of(probability, truth);
            death.true_probability = probability[truth];
        }
        auto const bucket =
            bucket_of(options_.seed, static_cast<std::uint64_t>(death.row), layout_.n_buckets());
        result_.arrays.sums.add(group, bucket, probability, top, death.weight / deaths_.largest_weight);
        ++result_.cells.counted;
    }

    void count(DeathRow const& death) {
        auto& cells = result_.cells;
        bool const unreadable = (death.flags & flag_unreadable) != 0;
        if (unreadable) ++cells.unreadable;
        if ((death.flags & flag_unanswered) != 0) ++cells.unanswered;
        if ((death.flags & flag_undetermined) != 0 && !unreadable) ++cells.undetermined;
    }

    ModelInUse const& model_;
    DeathsRead const& deaths_;
    PredictionOptions const& options_;
    PredictionLayout const& layout_;
    std::vector<std::uint32_t> chosen_;
    BlockResult result_;
};

}  // namespace

BlockResult predict_block(ModelInUse const& model, DeathsRead const& deaths, PredictionOptions const& options,
                          PredictionLayout const& layout, std::string_view test, std::string_view site,
                          Watcher& watcher) {
    return BlockPredictor(model, deaths, options, layout).predict(test, site, watcher);
}

}  // namespace vaster::va

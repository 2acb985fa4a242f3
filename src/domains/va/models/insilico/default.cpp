#include "domains/va/models/insilico/default.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "base/stats/quantile.hpp"
#include "domains/va/models/insilico/chain.hpp"
#include "domains/va/models/insilico/density.hpp"
#include "domains/va/models/insilico/diagnostics.hpp"
#include "domains/va/models/insilico/likelihood.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models::insilicova {

namespace {

constexpr std::size_t thin = 4;                 ///< iterations between kept draws
constexpr std::size_t settle_iterations = 250;  ///< from a start to where its mode is looked at
constexpr std::size_t look_iterations = 150;
constexpr std::size_t glance_iterations = 50;  ///< after so many, and again, is it where a known mode is?
constexpr std::size_t apart_iterations =
    100;  ///< before a chain from another one's start counts as one of its own
constexpr std::size_t weigh_iterations = 800;  ///< behind the first estimate of a mode's weight
constexpr std::size_t first_check = 100;       ///< kept draws a chain before convergence is judged
constexpr double same_mode_distance = 5;       ///< standard deviations
constexpr double negligible = -12;             ///< log weight below the heaviest mode's

/// Values of the levels that a start's first causes of death are drawn with.
enum class FirstLevels {
    interva,    ///< InterVA's, as the reference's
    trained,    ///< those of the training deaths
    scattered,  ///< at random, in order
};

/// Will convergence be judged again if it is not there yet?
enum class ConvergenceLook { one_of_several, last };

/// One chain: where it stands, and its own stream.
struct Chain {
    State state;
    Random random;
};

/// Means and standard deviations of the fractions and levels of a stretch of a chain.
struct Snapshot {
    std::vector<double> mean;
    std::vector<double> sd;
};

/// A mode while it is worked on.
struct Region {
    std::vector<Chain> members;  ///< starts that ended in it
    Snapshot snapshot;
    std::vector<double> coordinates;               ///< draws for the weight
    std::vector<std::vector<double>> csmf_draws;   ///< kept draws of each chain
    std::vector<std::vector<double>> level_draws;  ///< of each chain
    std::vector<double> probability;               ///< mean of P(cause | death)
    double log_evidence = 0;                       ///< NaN where it could not be estimated
    double rhat = 0;
    double ess = 0;
    std::size_t iterations = 0;
    bool converged = false;

    [[nodiscard]] bool is_sampled() const { return iterations > 0; }
};

class Sampler {
  public:
    Sampler(Problem const& problem, SamplerOptions const& options, Random random, Watcher& watcher)
        : problem_(problem),
          options_(options),
          random_(random),
          watcher_(watcher),
          likelihood_(problem),
          counts_(likelihood_.make_counts()),
          n_fractions_(problem.n_populations * problem.n_causes),
          log_csmf_(n_fractions_),
          csmf_(n_fractions_) {}

    Posterior run() {
        find_regions();
        if (regions_.size() > 1) {
            for (Region& region : regions_) weigh_roughly(region);
            sort_regions();
        }
        std::size_t const n_sampled = count_relevant();
        for (std::size_t i = 0; i < n_sampled; ++i) sample(regions_[i], i, n_sampled);
        if (n_sampled > 1) {
            for (std::size_t i = 0; i < n_sampled; ++i) weigh(regions_[i]);
            sort_regions();
        }
        // By the better estimates one that seemed negligible may be the heaviest.
        for (std::size_t i = n_sampled; !regions_.front().is_sampled(); ++i) {
            sample(regions_.front(), i, i + 1);
            weigh(regions_.front());
            sort_regions();
        }
        return posterior();
    }

  private:
    /// One iteration. P(cause | death) that is recorded, and csmf_, are those of the state before it.
    void step(Chain& chain, Record record) {
        if (watcher_.stop_requested()) throw Cancelled{};
        cause_fractions(problem_, chain.state.theta, log_csmf_, csmf_);
        likelihood_.set_levels(chain.state.levels);
        likelihood_.draw(log_csmf_, chain.random, counts_, record);
        move_theta(chain);
        draw_levels(problem_, chain.state, counts_, 1, chain.random);
    }

    /// Where causes are as likely beforehand theta stays, and csmf_ are the shares of the deaths just drawn.
    void move_theta(Chain& chain) {
        if (problem_.causes == CausePrior::uniform) return drawn_fractions(problem_, counts_.deaths, csmf_);
        draw_hyperparameters(problem_, chain.state, chain.random);
        proposals_ += draw_theta(problem_, chain.state, counts_.deaths, chain.random);
        proposals_accepted_ += n_fractions_;
    }

    /// A chain from an over-dispersed start. Modes differ in the values of levels as much as in cause
    /// fractions, so starts are spread in both; theta stays there for the first iteration's causes, too.
    Chain start(FirstLevels first_levels) {
        Chain chain{State{}, Random(random_())};
        chain.state = start_state(problem_, chain.random);
        cause_fractions(problem_, chain.state.theta, log_csmf_, csmf_);
        likelihood_.set_levels(levels_at_start(first_levels, chain.random));
        likelihood_.draw(log_csmf_, chain.random, counts_);
        draw_levels(problem_, chain.state, counts_, 1, chain.random);
        return chain;
    }

    [[nodiscard]] std::vector<double> levels_at_start(FirstLevels first_levels, Random& random) const {
        if (first_levels == FirstLevels::interva) return problem_.start;
        std::vector<double> values = problem_.start_value;
        if (first_levels == FirstLevels::scattered) {
            for (double& v : values) v = std::pow(lowest_probability, 0.75 * random.uniform());
            std::sort(values.begin(), values.end(), std::greater<>());
        }
        for (double& v : values) v = std::clamp(v, lowest_probability, highest_probability);
        return values;
    }

    Snapshot snapshot_of(Chain& chain, std::size_t iterations) {
        std::size_t const n = n_fractions_ + problem_.n_levels;
        auto const n_draws = static_cast<double>(iterations);
        Snapshot snapshot{std::vector<double>(n), std::vector<double>(n)};
        for (std::size_t k = 0; k < iterations; ++k) {
            step(chain, Record::no);
            for (std::size_t i = 0; i < n; ++i) {
                double const x = i < n_fractions_ ? csmf_[i] : chain.state.levels[i - n_fractions_];
                snapshot.mean[i] += x;
                snapshot.sd[i] += x * x;
            }
        }
        for (std::size_t i = 0; i < n; ++i) {
            snapshot.mean[i] /= n_draws;
            snapshot.sd[i] =
                std::sqrt(std::max(snapshot.sd[i] / n_draws - snapshot.mean[i] * snapshot.mean[i], 0.0));
        }
        return snapshot;
    }

    /// Fractions below the watched ones, and neighbouring levels that chase each other, must not make a mode
    /// of their own.
    [[nodiscard]] bool same_mode(Snapshot const& a, Snapshot const& b) const {
        for (std::size_t i = 0; i < a.mean.size(); ++i) {
            double const difference = std::abs(a.mean[i] - b.mean[i]);
            double const least = i < n_fractions_ ? 0.01 : 0.1 * std::max(a.mean[i], b.mean[i]);
            double const sd = std::sqrt(0.5 * (a.sd[i] * a.sd[i] + b.sd[i] * b.sd[i]));
            if (difference > least && difference > same_mode_distance * sd) return false;
        }
        return true;
    }

    void find_regions() {
        std::size_t const n = std::max(options_.starts, options_.chains);
        for (std::size_t i = 0; i < n; ++i) {
            Chain chain = start(static_cast<FirstLevels>(i % 3));
            Region& region = region_of(chain);
            region.members.push_back(std::move(chain));
            watcher_.on_progress(search_share * static_cast<double>(i + 1) / static_cast<double>(n));
        }
    }

    /// The mode that a start leads to, known or new. A chain that is twice in a row where a known mode is has
    /// arrived there; others are followed until they have settled.
    Region& region_of(Chain& chain) {
        Region* last = nullptr;
        for (std::size_t k = 0; k < settle_iterations; k += glance_iterations) {
            Snapshot const glance = snapshot_of(chain, glance_iterations);
            if (k == 0) continue;  // the way there
            Region* const now = known_region(glance);
            if (now != nullptr && now == last) return *now;
            last = now;
        }
        Snapshot snapshot = snapshot_of(chain, look_iterations);
        if (Region* const known = known_region(snapshot)) return *known;
        Region& region = regions_.emplace_back();
        region.snapshot = std::move(snapshot);
        return region;
    }

    /// Null: none that is known.
    [[nodiscard]] Region* known_region(Snapshot const& snapshot) {
        auto const place = std::find_if(regions_.begin(), regions_.end(), [&](Region const& region) {
            return same_mode(region.snapshot, snapshot);
        });
        return place == regions_.end() ? nullptr : &*place;
    }

    void weigh_roughly(Region& region) {
        CollapsedDensity density(problem_, likelihood_);
        likelihood_.clear_recorded();
        Chain chain{region.members.front().state, Random(random_())};
        for (std::size_t k = 0; k < weigh_iterations; ++k) {
            bool const keep = k % thin == 0;
            if (keep) append(region.coordinates, density.coordinates(chain.state));
            step(chain, keep ? Record::yes : Record::no);
        }
        region.probability = recorded();
        region.log_evidence = log_evidence(density, region.coordinates, random_, watcher_);
    }

    /// By all draws of a mode that has been sampled. Where that fails the first estimate stays.
    void weigh(Region& region) {
        CollapsedDensity density(problem_, likelihood_);
        double const weighed = log_evidence(density, region.coordinates, random_, watcher_);
        if (!std::isnan(weighed)) region.log_evidence = weighed;
    }

    /// By weight, heaviest first. A mode whose weight nobody knows cannot be averaged with others: it is left
    /// out.
    void sort_regions() {
        std::size_t const n = regions_.size();
        std::vector<double> log_evidence;
        for (Region const& region : regions_) log_evidence.push_back(region.log_evidence);
        std::vector<Region> sorted;
        for (std::size_t const i : order_of_modes(log_evidence)) sorted.push_back(std::move(regions_[i]));
        regions_ = std::move(sorted);
        n_unweighed_ += n - regions_.size();
        require<ModelError>(!regions_.empty(),
                            "InSilicoVA's posterior has {} modes and the weight of none can be estimated: "
                            "merge causes with few deaths, or use sampler = reference",
                            n);
    }

    [[nodiscard]] std::size_t count_relevant() const {
        auto const n = std::count_if(regions_.begin(), regions_.end(), [&](Region const& region) {
            return region.log_evidence - regions_.front().log_evidence > negligible;
        });
        return static_cast<std::size_t>(n);
    }

    void sample(Region& region, std::size_t index, std::size_t n_regions) {
        std::size_t const n_chains = options_.chains;
        std::vector<Chain> chains;
        for (std::size_t i = 0; i < n_chains; ++i) {
            std::size_t const n_starts = region.members.size();
            Chain chain{region.members[i % n_starts].state, Random(random_())};
            for (std::size_t k = 0; k < apart_iterations && i >= n_starts; ++k) step(chain, Record::no);
            chains.push_back(std::move(chain));
        }
        likelihood_.clear_recorded();
        region.coordinates.clear();
        region.csmf_draws.assign(n_chains, {});
        region.level_draws.assign(n_chains, {});
        CollapsedDensity const density(problem_, likelihood_);
        std::size_t const most = std::max(options_.max_iterations / thin, std::size_t{4});
        std::size_t kept = 0;
        std::size_t check = std::min(first_check, most);
        while (true) {
            for (; kept < check; ++kept) {
                for (std::size_t i = 0; i < n_chains; ++i) {
                    Chain& chain = chains[i];
                    if (n_regions > 1) append(region.coordinates, density.coordinates(chain.state));
                    append(region.level_draws[i], chain.state.levels);
                    step(chain, Record::yes);
                    append(region.csmf_draws[i], csmf_);
                    for (std::size_t k = 1; k < thin; ++k) step(chain, Record::no);
                }
                double const done =
                    (static_cast<double>(index) + static_cast<double>(kept) / static_cast<double>(most)) /
                    static_cast<double>(n_regions);
                watcher_.on_progress(search_share + (1 - search_share) * done);
            }
            judge(region, kept, kept >= most ? ConvergenceLook::last : ConvergenceLook::one_of_several);
            if (region.converged || kept >= most) break;
            check = std::min(kept + std::max(kept / 4, std::size_t{1}), most);
        }
        region.iterations = kept * thin;
        region.probability = recorded();
    }

    /// Split R-hat and bulk effective sample size of the fractions that are watched. Where there will be
    /// another look, one fraction that has not converged settles this one.
    void judge(Region& region, std::size_t kept, ConvergenceLook look) {
        std::size_t const n_chains = region.csmf_draws.size();
        std::vector<double> draws(n_chains * kept);
        region.rhat = 1;
        region.ess = static_cast<double>(draws.size());
        region.converged = false;
        for (std::size_t k = 0; k < n_fractions_; ++k) {
            std::size_t const f = (last_to_converge_ + k) % n_fractions_;
            double sum = 0;
            for (std::size_t i = 0; i < n_chains; ++i) {
                for (std::size_t t = 0; t < kept; ++t) {
                    sum += draws[i * kept + t] = region.csmf_draws[i][t * n_fractions_ + f];
                }
            }
            require<ModelError>(std::isfinite(sum), "InSilicoVA's chains left the range of numbers");
            if (sum < least_watched_fraction * static_cast<double>(draws.size())) continue;
            auto const [rhat, ess] = mixing_of({draws, n_chains});
            region.rhat = std::max(region.rhat, rhat);
            region.ess = std::min(region.ess, ess);
            bool const has_converged = region.rhat < options_.rhat && region.ess >= options_.ess;
            if (has_converged) continue;
            last_to_converge_ = f;
            if (look == ConvergenceLook::one_of_several) return;
        }
        region.converged = region.rhat < options_.rhat && region.ess >= options_.ess;
    }

    [[nodiscard]] std::vector<double> recorded() const {
        std::vector<double> sums(problem_.n_deaths() * problem_.n_causes);
        likelihood_.add_probabilities(sums);
        auto const n = static_cast<double>(likelihood_.n_recorded());
        for (double& p : sums) p /= n;
        return sums;
    }

    Posterior posterior();
    static void spread(Region const& region, double from, double to, std::size_t n_fractions,
                       std::size_t n_levels, Posterior& result);
    void summarise_modes(Posterior& result) const;

    static void append(std::vector<double>& to, std::vector<double> const& from) {
        to.insert(to.end(), from.begin(), from.end());
    }

    static constexpr double search_share = 0.3;  ///< of the work, for progress

    Problem const& problem_;
    SamplerOptions const& options_;
    Random random_;
    Watcher& watcher_;
    Likelihood likelihood_;
    Counts counts_;
    std::size_t n_fractions_;
    std::vector<double> log_csmf_;
    std::vector<double> csmf_;
    std::vector<Region> regions_;
    std::size_t n_unweighed_ = 0;       ///< modes that were left out
    std::size_t last_to_converge_ = 0;  ///< fraction that had not at the last look: where the next begins
    std::size_t proposals_ = 0;         ///< of theta
    std::size_t proposals_accepted_ = 0;
};

std::size_t top_cause(std::vector<double> const& probability, std::size_t death, std::size_t n_causes) {
    auto const from = probability.begin() + static_cast<std::ptrdiff_t>(death * n_causes);
    return static_cast<std::size_t>(std::max_element(from, from + static_cast<std::ptrdiff_t>(n_causes)) -
                                    from);
}

/// Modes in the order of the regions, with weights that sum to 1.
void Sampler::summarise_modes(Posterior& result) const {
    double total = 0;
    for (Region const& region : regions_)
        total += std::exp(region.log_evidence - regions_.front().log_evidence);
    for (Region const& region : regions_) {
        Mode mode;
        mode.n_starts = region.members.size();
        mode.log_weight = region.log_evidence - regions_.front().log_evidence - std::log(total);
        mode.weight = std::exp(mode.log_weight);
        mode.csmf.assign(region.snapshot.mean.begin(),
                         region.snapshot.mean.begin() + static_cast<std::ptrdiff_t>(n_fractions_));
        if (!region.csmf_draws.empty()) {
            std::fill(mode.csmf.begin(), mode.csmf.end(), 0.0);
            double n = 0;
            for (auto const& draws : region.csmf_draws) {
                for (std::size_t k = 0; k < draws.size(); ++k) mode.csmf[k % n_fractions_] += draws[k];
                n += static_cast<double>(draws.size()) / static_cast<double>(n_fractions_);
            }
            for (double& f : mode.csmf) f /= n;
        }
        result.modes.push_back(std::move(mode));
    }
    for (std::size_t m = 1; m < result.modes.size(); ++m) {
        Mode& mode = result.modes[m];
        for (std::size_t f = 0; f < n_fractions_; ++f) {
            mode.csmf_distance =
                std::max(mode.csmf_distance, std::abs(mode.csmf[f] - result.modes[0].csmf[f]));
        }
        std::size_t changes = 0;
        for (std::size_t i = 0; i < problem_.n_deaths(); ++i) {
            changes += top_cause(regions_[m].probability, i, problem_.n_causes) !=
                               top_cause(regions_[0].probability, i, problem_.n_causes)
                           ? 1
                           : 0;
        }
        mode.top_cause_changes = static_cast<double>(changes) / static_cast<double>(problem_.n_deaths());
    }
}

/// Draws of several quantities, each with a weight; the weights sum to 1.
class WeightedDraws {
  public:
    explicit WeightedDraws(std::size_t n_quantities) : draws_(n_quantities) {}

    void add(std::span<double const> values, double weight) {
        for (std::size_t i = 0; i < draws_.size(); ++i) draws_[i].emplace_back(values[i], weight);
    }

    /// Of each quantity, the value below which `share` of the weight lies.
    [[nodiscard]] std::vector<double> quantiles(double share) {
        std::vector<double> values;
        for (auto& draws : draws_) {
            std::sort(draws.begin(), draws.end());
            double sum = 0;
            auto const at = std::find_if(draws.begin(), draws.end(), [&](auto const& draw) {
                sum += draw.second;
                return sum >= share;
            });
            values.push_back(at == draws.end() ? draws.back().first : at->first);
        }
        return values;
    }

  private:
    std::vector<std::vector<std::pair<double, double>>> draws_;  ///< value and weight
};

/// Draws of a mode that has the weight from one share to another.
void Sampler::spread(Region const& region, double from, double to, std::size_t n_fractions,
                     std::size_t n_levels, Posterior& result) {
    auto const place = [](double share) {
        return static_cast<std::size_t>(std::lround(share * static_cast<double>(spread_draws)));
    };
    std::vector<double> csmf;
    std::vector<double> levels;
    for (auto const& draws : region.csmf_draws) append(csmf, draws);
    for (auto const& draws : region.level_draws) append(levels, draws);
    append_evenly(csmf, n_fractions, place(to) - place(from), result.spread_csmf);
    append_evenly(levels, n_levels, place(to) - place(from), result.spread_levels);
}

/// The average over the modes that were sampled.
Posterior Sampler::posterior() {
    Posterior result;
    summarise_modes(result);
    double sampled_weight = 0;
    for (std::size_t m = 0; m < regions_.size(); ++m)
        if (regions_[m].is_sampled()) sampled_weight += result.modes[m].weight;
    result.n_chains = options_.chains;
    result.probability.assign(problem_.n_deaths() * problem_.n_causes, 0.0);
    result.csmf.assign(n_fractions_, 0.0);
    result.worst_ess = std::numeric_limits<double>::infinity();
    result.n_unweighed_modes = n_unweighed_;
    result.converged = n_unweighed_ == 0;
    WeightedDraws fractions(n_fractions_);
    WeightedDraws overall(problem_.n_causes);
    auto const shares = population_shares(problem_);
    double before = 0;
    for (std::size_t m = 0; m < regions_.size(); ++m) {
        Region const& region = regions_[m];
        if (!region.is_sampled()) continue;
        double const weight = result.modes[m].weight / sampled_weight;
        spread(region, before, std::min(before + weight, 1.0), n_fractions_, problem_.n_levels, result);
        before = std::min(before + weight, 1.0);
        for (std::size_t i = 0; i < result.probability.size(); ++i)
            result.probability[i] += weight * region.probability[i];
        for (std::size_t f = 0; f < n_fractions_; ++f) result.csmf[f] += weight * result.modes[m].csmf[f];
        std::size_t const kept = region.csmf_draws[0].size() / n_fractions_;
        double const each = weight / static_cast<double>(kept * region.csmf_draws.size());
        for (auto const& draws : region.csmf_draws) {
            for (std::size_t k = 0; k < draws.size(); k += n_fractions_) {
                std::span<double const> const draw{&draws[k], n_fractions_};
                fractions.add(draw, each);
                overall.add(pooled_fractions(draw, shares), each);
            }
        }
        result.worst_rhat = std::max(result.worst_rhat, region.rhat);
        result.worst_ess = std::min(result.worst_ess, region.ess);
        result.iterations = std::max(result.iterations, region.iterations);
        result.converged = result.converged && region.converged;
    }
    result.overall = pooled_fractions(result.csmf, shares);
    result.csmf_lo = fractions.quantiles(0.025);
    result.csmf_hi = fractions.quantiles(0.975);
    result.overall_lo = overall.quantiles(0.025);
    result.overall_hi = overall.quantiles(0.975);
    Region const& first = regions_.front();
    result.n_kept = first.csmf_draws[0].size() / n_fractions_;
    for (auto const& draws : first.csmf_draws) append(result.csmf_draws, draws);
    for (auto const& draws : first.level_draws) append(result.level_draws, draws);
    result.acceptance = proposals_ > 0
                            ? static_cast<double>(proposals_accepted_) / static_cast<double>(proposals_)
                            : std::numeric_limits<double>::quiet_NaN();
    return result;
}

}  // namespace

Posterior sample_default(Problem const& problem, SamplerOptions const& options, Random random,
                         Watcher& watcher) {
    VASTER_EXPECTS(problem.n_causes >= 2 && problem.n_deaths() >= 1 && options.chains >= 1);
    return Sampler(problem, options, random, watcher).run();
}

}  // namespace vaster::models::insilicova

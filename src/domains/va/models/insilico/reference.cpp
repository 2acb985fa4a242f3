#include "domains/va/models/insilico/reference.hpp"

#include <limits>
#include <vector>

#include "domains/va/models/insilico/chain.hpp"
#include "domains/va/models/insilico/diagnostics.hpp"
#include "domains/va/models/insilico/likelihood.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models::insilicova {

namespace {

constexpr std::size_t max_extensions = 3;

class ReferenceChain {
  public:
    ReferenceChain(Problem const& problem, ReferenceOptions const& options, Random random, Watcher& watcher)
        : problem_(problem),
          options_(options),
          random_(random),
          watcher_(watcher),
          likelihood_(problem),
          counts_(likelihood_.make_counts()),
          state_(start_state(problem, random_)),
          log_csmf_(state_.theta.size()),
          csmf_(state_.theta.size()) {
        cause_fractions(problem_, state_.theta, log_csmf_, csmf_);
        likelihood_.set_levels(problem_.start);
    }

    /// Runs to `end` iterations and keeps draws of those after `burn_in`, instead of all that were kept
    /// before.
    void run(std::size_t burn_in, std::size_t end) {
        likelihood_.clear_recorded();
        kept_csmf_.clear();
        kept_levels_.clear();
        Record record = Record::no;
        for (; done_ < end; ++done_) {
            if (watcher_.stop_requested()) throw Cancelled{};
            // The probabilities that causes are drawn from are those of the draw before.
            likelihood_.draw(log_csmf_, random_, counts_, record);
            step();
            bool const keep = done_ >= burn_in && (done_ - burn_in + 1) % options_.thin == 0;
            record = keep ? Record::yes : Record::no;
            if (keep) {
                kept_csmf_.insert(kept_csmf_.end(), csmf_.begin(), csmf_.end());
                kept_levels_.insert(kept_levels_.end(), state_.levels.begin(), state_.levels.end());
            }
            if (done_ % 64 == 0) watcher_.on_progress(static_cast<double>(done_) / static_cast<double>(end));
        }
        if (record == Record::yes) {
            Random aside = random_;  // the chain itself goes on from the same place
            Counts unused = counts_;
            likelihood_.draw(log_csmf_, aside, unused, record);
        }
    }

    [[nodiscard]] bool passes() const {
        std::size_t const n = csmf_.size();
        std::size_t const kept = kept_csmf_.size() / n;
        std::vector<double> draws(kept);
        for (std::size_t i = 0; i < n; ++i) {
            double sum = 0;
            for (std::size_t k = 0; k < kept; ++k) sum += draws[k] = kept_csmf_[k * n + i];
            if (sum <= least_watched_fraction * static_cast<double>(kept)) continue;
            if (!passes_heidelberger_welch(draws)) return false;
        }
        return true;
    }

    [[nodiscard]] Posterior posterior() {
        Posterior result;
        result.iterations = done_;
        result.n_kept = kept_csmf_.size() / csmf_.size();
        result.csmf_draws = std::move(kept_csmf_);
        result.level_draws = std::move(kept_levels_);
        result.probability.assign(problem_.n_deaths() * problem_.n_causes, 0.0);
        likelihood_.add_probabilities(result.probability);
        auto const n = static_cast<double>(likelihood_.n_recorded());
        for (double& p : result.probability) p /= n;
        result.acceptance =
            static_cast<double>(accepted_) / static_cast<double>(done_ * problem_.n_populations);
        if (problem_.causes == CausePrior::uniform)
            result.acceptance = std::numeric_limits<double>::quiet_NaN();  // nothing was proposed
        summarise(result, population_shares(problem_));
        return result;
    }

  private:
    /// One iteration, the causes having been drawn.
    void step() {
        bool const is_moving = problem_.causes == CausePrior::batch;
        if (is_moving) {
            draw_hyperparameters(problem_, state_, random_);
            accepted_ += step_theta_block(problem_, state_, counts_.deaths, options_.jump, random_);
        }
        draw_levels(problem_, state_, counts_, 1, random_);
        cause_fractions(problem_, state_.theta, log_csmf_, csmf_);
        if (!is_moving) drawn_fractions(problem_, counts_.deaths, csmf_);
        likelihood_.set_levels(state_.levels);
    }

    Problem const& problem_;
    ReferenceOptions const& options_;
    Random random_;
    Watcher& watcher_;
    Likelihood likelihood_;
    Counts counts_;
    State state_;
    std::vector<double> log_csmf_;
    std::vector<double> csmf_;
    std::vector<double> kept_csmf_;
    std::vector<double> kept_levels_;
    std::size_t done_ = 0;
    std::size_t accepted_ = 0;
};

}  // namespace

Posterior sample_reference(Problem const& problem, ReferenceOptions const& options, Random random,
                           Watcher& watcher) {
    VASTER_EXPECTS(problem.n_causes >= 2 && problem.n_deaths() >= 1);
    VASTER_EXPECTS(options.thin >= 1 && options.iterations >= 20 * options.thin);
    ReferenceChain chain(problem, options, random, watcher);
    std::size_t iterations = options.iterations;
    chain.run(iterations / 2, iterations);
    bool converged = chain.passes();
    std::size_t extensions = 0;
    if (options.extend == Extend::automatically) {
        for (; !converged && extensions < max_extensions; ++extensions) {
            chain.run(iterations, 2 * iterations);
            iterations *= 2;
            converged = chain.passes();
        }
    }
    Posterior result = chain.posterior();
    result.converged = converged;
    result.extensions = extensions;
    return result;
}

}  // namespace vaster::models::insilicova

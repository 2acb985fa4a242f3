#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "vaster/support/parts.hpp"
#include "vaster/support/random.hpp"
#include "vaster/support/watcher.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Cause fractions with their 95 % interval, [n_causes] each.
struct CauseFractions {
    std::vector<double> mean, lo, hi;
};

/// What a model that codes deaths together has learned from a batch of them: with it any death can be coded
/// by itself, whether it was in the batch or not.
class BatchPosterior {
  public:
    BatchPosterior() = default;
    virtual ~BatchPosterior() = default;
    BatchPosterior(BatchPosterior const&) = delete;
    BatchPosterior& operator=(BatchPosterior const&) = delete;

    /// Sub-populations that have cause fractions of their own.
    [[nodiscard]] virtual std::size_t n_populations() const = 0;

    /// What is said of a death is a function of its answers and its sub-population alone. Has no fractions.
    /// @pre test.n_populations is n_populations(), or every death is in population 0. @throws Cancelled
    [[nodiscard]] virtual Prediction predict(TestSet const& test, Watcher& watcher) const = 0;

    /// The model's own cause fractions.
    /// @param shares  of the sub-populations among the deaths, sum 1, [n_populations]
    [[nodiscard]] virtual CauseFractions fractions(std::span<double const> shares) const = 0;

    /// Writes it, so that LearnsBatch::load_posterior() makes one that says the same to the bit. Nothing of
    /// single deaths is written.
    virtual void save(Parts& parts) const = 0;
};

/// What a batch has taught, and how it was sampled.
struct LearnedBatch {
    std::unique_ptr<BatchPosterior> posterior;
    Sampling sampling;  ///< csmf_lo and csmf_hi are empty: fractions() has them
};

/// What a Classifier that codes deaths together may also be: one that keeps what a batch has taught it.
class LearnsBatch {
  public:
    LearnsBatch() = default;
    virtual ~LearnsBatch() = default;
    LearnsBatch(LearnsBatch const&) = delete;
    LearnsBatch& operator=(LearnsBatch const&) = delete;

    /// Called after fit or load. @pre the batch has a death. @throws ModelError, Cancelled
    [[nodiscard]] virtual LearnedBatch learn_batch(TestSet const& batch, Random random,
                                                   Watcher& watcher) const = 0;

    /// A posterior from what save() has written, perhaps by a stranger.
    /// @throws DataError that names the part and what is wrong
    [[nodiscard]] virtual std::unique_ptr<BatchPosterior> load_posterior(Parts const& parts,
                                                                         std::size_t n_symptoms,
                                                                         std::size_t n_causes) const = 0;
};

}  // namespace vaster::models

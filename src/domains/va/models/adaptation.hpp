#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// How strongly predictions are adapted to the batch that they are of. The defaults were chosen by
/// cross-validation inside training parts (docs/va/transfer.md).
struct AdaptationOptions {
    double weight = 0.15;    ///< tau: how much an answer of the batch counts
    double power = 1.2;      ///< w: the power of what the model said
    double prior = 4;        ///< a: deaths that the batch's rate of yes counts for in that of every cause
    std::size_t steps = 10;  ///< of EM
    double temperature = 1;  ///< T: the probabilities that come out are raised to 1 / T

    bool operator==(AdaptationOptions const&) const = default;
};

/// m_s = (yes + 1/2) / (answers + 1), the rate of yes among training deaths that have an answer,
/// [n_symptoms].
[[nodiscard]] std::vector<double> source_rates(Deaths const& training);

/// The same from counts. @param present, missing  training deaths of so many, [n_symptoms]
[[nodiscard]] std::vector<double> source_rates(std::span<std::uint64_t const> present,
                                               std::span<std::uint64_t const> missing,
                                               std::uint64_t n_deaths);

/// Adapts what any model said of the deaths of one site to the answers of all of them: down-weighted EM of a
/// mixture of independent answers that starts from P0, the model's probabilities. With x_is = 1 where death i
/// has symptom s, o_is = 1 where it has an answer, t_s = (sum_i x o + 2 m_s) / (sum_i o + 2), from P = P0 and
/// `steps` times:
///     M: theta_cs = (sum_i P_ic x_is o_is + a t_s) / (sum_i P_ic o_is + a), clipped to [1e-4, 1 - 1e-4]
///     E: P_ic ~ P0_ic^w exp(tau sum_s o_is (x_is ln theta_cs + (1 - x_is) ln(1 - theta_cs)))
/// Each step raises, but for the clip,
///     J = sum_i ln sum_c P0_ic^w exp(tau ...) + tau a sum_cs (t_s ln theta_cs + (1 - t_s) ln(1 - theta_cs))
/// with c over the causes that P0 gives some probability anywhere. At last P_ic ~ P_ic^(1/T), which leaves
/// the order of a death's causes as it is. What has probability 0 keeps it; other P0 count as 1e-9 at least.
/// Transductive: a death's probabilities depend on the other deaths of the batch, never on a label of theirs.
/// No cause mix of the batch is estimated. A death without any answer gets P0^(w/T), normalised.
/// Deterministic, in fixed order.
/// Dempster, Laird and Rubin (1977), doi:10.1111/j.2517-6161.1977.tb01600.x; unlabelled deaths of less
/// weight: Nigam et al. (2000), doi:10.1023/A:1007692713085; temperature: Guo et al. (2017),
/// arXiv:1706.04599.
class Adapter {
  public:
    /// @param rates  m_s, [n_symptoms]
    Adapter(AdaptationOptions const& options, std::vector<double> rates)
        : options_(options), rates_(std::move(rates)) {}

    /// @param deaths       of one site
    /// @param probability  P0 of each, [n_deaths][n_causes]
    /// @param on_step      hears J after each step; empty: nobody asks
    /// @returns P, [n_deaths][n_causes]. @throws Cancelled
    [[nodiscard]] std::vector<double> adapted(Deaths const& deaths, std::span<double const> probability,
                                              std::size_t n_causes, Watcher& watcher,
                                              std::function<void(double)> const& on_step = {}) const;

  private:
    AdaptationOptions options_;
    std::vector<double> rates_;
};

}  // namespace vaster::models

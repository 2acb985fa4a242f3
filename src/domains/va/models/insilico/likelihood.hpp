#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/models/insilico/problem.hpp"
#include "vaster/support/random.hpp"

namespace vaster::models::insilicova {

/// What an assignment of causes to the deaths says of the parameters.
struct Counts {
    std::vector<double> deaths;    ///< deaths at each cause, [n_populations][n_causes]
    std::vector<double> present;   ///< symptoms present whose P(s|c) has the level, [n_levels]
    std::vector<double> answered;  ///< symptoms present or absent whose P(s|c) has the level, [n_levels]
};

enum class Record { no, yes };

/// P(death's symptoms | cause) for all deaths, when P(s|c) takes one value per level, and draws of the causes
/// from it.
///
/// With odds o = v / (1 - v), the likelihood of a death is, up to the factor of the death without any
/// symptom,
///     prod_{s present} o[s,c] * prod_{s missing} 1 / (1 - v[s,c]).
/// Products that many deaths have in common are worked out once (share_products). Nothing is approximated,
/// and no logarithm or exponential is taken per death. A death whose products could leave the range of
/// doubles (a bound is checked on every draw of the levels) is worked out in logarithms from its counts of
/// present and answered symptoms per level instead. Where the problem gives P(s|c), likelihoods never change:
/// they are worked out once, by the constructor.
///
/// Sums and products run in an order that does not depend on the width of the processor's vectors: results
/// are the same bytes on every x86-64 machine. Memory: 64 bytes per (distinct death, cause) for the counts, 8
/// for the probabilities; where P(s|c) is given 24 bytes in all.
class Likelihood {
  public:
    /// @pre the shapes of the problem fit; causes and levels within their ranges
    explicit Likelihood(Problem const& problem);
    ~Likelihood();
    Likelihood(Likelihood&&) noexcept;
    Likelihood& operator=(Likelihood&&) noexcept;

    /// The values of the levels for what follows, and the power to which the likelihood is raised, beside the
    /// problem's own (answer_weight). Without effect where the problem gives P(s|c).
    /// @param values  [n_levels], in (0, 1)
    /// @param power   in [0, 1]; 1: the model itself, less: flattened for tempering
    void set_levels(std::span<double const> values, double power = 1);

    /// Draws the cause of every death from its conditional distribution and counts.
    /// @param log_csmf  log of the cause fractions, any constant may be added, [n_populations][n_causes]
    /// @param record    whether P(cause | death) is added to the sums that add_probabilities hands out
    void draw(std::span<double const> log_csmf, Random& random, Counts& counts, Record record = Record::no);

    /// Sum over the deaths of log sum_c csmf_c P(symptoms | c)^power, up to the constant log of P(no symptom
    /// at all), and the expected number of deaths at each cause.
    /// @param log_csmf  normalised, [n_populations][n_causes]
    /// @param expected  [n_populations][n_causes]
    [[nodiscard]] double marginal(std::span<double const> log_csmf, std::span<double> expected);

    /// Adds the recorded sums of P(cause | death) to `sums`, [n_deaths][n_causes].
    void add_probabilities(std::span<double> sums) const;

    [[nodiscard]] std::size_t n_recorded() const noexcept;
    [[nodiscard]] std::size_t n_distinct() const noexcept;  ///< deaths that the model can tell apart
    void clear_recorded();

    [[nodiscard]] Counts make_counts() const;

    /// The compiled versions of the inner loops that this processor can run. They differ in speed alone; the
    /// widest is used unless another is asked for.
    [[nodiscard]] static std::vector<std::string> versions();
    void use_version(std::string_view name);

  private:
    struct Tables;
    std::unique_ptr<Tables> tables_;
};

/// Most causes that a Likelihood can work with.
inline constexpr std::size_t max_causes = 256;

}  // namespace vaster::models::insilicova

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaster::va {

/// A probability is summed as this many parts of 1: sums of integers are the same in any order, and so on any
/// number of ranks and with any size of blocks. The error of a mean is at most 2^-45 = 2.8e-14.
inline constexpr double parts_of_one = 17592186044416.0;  // 2^44

/// The nearest integer to a probability times parts_of_one.
[[nodiscard]] std::int64_t whole_parts(double probability);

/// In which bucket of so many a death is counted: a function of the seed and of its row alone.
[[nodiscard]] std::size_t bucket_of(std::uint64_t seed, std::uint64_t row, std::size_t n_buckets);

/// How many buckets the deaths of each group are put into: fewer where there are many groups.
[[nodiscard]] std::size_t buckets_for(std::size_t n_groups);

/// The same for weights by most probable cause, which are summed over all deaths of a group at once: 10^8 of
/// them, most_rows in new_deaths.cpp, stay within 63 bits.
inline constexpr double parts_of_top_weight = 17179869184.0;  // 2^34

/// The largest of some weights may be so many times the smallest, lest sums of whole parts lose it.
inline constexpr double furthest_weights = 1e5;

enum class Weighted { no, yes };

/// Sums of probabilities by group and bucket. Groups do not overlap. Buckets are random parts of the deaths,
/// whose sums are enough for a bootstrap of the cause fractions (see sampling_interval()). No bucket may have
/// more than 2^19 deaths, so that no sum is larger than 63 bits. Where deaths have weights, a probability
/// counts times the death's weight, as a share of the largest one.
struct CauseSums {
    CauseSums(std::size_t groups, std::size_t buckets, std::size_t causes, Weighted weighted = Weighted::no);

    std::size_t n_groups;
    std::size_t n_buckets;
    std::size_t n_causes;
    std::vector<std::int64_t> sums;    ///< of whole_parts(), [n_groups][n_buckets][n_causes]
    std::vector<std::int64_t> deaths;  ///< that were summed, [n_groups][n_buckets]
    /// By most probable cause; the last one: undetermined. [n_groups][n_causes + 1]
    std::vector<std::int64_t> top;
    /// Without weights these are empty. Sums of whole_parts() of the weights and of their squares,
    /// [n_groups][n_buckets]; of the weights as `top`, in parts of parts_of_top_weight.
    std::vector<std::int64_t> weights, squares, top_weights;

    [[nodiscard]] Weighted weighted() const { return weights.empty() ? Weighted::no : Weighted::yes; }

    /// @param top_cause  position of the most probable cause; n_causes: undetermined
    /// @param weight     of the death as a share of the largest one, above 0, at most 1; 1 without weights
    void add(std::size_t group, std::size_t bucket, std::span<double const> probability,
             std::size_t top_cause, double weight = 1);

    /// Adds the sums of other deaths. @throws std::logic_error when the shapes differ
    void add(CauseSums const& other);

    /// Those of some groups together, as a single group.
    [[nodiscard]] CauseSums together(std::span<std::size_t const> groups) const;
};

/// Deaths of the first group, of all its buckets.
[[nodiscard]] std::uint64_t deaths_of(CauseSums const& group);

/// Sum of the weights of the first group as shares of the largest one, and how many deaths of equal weight
/// say as much of a mean, (sum w)^2 / sum w^2 (Kish 1965, Survey Sampling, Wiley, section 8.2). Without
/// weights both are the number of deaths.
struct GroupWeight {
    double sum = 0;
    double effective = 0;  ///< 0 for no deaths
};

[[nodiscard]] GroupWeight weight_of(CauseSums const& group);

/// Deaths of the first group by most probable cause, [n_causes]; where they have weights, the effective
/// number of deaths times the share of the weights.
[[nodiscard]] std::vector<double> top_deaths_of(CauseSums const& group);

/// Mean of the probabilities of the first group, weighted where deaths have weights, [n_causes]. All NaN
/// where it has no deaths.
[[nodiscard]] std::vector<double> fractions_of(CauseSums const& group);

}  // namespace vaster::va

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

/// Sums of probabilities by group and bucket. Groups do not overlap. Buckets are random parts of the deaths,
/// whose sums are enough for a bootstrap of the cause fractions (see sampling_interval()). No bucket may have
/// more than 2^19 deaths, so that no sum is larger than 63 bits.
struct CauseSums {
    CauseSums(std::size_t groups, std::size_t buckets, std::size_t causes);

    std::size_t n_groups;
    std::size_t n_buckets;
    std::size_t n_causes;
    std::vector<std::int64_t> sums;    ///< of whole_parts(), [n_groups][n_buckets][n_causes]
    std::vector<std::int64_t> deaths;  ///< that were summed, [n_groups][n_buckets]
    /// By most probable cause; the last one: undetermined. [n_groups][n_causes + 1]
    std::vector<std::int64_t> top;

    /// @param top_cause  position of the most probable cause; n_causes: undetermined
    void add(std::size_t group, std::size_t bucket, std::span<double const> probability,
             std::size_t top_cause);

    /// Adds the sums of other deaths. @throws std::logic_error when the shapes differ
    void add(CauseSums const& other);

    /// Those of some groups together, as a single group.
    [[nodiscard]] CauseSums together(std::span<std::size_t const> groups) const;
};

/// Deaths of the first group, of all its buckets.
[[nodiscard]] std::uint64_t deaths_of(CauseSums const& group);

/// Mean of the probabilities of the first group, [n_causes]. All NaN where it has no deaths.
[[nodiscard]] std::vector<double> fractions_of(CauseSums const& group);

}  // namespace vaster::va

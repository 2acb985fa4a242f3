#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaster::stream {

/// Counts of durations in buckets that are at most 2^-7 of their lower end wide, from 100 ns to 1000 s: each
/// doubling of 100 ns has 128 of them. What is shorter or longer is counted, too. Histograms of several
/// workers are added up, which loses nothing: percentiles of all are those of the sum.
class Histogram {
  public:
    static constexpr double shortest = 1e-7;  ///< [s]
    static constexpr double longest = 1e3;    ///< [s]
    /// A count for what is below `shortest`, one for each bucket, and one for what is not below `longest`.
    static constexpr std::size_t n_counts = 4248;

    Histogram() : counts_(n_counts, 0) {}

    /// One that was kept. @param counts  n_counts of them. @param largest  of the durations [s]
    Histogram(std::vector<std::uint64_t> counts, double largest);

    /// @param seconds  not negative
    void add(double seconds, std::uint64_t times = 1) {
        counts_[place_of(seconds)] += times;
        if (seconds > largest_) largest_ = seconds;
    }

    void merge(Histogram const& other);

    [[nodiscard]] std::uint64_t total() const;

    /// The duration that a share of all do not exceed, by the nearest rank: ceil(share x total). It is the
    /// middle of its bucket, so at most 2^-8 off; exactly the largest for the last rank, and at most that for
    /// any. Below 100 ns: 100 ns. NaN when there are none. [s]
    /// @param share  in (0, 1]
    [[nodiscard]] double percentile(double share) const;

    /// The largest of all [s]; 0 when there are none.
    [[nodiscard]] double largest() const noexcept { return largest_; }

    [[nodiscard]] std::span<std::uint64_t const> counts() const noexcept { return counts_; }

    /// Where a duration is counted.
    [[nodiscard]] static std::size_t place_of(double seconds);

    /// Lower end of a bucket [s]. @param place  in [1, n_counts)
    [[nodiscard]] static double begin_of(std::size_t place);

  private:
    std::vector<std::uint64_t> counts_;
    double largest_ = 0;
};

}  // namespace vaster::stream

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "domains/stream/tasks/state.hpp"

namespace vaster::stream {

/// Estimates the second frequency moment F2 = sum over distinct values of (times seen)^2 with at most s
/// counters, each of a value and of how often it has come since: n / min(n, s) * sum(2 c - 1). Exact while n
/// <= s. The n-th value has a counter of its own for n <= s; later it takes the place of one drawn uniformly,
/// with chance s / n. A value costs constant time, since counters of one value share their count. Alon,
/// Matias and Szegedy (1999), doi:10.1006/jcss.1997.1545.
class SecondMoment {
  public:
    /// @param n_counters  s, at least 1
    /// @param key         of the random choices: the same key and values, the same estimates
    SecondMoment(std::size_t n_counters, std::uint64_t key);

    /// Takes a value, and gives the estimate over all so far.
    double add(double value);

    void save(StateWriter& state) const;

    /// @throws DataError for the state of more counters, or one that cannot be
    void load(StateReader& state);

  private:
    /// What counters of one value share.
    struct Shared {
        std::uint64_t bits = 0;        ///< of the value
        std::uint64_t n_seen = 0;      ///< since its first counter began
        std::uint64_t n_counters = 0;  ///< 0: the place is free
    };

    struct Counter {
        std::uint64_t bits = 0;
        std::uint64_t before = 0;  ///< n_seen before its first value: it stands at n_seen - before
    };

    [[nodiscard]] std::size_t home_of(std::uint64_t bits) const;
    [[nodiscard]] std::size_t place_of(std::uint64_t bits) const;
    void grow();
    void erase(std::size_t place);
    void count(std::uint64_t bits, Counter& counter);
    void drop(Counter const& counter);

    std::size_t n_counters_;
    std::uint64_t key_;
    std::uint64_t n_ = 0;    ///< values so far
    std::uint64_t sum_ = 0;  ///< of 2 c - 1
    std::vector<Counter> counters_;
    std::vector<Shared> table_;  ///< open addressing, linear probing, a power of two
    std::size_t n_values_ = 0;   ///< in the table
};

}  // namespace vaster::stream

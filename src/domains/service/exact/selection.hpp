#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace vaster::service {

/// Order statistics of more numbers than fit in memory, exactly, by radix selection: the numbers are shown
/// four times, in any order and by any number of counters at a time, and each pass decides 16 of the 64 bits.
class Selection {
  public:
    /// @param ranks  of the wanted numbers in ascending order, from 0
    explicit Selection(std::vector<std::uint64_t> const& ranks);

    static constexpr int n_passes = 4;

    /// How many of the numbers shown to it have which next 16 bits, of those whose bits before are wanted.
    class Counter {
      public:
        /// @param value  not NaN
        void add(double value);
        void add(Counter const& other);

      private:
        friend class Selection;
        static constexpr std::size_t n_pieces = std::size_t{1} << 16U;
        int pass_ = 0;
        std::map<std::uint64_t, std::vector<std::uint64_t>>
            counts_;  ///< [n_pieces] for each wanted beginning
    };

    /// For the next pass.
    [[nodiscard]] Counter counter() const;

    /// What all numbers have shown. @throws DataError when there are fewer numbers than a rank needs
    void decide(Counter const& counted);

    /// After n_passes: the number of each rank, in the order of the ranks.
    [[nodiscard]] std::vector<double> values() const;

  private:
    struct Wanted {
        std::uint64_t begins = 0;  ///< bits that are decided
        std::uint64_t rank = 0;    ///< among the numbers with these bits
    };

    int pass_ = 0;
    std::vector<Wanted> wanted_;
};

/// The ranks that a quantile of type 7 (Hyndman and Fan 1996, doi:10.2307/2684934) lies between, and where:
/// value = x[below] + part * (x[above] - x[below]).
struct QuantilePlace {
    std::uint64_t below = 0;
    std::uint64_t above = 0;
    double part = 0;
};

/// @param probability  in [0, 1]. @param n  numbers, 1 or more
[[nodiscard]] QuantilePlace quantile_place(double probability, std::uint64_t n);

/// The quantile between two order statistics. [unit of the numbers]
[[nodiscard]] double between(double below, double above, double part);

}  // namespace vaster::service

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "domains/stream/tasks/state.hpp"

namespace vaster::stream {

/// How many different texts there were, from 2^bits registers. add() and estimate() take constant time: they
/// work on counts of register values.
class HyperLogLog {
  public:
    /// @param bits  k, 4 to 18
    explicit HyperLogLog(unsigned bits);

    /// @param hash  64 bits of a good hash of the text: the top k choose the register, the others are looked
    /// at
    void add(std::uint64_t hash);

    /// a m^2 / sum 2^-M; with fewer than 2.5 m and empty registers m ln(m / V) instead.
    [[nodiscard]] double estimate() const;

    [[nodiscard]] std::vector<std::uint8_t> const& registers() const noexcept { return registers_; }

    /// Takes over registers that were kept, of the same k; those of another sketch may be put in as well, and
    /// then the two are one.
    void merge(std::string_view registers);

  private:
    void raise(std::size_t place, std::uint8_t value);

    unsigned bits_;
    std::vector<std::uint8_t> registers_;
    std::array<std::uint64_t, 65> n_with_{};  ///< registers with each value
};

/// What RIoTBench's class computes in its stead: 0.79402 m 2^(mean number of trailing zeros), cut to a whole
/// number. Durand and Flajolet (2003), doi:10.1007/978-3-540-39658-1_55, with the constant of large m for all
/// m.
class PublishedLogLog {
  public:
    explicit PublishedLogLog(unsigned bits);

    /// @param hash  the first four bytes of SHA-1, little-endian
    void add(std::int32_t hash);

    [[nodiscard]] double estimate() const;

    [[nodiscard]] std::vector<std::uint8_t> const& registers() const noexcept { return registers_; }

    void merge(std::string_view registers);

  private:
    void raise(std::size_t place, std::uint8_t value);

    unsigned bits_;
    std::vector<std::uint8_t> registers_;
    std::uint64_t sum_ = 0;
};

}  // namespace vaster::stream

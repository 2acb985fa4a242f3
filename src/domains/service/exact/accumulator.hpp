#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace vaster::service {

/// A sum of doubles and of their squares that is never rounded: a fixed-point number wide enough for all of
/// them (Kulisch 2008, doi:10.1515/9783110203196). Sums of the same numbers are the same whatever their order
/// and however they were divided among accumulators.
class Accumulator {
  public:
    /// @param value  finite
    void add(double value);

    /// Adds value * value, exactly. @param value  finite
    void add_square(double value);

    void add(Accumulator const& other);

    /// The digits of the number, the least first, each below 2^32 and not negative but for the last:
    /// sum of digit[i] * 2^(32 i + least_exponent).
    static constexpr int least_exponent =
        -2176;  ///< of the least digit; squares of subnormals are above 2^-2148
    static constexpr std::size_t n_digits = 136;  ///< up to 2^2176: 2^64 squares of the largest double
    using Digits = std::array<std::int64_t, n_digits>;

    [[nodiscard]] Digits digits() const;

  private:
    __extension__ using Wide = unsigned __int128;

    /// Adds magnitude * 2^exponent, or takes it away.
    void add(Wide magnitude, int exponent, bool negative);

    /// Carries from digit to digit, so that many more additions fit.
    void carry();

    Digits digits_{};
    std::uint32_t since_carry_ = 0;  ///< additions; each changes a digit by less than 2^32
};

}  // namespace vaster::service

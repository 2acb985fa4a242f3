#include "domains/service/exact/accumulator.hpp"

#include <cmath>
#include <cstring>

#include "vaster/support/contracts.hpp"

namespace vaster::service {
namespace {

constexpr int bits_of_digit = 32;
constexpr std::uint64_t digit_mask = 0xffffffff;
constexpr std::uint32_t most_additions = 1U << 30;

constexpr int mantissa_bits = 52;
constexpr std::uint64_t mantissa_mask = (std::uint64_t{1} << mantissa_bits) - 1;
constexpr std::uint64_t exponent_mask = 0x7ff;
constexpr int subnormal_exponent = -1074;

struct Decomposed {
    std::uint64_t mantissa = 0;  ///< |value| = mantissa * 2^exponent
    int exponent = 0;
    bool negative = false;
};

Decomposed decompose(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    auto const biased = static_cast<int>((bits >> mantissa_bits) & exponent_mask);
    Decomposed parts{bits & mantissa_mask, subnormal_exponent, (bits >> 63U) != 0};
    if (biased > 0) {
        parts.mantissa |= std::uint64_t{1} << mantissa_bits;
        parts.exponent += biased - 1;
    }
    return parts;
}

}  // namespace

void Accumulator::add(double value) {
    VASTER_EXPECTS(std::isfinite(value));
    auto const parts = decompose(value);
    add(parts.mantissa, parts.exponent, parts.negative);
}

void Accumulator::add_square(double value) {
    VASTER_EXPECTS(std::isfinite(value));
    auto const parts = decompose(value);
    add(static_cast<Wide>(parts.mantissa) * parts.mantissa, 2 * parts.exponent, false);
}

void Accumulator::add(Wide magnitude, int exponent, bool negative) {
    auto const above = static_cast<unsigned>(exponent - least_exponent);
    std::size_t digit = above / bits_of_digit;
    unsigned const shift = above % bits_of_digit;
    auto const put = [&](std::uint64_t piece) {
        auto const amount = static_cast<std::int64_t>(piece & digit_mask);
        digits_[digit++] += negative ? -amount : amount;
    };
    // The lowest piece gets fewer bits, so that the rest begins at a digit.
    put(static_cast<std::uint64_t>(magnitude) << shift);
    for (magnitude >>= bits_of_digit - shift; magnitude != 0; magnitude >>= bits_of_digit)
        put(static_cast<std::uint64_t>(magnitude));
    if (++since_carry_ >= most_additions) carry();
}

void Accumulator::add(Accumulator const& other) {
    auto const theirs = other.digits();
    carry();
    for (std::size_t i = 0; i < n_digits; ++i) digits_[i] += theirs[i];
    carry();
}

void Accumulator::carry() {
    std::int64_t over = 0;
    for (std::size_t i = 0; i + 1 < n_digits; ++i) {
        std::int64_t const digit = digits_[i] + over;
        over = digit >> bits_of_digit;  // towards minus infinity
        digits_[i] = digit - over * (std::int64_t{1} << bits_of_digit);
    }
    digits_.back() += over;
    since_carry_ = 0;
}

Accumulator::Digits Accumulator::digits() const {
    Accumulator carried = *this;
    carried.carry();
    return carried.digits_;
}

}  // namespace vaster::service

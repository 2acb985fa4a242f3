#include "domains/service/exact/moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/multiprecision/cpp_int.hpp>

namespace vaster::service {
namespace {

using Integer = boost::multiprecision::cpp_int;

constexpr int bits_of_digit = 32;
constexpr int precision = std::numeric_limits<double>::digits;
constexpr int least_double_exponent =
    std::numeric_limits<double>::min_exponent - precision;  // of the last bit

/// The number in units of 2^Accumulator::least_exponent.
Integer integer_of(Accumulator const& sum) {
    auto const digits = sum.digits();
    Integer number = 0;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        number <<= bits_of_digit;
        number += *digit;
    }
    return number;
}

int bits_of(Integer const& magnitude) {
    return magnitude == 0 ? 0 : static_cast<int>(boost::multiprecision::msb(magnitude)) + 1;
}

/// numerator / denominator * 2^exponent, rounded once to the nearest double, ties to even.
double rounded(Integer const& numerator, Integer const& denominator, int exponent) {
    bool const negative = numerator < 0;
    Integer magnitude = negative ? Integer(-numerator) : numerator;
    if (magnitude == 0) return 0;
    // The quotient gets as many bits as a double has, or fewer where its last bit would be below that of the
    // subnormal numbers.
    int last = exponent + bits_of(magnitude) - bits_of(denominator) - precision;
    for (;; ++last) {
        last = std::max(last, least_double_exponent);
        int const shift = exponent - last;
        Integer const dividend = shift >= 0 ? Integer(magnitude << shift) : magnitude;
        Integer const divisor = shift >= 0 ? denominator : Integer(denominator << -shift);
        Integer quotient;
        Integer rest;
        boost::multiprecision::divide_qr(dividend, divisor, quotient, rest);
        if (bits_of(quotient) > precision) continue;
        rest *= 2;
        if (rest > divisor || (rest == divisor && (quotient & 1) != 0)) ++quotient;
        double const value = std::ldexp(static_cast<double>(quotient), last);
        return negative ? -value : value;
    }
}

}  // namespace

void Moments::add(double value) {
    if (std::isnan(value)) {
        add_missing();
        return;
    }
    least_ = count_ == 0 ? value : std::min(least_, value);
    most_ = count_ == 0 ? value : std::max(most_, value);
    ++count_;
    if (std::isinf(value)) {
        ++(value > 0 ? plus_infinities_ : minus_infinities_);
        return;
    }
    sum_.add(value);
    squares_.add_square(value);
}

void Moments::add(Moments const& other) {
    missing_ += other.missing_;
    if (other.count_ == 0) return;
    least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
    most_ = count_ == 0 ? other.most_ : std::max(most_, other.most_);
    count_ += other.count_;
    plus_infinities_ += other.plus_infinities_;
    minus_infinities_ += other.minus_infinities_;
    sum_.add(other.sum_);
    squares_.add(other.squares_);
}

std::optional<double> Moments::infinite_sum() const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (plus_infinities_ > 0 && minus_infinities_ > 0) return std::numeric_limits<double>::quiet_NaN();
    if (plus_infinities_ > 0) return infinity;
    if (minus_infinities_ > 0) return -infinity;
    return std::nullopt;
}

double Moments::sum() const {
    if (auto const infinite = infinite_sum()) return *infinite;
    return rounded(integer_of(sum_), 1, Accumulator::least_exponent);
}

std::optional<double> Moments::mean() const {
    if (count_ == 0) return std::nullopt;
    if (auto const infinite = infinite_sum()) return infinite;
    return rounded(integer_of(sum_), count_, Accumulator::least_exponent);
}

std::optional<double> Moments::least() const {
    return count_ == 0 ? std::nullopt : std::optional(least_);
}

std::optional<double> Moments::most() const {
    return count_ == 0 ? std::nullopt : std::optional(most_);
}

std::optional<double> Moments::variance() const {
    if (count_ < 2) return std::nullopt;
    if (infinite_sum()) return std::numeric_limits<double>::quiet_NaN();
    Integer const sum = integer_of(sum_);
    Integer const n = count_;
    // Units of sum^2 are the squares of those of the sums: both terms in the smaller unit.
    Integer const deviations = (n * integer_of(squares_) << -Accumulator::least_exponent) - sum * sum;
    return rounded(deviations, n * (n - 1), 2 * Accumulator::least_exponent);
}

std::optional<double> Moments::standard_deviation() const {
    auto const square = variance();
    return square ? std::optional(std::sqrt(*square)) : std::nullopt;
}

}  // namespace vaster::service

#pragma once

#include <cmath>

#include "domains/service/expressions/node.hpp"

// What the operations of a formula do to numbers of any type that has them: double, long double, numbers with
// their derivatives. What becomes of missing values is for the caller to say.
namespace vaster::service {

/// A comparison, by < alone.
template <class T>
bool compares(Operation operation, T const& left, T const& right) {
    switch (operation) {
        case Operation::less:
            return left < right;
        case Operation::at_most:
            return !(right < left);
        case Operation::greater:
            return right < left;
        case Operation::at_least:
            return !(left < right);
        case Operation::equal:
            return !(left < right) && !(right < left);
        default:
            return left < right || right < left;
    }
}

/// An operation on two numbers; min and max of more are made of these.
template <class T>
T applied(Operation operation, T left, T right) {
    using std::pow;
    switch (operation) {
        case Operation::plus:
            return left + right;
        case Operation::minus:
            return left - right;
        case Operation::times:
            return left * right;
        case Operation::over:
            return left / right;
        case Operation::power:
            return pow(left, right);
        case Operation::least:
            return right < left ? right : left;
        default:
            return left < right ? right : left;
    }
}

/// The sign, or a function of one number.
template <class T>
T applied(Operation operation, T operand) {
    using std::abs, std::cos, std::exp, std::floor, std::log, std::sin, std::sqrt;
    switch (operation) {
        case Operation::sign:
            return -operand;
        case Operation::magnitude:
            return abs(operand);
        case Operation::exponential:
            return exp(operand);
        case Operation::logarithm:
            return log(operand);
        case Operation::root:
            return sqrt(operand);
        case Operation::sine:
            return sin(operand);
        case Operation::cosine:
            return cos(operand);
        default:
            return floor(operand);
    }
}

}  // namespace vaster::service

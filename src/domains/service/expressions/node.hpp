#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "domains/service/expressions/expression.hpp"

namespace vaster::service {

enum class Operation : std::uint8_t {
    constant,
    column,
    either,  ///< or
    both,    ///< and
    negation,
    equal,
    unequal,
    less,
    at_most,
    greater,
    at_least,
    plus,
    minus,
    times,
    over,
    sign,
    power,
    choice,  ///< if
    is_missing,
    least,
    most,
    magnitude,
    exponential,
    logarithm,
    root,
    sine,
    cosine,
    round_down,
};

/// A part of a formula, with the parts that it is made of.
struct Expression::Node {
    Operation operation = Operation::constant;
    std::string text;  ///< of this part in the formula, for messages
    Value constant = Missing{};
    std::size_t column = 0;
    std::vector<std::unique_ptr<Node const>> operands = {};
};

/// What the names in a formula stand for, for messages.
enum class Names : std::uint8_t { columns, variables };

/// @throws DataError that shows the place
[[nodiscard]] std::unique_ptr<Expression::Node const> parse_formula(std::string_view text,
                                                                    std::vector<std::string> const& columns,
                                                                    Names names = Names::columns);

}  // namespace vaster::service

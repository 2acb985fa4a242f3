#include "domains/service/expressions/expression.hpp"

#include <cmath>
#include <optional>
#include <set>

#include "domains/service/expressions/arithmetic.hpp"
#include "domains/service/expressions/node.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

using Node = Expression::Node;
using Cells = std::span<std::string_view const>;

bool is_missing(Value const& value) {
    return std::holds_alternative<Missing>(value);
}

/// Names the part that has the value, so that its reader finds the column.
[[noreturn]] void refuse(Node const& part, Value const& value, std::string_view wanted) {
    throw DataError(fmt::format("formula: {} is {} here{}, where {} is needed", part.text, kind_of(value),
                                is_missing(value) ? "" : fmt::format(" ('{}')", text_of(value)), wanted));
}

Value evaluate(Node const& node, Cells cells);

double number_in(Node const& part, Value const& value) {
    if (auto const* const number = std::get_if<double>(&value)) return *number;
    refuse(part, value, "a number");
}

/// Nothing: missing.
std::optional<double> number_of(Node const& part, Cells cells) {
    auto const value = evaluate(part, cells);
    if (is_missing(value)) return std::nullopt;
    return number_in(part, value);
}

/// Nothing: missing.
std::optional<bool> truth_of(Node const& part, Cells cells) {
    auto const value = evaluate(part, cells);
    if (is_missing(value)) return std::nullopt;
    if (auto const* const holds = std::get_if<bool>(&value)) return *holds;
    refuse(part, value, "true or false");
}

Value value_of(std::optional<bool> truth) {
    return truth ? Value(*truth) : Value(Missing{});
}

/// or and and: the value that decides does so whatever the other is. @param decides  true of or, false of and
Value logic(Node const& node, Cells cells, bool decides) {
    auto const left = truth_of(*node.operands[0], cells);
    if (left == decides) return decides;
    auto const right = truth_of(*node.operands[1], cells);
    if (right == decides) return decides;
    return left && right ? Value(!decides) : Value(Missing{});
}

Value comparison(Node const& node, Cells cells) {
    auto const left = evaluate(*node.operands[0], cells);
    auto const right = evaluate(*node.operands[1], cells);
    if (is_missing(left) || is_missing(right)) return Missing{};
    if (left.index() != right.index()) {
        bool const right_is_given = node.operands[1]->operation == Operation::constant;
        if (right_is_given)
            refuse(*node.operands[0], left, kind_of(right));  // what comes from the data is odd
        refuse(*node.operands[1], right, kind_of(left));
    }
    if (auto const* const number = std::get_if<double>(&left))
        return compares(node.operation, *number, std::get<double>(right));
    if (auto const* const text = std::get_if<std::string>(&left))
        return compares(node.operation, *text, std::get<std::string>(right));
    bool const about_equality = node.operation == Operation::equal || node.operation == Operation::unequal;
    if (!about_equality) refuse(*node.operands[0], left, "a number or a text");
    return compares(node.operation, std::get<bool>(left), std::get<bool>(right));
}

/// What IEEE arithmetic has no number for (0/0, log(-1)) is missing.
Value result(double number) {
    return std::isnan(number) ? Value(Missing{}) : Value(number);
}

/// One operand after the other.
Value folded(Node const& node, Cells cells) {
    auto so_far = number_of(*node.operands[0], cells);
    for (std::size_t i = 1; i < node.operands.size(); ++i) {
        auto const next = number_of(*node.operands[i], cells);
        so_far = so_far && next ? std::optional(applied(node.operation, *so_far, *next)) : std::nullopt;
    }
    return so_far ? result(*so_far) : Value(Missing{});
}

Value choice(Node const& node, Cells cells) {
    auto const condition = truth_of(*node.operands[0], cells);
    if (!condition) return Missing{};
    return evaluate(*node.operands[*condition ? 1 : 2], cells);
}

Value evaluate(Node const& node, Cells cells) {
    switch (node.operation) {
        case Operation::constant:
            return node.constant;
        case Operation::column:
            return value_of_cell(cells[node.column]);
        case Operation::either:
            return logic(node, cells, true);
        case Operation::both:
            return logic(node, cells, false);
        case Operation::negation: {
            auto const holds = truth_of(*node.operands[0], cells);
            return value_of(holds ? std::optional(!*holds) : std::nullopt);
        }
        case Operation::equal:
        case Operation::unequal:
        case Operation::less:
        case Operation::at_most:
        case Operation::greater:
        case Operation::at_least:
            return comparison(node, cells);
        case Operation::plus:
        case Operation::minus:
        case Operation::times:
        case Operation::over:
        case Operation::power:
        case Operation::least:
        case Operation::most:
            return folded(node, cells);
        case Operation::choice:
            return choice(node, cells);
        case Operation::is_missing:
            return is_missing(evaluate(*node.operands[0], cells));
        default: {
            auto const number = number_of(*node.operands[0], cells);
            return number ? result(applied(node.operation, *number)) : Value(Missing{});
        }
    }
}

void collect_columns(Node const& node, std::set<std::size_t>& columns) {
    if (node.operation == Operation::column) columns.insert(node.column);
    for (auto const& operand : node.operands) collect_columns(*operand, columns);
}

}  // namespace

Expression::Expression(std::string_view text, std::vector<std::string> const& columns)
    : root_(parse_formula(text, columns)) {}

Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

Value Expression::of(std::span<std::string_view const> cells) const {
    return evaluate(*root_, cells);
}

std::vector<std::size_t> Expression::columns_read() const {
    std::set<std::size_t> columns;
    collect_columns(*root_, columns);
    return {columns.begin(), columns.end()};
}

}  // namespace vaster::service

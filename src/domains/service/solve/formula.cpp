#include "domains/service/solve/formula.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/core.h>

#include "domains/service/expressions/arithmetic.hpp"
#include "domains/service/expressions/node.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

using Node = Expression::Node;

constexpr long double pi = 3.14159265358979323846264338327950288L;

/// A number and its derivative in one direction.
struct Dual {
    double value = 0;
    double slope = 0;
};

Dual operator+(Dual a, Dual b) {
    return {a.value + b.value, a.slope + b.slope};
}

Dual operator-(Dual a, Dual b) {
    return {a.value - b.value, a.slope - b.slope};
}

Dual operator-(Dual a) {
    return {-a.value, -a.slope};
}

Dual operator*(Dual a, Dual b) {
    return {a.value * b.value, a.slope * b.value + a.value * b.slope};
}

Dual operator/(Dual a, Dual b) {
    return {a.value / b.value, (a.slope - a.value / b.value * b.slope) / b.value};
}

bool operator<(Dual a, Dual b) {
    return a.value < b.value;
}

Dual pow(Dual a, Dual b) {
    double const value = std::pow(a.value, b.value);
    double slope = 0;
    if (a.slope != 0 && b.value != 0) slope += b.value * std::pow(a.value, b.value - 1) * a.slope;
    if (b.slope != 0) slope += value * std::log(a.value) * b.slope;
    return {value, slope};
}

Dual abs(Dual a) {
    return a.value < 0 ? -a : a;
}

Dual exp(Dual a) {
    double const value = std::exp(a.value);
    return {value, value * a.slope};
}

Dual log(Dual a) {
    return {std::log(a.value), a.slope / a.value};
}

Dual sqrt(Dual a) {
    double const value = std::sqrt(a.value);
    return {value, a.slope == 0 ? 0 : a.slope / (2 * value)};
}

Dual sin(Dual a) {
    return {std::sin(a.value), std::cos(a.value) * a.slope};
}

Dual cos(Dual a) {
    return {std::cos(a.value), -std::sin(a.value) * a.slope};
}

Dual floor(Dual a) {
    return {std::floor(a.value), 0};
}

template <class T>
T number(long double value) {
    return static_cast<T>(value);
}

template <>
Dual number<Dual>(long double value) {
    return {static_cast<double>(value), 0};
}

/// Where a formula is evaluated: the variables, then pi.
template <class T>
struct Point {
    std::span<double const> x;
    std::size_t direction = std::numeric_limits<std::size_t>::max();  ///< variable with slope 1

    [[nodiscard]] T at(std::size_t column) const {
        return column < x.size() ? number<T>(static_cast<long double>(x[column])) : number<T>(pi);
    }
};

template <>
Dual Point<Dual>::at(std::size_t column) const {
    if (column >= x.size()) return number<Dual>(pi);
    return {x[column], column == direction ? 1.0 : 0.0};
}

template <class T>
T evaluate(Node const& node, Point<T> const& point);

template <class T>
bool holds(Node const& node, Point<T> const& point) {
    auto const operand = [&](std::size_t i) -> Node const& { return *node.operands[i]; };
    switch (node.operation) {
        case Operation::constant:
            return std::get<bool>(node.constant);
        case Operation::either:
            return holds(operand(0), point) || holds(operand(1), point);
        case Operation::both:
            return holds(operand(0), point) && holds(operand(1), point);
        case Operation::negation:
            return !holds(operand(0), point);
        default:
            return compares(node.operation, evaluate(operand(0), point), evaluate(operand(1), point));
    }
}

template <class T>
T evaluate(Node const& node, Point<T> const& point) {
    switch (node.operation) {
        case Operation::constant:
            return number<T>(static_cast<long double>(std::get<double>(node.constant)));
        case Operation::column:
            return point.at(node.column);
        case Operation::choice:
            return evaluate(*node.operands[holds(*node.operands[0], point) ? 1 : 2], point);
        default:
            break;
    }
    T so_far = evaluate(*node.operands[0], point);
    if (node.operands.size() == 1) return applied(node.operation, so_far);
    for (std::size_t i = 1; i < node.operands.size(); ++i)
        so_far = applied(node.operation, so_far, evaluate(*node.operands[i], point));
    return so_far;
}

// ---- what a formula may be made of

enum class Yields { number, truth };

[[noreturn]] void refuse(Node const& node, std::string_view why) {
    throw DataError(fmt::format("formula: '{}' {}", node.text, why));
}

/// @throws DataError for a part that yields something else than is needed where it stands
void check(Node const& node, Yields wanted) {
    auto const all = [&](Yields of_operands) {
        for (auto const& operand : node.operands) check(*operand, of_operands);
    };
    bool truth = false;
    switch (node.operation) {
        case Operation::constant:
            truth = std::holds_alternative<bool>(node.constant);
            if (!truth && !std::holds_alternative<double>(node.constant))
                refuse(node, "is a text, where a number is needed");
            break;
        case Operation::column:
            break;
        case Operation::is_missing:
            refuse(node, "makes no sense in an optimisation problem: nothing is missing there");
        case Operation::either:
        case Operation::both:
        case Operation::negation:
            truth = true;
            all(Yields::truth);
            break;
        case Operation::equal:
        case Operation::unequal:
        case Operation::less:
        case Operation::at_most:
        case Operation::greater:
        case Operation::at_least:
            truth = true;
            all(Yields::number);
            break;
        case Operation::choice:
            check(*node.operands[0], Yields::truth);
            check(*node.operands[1], Yields::number);
            check(*node.operands[2], Yields::number);
            break;
        default:
            all(Yields::number);
    }
    if (truth && wanted == Yields::number)
        refuse(node,
               "is true or false, where a number is needed; bounds of a constraint are 'lower' and "
               "'upper' beside its expression");
    if (!truth && wanted == Yields::truth) refuse(node, "is a number, where true or false is needed");
}

bool smooth(Node const& node) {
    switch (node.operation) {
        case Operation::magnitude:
        case Operation::least:
        case Operation::most:
        case Operation::round_down:
        case Operation::choice:
            return false;
        default:
            return std::all_of(node.operands.begin(), node.operands.end(),
                               [](auto const& operand) { return smooth(*operand); });
    }
}

void collect(Node const& node, std::set<std::size_t>& columns) {
    if (node.operation == Operation::column) columns.insert(node.column);
    for (auto const& operand : node.operands) collect(*operand, columns);
}

// ---- polynomials of degree two

bool is_constant(Quadratic const& one) {
    return one.linear.empty() && one.squares.empty();
}

/// a + factor b
Quadratic sum(Quadratic a, Quadratic const& b, double factor) {
    a.constant += factor * b.constant;
    for (auto const& [variable, coefficient] : b.linear) a.linear[variable] += factor * coefficient;
    for (auto const& [pair, coefficient] : b.squares) a.squares[pair] += factor * coefficient;
    return a;
}

std::optional<Quadratic> product(Quadratic const& a, Quadratic const& b) {
    if (is_constant(b)) return sum({}, a, b.constant);
    if (is_constant(a)) return sum({}, b, a.constant);
    constexpr std::size_t most_squares = 1000000;
    if (!a.squares.empty() || !b.squares.empty() || a.linear.size() * b.linear.size() > most_squares)
        return std::nullopt;
    Quadratic result;
    result.constant = a.constant * b.constant;
    for (auto const& [variable, coefficient] : a.linear) result.linear[variable] += coefficient * b.constant;
    for (auto const& [variable, coefficient] : b.linear) result.linear[variable] += coefficient * a.constant;
    for (auto const& [i, left] : a.linear)
        for (auto const& [j, right] : b.linear) result.squares[std::minmax(i, j)] += left * right;
    return result;
}

std::optional<Quadratic> combined(Operation operation, Quadratic const& left, Quadratic const& right) {
    switch (operation) {
        case Operation::plus:
            return sum(left, right, 1);
        case Operation::minus:
            return sum(left, right, -1);
        case Operation::times:
            return product(left, right);
        case Operation::over:
            if (!is_constant(right) || right.constant == 0) return std::nullopt;
            return sum({}, left, 1 / right.constant);
        case Operation::power:
            if (!is_constant(right)) return std::nullopt;
            if (is_constant(left)) return Quadratic{std::pow(left.constant, right.constant)};
            if (right.constant == 1) return left;
            if (right.constant == 2) return product(left, left);
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

std::optional<Quadratic> polynomial(Node const& node, std::size_t n_variables) {
    if (node.operation == Operation::constant) return Quadratic{std::get<double>(node.constant)};
    if (node.operation == Operation::column) {
        if (node.column >= n_variables) return Quadratic{static_cast<double>(pi)};
        return Quadratic{0, {{node.column, 1.0}}, {}};
    }
    if (node.operation == Operation::choice) return std::nullopt;
    auto so_far = polynomial(*node.operands[0], n_variables);
    if (!so_far) return std::nullopt;
    if (node.operands.size() == 1) {
        if (node.operation == Operation::sign) return sum({}, *so_far, -1);
        if (is_constant(*so_far)) return Quadratic{applied(node.operation, so_far->constant)};
        return std::nullopt;
    }
    for (std::size_t i = 1; so_far && i < node.operands.size(); ++i) {
        auto const next = polynomial(*node.operands[i], n_variables);
        so_far = next ? combined(node.operation, *so_far, *next) : std::nullopt;
    }
    return so_far;
}

/// The Cholesky factorisation of a symmetric matrix, given by rows, goes through: no pivot is negative, and
/// where one is zero so is its column, both up to rounding.
bool is_semidefinite(std::vector<double> matrix, std::size_t n) {
    double scale = 0;
    for (std::size_t i = 0; i < n; ++i) scale = std::max(scale, std::abs(matrix[i * n + i]));
    constexpr double rounding = 1e-12;
    double const tolerance = rounding * scale * static_cast<double>(n);
    for (std::size_t k = 0; k < n; ++k) {
        double const pivot = matrix[k * n + k];
        if (pivot < -tolerance) return false;
        for (std::size_t i = k + 1; i < n; ++i) {
            double const below = matrix[i * n + k];
            if (pivot <= tolerance) {
                if (std::abs(below) > std::sqrt(tolerance * scale)) return false;
                continue;
            }
            double const factor = below / pivot;
            if (factor == 0) continue;
            for (std::size_t j = k + 1; j < n; ++j) matrix[i * n + j] -= factor * matrix[k * n + j];
        }
    }
    return true;
}

}  // namespace

Formula::Formula(std::string text, std::vector<std::string> const& variables)
    : text_(std::move(text)), n_variables_(variables.size()) {
    auto names = variables;
    names.emplace_back("pi");
    root_ = parse_formula(text_, names, Names::variables);
    check(*root_, Yields::number);
    smooth_ = smooth(*root_);
    std::set<std::size_t> columns;
    collect(*root_, columns);
    columns.erase(n_variables_);
    variables_.assign(columns.begin(), columns.end());
}

Formula::~Formula() = default;

double Formula::value(std::span<double const> x) const {
    return evaluate(*root_, Point<double>{x});
}

long double Formula::exact_value(std::span<double const> x) const {
    return evaluate(*root_, Point<long double>{x});
}

std::vector<double> Formula::gradient(std::span<double const> x) const {
    std::vector<double> slopes;
    slopes.reserve(variables_.size());
    for (auto const variable : variables_) slopes.push_back(evaluate(*root_, Point<Dual>{x, variable}).slope);
    return slopes;
}

std::optional<Quadratic> Formula::quadratic() const {
    auto result = polynomial(*root_, n_variables_);
    if (!result) return std::nullopt;
    auto const is_nothing = [](auto const& term) { return term.second == 0; };
    std::erase_if(result->linear, is_nothing);
    std::erase_if(result->squares, is_nothing);
    return result;
}

bool is_convex(Quadratic const& quadratic) {
    constexpr std::size_t most_tried = 2000;
    std::map<std::size_t, std::size_t> places;
    for (auto const& [pair, coefficient] : quadratic.squares) {
        places.emplace(pair.first, 0);
        places.emplace(pair.second, 0);
    }
    std::size_t n = 0;
    for (auto& [variable, place] : places) place = n++;
    if (n > most_tried) return false;
    std::vector<double> matrix(n * n, 0.0);
    for (auto const& [pair, coefficient] : quadratic.squares) {
        auto const i = places.at(pair.first);
        auto const j = places.at(pair.second);
        matrix[i * n + j] += coefficient;
        matrix[j * n + i] += coefficient;
    }
    return is_semidefinite(std::move(matrix), n);
}

bool is_concave(Quadratic const& quadratic) {
    Quadratic negative;
    for (auto const& [pair, coefficient] : quadratic.squares) negative.squares[pair] = -coefficient;
    return is_convex(negative);
}

}  // namespace vaster::service::solve

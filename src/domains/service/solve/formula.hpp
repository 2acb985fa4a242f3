#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "domains/service/expressions/expression.hpp"

namespace vaster::service::solve {

/// constant + sum of linear[j] x_j + sum of squares[{i, j}] x_i x_j, with i <= j.
struct Quadratic {
    double constant = 0;
    std::map<std::size_t, double> linear = {};
    std::map<std::pair<std::size_t, std::size_t>, double> squares = {};
};

/// A formula over the variables of a problem (as Expression, with numbers alone), with its derivatives.
/// `pi` is 3.14159..., unless a variable is called so.
class Formula {
  public:
    /// @param variables  names. @throws DataError that shows the place
    Formula(std::string text, std::vector<std::string> const& variables);
    ~Formula();
    Formula(Formula const&) = delete;
    Formula& operator=(Formula const&) = delete;

    [[nodiscard]] std::string const& text() const noexcept { return text_; }

    /// The variables that it reads, ascending.
    [[nodiscard]] std::vector<std::size_t> const& variables() const noexcept { return variables_; }

    /// NaN where it has no value, such as log(-1).
    [[nodiscard]] double value(std::span<double const> x) const;
    /// The same in long double.
    [[nodiscard]] long double exact_value(std::span<double const> x) const;

    /// Derivatives by variables()[k], by forward differentiation: exact but for rounding.
    [[nodiscard]] std::vector<double> gradient(std::span<double const> x) const;

    /// Has it derivatives wherever it has a value? Not with abs, min, max, floor or if.
    [[nodiscard]] bool is_smooth() const noexcept { return smooth_; }

    /// The formula as a polynomial, where it is one of degree two at most (and no product of sums with a
    /// million terms).
    [[nodiscard]] std::optional<Quadratic> quadratic() const;

  private:
    std::string text_;
    std::unique_ptr<Expression::Node const> root_;
    std::vector<std::size_t> variables_;
    std::size_t n_variables_;  ///< of the problem; the column after them is pi
    bool smooth_ = true;
};

/// Is the sum of squares convex: is its matrix positive semidefinite (up to rounding)?
/// False, too, of more than 2000 variables, where it is not tried.
[[nodiscard]] bool is_convex(Quadratic const& quadratic);

/// The same of its negative.
[[nodiscard]] bool is_concave(Quadratic const& quadratic);

}  // namespace vaster::service::solve

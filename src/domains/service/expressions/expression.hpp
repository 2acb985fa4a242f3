#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/service/expressions/value.hpp"

namespace vaster::service {

/// A formula over the columns of a table, such as `if(missing(age), 0, age > 59) and sex = 'f'`.
///
/// Numbers 1.5e3; texts 'in single quotes' (two quotes stand for one); columns by their name, or "in double
/// quotes"; true, false. From loose to tight: or; and; not; = != < <= > >=; + -; * /; - (sign); ^ (to the
/// right). Functions: if(condition, then, else), missing(x), min, max (two arguments or more), abs, exp, log,
/// sqrt, sin, cos, floor. Names of functions and the words of logic are read in small letters only.
///
/// A cell that is a number is one; an empty cell is missing; any other is a text. Arithmetic with a missing
/// value is missing; so is a comparison. `false and missing` is false and `true or missing` is true (as in
/// SQL); if() with a missing condition is missing. Numbers are compared with numbers, texts with texts byte
/// by byte; anything else is refused, as is arithmetic with texts.
class Expression {
  public:
    static constexpr std::size_t most_nodes = 10000;
    static constexpr std::size_t greatest_depth = 200;

    /// @param columns  of the table. @throws DataError that shows the place, for a text that is not a formula
    /// and for a name that is not a column (with the nearest one)
    Expression(std::string_view text, std::vector<std::string> const& columns);
    ~Expression();
    Expression(Expression&&) noexcept;
    Expression& operator=(Expression&&) noexcept;

    /// @param cells  as the columns; surrounding blanks do not count.
    /// @throws DataError that names the columns, for values that do not go together
    [[nodiscard]] Value of(std::span<std::string_view const> cells) const;

    /// The columns that it reads, ascending.
    [[nodiscard]] std::vector<std::size_t> columns_read() const;

    struct Node;

  private:
    std::unique_ptr<Node const> root_;
};

}  // namespace vaster::service

#include "domains/service/expressions/expression.hpp"

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Contains;
using service::Expression;

namespace {

std::vector<std::string> const columns{"age", "sex", "site", "x y", "empty", "2nd"};
std::vector<std::string_view> const cells{"30", "f", " AP ", "-1.5", " ", "7"};

/// The value as a cell; "?" for missing.
std::string value(std::string const& formula) {
    auto const found = Expression(formula, columns).of(cells);
    return std::holds_alternative<service::Missing>(found) ? "?" : service::text_of(found);
}

}  // namespace

TEST_CASE("formulas compute with numbers", "[service][expressions]") {
    CHECK(value("1 + 2 * 3") == "7");
    CHECK(value("(1 + 2) * 3") == "9");
    CHECK(value("2 ^ 3 ^ 2") == "512");
    CHECK(value("-2 ^ 2") == "-4");
    CHECK(value("2 ^ -1") == "0.5");
    CHECK(value("7 - 4 - 2") == "1");
    CHECK(value("12 / 4 / 3") == "1");
    CHECK(value("age / 4") == "7.5");
    CHECK(value("\"x y\" * 2") == "-3");
    CHECK(value("\"2nd\" - 1.5e0") == "5.5");
    CHECK(value("min(3, age, 1) + max(2, 5)") == "6");
    CHECK(value("abs(\"x y\") + sqrt(4) + floor(-0.5) + exp(0) + log(1) + cos(0) + sin(0)") == "4.5");
}

TEST_CASE("formulas compare and decide", "[service][expressions]") {
    CHECK(value("age > 29 and sex = 'f'") == "true");
    CHECK(value("site = 'AP' or age < 0") == "true");
    CHECK(value("not age >= 30") == "false");
    CHECK(value("not not true") == "true");
    CHECK(value("if(age < 18, 'child', 'adult')") == "adult");
    CHECK(value("sex != 'it''s'") == "true");
    CHECK(value("'b' > 'a'") == "true");
    CHECK(value("(age = 30) = true") == "true");
}

TEST_CASE("what is missing stays missing but where the other side decides", "[service][expressions]") {
    CHECK(value("empty + 1") == "?");
    CHECK(value("empty = 1") == "?");
    CHECK(value("min(empty, 1)") == "?");
    CHECK(value("missing(empty)") == "true");
    CHECK(value("missing(age)") == "false");
    CHECK(value("false and empty = 1") == "false");
    CHECK(value("empty = 1 and false") == "false");
    CHECK(value("true or empty = 1") == "true");
    CHECK(value("empty = 1 or true") == "true");
    CHECK(value("empty = 1 or false") == "?");
    CHECK(value("not empty = 1") == "?");
    CHECK(value("if(empty = 1, 1, 2)") == "?");
    CHECK(value("if(missing(empty), 0, empty)") == "0");
    CHECK(value("0 / 0") == "?");
    CHECK(value("log(-1)") == "?");
}

TEST_CASE("values that do not go together are refused by their names", "[service][expressions]") {
    CHECK_THROWS_WITH(value("sex + 1"), Contains("sex is a text here ('f'), where a number is needed"));
    CHECK_THROWS_WITH(value("age and true"),
                      Contains("age is a number here ('30'), where true or false is needed"));
    CHECK_THROWS_WITH(value("age = 'f'"), Contains("age is a number here ('30'), where a text is needed"));
    CHECK_THROWS_WITH(value("sex >= 12"), Contains("sex is a text here ('f'), where a number is needed"));
    CHECK_THROWS_WITH(value("12 >= sex"), Contains("sex is a text here ('f'), where a number is needed"));
    CHECK_THROWS_WITH(value("true < false"), Contains("a number or a text is needed"));
}

TEST_CASE("a formula that is none is refused with the place", "[service][expressions]") {
    CHECK_THROWS_WITH(value("agee > 3"),
                      Contains("letter 1") && Contains("'agee' is not a column") && Contains("age"));
    CHECK_THROWS_WITH(value("age + mx(1, 2)"), Contains("letter 7") && Contains("'mx' is not a function"));
    CHECK_THROWS_WITH(value("age +"), Contains("letter 6") && Contains("the formula ends"));
    CHECK_THROWS_WITH(value(""), Contains("the formula ends"));
    CHECK_THROWS_WITH(value("(1 + 2"), Contains("')' was expected here"));
    CHECK_THROWS_WITH(value("1 2"), Contains("letter 3"));
    CHECK_THROWS_WITH(value("1 < 2 < 3"), Contains("write a < b and b < c"));
    CHECK_THROWS_WITH(value("'open"), Contains("never closed"));
    CHECK_THROWS_WITH(value("if(1, 2)"), Contains("if() takes 3 arguments, not 2"));
    CHECK_THROWS_WITH(value("abs(1, 2)"), Contains("abs() takes 1 argument, not 2"));
    CHECK_THROWS_WITH(value("max(1)"), Contains("max() takes 2 or more arguments, not 1"));
    CHECK_THROWS_WITH(value("age == 3"), Contains("a value was expected here"));
    CHECK_THROWS_WITH(value("1e999"), Contains("cannot be computed with"));
    CHECK_THROWS_WITH(value("2nd"), Contains("double quotes"));
}

TEST_CASE("formulas that would exhaust the machine are refused", "[service][expressions]") {
    CHECK_THROWS_WITH(value(std::string(500, '(') + "1" + std::string(500, ')')),
                      Contains("more than 200 deep"));
    CHECK_THROWS_WITH(value(std::string(500, '-') + "1"), Contains("more than 200 deep"));
    std::string sum = "1";
    for (int i = 0; i < 6000; ++i) sum += "+1";
    CHECK_THROWS_WITH(value(sum), Contains("at most 10000 parts"));
    CHECK(value(sum.substr(0, 8001)) == "4001");
}

TEST_CASE("a formula knows the columns that it reads", "[service][expressions]") {
    CHECK(Expression("if(site = 'AP', age, \"x y\")", columns).columns_read() ==
          std::vector<std::size_t>{0, 2, 3});
    CHECK(Expression("1", columns).columns_read().empty());
}

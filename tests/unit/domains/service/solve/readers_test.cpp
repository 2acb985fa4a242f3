#include "domains/service/solve/readers.hpp"

#include <map>

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::service::solve;
using Catch::Contains;

namespace {

Variable const& variable(Problem const& problem, std::string const& name) {
    for (auto const& one : problem.variables)
        if (one.name == name) return one;
    throw std::runtime_error("no variable " + name);
}

Row const& row(Problem const& problem, std::string const& name) {
    for (auto const& one : problem.rows)
        if (one.name == name) return one;
    throw std::runtime_error("no row " + name);
}

std::map<std::string, double> named(Problem const& problem, std::vector<Term> const& terms) {
    std::map<std::string, double> result;
    for (auto const& term : terms) result[problem.variables.at(term.variable).name] = term.coefficient;
    return result;
}

using Terms = std::map<std::string, double>;

char const* const mps = R"(* a comment
NAME          TRY ONE
ROWS
 N  COST
 L  LIM1
 G  LIM2
 E  MYEQN
 E  DOWN
 N  OTHER
COLUMNS
    X         COST       1.0   LIM1      1.0
    X         LIM2       1.D0
    MARK      'MARKER'   'INTORG'
    Y         COST       2.0   LIM1      1.0
    Y         MYEQN     -1.0   OTHER     7
    MARK      'MARKER'   'INTEND'
    Z         COST      -1.0   MYEQN     1.0
    Z         DOWN       1
    B         COST       1e0
    F         DOWN       1
RHS
    RHS       LIM1       4.0   LIM2      1.0
    RHS       MYEQN      7.0   COST     -10
RANGES
    RNG       LIM1       2.5   LIM2      3
    RNG       MYEQN      2     DOWN     -5
BOUNDS
 UP BND       X          4.0
 LI BND       Y         -1
 UI BND       Y          1
 BV BND       B
 MI BND       Z
 FR BND       F
ENDATA
)";

/// The message that the text is refused with; empty: it is not.
std::string refusal(std::string const& file, std::string const& text) {
    try {
        (void)read_problem(file, text);
    } catch (DataError const& error) {
        return error.what();
    }
    return "";
}

std::string replaced(std::string text, std::string const& what, std::string const& by) {
    auto const at = text.find(what);
    if (at == std::string::npos) throw std::runtime_error("not there: " + what);
    return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("an MPS file says rows, ranges, bounds and integers", "[service][solve][readers]") {
    auto const problem = read_problem("try.mps", mps);
    CHECK(problem.name == "TRY ONE");
    CHECK(problem.sense == Sense::minimize);
    CHECK(named(problem, problem.objective) == Terms{{"X", 1}, {"Y", 2}, {"Z", -1}, {"B", 1}});
    CHECK(problem.constant == 10);
    REQUIRE(problem.rows.size() == 4);
    CHECK(row(problem, "LIM1").lower == 1.5);
    CHECK(row(problem, "LIM1").upper == 4);
    CHECK(row(problem, "LIM2").lower == 1);
    CHECK(row(problem, "LIM2").upper == 4);
    // The sign of a range of an equation says to which side it goes.
    CHECK(row(problem, "MYEQN").lower == 7);
    CHECK(row(problem, "MYEQN").upper == 9);
    CHECK(row(problem, "DOWN").lower == -5);
    CHECK(row(problem, "DOWN").upper == 0);
    CHECK(named(problem, row(problem, "MYEQN").terms) == Terms{{"Y", -1}, {"Z", 1}});
    CHECK(variable(problem, "X").upper == 4);
    CHECK(variable(problem, "X").lower == 0);
    CHECK(variable(problem, "Y").integer);
    CHECK(variable(problem, "Y").lower == -1);
    CHECK(variable(problem, "B").integer);
    CHECK(variable(problem, "B").upper == 1);
    CHECK_FALSE(variable(problem, "Z").integer);
    CHECK(variable(problem, "Z").lower == -unlimited);
    CHECK(variable(problem, "F").lower == -unlimited);
    CHECK(class_of(problem) == Class::mip);
}

TEST_CASE("an MPS file may maximise, and its sets need no name", "[service][solve][readers]") {
    auto const problem = read_problem("a.mps",
                                      "NAME\nOBJSENSE\n    MAX\nROWS\n N c\n L r\nCOLUMNS\n x c 1 r 2\nRHS\n"
                                      " r 8\nBOUNDS\n UP x 3\nENDATA\n");
    CHECK(problem.sense == Sense::maximize);
    CHECK(row(problem, "r").upper == 8);
    CHECK(variable(problem, "x").upper == 3);
}

TEST_CASE("names with blanks make a fixed MPS file", "[service][solve][readers]") {
    std::string const text =
        "NAME          BLANKS\n"
        "ROWS\n"
        " N  THE COST\n"
        " G  MY ROW\n"
        "COLUMNS\n"
        "    COL ONE   THE COST           2.0   MY ROW             1.0\n"
        "    COL TWO   THE COST           3.0\n"
        "RHS\n"
        "              MY ROW             4.0\n"
        "BOUNDS\n"
        " UP           COL ONE            9.0\n"
        "ENDATA\n";
    auto const problem = read_problem("blanks.mps", text);
    CHECK(named(problem, problem.objective) == Terms{{"COL ONE", 2}, {"COL TWO", 3}});
    CHECK(row(problem, "MY ROW").lower == 4);
    CHECK(variable(problem, "COL ONE").upper == 9);
}

TEST_CASE("what an MPS file says wrongly is refused, with its line", "[service][solve][readers]") {
    struct Case {
        char const* what;
        char const* by;
        char const* message;
    };

    for (auto const& [what, by, message] : std::vector<Case>{
             {" G  LIM2\n", " G  LIM1\n", "line 6: row 'LIM1' is there twice; the first is in line 5"},
             {" L  LIM1", " Q  LIM1", "line 5: row 'LIM1' has type 'Q'"},
             {"1.D0", "nan", "line 12: 'nan' is not a coefficient"},
             {"1.D0", "1e999", "line 12: '1e999' is not a coefficient"},
             {"1.D0", "inf", "line 12: 'inf' is not a coefficient"},
             {"1.D0", "", "once or twice"},
             {"X         LIM2", "X         LIM1", "column 'X' has two entries for row 'LIM1'"},
             {"X         LIM2", "X         LIM9", "line 12: there is no row 'LIM9'"},
             {"F         DOWN", "X         DOWN", "column 'X' goes on here, which began in line 11"},
             {"'INTEND'", "'INTORG'", "within integers"},
             {" UI BND       Y          1\n", " UI BND       Y          1\n UP BND Y 2\n",
              "second upper bound"},
             {" UP BND       X          4.0", " UP BND       X         -4.0",
              "column 'X' has the upper bound -4 and no lower one"},
             {" UP BND       X          4.0", " SC BND       X          4.0", "semi-continuous"},
             {" UP BND       X          4.0", " UP BND       XX         4.0", "there is no column 'XX'"},
             {" UP BND       X          4.0", " UP BN2       X          4.0", "second set"},
             {" UP BND       X          4.0", " UP BND       X          four", "'four' is not a bound"},
             {" UP BND       X          4.0", " ZZ BND       X          4.0", "'ZZ' is not a type of bound"},
             {" LI BND       Y         -1\n UI BND       Y          1\n", "",
              "column 'Y' is an integer without bounds"},
             {"RANGES\n", "QUADOBJ\n", "section QUADOBJ is not read"},
             {"RANGES\n", "RANGE\n", "'RANGE' is not a section of MPS; did you mean 'RANGES'"},
             {"RANGES\n", "RHS\n", "second section RHS"},
             {"LIM1       2.5", "COST       2.5", "type N, which can have no range"},
             {"RHS       MYEQN      7.0", "RHS       LIM1       7.0", "row 'LIM1' has two values in RHS"},
             {"ENDATA\n", "", "ends without ENDATA"},
         }) {
        INFO(what << " by " << by);
        CHECK_THAT(refusal("bad.mps", replaced(mps, what, by)), Contains(message));
    }
    CHECK_THAT(refusal("a.mps", ""), Contains("ends without ENDATA"));
    CHECK_THAT(refusal("a.mps", "NAME x\nROWS\n N c\nCOLUMNS\nRHS\nENDATA\n"), Contains("problem is empty"));
    CHECK_THAT(refusal("a.mps", "NAME\nROWS\n L r\nCOLUMNS\n x r 1\nENDATA\n"),
               Contains("one with N is needed"));
    CHECK_THAT(refusal("a.txt", "x"), Contains(".mps, .lp or .json"));
}

TEST_CASE("an MPS file that is cut short anywhere is refused", "[service][solve][readers]") {
    std::string const whole = mps;
    for (std::size_t size = 0; size + 1 < whole.size() - std::string("ENDATA").size(); ++size)
        REQUIRE(!refusal("cut.mps", whole.substr(0, size)).empty());
}

namespace {

char const* const lp = R"(\ a comment
Maximize
 profit: 3 x + 2y - 4e0 z
   + 5 w + 7 \ a constant
Subject To
 a: x + y + z <= 10
 b: - x + 2 y >= -5 + z
 2 x = 3
 r: -2 <= x - y <= 4
 twice: x + x + y >= 1
Bounds
 x <= 4
 -1 <= y <= 8
 z free
 w >= -inf
 w <= 1e30
Generals
 y
Binaries
 v
End
)";

}  // namespace

TEST_CASE("an LP file says objective, constraints, bounds and integers", "[service][solve][readers]") {
    auto const text = replaced(lp, "+ 5 w", "+ 5 w + v");
    auto const problem = read_problem("try.LP", text);
    CHECK(problem.sense == Sense::maximize);
    CHECK(problem.constant == 7);
    CHECK(named(problem, problem.objective) == Terms{{"x", 3}, {"y", 2}, {"z", -4}, {"w", 5}, {"v", 1}});
    CHECK(row(problem, "a").upper == 10);
    CHECK(row(problem, "a").lower == -unlimited);
    CHECK(named(problem, row(problem, "b").terms) == Terms{{"x", -1}, {"y", 2}, {"z", -1}});
    CHECK(row(problem, "b").lower == -5);
    CHECK(row(problem, "R3").lower == 3);
    CHECK(row(problem, "R3").upper == 3);
    CHECK(row(problem, "r").lower == -2);
    CHECK(row(problem, "r").upper == 4);
    CHECK(named(problem, row(problem, "twice").terms) == Terms{{"x", 2}, {"y", 1}});
    CHECK(variable(problem, "x").upper == 4);
    CHECK(variable(problem, "y").lower == -1);
    CHECK(variable(problem, "y").upper == 8);
    CHECK(variable(problem, "y").integer);
    CHECK(variable(problem, "z").lower == -unlimited);
    CHECK(variable(problem, "w").lower == -unlimited);
    CHECK(variable(problem, "w").upper == unlimited);
    CHECK(variable(problem, "v").upper == 1);
}

TEST_CASE("what an LP file says wrongly is refused, with line and column", "[service][solve][readers]") {
    struct Case {
        char const* what;
        char const* by;
        char const* message;
    };

    std::string const good = replaced(lp, "+ 5 w", "+ 5 w + v");
    for (auto const& [what, by, message] : std::vector<Case>{
             {" b: - x", " a: - x", "line 7, column 2: there are two constraints 'a'"},
             {"<= 10", "<= nan", "line 6, column 18: 'nan' is not a finite number"},
             {"<= 10", "<= ", "line 7, column 2: a term was expected here"},
             {"<= 10", "<= 1e999", "line 6, column 18: '1e999' is not a number"},
             {"<= 10", "10", "a relation was expected"},
             {"<= 10", "<= inf", "has an infinity"},
             {"x + y + z <= 10", "[ x^2 ] <= 10", "not linear"},
             {"x + y + z <= 10", "x y + z <= 10", "a relation was expected"},
             {"x + y + z <= 10", "x * y <= 10", "not linear"},
             {"x + y + z <= 10", "1 <= 10", "has no variables"},
             {"z free", "q free", "there is no variable 'q'"},
             {"z free", "z >= -3\n z >= 1", "second lower bound"},
             {" x <= 4", " x <= -4", "'x' has the upper bound -4 and no lower one"},
             {"x <= 4", "x <= nan", "a number was expected"},
             {"Binaries\n v", "Binaries\n y", "bounds are wider than 0 to 1"},
             {"Binaries", "Semis", "section 'Semis' is not read"},
             {"Maximize\n", "max: ", "lp_solve"},
             {"+ z <= 10", "+ z <= 10;", "lp_solve"},
             {"Maximize\n", "", "begins with Minimize or Maximize"},
             {"-2 <= x - y <= 4", "-2 <= x - y >= 4", "two relations"},
             {"End\n", "", "ends without 'End'"},
             {"End\n", "End\n x", "more after 'End'"},
         }) {
        INFO(what << " by " << by);
        CHECK_THAT(refusal("bad.lp", replaced(good, what, by)), Contains(message));
    }
    CHECK_THAT(refusal("a.lp", ""), Contains("problem is empty"));
    CHECK_THAT(refusal("a.lp", "Minimize\nobj:\nSubject To\nEnd\n"), Contains("problem is empty"));
    CHECK_THAT(refusal("a.lp", std::string("Minimize\n\0", 10)), Contains("zero byte"));
}

TEST_CASE("what is hardly meant as a name in an LP file is not made a variable",
          "[service][solve][readers]") {
    std::string const good = "Minimize\n o: x + y\nSubject To\n c: x + y >= 2\nEnd\n";
    auto const with = [&](std::string const& row) {
        return refusal("a.lp", replaced(good, "c: x + y >= 2", row.c_str()));
    };
    CHECK_THAT(with("c: x + y >= 2,5"), Contains("line 4, column 14: '2' is followed by a comma; write 2.5"));
    CHECK_THAT(with("c: 1,000 x + y >= 2"), Contains("'1' is followed by a comma"));
    CHECK_THAT(with("c: x + y, >= 2"), Contains("'y,' begins or ends with a comma"));
    CHECK_THAT(with("c: \xE2\x88\x92y + x >= 2"),
               Contains("column 5") && Contains("U+2212") && Contains("write -"));
    CHECK_THAT(with("c: x + y \xE2\x89\xA5 2"), Contains("U+2265") && Contains("write >="));
    CHECK_THAT(with("c: x\xC2\xA0+ y >= 2"), Contains("U+00A0"));
    CHECK(read_lp("a.lp", replaced(good, "c: x + y >= 2", "c: x(1,2) + \xC3\xA4 >= 2")).variables.size() ==
          4);
}

TEST_CASE("a section that does not begin its line is pointed at", "[service][solve][readers]") {
    auto const message = Contains("begins a section only at the beginning of a line");
    for (auto const* const text :
         {"Minimize o: x Subject To\n c: x >= 1\nEnd\n", "Minimize\n o: x + 4 Subject To\n c: x >= 1\nEnd\n",
          "Minimize\n o: x\nSubject To\n c: x - y = 1 Bounds\n -5 <= x <= 5\nEnd\n",
          "Minimize\n o: x\nSubject To\n c: x >= 1 End\n"}) {
        INFO(text);
        CHECK_THAT(refusal("a.lp", text), message);
    }
    CHECK_THAT(refusal("a.lp", "Minimize\n o: x\nSubject To\n c: x y >= 1\nEnd\n"), !message);
}

namespace {

char const* const json = R"({
 "name": "try", "sense": "maximize",
 "variables": [
  {"name": "x", "lower": 0, "upper": 4},
  {"name": "y", "lower": null, "upper": 8, "start": 2},
  {"name": "n", "type": "integer", "lower": 0, "upper": 3}
 ],
 "objective": "3*x + 2*(y - n) + 1",
 "constraints": [
  {"name": "c", "expression": "x + y/2 - 4", "upper": 6},
  {"expression": "x - y + n", "lower": -2, "upper": 2}
 ]
})";

}  // namespace

TEST_CASE("a problem in JSON is linear when its formulas are", "[service][solve][readers]") {
    auto const problem = read_problem("try.json", json);
    CHECK(class_of(problem) == Class::mip);
    CHECK(problem.sense == Sense::maximize);
    CHECK(problem.constant == 1);
    CHECK(named(problem, problem.objective) == Terms{{"x", 3}, {"y", 2}, {"n", -2}});
    CHECK(row(problem, "c").upper == 10);
    CHECK(named(problem, row(problem, "c").terms) == Terms{{"x", 1}, {"y", 0.5}});
    CHECK(variable(problem, "y").lower == -unlimited);
    CHECK(variable(problem, "y").start == 2);
    CHECK(class_of(read_problem("a.json", replaced(replaced(json, R"(, "lower": 0, "upper": 3)", ""),
                                                   "integer", "real"))) == Class::lp);
    auto const smooth = replaced(replaced(json, "integer", "real"), "3*x", "x*y");
    CHECK(class_of(read_problem("a.json", smooth)) == Class::smooth);
    CHECK(class_of(read_problem("a.json", replaced(smooth, "\"name\": \"try\"", "\"class\": \"global\""))) ==
          Class::global);
    CHECK(class_of(read_problem("a.json", replaced(smooth, "x*y", "abs(x)"))) == Class::global);
}

TEST_CASE("what a problem in JSON says wrongly is refused, with its place", "[service][solve][readers]") {
    struct Case {
        char const* what;
        char const* by;
        char const* message;
    };

    for (auto const& [what, by, message] : std::vector<Case>{
             {"3*x", "x*y", "variable 'n' is an integer, and the problem is not linear"},
             {"3*x", "3*q", "objective: formula"},
             {"3*x", "1e999*x", "objective"},
             {"\"name\": \"y\"", "\"name\": \"x\"", "two variables 'x'"},
             {"\"name\": \"y\"", "\"nam\": \"y\"", "variables[1] has the key 'nam', which is not known"},
             {"\"upper\": 4", "\"upper\": 4, \"upper\": 5", "the key 'upper' is there twice"},
             {"\"upper\": 4", "\"upper\": NaN", "cannot be read as JSON"},
             {"\"upper\": 4", "\"upper\": 1e999", "cannot be read as JSON"},
             {"\"upper\": 4", "\"upper\": \"4\"", "variables[0].upper is \"4\" (must be a number"},
             {"\"integer\"", "\"whole\"", "variables[2].type is \"whole\""},
             {"maximize", "maximum", "sense is \"maximum\""},
             {", \"upper\": 6", "", "constraints[0] has neither 'lower' nor 'upper'"},
             {"\"expression\": \"x - y + n\", ", "", "constraints[1] has no expression"},
             {" \"objective\"", " \"goal\"", "'goal', which is not known"},
         }) {
        INFO(what << " by " << by);
        CHECK_THAT(refusal("bad.json", replaced(json, what, by)), Contains(message));
    }
    CHECK_THAT(refusal("a.json", "{}"), Contains("problem is empty"));
    CHECK_THAT(refusal("a.json", "[]"), Contains("must be an object"));
    CHECK_THAT(refusal("a.json", ""), Contains("cannot be read as JSON"));
    CHECK_THAT(refusal("a.json", std::string(5000, '[')),
               Contains("more than 100 deep") || Contains("cannot be read"));
}

#include "domains/service/solve/solve.hpp"

#include <cmath>
#include <csignal>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "domains/service/solve/check.hpp"
#include "domains/service/solve/readers.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using namespace vaster::service::solve;
using Catch::Contains;

namespace {

SolveOptions quick() {
    SolveOptions options;
    options.limits.seconds = 20;
    return options;
}

Problem lp(std::string const& text) {
    return read_lp("test.lp", text);
}

Solution solved(Problem const& problem, SolveOptions const& options = quick()) {
    Watcher watcher;
    return solve(problem, options, solvers_for(class_of(problem), options.first), watcher);
}

/// A solver that always answers the same, before the real ones.
Solution with_liar(Problem const& problem, Answer const& lie, SolveOptions const& options = quick()) {
    auto solvers = solvers_for(class_of(problem));
    solvers.insert(solvers.begin(), Solver{"liar", [lie](Problem const&, Limits const&) { return lie; }});
    Watcher watcher;
    return solve(problem, options, solvers, watcher);
}

char const* const knapsack =
    "Maximize\n obj: 10 a + 13 b + 7 c + 8 d\nSubject To\n w: 3 a + 4 b + 2 c + 3 d <= 7\nBinaries\n a b c "
    "d\nEnd\n";
char const* const diet =
    "Minimize\n cost: 2 x + 3 y + 1\nSubject To\n a: x + y >= 4\n b: x + 3 y >= 6\n c: x <= 3\nEnd\n";

}  // namespace

TEST_CASE("an optimum comes with duals that show it", "[service][solve]") {
    // Vertices of the feasible set: (3, 1) costs 10, (0, 4) 13: the former, and 1 more by the constant.
    auto const solution = solved(lp(diet));
    CHECK(solution.status == Status::optimal);
    CHECK(solution.confirmed);
    CHECK(solution.objective == Approx(10));
    CHECK(solution.values == std::vector<double>{3, 1});
    CHECK(solution.bound == Approx(10));
    // The objective falls by what is relaxed: duals times sides, and the constant, are the objective.
    CHECK(solution.duals[0] * 4 + solution.duals[1] * 6 + solution.duals[2] * 3 + 1 == Approx(10));
    CHECK(solution.fallbacks.empty());
}

TEST_CASE("what is maximised comes back as such", "[service][solve]") {
    auto const problem = lp("Maximize\n obj: x + 2 y\nSubject To\n c: x + y <= 4\n d: y <= 3\nEnd\n");
    for (auto const* const first : {"clp", "glpsol"}) {
        auto options = quick();
        options.first = first;
        auto const solution = solved(problem, options);
        INFO(first);
        CHECK(solution.solver == first);
        CHECK(solution.objective == Approx(7));
        CHECK(solution.bound == Approx(7));
        // One more of c is worth 1.
        CHECK(solution.duals == std::vector<double>{1, 1});
    }
}

TEST_CASE("a solver that is not for the class is not asked, and that is told", "[service][solve]") {
    auto options = quick();
    options.first = "ipopt";
    auto const solution = solved(lp(diet), options);
    CHECK(solution.status == Status::optimal);
    CHECK(solution.solver == "clp");
    CHECK(solution.fallbacks == "ipopt is not for problems of class lp");
}

TEST_CASE("a point that breaks a constraint is not taken, and the next solver asked",
          "[service][solve][fallback]") {
    auto const solution =
        with_liar(lp(diet), {.claim = Claim::optimal, .values = {0, 0}, .duals = {0, 0, 0}});
    CHECK(solution.status == Status::optimal);
    CHECK(solution.objective == Approx(10));
    CHECK(solution.solver == "clp");
    CHECK_THAT(solution.fallbacks,
               Contains("liar gave a point that is not feasible: constraint 'a' is 0, below 4"));
}

TEST_CASE("a feasible point that is not the best is not called optimal", "[service][solve][fallback]") {
    for (auto const& duals :
         std::vector<std::vector<double>>{{}, {0, 0, 0}, {9, 9, 9}, {NAN, 0, 0}, {1, 2}}) {
        auto const solution =
            with_liar(lp(diet), {.claim = Claim::optimal, .values = {0, 4}, .duals = duals});
        CHECK(solution.objective == Approx(10));
        CHECK_THAT(solution.fallbacks, Contains("liar says optimal, but its duals do not show it"));
    }
    auto options = quick();
    options.fallback = false;
    auto const alone =
        with_liar(lp(diet), {.claim = Claim::optimal, .values = {0, 4}, .duals = {0, 0, 0}}, options);
    CHECK(alone.status == Status::feasible);
    CHECK(alone.objective == Approx(13));
}

TEST_CASE("integers must be some, also when a solver says they are", "[service][solve][fallback]") {
    auto const solution =
        with_liar(lp(knapsack), {.claim = Claim::optimal, .values = {1, 1, 0.001, 0}, .bound = -23.007});
    CHECK(solution.status == Status::optimal);
    CHECK(solution.objective == 23);
    CHECK_THAT(solution.fallbacks, Contains("variable 'c' is 0.001, no integer"));
}

TEST_CASE("a switch that is nearly off does not let through what it must hold",
          "[service][solve][fallback]") {
    // x <= 1e6 b with b = 1e-6: feasible until b is rounded to 0.
    auto const problem = lp(
        "Maximize\n obj: x - 3 b\nSubject To\n s: x - 1000000 b <= 0\nBounds\n x <= 1\nBinaries\n b\nEnd\n");
    auto const solution = with_liar(problem, {.claim = Claim::optimal, .values = {1, 1e-6}, .bound = -1});
    CHECK(solution.objective == Approx(0).margin(1e-9));
    CHECK(solution.values[0] == Approx(0).margin(1e-9));
    CHECK(solution.status == Status::optimal);
}

TEST_CASE("a bound that does not meet the objective does not make an optimum", "[service][solve][fallback]") {
    auto const poor =
        with_liar(lp(knapsack), {.claim = Claim::optimal, .values = {1, 0, 0, 1}, .bound = -23});
    CHECK(poor.objective == 23);
    CHECK_THAT(poor.fallbacks, Contains("its bound does not show it: the objective is -18, the bound -23"));
    auto const absurd =
        with_liar(lp(knapsack), {.claim = Claim::optimal, .values = {1, 1, 0, 0}, .bound = -20});
    CHECK(absurd.objective == 23);
    CHECK_THAT(absurd.fallbacks, Contains("contradicts itself"));
}

TEST_CASE("infeasible on one solver's word is not believed when there is a point",
          "[service][solve][fallback]") {
    for (auto const claim : {Claim::infeasible, Claim::unbounded}) {
        for (auto const* const text : {diet, knapsack}) {
            auto const solution = with_liar(lp(text), {.claim = claim});
            CHECK(solution.status == Status::optimal);
            CHECK(solution.confirmed);
        }
    }
}

TEST_CASE("crashes, errors, silence and too much time make the next solver try",
          "[service][solve][fallback]") {
    struct Case {
        std::function<Answer(Problem const&, Limits const&)> run;
        char const* message;
    };

    auto options = quick();
    options.limits.seconds = 0.5;
    for (auto const& [run, message] : std::vector<Case>{
             {[](Problem const&, Limits const&) -> Answer {
                  std::raise(SIGSEGV);
                  return {};
              },
              "stub crashed (signal 11"},
             {[](Problem const&, Limits const&) -> Answer { throw ModelError("is not in the mood"); },
              "stub is not in the mood"},
             {[](Problem const&, Limits const&) -> Answer { ::_exit(3); },
              "stub ended without an answer (exit code 3)"},
             {[](Problem const&, Limits const&) -> Answer {
                  for (;;) ::pause();
              },
              "stub did not stop within 2 s, and was killed"},
             {[](Problem const&, Limits const&) { return Answer{.limit = "time", .note = "status 3"}; },
              "stub came to no result (status 3, limit: time)"},
             {[](Problem const&, Limits const&) { return Answer{.claim = Claim::optimal, .values = {1}}; },
              "stub gave no usable point"},
             {[](Problem const&, Limits const&) {
                  return Answer{.claim = Claim::optimal, .values = {NAN, 1}};
              },
              "stub gave no usable point"},
         }) {
        INFO(message);
        auto const problem = lp(diet);
        auto solvers = solvers_for(class_of(problem));
        solvers.insert(solvers.begin(), Solver{"stub", run});
        Watcher watcher;
        auto const solution = solve(problem, options, solvers, watcher);
        CHECK(solution.status == Status::optimal);
        CHECK(solution.objective == Approx(10));
        CHECK_THAT(solution.fallbacks, Contains(message));
        auto const alone = solve(problem, options, std::span(solvers).first(1), watcher);
        CHECK((alone.status == Status::failed || alone.status == Status::unknown));
        CHECK_FALSE(alone.confirmed);
    }
}

TEST_CASE("a rank that must stop does not wait for a solver", "[service][solve]") {
    struct Impatient : Watcher {
        bool stop_requested() override { return true; }
    } watcher;

    std::vector<Solver> const solvers{{"slow", [](Problem const&, Limits const&) -> Answer {
                                           for (;;) ::pause();
                                       }}};
    CHECK_THROWS_AS(solve(lp(diet), quick(), solvers, watcher), Cancelled);
}

TEST_CASE("infeasible and unbounded are shown by rays", "[service][solve]") {
    auto const infeasible =
        solved(lp("Minimize\n obj: x + y\nSubject To\n a: x + y >= 3\n b: x + y <= 2\nEnd\n"));
    CHECK(infeasible.status == Status::infeasible);
    CHECK(infeasible.confirmed);
    CHECK(infeasible.evidence == "Farkas ray");
    auto const unbounded = solved(lp("Maximize\n obj: x - y\nSubject To\n a: x - 2 y <= 4\nEnd\n"));
    CHECK(unbounded.status == Status::unbounded);
    CHECK(unbounded.confirmed);
    auto const integers =
        solved(lp("Maximize\n obj: x - y\nSubject To\n a: x - 2 y <= 4\nGenerals\n x y\nEnd\n"));
    CHECK(integers.status == Status::unbounded);
    CHECK(integers.confirmed);
    // No integer has twice itself odd: only the search for integers can tell.
    auto const odd =
        solved(lp("Minimize\n obj: x\nSubject To\n a: 2 x + 2 y = 7\n b: x + y <= 9\nGenerals\n x y\nEnd\n"));
    CHECK(odd.status == Status::infeasible);
    CHECK(odd.confirmed);
    CHECK(odd.evidence == "cbc and glpsol agree");
    auto const bounds =
        solved(lp("Minimize\n obj: x\nSubject To\n a: x + y <= 9\nBounds\n 4 <= x <= 3\nEnd\n"));
    CHECK(bounds.status == Status::infeasible);
    CHECK(bounds.evidence == "variable 'x' must be at least 4 and at most 3");
}

TEST_CASE("a ray that shows nothing is not a proof", "[service][solve][check]") {
    auto const problem = minimized(lp(diet));
    for (auto const& ray :
         std::vector<std::vector<double>>{{0, 0, 0}, {1, 1, 1}, {1, -1, 0}, {NAN, 1, 1}, {1}})
        CHECK_FALSE(proves_infeasible(problem, ray));
    for (auto const& ray :
         std::vector<std::vector<double>>{{0, 0}, {1, 1}, {-1, 0}, {0, -1}, {0, 1}, {INFINITY, 1}})
        CHECK_FALSE(is_unbounded_direction(problem, ray));
}

TEST_CASE("problems without constraints are solved", "[service][solve]") {
    auto const json = [](char const* rest) {
        return read_json("test.json",
                         std::string(R"({"variables": [{"name": "x", "lower": -1, "upper": 2.5)") + rest);
    };
    CHECK(solved(json(R"(}], "objective": "-x"})")).objective == Approx(-2.5));
    CHECK(solved(json(R"(, "type": "integer"}], "objective": "-x"})")).objective == Approx(-2));
    CHECK(solved(json(R"(}], "objective": "0"})")).status == Status::optimal);
    auto const square = solved(json(R"(}], "sense": "maximize", "objective": "3 - (x - 1)^2"})"));
    CHECK(square.status == Status::optimal);
    CHECK(square.objective == Approx(3));
    CHECK(square.scope == "global");
}

TEST_CASE("a local optimum is called local, and the KKT conditions are looked at",
          "[service][solve][smooth]") {
    auto const text = R"({"variables": [{"name": "x", "lower": -3, "upper": 3, "start": 2}],
        "objective": "x^4 - 8*x^2 + x"})";
    auto const solution = solved(read_json("test.json", text));
    CHECK(solution.status == Status::optimal);
    CHECK(solution.scope == "local");
    CHECK(solution.kkt <= 1e-6);
    auto const lied = with_liar(read_json("test.json", text), {.claim = Claim::optimal, .values = {1.5}});
    CHECK_THAT(lied.fallbacks, Contains("liar gave a point that is not optimal: the residual of the KKT"));
    CHECK(lied.solver == "ipopt");
    // Of both optima the lower is at -2.0304, a root of 4 x^3 - 16 x + 1; a search from many places finds it
    // and does not call it optimal.
    auto const global = solved(read_json("test.json", std::string(text).insert(1, R"("class": "global", )")));
    CHECK(global.status == Status::feasible);
    CHECK(global.objective == Approx(-18.01539).epsilon(1e-5));
    CHECK_THAT(global.scope, Contains("best of 50 starts"));
}

TEST_CASE("a point on the edge of several constraints meets the KKT conditions", "[service][solve][smooth]") {
    // From the duals: moving the bound of c by 1 changes the optimum by 2 (x + y >= 2, at x = y = 1).
    auto const solution =
        solved(read_json("test.json", R"({"variables": [{"name": "x", "lower": 0}, {"name": "y", "lower": 0}],
        "objective": "x^2 + y^2", "constraints": [{"name": "c", "expression": "x + y", "lower": 2}]})"));
    CHECK(solution.status == Status::optimal);
    CHECK(solution.scope == "global");
    CHECK(solution.objective == Approx(2));
    CHECK(solution.duals.at(0) == Approx(2).epsilon(1e-5));
}

namespace {

/// A problem with integer coefficients; every third one has none but real variables.
Problem random_problem(std::uint64_t number) {
    auto random = random_stream(7, std::to_string(number), Purpose::simulate);
    auto const from = [&](int least, int most) {
        return static_cast<double>(least) +
               static_cast<double>(random.below(static_cast<std::uint64_t>(most - least + 1)));
    };
    Problem problem{.name = "random", .sense = random.below(2) == 0 ? Sense::minimize : Sense::maximize};
    auto const n = 2 + random.below(6);
    auto const m = 1 + random.below(6);
    for (std::size_t j = 0; j < n; ++j) {
        Variable variable{.name = "x" + std::to_string(j), .upper = from(1, 20)};
        if (random.below(8) == 0) variable.lower = -from(1, 5);
        if (random.below(6) == 0) variable.upper = unlimited;
        variable.integer = number % 3 != 0 && random.below(2) == 0;
        problem.variables.push_back(variable);
        problem.objective.push_back({j, from(-9, 9)});
    }
    for (std::size_t i = 0; i < m; ++i) {
        Row row{.name = "r" + std::to_string(i)};
        for (std::size_t j = 0; j < n; ++j)
            if (random.below(3) > 0) row.terms.push_back({j, from(-5, 9)});
        auto const kind = random.below(5);
        if (kind != 0) row.upper = from(2, 40);
        if (kind == 0 || kind == 1) row.lower = from(-10, 2);
        if (kind == 2 && !row.terms.empty()) row.lower = row.upper;
        problem.rows.push_back(row);
    }
    return problem;
}

}  // namespace

TEST_CASE("a bound that a row implies stands in for one that is not stated", "[service][solve][check]") {
    // x + y <= 1e9 with y >= 2 lets x be at most 1e9 - 2. A multiplier of nought leaves x the slope -1e-8.
    std::string const start = "Minimize\n o: - 0.00000001 x + 3\nSubject To\n";
    std::string const end = "Bounds\n y >= 2\nEnd\n";
    std::vector<double> const nothing{0};
    CHECK(*dual_bound(lp(start + " a: x + y <= 1000000000\n" + end), nothing) ==
          Approx(3 - 1e-8 * (1e9 - 2)));
    CHECK(*dual_bound(lp(start + " a: - 2 x - y >= -1000\n" + end), nothing) == Approx(3 - 1e-8 * 499));
    // Neither bounds x: what is below the tolerance is then left out, and what is not proves nothing.
    CHECK(*dual_bound(lp(start + " a: x - y <= 1000\n" + end), nothing) == 3);
    CHECK_FALSE(dual_bound(lp("Minimize\n o: - x\nSubject To\n a: x - y <= 1000\n" + end), nothing));
    CHECK(*dual_bound(lp("Minimize\n o: - x\nSubject To\n a: x + y <= 1000\n" + end), nothing) ==
          Approx(-998));
}

TEST_CASE("simplex in rational numbers, on request, finds what lies below the tolerances of the others",
          "[service][solve]") {
    // The gain of x is below the tolerance of reduced costs (1e-7): simplex in doubles stays at the origin.
    auto const problem =
        lp("Minimize\n o: - 0.00000001 x + y\nSubject To\n a: x + y <= 1000000000\n"
           " b: x - y <= 1000000000\nEnd\n");
    auto options = quick();
    options.first = "glpsol";
    options.fallback = false;
    auto const rough = solved(problem, options);
    CHECK(rough.status == Status::feasible);
    CHECK_THAT(
        rough.fallbacks,
        Contains("glpsol says optimal, but its duals do not show it: the objective is 0, their bound -10"));

    options.first = "glpsol-exact";
    auto const exact = solved(problem, options);
    CHECK(exact.status == Status::optimal);
    CHECK(exact.evidence == "duals");
    CHECK(exact.solver == "glpsol-exact");
    CHECK(exact.objective == Approx(-10));
    CHECK(exact.values == std::vector<double>{1e9, 0});
    for (auto const& solver : solvers_for(Class::lp)) CHECK(solver.name != "glpsol-exact");

    auto const none =
        solved(lp("Minimize\n o: x\nSubject To\n a: x + y >= 3\n b: x + y <= 2\nEnd\n"), options);
    CHECK(none.status == Status::infeasible);
    CHECK(none.confirmed);
    options.fallback = true;
    auto const integers = solved(lp(knapsack), options);
    CHECK(integers.status == Status::optimal);
    CHECK_THAT(integers.fallbacks, Contains("glpsol-exact is not for problems of class mip"));
}

TEST_CASE("a hundred made-up problems have the same result from both solvers", "[service][solve]") {
    std::size_t n_optimal = 0;
    for (std::uint64_t number = 0; number < 100; ++number) {
        auto const problem = random_problem(number);
        auto options = quick();
        auto const one = solved(problem, options);
        options.first = "glpsol";
        auto const other = solved(problem, options);
        INFO("problem " << number << ": " << one.fallbacks << " / " << other.fallbacks);
        CHECK(one.status == other.status);
        CHECK(one.confirmed);
        if (one.status != Status::optimal) continue;
        ++n_optimal;
        CHECK(one.objective == Approx(other.objective).epsilon(1e-6).margin(1e-6));
        CHECK(other.solver == "glpsol");
    }
    // Of the 100 most must be problems where there is something to compare.
    CHECK(n_optimal > 50);
}

// Clp and Cbc of COIN-OR, by their C interfaces.
#include <algorithm>
#include <cmath>

#include <coin/Cbc_C_Interface.h>
#include <coin/Clp_C_Interface.h>
#include <fmt/core.h>

#include "domains/service/solve/answer.hpp"
#include "domains/service/solve/library.hpp"

namespace vaster::service::solve {
namespace {

/// What these libraries take as infinite.
constexpr double largest = std::numeric_limits<double>::max();

double limited(double bound) {
    return std::clamp(bound, -largest, largest);
}

/// A linear problem as these libraries want it: by columns.
struct Columns {
    int n_columns;
    int n_rows;
    std::vector<int> starts;
    std::vector<int> rows;
    std::vector<double> elements;
    std::vector<double> lower;
    std::vector<double> upper;
    std::vector<double> costs;
    std::vector<double> row_lower;
    std::vector<double> row_upper;
};

Columns columns_of(Problem const& problem) {
    auto const n = problem.variables.size();
    Columns columns{static_cast<int>(n),
                    static_cast<int>(problem.rows.size()),
                    std::vector<int>(n + 1, 0),
                    {},
                    {},
                    {},
                    {},
                    std::vector<double>(n, 0.0),
                    {},
                    {}};
    for (auto const& row : problem.rows)
        for (auto const& term : row.terms) ++columns.starts[term.variable + 1];
    for (std::size_t j = 0; j < n; ++j) columns.starts[j + 1] += columns.starts[j];
    auto next = columns.starts;
    // Never empty, so that there is always something to point at.
    columns.rows.resize(static_cast<std::size_t>(columns.starts[n]) + 1);
    columns.elements.resize(columns.rows.size());
    columns.row_lower.reserve(problem.rows.size() + 1);
    columns.row_upper.reserve(problem.rows.size() + 1);
    for (std::size_t i = 0; i < problem.rows.size(); ++i) {
        for (auto const& term : problem.rows[i].terms) {
            auto const place = static_cast<std::size_t>(next[term.variable]++);
            columns.rows[place] = static_cast<int>(i);
            columns.elements[place] = term.coefficient;
        }
        columns.row_lower.push_back(limited(problem.rows[i].lower));
        columns.row_upper.push_back(limited(problem.rows[i].upper));
    }
    columns.lower.reserve(n);
    columns.upper.reserve(n);
    for (auto const& variable : problem.variables) {
        columns.lower.push_back(limited(variable.lower));
        columns.upper.push_back(limited(variable.upper));
    }
    for (auto const& term : problem.objective) columns.costs[term.variable] = term.coefficient;
    return columns;
}

std::vector<double> copied(double const* numbers, int n) {
    if (numbers == nullptr) return {};
    return {numbers, numbers + n};
}

class Clp {
  public:
    explicit Clp(Columns const& columns, Limits const& limits)
        : library_(VASTER_CLP_SONAME, "coinor-libclp1"), columns_(columns), limits_(limits) {}

    Answer solve() {
        auto* const model = loaded();
        call<decltype(Clp_initialSolve)>("Clp_initialSolve")(model);
        return answer(model, call<decltype(Clp_status)>("Clp_status")(model));
    }

  private:
    template <class F>
    [[nodiscard]] F* call(char const* name) const {
        return library_.function<F>(name);
    }

    Clp_Simplex* loaded() {
        auto* const model = call<decltype(Clp_newModel)>("Clp_newModel")();
        call<decltype(Clp_setLogLevel)>("Clp_setLogLevel")(model, 0);
        call<decltype(Clp_loadProblem)>("Clp_loadProblem")(
            model, columns_.n_columns, columns_.n_rows, columns_.starts.data(), columns_.rows.data(),
            columns_.elements.data(), columns_.lower.data(), columns_.upper.data(), columns_.costs.data(),
            columns_.row_lower.data(), columns_.row_upper.data());
        call<decltype(Clp_setMaximumSeconds)>("Clp_setMaximumSeconds")(model, limits_.seconds);
        if (limits_.iterations > 0)
            call<decltype(Clp_setMaximumIterations)>("Clp_setMaximumIterations")(
                model, static_cast<int>(
                           std::min<std::int64_t>(limits_.iterations, std::numeric_limits<int>::max())));
        return model;
    }

    Answer answer(Clp_Simplex* model, int status) {
        enum { optimal, infeasible, unbounded, stopped };

        Answer answer;
        answer.version = call<decltype(Clp_Version)>("Clp_Version")();
        answer.note = fmt::format("status {}", status);
        bool const feasible = call<decltype(Clp_primalFeasible)>("Clp_primalFeasible")(model) != 0;
        if (status == optimal || (status == stopped && feasible))
            answer.values =
                copied(call<decltype(Clp_getColSolution)>("Clp_getColSolution")(model), columns_.n_columns);
        if (status == optimal) {
            answer.claim = Claim::optimal;
            answer.duals = copied(call<decltype(Clp_getRowPrice)>("Clp_getRowPrice")(model), columns_.n_rows);
        } else if (status == infeasible || status == unbounded) {
            answer.claim = status == infeasible ? Claim::infeasible : Claim::unbounded;
        } else if (status == stopped) {
            answer.claim = feasible ? Claim::feasible : Claim::unknown;
            bool const by_iterations =
                limits_.iterations > 0 &&
                call<decltype(Clp_numberIterations)>("Clp_numberIterations")(model) >= limits_.iterations;
            answer.limit = by_iterations ? "iterations" : "time";
        }
        return answer;
    }

    Library library_;
    Columns const& columns_;
    Limits const& limits_;
};

class Cbc {
  public:
    Cbc(Columns const& columns, Problem const& problem, Limits const& limits)
        : library_(VASTER_CBC_SONAME, "coinor-libcbc3"),
          model_(call<decltype(Cbc_newModel)>("Cbc_newModel")()) {
        set("log", "0");
        set("seconds", fmt::format("{}", limits.seconds));
        set("ratioGap", fmt::format("{}", limits.gap));
        if (limits.nodes > 0) set("maxNodes", fmt::format("{}", limits.nodes));
        call<decltype(Cbc_loadProblem)>("Cbc_loadProblem")(
            model_, columns.n_columns, columns.n_rows, columns.starts.data(), columns.rows.data(),
            columns.elements.data(), columns.lower.data(), columns.upper.data(), columns.costs.data(),
            columns.row_lower.data(), columns.row_upper.data());
        for (int j = 0; j < columns.n_columns; ++j)
            if (problem.variables[static_cast<std::size_t>(j)].integer)
                call<decltype(Cbc_setInteger)>("Cbc_setInteger")(model_, j);
    }

    Answer solve(int n_columns) {
        Answer answer;
        answer.version = call<decltype(Cbc_getVersion)>("Cbc_getVersion")();
        call<decltype(Cbc_solve)>("Cbc_solve")(model_);
        bool const optimal = is<decltype(Cbc_isProvenOptimal)>("Cbc_isProvenOptimal");
        bool const found = call<decltype(Cbc_bestSolution)>("Cbc_bestSolution")(model_) != nullptr;
        if (is<decltype(Cbc_isProvenInfeasible)>("Cbc_isProvenInfeasible"))
            answer.claim = Claim::infeasible;
        else if (is<decltype(Cbc_isContinuousUnbounded)>("Cbc_isContinuousUnbounded"))
            answer.claim = Claim::unbounded;
        else if (optimal || found)
            answer.claim = optimal ? Claim::optimal : Claim::feasible;
        if (is<decltype(Cbc_isSecondsLimitReached)>("Cbc_isSecondsLimitReached")) answer.limit = "time";
        if (is<decltype(Cbc_isNodeLimitReached)>("Cbc_isNodeLimitReached")) answer.limit = "nodes";
        answer.note =
            fmt::format("status {}, secondary status {}", call<decltype(Cbc_status)>("Cbc_status")(model_),
                        call<decltype(Cbc_secondaryStatus)>("Cbc_secondaryStatus")(model_));
        if (answer.claim == Claim::optimal || answer.claim == Claim::feasible) take_point(answer, n_columns);
        return answer;
    }

  private:
    template <class F>
    [[nodiscard]] F* call(char const* name) const {
        return library_.function<F>(name);
    }

    template <class F>
    [[nodiscard]] bool is(char const* name) const {
        return call<F>(name)(model_) != 0;
    }

    void set(char const* name, std::string const& value) {
        call<decltype(Cbc_setParameter)>("Cbc_setParameter")(model_, name, value.c_str());
    }

    void take_point(Answer& answer, int n_columns) const {
        answer.values = copied(call<decltype(Cbc_getColSolution)>("Cbc_getColSolution")(model_), n_columns);
        double const bound =
            call<decltype(Cbc_getBestPossibleObjValue)>("Cbc_getBestPossibleObjValue")(model_);
        constexpr double no_bound = 1e40;
        if (std::abs(bound) < no_bound) answer.bound = bound;
    }

    Library library_;
    Cbc_Model* model_;
};

}  // namespace

Answer solve_by_clp(Problem const& minimized, Limits const& limits) {
    auto const columns = columns_of(minimized);
    return Clp(columns, limits).solve();
}

Answer solve_by_cbc(Problem const& minimized, Limits const& limits) {
    auto const columns = columns_of(minimized);
    return Cbc(columns, minimized, limits).solve(columns.n_columns);
}

}  // namespace vaster::service::solve

// Ipopt and NLopt, by their C interfaces.
#include <algorithm>
#include <cmath>
#include <optional>

#include <coin/IpStdCInterface.h>
#include <fmt/core.h>
#include <nlopt.h>

#include "base/support/clock.hpp"
#include "domains/service/solve/answer.hpp"
#include "domains/service/solve/check.hpp"
#include "domains/service/solve/formula.hpp"
#include "domains/service/solve/library.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::service::solve {
namespace {

/// A function of a problem: its objective, or a constraint.
struct Part {
    std::vector<Term> const* terms;
    Formula const* formula;
    double constant = 0;
    double sign = 1;

    [[nodiscard]] double value(std::span<double const> x) const {
        if (formula != nullptr) return sign * (formula->value(x) + constant);
        double sum = constant;
        for (auto const& term : *terms) sum += term.coefficient * x[term.variable];
        return sign * sum;
    }

    /// The derivative by each variable that it reads.
    [[nodiscard]] std::vector<Term> gradient(std::span<double const> x) const {
        std::vector<Term> gradient;
        if (formula == nullptr) {
            gradient = *terms;
        } else {
            auto const slopes = formula->gradient(x);
            for (std::size_t k = 0; k < slopes.size(); ++k)
                gradient.push_back({formula->variables()[k], slopes[k]});
        }
        for (auto& term : gradient) term.coefficient *= sign;
        return gradient;
    }
};

Part objective_part(Problem const& problem) {
    return {&problem.objective, problem.formula.get(), 0, problem.sense == Sense::maximize ? -1.0 : 1.0};
}

Part part_of(Row const& row) {
    return {&row.terms, row.formula.get()};
}

/// Where a search begins: as the file says, or at zero, moved into the bounds.
std::vector<double> start_of(Problem const& problem) {
    std::vector<double> x;
    x.reserve(problem.variables.size());
    for (auto const& one : problem.variables)
        x.push_back(std::clamp(std::isnan(one.start) ? 0.0 : one.start, one.lower, one.upper));
    return x;
}

// ---- Ipopt

struct Functions {
    Part objective;
    std::vector<Part> rows;
};

Bool is_number(double value) {
    return std::isfinite(value) ? TRUE : FALSE;
}

Bool ipopt_objective(Index n, Number* x, Bool, Number* value, UserDataPtr data) {
    *value = static_cast<Functions*>(data)->objective.value({x, static_cast<std::size_t>(n)});
    return is_number(*value);
}

Bool ipopt_gradient(Index n, Number* x, Bool, Number* gradient, UserDataPtr data) {
    std::fill(gradient, gradient + n, 0.0);
    Bool fine = TRUE;
    for (auto const& term :
         static_cast<Functions*>(data)->objective.gradient({x, static_cast<std::size_t>(n)})) {
        gradient[term.variable] = term.coefficient;
        if (is_number(term.coefficient) == FALSE) fine = FALSE;
    }
    return fine;
}

Bool ipopt_rows(Index n, Number* x, Bool, Index, Number* values, UserDataPtr data) {
    for (auto const& row : static_cast<Functions*>(data)->rows) {
        *values = row.value({x, static_cast<std::size_t>(n)});
        if (is_number(*values++) == FALSE) return FALSE;
    }
    return TRUE;
}

std::vector<std::size_t> variables_of(Part const& part) {
    if (part.formula != nullptr) return part.formula->variables();
    std::vector<std::size_t> variables;
    for (auto const& term : *part.terms) variables.push_back(term.variable);
    return variables;
}

Bool ipopt_jacobian(Index n, Number* x, Bool, Index, Index, Index* rows, Index* columns, Number* values,
                    UserDataPtr data) {
    Index row = 0;
    for (auto const& part : static_cast<Functions*>(data)->rows) {
        if (values == nullptr) {
            for (auto const variable : variables_of(part)) {
                *rows++ = row;
                *columns++ = static_cast<Index>(variable);
            }
        } else {
            for (auto const& term : part.gradient({x, static_cast<std::size_t>(n)})) {
                *values = term.coefficient;
                if (is_number(*values++) == FALSE) return FALSE;
            }
        }
        ++row;
    }
    return TRUE;
}

/// Second derivatives are estimated from the first.
Bool ipopt_hessian(Index, Number*, Bool, Number, Index, Number*, Bool, Index, Index*, Index*, Number*,
                   UserDataPtr) {
    return FALSE;
}

constexpr double ipopt_infinity = 1e19;

std::vector<double> limited(std::vector<double> bounds) {
    for (double& bound : bounds) bound = std::clamp(bound, -2 * ipopt_infinity, 2 * ipopt_infinity);
    return bounds;
}

/// All of one kind of bound.
template <class Bounded>
std::vector<double> collected(std::vector<Bounded> const& all, double Bounded::*bound) {
    std::vector<double> bounds;
    bounds.reserve(all.size() + 1);
    for (auto const& one : all) bounds.push_back(one.*bound);
    return limited(std::move(bounds));
}

class Ipopt {
  public:
    Ipopt(Problem const& problem, Limits const& limits)
        : library_(VASTER_IPOPT_SONAME, "coinor-libipopt1v5"), functions_{objective_part(problem), {}} {
        std::size_t n_slopes = 0;
        for (auto const& row : problem.rows) {
            functions_.rows.push_back(part_of(row));
            n_slopes += variables_of(functions_.rows.back()).size();
        }
        auto lower = collected(problem.variables, &Variable::lower);
        auto upper = collected(problem.variables, &Variable::upper);
        auto row_lower = collected(problem.rows, &Row::lower);
        auto row_upper = collected(problem.rows, &Row::upper);
        problem_ = library_.function<decltype(CreateIpoptProblem)>("CreateIpoptProblem")(
            static_cast<Index>(problem.variables.size()), lower.data(), upper.data(),
            static_cast<Index>(problem.rows.size()), row_lower.data(), row_upper.data(),
            static_cast<Index>(n_slopes), 0, 0, ipopt_objective, ipopt_rows, ipopt_gradient, ipopt_jacobian,
            ipopt_hessian);
        require<ModelError>(problem_ != nullptr, "did not take the problem");
        set("hessian_approximation", "limited-memory");
        set("sb", "yes");
        set_integer("print_level", 0);
        if (limits.iterations > 0)
            set_integer("max_iter", static_cast<int>(std::min<std::int64_t>(limits.iterations, 1 << 30)));
        set_number("max_cpu_time", limits.seconds);
        // Bounds hold as they are said, and tolerances are those of our own checks.
        set_number("bound_relax_factor", 0);
        constexpr double tolerance = 1e-9;
        set_number("tol", tolerance);
    }

    Answer solve(std::vector<double> x) {
        double value = 0;
        std::vector<double> rows(functions_.rows.size() + 1);
        std::vector<double> multipliers(functions_.rows.size() + 1);
        auto const status = library_.function<decltype(IpoptSolve)>("IpoptSolve")(
            problem_, x.data(), rows.data(), &value, multipliers.data(), nullptr, nullptr, &functions_);
        Answer answer;
        answer.note = fmt::format("status {}", static_cast<int>(status));
        answer.version = "3.11";
        if (status == Solve_Succeeded || status == Solved_To_Acceptable_Level) answer.claim = Claim::optimal;
        if (status == Maximum_CpuTime_Exceeded) answer.limit = "time";
        if (status == Maximum_Iterations_Exceeded) answer.limit = "iterations";
        if (answer.claim == Claim::unknown && !answer.limit.empty()) answer.claim = Claim::feasible;
        if (status == Search_Direction_Becomes_Too_Small || status == Feasible_Point_Found)
            answer.claim = Claim::feasible;
        answer.values = std::move(x);
        return answer;
    }

  private:
    void set(std::string name, std::string value) {
        library_.function<decltype(AddIpoptStrOption)>("AddIpoptStrOption")(problem_, name.data(),
                                                                            value.data());
    }

    void set_integer(std::string name, int value) {
        library_.function<decltype(AddIpoptIntOption)>("AddIpoptIntOption")(problem_, name.data(), value);
    }

    void set_number(std::string name, double value) {
        library_.function<decltype(AddIpoptNumOption)>("AddIpoptNumOption")(problem_, name.data(), value);
    }

    Library library_;
    Functions functions_;
    IpoptProblem problem_ = nullptr;
};

// ---- NLopt

double nlopt_value(unsigned n, double const* x, double* gradient, void* data) {
    auto const& part = *static_cast<Part const*>(data);
    std::span<double const> const point(x, n);
    if (gradient != nullptr) {
        std::fill(gradient, gradient + n, 0.0);
        for (auto const& term : part.gradient(point)) gradient[term.variable] = term.coefficient;
    }
    double const value = part.value(point);
    return std::isnan(value) ? HUGE_VAL : value;
}

class Nlopt {
  public:
    Nlopt(Problem const& problem, Limits const& limits)
        : library_(VASTER_NLOPT_SONAME, "libnlopt0"),
          problem_(problem),
          until_(monotonic_seconds() + limits.seconds),
          limits_(limits),
          objective_(objective_part(problem)) {
        for (auto const& row : problem.rows) {
            auto part = part_of(row);
            if (row.lower == row.upper) {
                equal_.push_back(part);
                equal_.back().constant = -row.lower;
                continue;
            }
            if (row.upper < unlimited) {
                below_.push_back(part);
                below_.back().constant = -row.upper;
            }
            if (row.lower > -unlimited) {
                below_.push_back(part);
                below_.back().constant = -row.lower;
                below_.back().sign = -1;
            }
        }
        for (auto const& one : problem.variables) {
            lower_.push_back(one.lower);
            upper_.push_back(one.upper);
        }
    }

    /// Goes on from x, as far as the algorithm comes. @returns its result
    nlopt_result improve(nlopt_algorithm algorithm, std::vector<double>& x, int most_evaluations) {
        auto* const search =
            call<decltype(nlopt_create)>("nlopt_create")(algorithm, static_cast<unsigned>(x.size()));
        require<ModelError>(search != nullptr, "did not take the problem");
        call<decltype(nlopt_set_lower_bounds)>("nlopt_set_lower_bounds")(search, lower_.data());
        call<decltype(nlopt_set_upper_bounds)>("nlopt_set_upper_bounds")(search, upper_.data());
        call<decltype(nlopt_set_min_objective)>("nlopt_set_min_objective")(search, nlopt_value, &objective_);
        constexpr double tolerance = 1e-9;
        constexpr double step = 1e-12;
        for (auto& part : below_)
            call<decltype(nlopt_add_inequality_constraint)>("nlopt_add_inequality_constraint")(
                search, nlopt_value, &part, tolerance);
        for (auto& part : equal_)
            call<decltype(nlopt_add_equality_constraint)>("nlopt_add_equality_constraint")(
                search, nlopt_value, &part, tolerance);
        call<decltype(nlopt_set_xtol_rel)>("nlopt_set_xtol_rel")(search, step);
        call<decltype(nlopt_set_ftol_rel)>("nlopt_set_ftol_rel")(search, step / 100);
        call<decltype(nlopt_set_maxeval)>("nlopt_set_maxeval")(search, most_evaluations);
        constexpr double shortest = 0.01;
        call<decltype(nlopt_set_maxtime)>("nlopt_set_maxtime")(
            search, std::max(shortest, until_ - monotonic_seconds()));
        double value = 0;
        auto const result = call<decltype(nlopt_optimize)>("nlopt_optimize")(search, x.data(), &value);
        call<decltype(nlopt_destroy)>("nlopt_destroy")(search);
        return result;
    }

    /// The best of many starts.
    Answer search() {
        call<decltype(nlopt_srand)>("nlopt_srand")(static_cast<unsigned long>(limits_.seed));
        auto random = random_stream(limits_.seed, problem_.name, Purpose::simulate);
        auto const n = problem_.variables.size();
        bool const finite =
            std::all_of(problem_.variables.begin(), problem_.variables.end(),
                        [](auto const& one) { return std::isfinite(one.lower) && std::isfinite(one.upper); });
        int const evaluations = static_cast<int>(std::min<std::size_t>(1000 * (n + 1), 1000000));
        std::int64_t n_starts = 0;
        if (finite) {
            auto x = start_of(problem_);
            improve(problem_.rows.empty() ? NLOPT_GN_CRS2_LM : NLOPT_GN_ISRES, x, evaluations);
            take(x);
            locally(x, evaluations);
        }
        for (; n_starts < limits_.starts && monotonic_seconds() < until_; ++n_starts)
            locally(n_starts == 0 ? start_of(problem_) : random_point(random), evaluations);
        Answer answer = found();
        answer.note = fmt::format("best of {} starts{}", n_starts, finite ? " and an evolution" : "");
        if (n_starts < limits_.starts) answer.limit = "time";
        return answer;
    }

    [[nodiscard]] std::string version() const {
        int major = 0;
        int minor = 0;
        int patch = 0;
        call<decltype(nlopt_version)>("nlopt_version")(&major, &minor, &patch);
        return fmt::format("{}.{}.{}", major, minor, patch);
    }

  private:
    template <class F>
    [[nodiscard]] F* call(char const* name) const {
        return library_.function<F>(name);
    }

    void locally(std::vector<double> x, int evaluations) {
        bool const smooth =
            std::all_of(problem_.rows.begin(), problem_.rows.end(),
                        [](Row const& row) { return !row.formula || row.formula->is_smooth(); }) &&
            (!problem_.formula || problem_.formula->is_smooth());
        improve(smooth ? NLOPT_LD_SLSQP : NLOPT_LN_COBYLA, x, evaluations);
        take(x);
    }

    /// Keeps the point if none before was as good.
    void take(std::vector<double> const& x) {
        if (!std::all_of(x.begin(), x.end(), [](double number) { return std::isfinite(number); })) return;
        double const value = objective_.value(x);
        if (std::isnan(value) || violation_of(problem_, x).size > most_violation) return;
        if (best_ && !(value < best_value_)) return;
        best_ = x;
        best_value_ = value;
    }

    Answer found() const {
        Answer answer;
        answer.version = version();
        if (!best_) return answer;
        answer.claim = Claim::feasible;
        answer.values = *best_;
        return answer;
    }

    /// Within the bounds; where there are none, within ten times the size of the start.
    std::vector<double> random_point(Random& random) const {
        auto x = start_of(problem_);
        for (std::size_t j = 0; j < x.size(); ++j) {
            constexpr double wide = 10;
            double const reach = wide * std::max(1.0, std::abs(x[j]));
            double const lower = std::isfinite(lower_[j]) ? lower_[j] : std::min(x[j], upper_[j]) - reach;
            double const upper = std::isfinite(upper_[j]) ? upper_[j] : std::max(x[j], lower) + reach;
            x[j] = lower + (upper - lower) * random.uniform();
        }
        return x;
    }

    Library library_;
    Problem const& problem_;
    double until_;
    Limits const& limits_;
    Part objective_;
    std::vector<Part> below_;
    std::vector<Part> equal_;
    std::vector<double> lower_;
    std::vector<double> upper_;
    std::optional<std::vector<double>> best_;
    double best_value_ = 0;
};

}  // namespace

Answer solve_by_ipopt(Problem const& minimized, Limits const& limits) {
    return Ipopt(minimized, limits).solve(start_of(minimized));
}

Answer solve_by_slsqp(Problem const& minimized, Limits const& limits) {
    Nlopt nlopt(minimized, limits);
    auto x = start_of(minimized);
    constexpr int evaluations = 100000;
    auto const result = nlopt.improve(NLOPT_LD_SLSQP, x, evaluations);
    Answer answer;
    answer.version = nlopt.version();
    answer.note = fmt::format("result {}", static_cast<int>(result));
    answer.values = std::move(x);
    answer.claim = Claim::feasible;
    if (result > 0 && result != NLOPT_MAXTIME_REACHED && result != NLOPT_MAXEVAL_REACHED)
        answer.claim = Claim::optimal;
    // It often ends so at an optimum, where rounding stops it.
    if (result == NLOPT_ROUNDOFF_LIMITED) answer.claim = Claim::optimal;
    if (result == NLOPT_MAXTIME_REACHED) answer.limit = "time";
    return answer;
}

Answer solve_by_nlopt(Problem const& minimized, Limits const& limits) {
    return Nlopt(minimized, limits).search();
}

}  // namespace vaster::service::solve

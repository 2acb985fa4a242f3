#include "domains/service/solve/check.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "domains/service/solve/formula.hpp"

namespace vaster::service::solve {
namespace {

using Wide = long double;

constexpr Wide rounding = 1e-9L;
constexpr Wide dual_tolerance = 1e-7L;

Wide value_of(Row const& row, std::span<double const> x) {
    if (row.formula) return row.formula->exact_value(x);
    Wide sum = 0;
    for (auto const& term : row.terms)
        sum += static_cast<Wide>(term.coefficient) * static_cast<Wide>(x[term.variable]);
    return sum;
}

/// Takes the larger of two violations.
class Largest {
  public:
    /// @param name  what has the value: "constraint 'c1'"
    void look(std::string_view what, std::string const& name, Wide value, double lower, double upper) {
        if (std::isnan(value)) {
            largest_ = {unlimited, fmt::format("{} '{}' has no value there", what, legible(name))};
            return;
        }
        take(static_cast<Wide>(lower) - value, what, name, value, lower, "below");
        take(value - static_cast<Wide>(upper), what, name, value, upper, "above");
    }

    [[nodiscard]] Violation const& get() const { return largest_; }

  private:
    void take(Wide excess, std::string_view what, std::string const& name, Wide value, double bound,
              std::string_view side) {
        if (!(excess > 0)) return;
        auto const size = static_cast<double>(excess / std::max<Wide>(1, std::abs(static_cast<Wide>(bound))));
        if (size <= largest_.size) return;
        largest_ = {size, fmt::format("{} '{}' is {:.10g}, {} {:.10g}", what, legible(name),
                                      static_cast<double>(value), side, bound)};
    }

    Violation largest_;
};

/// multiplier times the bound that it holds: the lower one if it is positive.
/// False: that bound is infinite, and the multiplier more than rounding.
bool add_held(Wide multiplier, Wide lower, Wide upper, Wide negligible, Wide& sum) {
    if (multiplier == 0) return true;
    Wide const bound = multiplier > 0 ? lower : upper;
    if (std::isinf(bound)) return std::abs(multiplier) <= negligible;
    sum += multiplier * bound;
    return true;
}

/// A'y, and how large the parts of each sum are.
struct Product {
    std::vector<Wide> sums;
    std::vector<Wide> sizes;
};

Product transposed_product(Problem const& problem, std::span<double const> duals) {
    Product product{std::vector<Wide>(problem.variables.size(), 0),
                    std::vector<Wide>(problem.variables.size(), 0)};
    for (std::size_t i = 0; i < problem.rows.size(); ++i)
        for (auto const& term : problem.rows[i].terms) {
            Wide const part = static_cast<Wide>(term.coefficient) * static_cast<Wide>(duals[i]);
            product.sums[term.variable] += part;
            product.sizes[term.variable] = std::max(product.sizes[term.variable], std::abs(part));
        }
    return product;
}

bool are_finite(std::span<double const> numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](double number) { return std::isfinite(number); });
}

bool proves(Problem const& problem, std::vector<double> const& factors) {
    auto const product = transposed_product(problem, factors);
    Wide least = 0;
    Wide most = 0;
    for (std::size_t i = 0; i < factors.size(); ++i)
        if (!add_held(static_cast<Wide>(factors[i]), static_cast<Wide>(problem.rows[i].lower),
                      static_cast<Wide>(problem.rows[i].upper), rounding, least))
            return false;
    for (std::size_t j = 0; j < problem.variables.size(); ++j) {
        auto const& variable = problem.variables[j];
        // The largest value: a positive factor meets the upper bound.
        if (!add_held(product.sums[j], static_cast<Wide>(variable.upper), static_cast<Wide>(variable.lower),
                      rounding * std::max<Wide>(1, product.sizes[j]), most))
            return false;
    }
    return least > most + rounding * (1 + std::abs(least) + std::abs(most));
}

bool goes_on(Wide slope, double lower, double upper, Wide tolerance) {
    return (slope >= -tolerance || lower == -unlimited) && (slope <= tolerance || upper == unlimited);
}

std::vector<Term> gradient_of(std::vector<Term> const& terms, Formula const* formula,
                              std::span<double const> x) {
    if (formula == nullptr) return terms;
    auto const slopes = formula->gradient(x);
    std::vector<Term> gradient;
    gradient.reserve(slopes.size());
    for (std::size_t k = 0; k < slopes.size(); ++k) gradient.push_back({formula->variables()[k], slopes[k]});
    return gradient;
}

// ---- bounds that follow from others

/// How far a sum can go in one direction: the terms with a limit together, and how many have none.
struct Reach {
    Wide sum = 0;
    std::size_t n_unlimited = 0;

    void add(Wide most) {
        if (std::isfinite(most))
            sum += most;
        else
            ++n_unlimited;
    }

    /// Of all terms, without one whose own reach is `most`; `otherwise`, where there is no limit.
    [[nodiscard]] Wide without(Wide most, Wide otherwise) const {
        bool const limited = std::isfinite(most);
        if (n_unlimited > (limited ? 0U : 1U)) return otherwise;
        return limited ? sum - most : sum;
    }

    [[nodiscard]] Wide all(Wide otherwise) const { return n_unlimited > 0 ? otherwise : sum; }
};

/// From where to where something can be.
struct Range {
    Wide lower = -static_cast<Wide>(unlimited);
    Wide upper = static_cast<Wide>(unlimited);
};

/// The ranges of the variables and of the linear rows: what the problem says; where it says nothing, what
/// follows from one row and the bounds of all variables.
struct Ranges {
    std::vector<Range> variables;
    std::vector<Range> rows;

    explicit Ranges(Problem const& problem) {
        variables.reserve(problem.variables.size());
        for (auto const& one : problem.variables)
            variables.push_back({static_cast<Wide>(one.lower), static_cast<Wide>(one.upper)});
        auto const stated = variables;
        rows.reserve(problem.rows.size());
        for (auto const& row : problem.rows) rows.push_back(follow(row, stated));
        for (std::size_t j = 0; j < stated.size(); ++j) {
            if (std::isfinite(stated[j].lower)) variables[j].lower = stated[j].lower;
            if (std::isfinite(stated[j].upper)) variables[j].upper = stated[j].upper;
        }
    }

  private:
    /// What a coefficient makes of a variable's range.
    static Range times(Wide coefficient, Range const& range) {
        if (coefficient == 0) return {0, 0};
        Range const ends{coefficient * range.lower, coefficient * range.upper};
        return coefficient > 0 ? ends : Range{ends.upper, ends.lower};
    }

    /// Narrows the variables of the row; answers with the row's own range.
    Range follow(Row const& row, std::vector<Range> const& stated) {
        Reach least;
        Reach most;
        for (auto const& term : row.terms) {
            auto const ends = times(static_cast<Wide>(term.coefficient), stated[term.variable]);
            least.add(ends.lower);
            most.add(ends.upper);
        }
        auto const infinity = static_cast<Wide>(unlimited);
        for (auto const& term : row.terms) {
            auto const coefficient = static_cast<Wide>(term.coefficient);
            if (coefficient == 0) continue;
            auto const ends = times(coefficient, stated[term.variable]);
            Range const own{static_cast<Wide>(row.lower) - most.without(ends.upper, infinity),
                            static_cast<Wide>(row.upper) - least.without(ends.lower, -infinity)};
            auto const implied = times(1 / coefficient, own);
            auto& variable = variables[term.variable];
            variable.lower = std::max(variable.lower, implied.lower);
            variable.upper = std::min(variable.upper, implied.upper);
        }
        return {row.lower == -unlimited ? least.all(-infinity) : static_cast<Wide>(row.lower),
                row.upper == unlimited ? most.all(infinity) : static_cast<Wide>(row.upper)};
    }
};

}  // namespace

Violation violation_of(Problem const& problem, std::span<double const> x) {
    Largest largest;
    for (std::size_t j = 0; j < problem.variables.size(); ++j) {
        auto const& variable = problem.variables[j];
        largest.look("variable", variable.name, static_cast<Wide>(x[j]), variable.lower, variable.upper);
    }
    for (auto const& row : problem.rows)
        largest.look("constraint", row.name, value_of(row, x), row.lower, row.upper);
    return largest.get();
}

long double objective_of(Problem const& problem, std::span<double const> x) {
    if (problem.formula) {
        auto const value = problem.formula->exact_value(x);
        return value;
    }
    Wide sum = static_cast<Wide>(problem.constant);
    for (auto const& term : problem.objective)
        sum += static_cast<Wide>(term.coefficient) * static_cast<Wide>(x[term.variable]);
    return sum;
}

std::string contradiction_in(Problem const& problem) {
    for (auto const& one : problem.variables) {
        if (one.lower > one.upper)
            return fmt::format("variable '{}' must be at least {} and at most {}", legible(one.name),
                               one.lower, one.upper);
        if (one.integer && std::isfinite(one.lower) && std::floor(one.upper) < one.lower)
            return fmt::format("there is no integer from {} to {} for variable '{}'", one.lower, one.upper,
                               legible(one.name));
    }
    for (auto const& row : problem.rows) {
        if (row.lower > row.upper)
            return fmt::format("constraint '{}' must be at least {} and at most {}", legible(row.name),
                               row.lower, row.upper);
        if (row.formula == nullptr && row.terms.empty() && (row.lower > 0 || row.upper < 0))
            return fmt::format("constraint '{}' has no variables, is 0 and must be from {} to {}",
                               legible(row.name), row.lower, row.upper);
    }
    return {};
}

std::optional<double> dual_bound(Problem const& minimized, std::span<double const> duals) {
    if (duals.size() != minimized.rows.size() || !are_finite(duals)) return std::nullopt;
    auto product = transposed_product(minimized, duals);
    for (auto& sum : product.sums) sum = -sum;
    for (auto const& term : minimized.objective) {
        product.sums[term.variable] += static_cast<Wide>(term.coefficient);
        product.sizes[term.variable] =
            std::max(product.sizes[term.variable], std::abs(static_cast<Wide>(term.coefficient)));
    }
    Wide bound = static_cast<Wide>(minimized.constant);
    Wide largest = 1;
    for (double const dual : duals) largest = std::max(largest, std::abs(static_cast<Wide>(dual)));
    Ranges const ranges(minimized);
    for (std::size_t i = 0; i < duals.size(); ++i)
        if (!add_held(static_cast<Wide>(duals[i]), ranges.rows[i].lower, ranges.rows[i].upper,
                      dual_tolerance * largest, bound))
            return std::nullopt;
    for (std::size_t j = 0; j < minimized.variables.size(); ++j)
        if (!add_held(product.sums[j], ranges.variables[j].lower, ranges.variables[j].upper,
                      dual_tolerance * std::max<Wide>(1, product.sizes[j]), bound))
            return std::nullopt;
    return static_cast<double>(bound);
}

std::vector<double> reduced_costs(Problem const& problem, std::span<double const> duals) {
    auto product = transposed_product(problem, duals);
    for (auto& sum : product.sums) sum = -sum;
    for (auto const& term : problem.objective)
        product.sums[term.variable] += static_cast<Wide>(term.coefficient);
    std::vector<double> costs;
    costs.reserve(product.sums.size());
    for (auto const sum : product.sums) costs.push_back(static_cast<double>(sum));
    return costs;
}

bool proves_infeasible(Problem const& problem, std::span<double const> ray) {
    if (ray.size() != problem.rows.size() || !are_finite(ray)) return false;
    double largest = 0;
    for (double const factor : ray) largest = std::max(largest, std::abs(factor));
    if (largest == 0) return false;
    for (double const sign : {1.0, -1.0}) {
        std::vector<double> factors;
        factors.reserve(ray.size());
        for (double const factor : ray) factors.push_back(sign * factor / largest);
        if (proves(problem, factors)) return true;
    }
    return false;
}

Problem feasibility_problem(Problem const& problem) {
    Problem result = relaxed(problem);
    result.sense = Sense::minimize;
    result.objective.clear();
    result.constant = 0;
    for (auto& row : result.rows)
        for (double const side : {1.0, -1.0}) {
            if (std::isinf(side > 0 ? row.lower : row.upper)) continue;
            row.terms.push_back({result.variables.size(), side});
            result.objective.push_back({result.variables.size(), 1.0});
            result.variables.push_back({.name = {}});
        }
    return result;
}

Problem direction_problem(Problem const& minimized) {
    Problem result = relaxed(minimized);
    result.constant = 0;
    for (auto& variable : result.variables) {
        variable.lower = std::isinf(variable.lower) ? -1 : 0;
        variable.upper = std::isinf(variable.upper) ? 1 : 0;
    }
    for (auto& row : result.rows) {
        if (std::isfinite(row.lower)) row.lower = 0;
        if (std::isfinite(row.upper)) row.upper = 0;
    }
    return result;
}

bool is_unbounded_direction(Problem const& minimized, std::span<double const> ray) {
    if (ray.size() != minimized.variables.size() || !are_finite(ray)) return false;
    Wide largest = 0;
    for (double const part : ray) largest = std::max(largest, std::abs(static_cast<Wide>(part)));
    if (largest == 0) return false;
    for (std::size_t j = 0; j < ray.size(); ++j) {
        auto const& variable = minimized.variables[j];
        if (!goes_on(static_cast<Wide>(ray[j]) / largest, variable.lower, variable.upper, rounding))
            return false;
    }
    for (auto const& row : minimized.rows) {
        Wide size = 1;
        for (auto const& term : row.terms)
            size = std::max(size, std::abs(static_cast<Wide>(term.coefficient)));
        if (row.formula || !goes_on(value_of(row, ray) / largest, row.lower, row.upper, rounding * size))
            return false;
    }
    Wide slope = 0;
    Wide size = 0;
    for (auto const& term : minimized.objective) {
        Wide const part =
            static_cast<Wide>(term.coefficient) * static_cast<Wide>(ray[term.variable]) / largest;
        slope += part;
        size = std::max(size, std::abs(part));
    }
    return slope < -dual_tolerance * size && size > 0;
}

bool is_convex(Problem const& minimized) {
    auto const demands = [](Formula const* formula, bool below, bool above) {
        if (formula == nullptr) return true;
        auto const polynomial = formula->quadratic();
        return polynomial && (!below || is_convex(*polynomial)) && (!above || is_concave(*polynomial));
    };
    bool const turned = minimized.sense == Sense::maximize;
    if (!demands(minimized.formula.get(), !turned, turned)) return false;
    return std::all_of(minimized.rows.begin(), minimized.rows.end(), [&](Row const& row) {
        return demands(row.formula.get(), row.upper<unlimited, row.lower> - unlimited);
    });
}

KktProblem kkt_problem(Problem const& minimized, std::span<double const> x) {
    double const sign = minimized.sense == Sense::maximize ? -1 : 1;
    auto const n = minimized.variables.size();
    KktProblem kkt;
    std::vector<double> gradient(n, 0.0);
    for (auto const& term : gradient_of(minimized.objective, minimized.formula.get(), x))
        gradient[term.variable] = sign * term.coefficient;
    for (double const part : gradient) kkt.scale = std::max(kkt.scale, std::abs(part));
    kkt.problem.variables.push_back({.name = "residual"});
    kkt.problem.objective = {{0, 1.0}};
    // residual + balance >= gradient and balance - residual <= gradient
    for (std::size_t j = 0; j < n; ++j) {
        kkt.problem.rows.push_back({.name = {}, .lower = gradient[j], .terms = {{0, 1.0}}});
        kkt.problem.rows.push_back({.name = {}, .upper = gradient[j], .terms = {{0, -1.0}}});
    }
    double const slack = most_violation * kkt.scale;
    auto const most = [&](double distance) {
        constexpr double at_it = 1e-9;
        return distance <= at_it ? unlimited : slack / distance;
    };
    auto const add = [&](std::vector<Term> const& slopes, int row, double value, double lower, double upper) {
        auto const multiplier = kkt.problem.variables.size();
        kkt.problem.variables.push_back(
            {.name = {}, .lower = -most(upper - value), .upper = most(value - lower)});
        kkt.rows.push_back(row);
        for (auto const& term : slopes)
            for (std::size_t side = 0; side < 2; ++side)
                kkt.problem.rows[2 * term.variable + side].terms.push_back({multiplier, term.coefficient});
    };
    for (std::size_t i = 0; i < minimized.rows.size(); ++i) {
        auto const& row = minimized.rows[i];
        add(gradient_of(row.terms, row.formula.get(), x), static_cast<int>(i),
            static_cast<double>(value_of(row, x)), row.lower, row.upper);
    }
    for (std::size_t j = 0; j < n; ++j) {
        auto const& variable = minimized.variables[j];
        if (std::isfinite(variable.lower) || std::isfinite(variable.upper))
            add({{j, 1.0}}, -1, x[j], variable.lower, variable.upper);
    }
    return kkt;
}

double kkt_residual(KktProblem const& kkt, std::span<double const> solution) {
    auto const& variables = kkt.problem.variables;
    if (solution.size() != variables.size() || !are_finite(solution)) return unlimited;
    std::vector<double> multipliers(solution.begin(), solution.end());
    for (std::size_t k = 1; k < multipliers.size(); ++k)
        multipliers[k] = std::clamp(multipliers[k], variables[k].lower, variables[k].upper);
    multipliers[0] = 0;
    Wide residual = 0;
    for (std::size_t row = 0; row < kkt.problem.rows.size(); row += 2)
        residual = std::max(residual, std::abs(value_of(kkt.problem.rows[row], multipliers) -
                                               static_cast<Wide>(kkt.problem.rows[row].lower)));
    return static_cast<double>(residual) / kkt.scale;
}

}  // namespace vaster::service::solve

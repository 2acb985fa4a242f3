#include "domains/service/solve/solve.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"
#include "domains/service/solve/check.hpp"
#include "domains/service/solve/isolated.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

constexpr double most_kkt_residual = 1e-6;
constexpr double most_linear_gap = 1e-6;

double gap_between(double objective, double bound) {
    return std::abs(objective - bound) / std::max(1.0, std::abs(objective));
}

bool are_numbers(std::vector<double> const& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

class Solving {
  public:
    Solving(Problem const& problem, SolveOptions const& options, std::span<Solver const> solvers,
            Watcher& watcher)
        : problem_(minimized_if_linear(problem)),
          class_(class_of(problem)),
          options_(options),
          solvers_(in_order(solvers, options.first)),
          watcher_(watcher) {
        if (!options.fallback && solvers_.size() > 1) solvers_.resize(1);
        if (!options.first.empty() && (solvers_.empty() || solvers_.front().name != options.first))
            note(options.first, fmt::format("is not for problems of class {}", to_text(class_)));
    }

    Solution run() {
        if (auto const why = contradiction_in(problem_); !why.empty()) {
            accept(Status::infeasible, true, why);
            solution_.solver = "bounds";
            return solution_;
        }
        for (auto const& solver : solvers_) {
            auto const answer = ask(solver, problem_);
            if (answer && judge(solver, *answer)) return solution_;
        }
        return conclude();
    }

  private:
    /// Formulas keep their sense; what deals with them knows it.
    static Problem minimized_if_linear(Problem const& problem) {
        bool const linear = class_of(problem) == Class::lp || class_of(problem) == Class::mip;
        return linear ? minimized(problem) : problem;
    }

    static std::vector<Solver> in_order(std::span<Solver const> solvers, std::string const& first) {
        std::vector<Solver> order(solvers.begin(), solvers.end());
        std::stable_partition(order.begin(), order.end(),
                              [&](Solver const& one) { return one.name == first; });
        return order;
    }

    [[nodiscard]] bool is_linear() const { return class_ == Class::lp || class_ == Class::mip; }

    [[nodiscard]] double sign() const { return problem_.sense == Sense::maximize ? -1 : 1; }

    /// Nothing: it gave none, which is noted.
    std::optional<Answer> ask(Solver const& solver, Problem const& problem) {
        // A second for the start, and as much again for those that look at the clock seldom.
        double const seconds = 2 * options_.limits.seconds + 1;
        auto const ended =
            run_isolated([&] { return to_bytes(solver.run(problem, options_.limits)); }, seconds, watcher_);
        if (!ended.trouble.empty()) {
            ++n_broken_;
            reject(solver, ended.trouble);
            return std::nullopt;
        }
        return answer_of(ended.bytes);
    }

    /// The first optimum that a solver gives for a question beside the problem itself; trouble is not an
    /// answer.
    std::optional<Answer> optimum_aside(Problem const& problem) {
        for (auto const& solver : solvers_for(class_of(problem))) {
            auto const ended = run_isolated([&] { return to_bytes(solver.run(problem, options_.limits)); },
                                            2 * options_.limits.seconds + 1, watcher_);
            if (!ended.trouble.empty()) continue;
            auto answer = answer_of(ended.bytes);
            if (answer.claim == Claim::optimal && answer.values.size() == problem.variables.size())
                return answer;
        }
        return std::nullopt;
    }

    void reject(Solver const& solver, std::string_view why) { note(solver.name, why); }

    /// Why the one who was to solve it has not.
    void note(std::string_view solver, std::string_view why) {
        if (!solution_.fallbacks.empty()) solution_.fallbacks += "; ";
        solution_.fallbacks += fmt::format("{} {}", solver, legible(why));
    }

    void accept(Status status, bool confirmed, std::string evidence) {
        solution_.status = status;
        solution_.confirmed = confirmed;
        solution_.evidence = std::move(evidence);
    }

    /// True: that settles it.
    bool judge(Solver const& solver, Answer const& answer) {
        switch (answer.claim) {
            case Claim::optimal:
            case Claim::feasible:
                return judge_point(solver, answer);
            case Claim::infeasible:
                return judge_extreme(Status::infeasible, solver, answer);
            case Claim::unbounded:
                return judge_extreme(Status::unbounded, solver, answer);
            default:
                reject(solver, fmt::format("came to no result ({}{})", answer.note,
                                           answer.limit.empty() ? "" : ", limit: " + answer.limit));
                limit_ = answer.limit;
                return false;
        }
    }

    // ---- points

    /// A point that has been checked.
    struct Candidate {
        std::string solver;
        std::string version;
        std::string limit;
        std::string note;
        std::vector<double> values;
        double objective = 0;  ///< of the problem as it is solved
        double violation = 0;
    };

    /// Why the point does not count; empty: it does, and may have been rounded.
    std::string fault_of(std::vector<double>& values) {
        if (values.size() != problem_.variables.size() || !are_numbers(values)) return "gave no usable point";
        for (std::size_t j = 0; j < values.size(); ++j) {
            if (!problem_.variables[j].integer) continue;
            double const rounded = std::round(values[j]);
            if (std::abs(rounded - values[j]) > most_fraction)
                return fmt::format("gave a point where variable '{}' is {:.10g}, no integer",
                                   legible(problem_.variables[j].name), values[j]);
            values[j] = rounded + 0.0;
        }
        auto const violation = violation_of(problem_, values);
        if (violation.size <= most_violation) return {};
        return fmt::format("gave a point that is not feasible: {}", violation.where);
    }

    /// With the integers as they are rounded, the best of all else: a point may be feasible only as long as
    /// its integers are none.
    bool repair(std::vector<double>& values) {
        Problem fixed = relaxed(problem_);
        bool all_integer = true;
        for (std::size_t j = 0; j < values.size(); ++j) {
            if (!problem_.variables[j].integer) {
                all_integer = false;
                continue;
            }
            fixed.variables[j].lower = fixed.variables[j].upper = std::round(values[j]);
        }
        if (all_integer) return false;
        auto const answer = optimum_aside(fixed);
        if (!answer) return false;
        values = answer->values;
        return true;
    }

    std::optional<Candidate> candidate_of(Solver const& solver, Answer const& answer) {
        Candidate candidate{solver.name, answer.version, answer.limit, answer.note, answer.values};
        auto fault = fault_of(candidate.values);
        if (!fault.empty() && class_ == Class::mip && candidate.values.size() == problem_.variables.size() &&
            are_numbers(candidate.values)) {
            auto repaired = candidate.values;
            if (repair(repaired) && fault_of(repaired).empty()) {
                candidate.values = std::move(repaired);
                fault.clear();
            }
        }
        if (!fault.empty()) {
            reject(solver, fault);
            return std::nullopt;
        }
        auto const objective = static_cast<double>(objective_of(problem_, candidate.values));
        if (!std::isfinite(objective)) {
            reject(solver, "gave a point where the objective has no value");
            return std::nullopt;
        }
        candidate.objective = objective;
        candidate.violation = violation_of(problem_, candidate.values).size;
        if (!best_ || sign() * candidate.objective < sign() * best_->objective) best_ = candidate;
        return candidate;
    }

    bool judge_point(Solver const& solver, Answer const& answer) {
        auto const candidate = candidate_of(solver, answer);
        if (!candidate) return false;
        switch (class_) {
            case Class::lp:
                return judge_lp(solver, answer, *candidate);
            case Class::mip:
                return judge_mip(solver, answer, *candidate);
            case Class::smooth:
                return judge_smooth(solver, answer, *candidate);
            default:
                accept(Status::feasible, true, "constraints");
                take(*candidate);
                solution_.scope =
                    candidate->note.rfind("best of", 0) == 0 ? candidate->note : "best of 1 start";
                return true;
        }
    }

    /// The point becomes that of the solution.
    void take(Candidate const& candidate) {
        solution_.solver = candidate.solver;
        solution_.version = candidate.version;
        solution_.limit = candidate.limit;
        solution_.values = candidate.values;
        solution_.objective = candidate.objective;
        solution_.violation = candidate.violation;
    }

    void take_bound(double bound) {
        solution_.bound = bound;
        solution_.gap = gap_between(solution_.objective, bound);
    }

    bool settle_feasible(Candidate const& candidate, std::optional<double> bound) {
        accept(Status::feasible, true, "constraints");
        take(candidate);
        if (bound) take_bound(*bound);
        return true;
    }

    bool judge_lp(Solver const& solver, Answer const& answer, Candidate const& candidate) {
        auto const bound = dual_bound(problem_, answer.duals);
        if (answer.claim == Claim::feasible) return settle_feasible(candidate, bound);
        if (!bound) {
            reject(solver, "says optimal, but its duals do not show it: they prove no bound");
            return false;
        }
        if (gap_between(candidate.objective, *bound) > std::max(most_linear_gap, options_.limits.gap)) {
            reject(solver,
                   fmt::format("says optimal, but its duals do not show it: the objective is {:.10g}, their "
                               "bound {:.10g}",
                               candidate.objective, *bound));
            return false;
        }
        accept(Status::optimal, true, "duals");
        take(candidate);
        take_bound(*bound);
        solution_.scope = "global";
        solution_.duals = answer.duals;
        solution_.reduced_costs = reduced_costs(problem_, answer.duals);
        return true;
    }

    /// The bound of the linear relaxation, which its duals prove; nothing if there is none.
    std::optional<double> relaxation_bound() {
        auto const answer = optimum_aside(relaxed(problem_));
        if (!answer) return std::nullopt;
        return dual_bound(problem_, answer->duals);
    }

    bool judge_mip(Solver const& solver, Answer const& answer, Candidate const& candidate) {
        std::optional<double> bound;
        if (std::isfinite(answer.bound)) bound = answer.bound + problem_.constant;
        double const allowed = options_.limits.gap + 1e-9;
        if (bound && *bound > candidate.objective &&
            gap_between(candidate.objective, *bound) > allowed + most_violation) {
            reject(solver,
                   fmt::format("contradicts itself: the objective {:.10g} is better than its bound {:.10g}",
                               candidate.objective, *bound));
            return false;
        }
        if (answer.claim == Claim::feasible) return settle_feasible(candidate, bound);
        auto const proved = relaxation_bound();
        bool const by_relaxation = proved && gap_between(candidate.objective, *proved) <= allowed;
        bool const by_bound = bound && gap_between(candidate.objective, *bound) <= allowed;
        if (bound && !by_bound && !by_relaxation) {
            reject(solver,
                   fmt::format("says optimal, but its bound does not show it: the objective is {:.10g}, "
                               "the bound {:.10g}",
                               candidate.objective, *bound));
            return false;
        }
        accept(Status::optimal, by_relaxation || by_bound,
               by_relaxation ? "bound of the relaxation"
               : by_bound    ? "constraints, bound of " + solver.name
                             : "constraints; that nothing is better is the word of " + solver.name);
        take(candidate);
        if (bound && !by_relaxation)
            take_bound(*bound);
        else if (proved)
            take_bound(*proved);
        solution_.scope = "global";
        return true;
    }

    bool judge_smooth(Solver const& solver, Answer const& answer, Candidate const& candidate) {
        auto const kkt = kkt_problem(problem_, candidate.values);
        auto const multipliers = optimum_aside(kkt.problem);
        double const residual =
            multipliers ? kkt_residual(kkt, multipliers->values) : std::numeric_limits<double>::quiet_NaN();
        if (!(residual <= most_kkt_residual)) {
            if (answer.claim == Claim::feasible && !answer.limit.empty())
                return settle_feasible(candidate, {});
            reject(
                solver,
                fmt::format("gave a point that is not optimal: the residual of the KKT conditions is {:.3g}",
                            residual));
            return false;
        }
        accept(Status::optimal, true, "KKT residual");
        take(candidate);
        solution_.kkt = residual;
        solution_.scope = is_convex(problem_) ? "global" : "local";
        solution_.duals.assign(problem_.rows.size(), 0.0);
        for (std::size_t k = 0; k < kkt.rows.size(); ++k)
            if (kkt.rows[k] >= 0)
                solution_.duals[static_cast<std::size_t>(kkt.rows[k])] = sign() * multipliers->values[k + 1];
        return true;
    }

    // ---- infeasible and unbounded

    bool judge_extreme(Status claimed, Solver const& solver, Answer const& answer) {
        if (!is_linear()) {
            reject(solver, fmt::format("says {}, which proves nothing for such a problem", to_text(claimed)));
            return false;
        }
        if (!looked_for_proof_) look_for_proof();
        if (proved_) {
            if (*proved_ != claimed)
                reject(solver,
                       fmt::format("says {}, but the problem is {}", to_text(claimed), to_text(*proved_)));
            accept(*proved_, true,
                   *proved_ == Status::infeasible ? "Farkas ray" : "ray from a feasible point");
            solution_.solver = solver.name;
            solution_.version = answer.version;
            return true;
        }
        if (claimed == Status::infeasible && refuted_) {
            reject(solver, "says infeasible, but there is a feasible point");
            return false;
        }
        if (claimed == Status::unbounded && class_ == Class::lp && refuted_) {
            reject(solver, "says unbounded, but there is no direction in which the objective falls for ever");
            return false;
        }
        return vote(claimed, solver, answer);
    }

    /// Factors that show that there is no point, or a point and a direction that show that there is no
    /// optimum. They come from linear problems that always have an optimum, and count only if they hold.
    void look_for_proof() {
        looked_for_proof_ = true;
        auto const nearest = optimum_aside(feasibility_problem(problem_));
        if (!nearest) return;
        if (proves_infeasible(problem_, nearest->duals)) {
            proved_ = Status::infeasible;
            return;
        }
        std::vector<double> point(
            nearest->values.begin(),
            nearest->values.begin() + static_cast<std::ptrdiff_t>(problem_.variables.size()));
        auto const direction = optimum_aside(direction_problem(problem_));
        if (class_ == Class::mip) point = integer_point();
        refuted_ = fault_of(point).empty();
        if (refuted_ && direction && is_unbounded_direction(problem_, direction->values))
            proved_ = Status::unbounded;
    }

    /// Any feasible point of a problem with integers; empty: none was found.
    std::vector<double> integer_point() {
        Problem any = problem_;
        any.objective.clear();
        any.constant = 0;
        auto const answer = optimum_aside(any);
        return answer ? answer->values : std::vector<double>();
    }

    /// One solver's word alone settles nothing; that of two does.
    bool vote(Status status, Solver const& solver, Answer const& answer) {
        auto& votes = votes_[status];
        votes.push_back(solver.name);
        if (votes.size() == 1) {
            word_ = {solver.name, answer.version};
            return false;
        }
        accept(status, true, fmt::format("{} agree", fmt::join(votes, " and ")));
        solution_.solver = word_.first;
        solution_.version = word_.second;
        return true;
    }

    // ---- no solver has settled it

    Solution conclude() {
        if (best_) {
            settle_feasible(*best_, std::nullopt);
            for (auto const& [status, votes] : votes_)
                add_note(
                    fmt::format("{} says {}, but a feasible point is known", votes.front(), to_text(status)));
            return solution_;
        }
        if (votes_.size() == 1) {
            accept(votes_.begin()->first, false, "the word of " + word_.first);
            solution_.solver = word_.first;
            solution_.version = word_.second;
            return solution_;
        }
        bool const all_broken = n_broken_ == solvers_.size();
        accept(all_broken ? Status::failed : Status::unknown, false, "");
        for (auto const& [status, votes] : votes_)
            add_note(fmt::format("{} says {}", votes.front(), to_text(status)));
        solution_.limit = limit_;
        return solution_;
    }

    void add_note(std::string const& note) {
        if (!solution_.fallbacks.empty()) solution_.fallbacks += "; ";
        solution_.fallbacks += note;
    }

    Problem problem_;
    Class class_;
    SolveOptions const& options_;
    std::vector<Solver> solvers_;
    Watcher& watcher_;
    Solution solution_;
    std::optional<Candidate> best_;
    std::map<Status, std::vector<std::string>> votes_;
    std::pair<std::string, std::string> word_;  ///< solver and version of the first vote
    std::string limit_;
    std::size_t n_broken_ = 0;
    bool looked_for_proof_ = false;
    std::optional<Status> proved_;  ///< infeasible or unbounded
    bool refuted_ = false;          ///< a feasible point is known
};

/// Back to the sense of the file.
void turn(Solution& solution) {
    solution.objective = -solution.objective;
    solution.bound = -solution.bound;
    for (auto* const numbers : {&solution.duals, &solution.reduced_costs})
        for (double& number : *numbers) number = -number + 0.0;
}

}  // namespace

std::string to_text(Status status) {
    constexpr std::array names{"optimal", "feasible", "infeasible", "unbounded", "unknown", "failed"};
    return names.at(static_cast<std::size_t>(status));
}

Solution solve(Problem const& problem, SolveOptions const& options, std::span<Solver const> solvers,
               Watcher& watcher) {
    auto solution = Solving(problem, options, solvers, watcher).run();
    auto const type = class_of(problem);
    bool const turned = problem.sense == Sense::maximize && (type == Class::lp || type == Class::mip);
    if (turned) turn(solution);
    return solution;
}

}  // namespace vaster::service::solve

#include "domains/service/report/solve_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string_view>
#include <utility>
#include <variant>

#include "core/report/figures.hpp"
#include "domains/service/solve/answer.hpp"

namespace vaster::service::solve {
namespace {

using report::Table;

constexpr std::size_t class_column = 1;  ///< of the design

std::string yes_or_no(bool yes) {
    return yes ? "yes" : "no";
}

/// A solver, and why its answer was not taken.
using Refusal = std::pair<std::string, std::string>;

/// Takes the column `fallbacks` apart: "glpsol crashed (signal 11); clp says ...". What a solver is said to
/// have done may have a semicolon of its own.
std::vector<Refusal> refusals_in(std::string_view text) {
    auto const solvers = solver_names();
    auto const speaker_of = [&](std::string_view part) {
        auto const word = part.substr(0, part.find(' '));
        return std::find(solvers.begin(), solvers.end(), word) != solvers.end() ? word : std::string_view();
    };
    constexpr std::string_view separator = "; ";
    std::vector<Refusal> refusals;
    while (!text.empty()) {
        auto const end = std::min(text.find(separator), text.size());
        auto const part = text.substr(0, end);
        auto const speaker = speaker_of(part);
        if (!speaker.empty() || refusals.empty())
            refusals.emplace_back(
                speaker, part.substr(speaker.empty() ? 0 : std::min(speaker.size() + 1, part.size())));
        else
            refusals.back().second += std::string(separator).append(part);
        text.remove_prefix(std::min(end + separator.size(), text.size()));
    }
    return refusals;
}

std::string file_of(std::string const& path) {
    return std::filesystem::path(path).filename().string();
}

}  // namespace

std::vector<SolvedRow> solved_rows(store::Reader const& study) {
    std::vector<SolvedRow> solved;
    std::map<std::string, std::size_t> files;
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const& experiment = study.experiment(row);
        ++files[file_of(std::get<std::string>(experiment.design.front()))];
        if (!study.done(row)) continue;
        SolvedRow one;
        one.row = row;
        one.type = std::get<std::string>(experiment.design.at(class_column));
        one.result = solved_of(experiment, study.cells(row));
        solved.push_back(std::move(one));
    }
    for (auto& one : solved) {
        one.name = file_of(one.result.problem);
        if (files[one.name] > 1) one.name = one.result.problem;
    }
    return solved;
}

Table solved_table(std::vector<SolvedRow> const& solved) {
    Table table{"solved",
                "a problem and what came of it",
                {"problem", "class", "outcome", "scope", "confirmed", "evidence", "objective", "bound", "gap",
                 "violation", "kkt_residual", "solver", "solver_version", "limit", "seconds"},
                {},
                {}};
    for (auto const& one : solved) {
        auto const& result = one.result;
        table.rows.push_back({one.name, one.type, result.outcome, result.scope, yes_or_no(result.confirmed),
                              result.evidence, result.objective, result.bound, result.gap, result.violation,
                              result.kkt, result.solver, result.version, result.limit, result.seconds});
    }
    return table;
}

Table outcomes_table(std::vector<SolvedRow> const& solved) {
    Table table{"outcomes",
                "how many problems had an outcome; shown: our own evaluation confirms it, or two solvers "
                "agree",
                {"outcome", "shown", "problems"},
                {},
                {}};
    for (std::size_t status = 0; status <= static_cast<std::size_t>(Status::failed); ++status) {
        auto const outcome = to_text(static_cast<Status>(status));
        for (bool const confirmed : {true, false}) {
            auto const n = std::count_if(solved.begin(), solved.end(), [&](SolvedRow const& one) {
                return one.result.outcome == outcome && one.result.confirmed == confirmed;
            });
            if (n > 0)
                table.rows.push_back({outcome, std::string(confirmed ? "confirmed" : "not confirmed"),
                                      static_cast<std::int64_t>(n)});
        }
    }
    return table;
}

Table gaps_table(std::vector<SolvedRow> const& solved) {
    constexpr double rounding = 1e-9;
    Table table{"gaps",
                "a problem whose objective may be so far from the best one, relative to it",
                {"problem", "outcome", "objective", "bound", "gap", "limit"},
                {},
                {}};
    for (auto const& one : solved)
        if (one.result.gap > rounding)
            table.rows.push_back({one.name, one.result.outcome, one.result.objective, one.result.bound,
                                  one.result.gap, one.result.limit});
    auto const gap = report::position_of(table, "gap");
    std::stable_sort(table.rows.begin(), table.rows.end(), [gap](auto const& a, auto const& b) {
        return std::get<double>(a[gap]) > std::get<double>(b[gap]);
    });
    return table;
}

Table solvers_table(std::vector<SolvedRow> const& solved) {
    struct Counts {
        std::string version;
        std::int64_t taken = 0, not_taken = 0;
    };

    std::map<std::string, Counts> counts;
    for (auto const& one : solved) {
        if (!one.result.solver.empty()) {
            auto& own = counts[one.result.solver];
            ++own.taken;
            own.version = one.result.version;
        }
        for (auto const& [solver, why] : refusals_in(one.result.fallbacks))
            if (!solver.empty()) ++counts[solver].not_taken;
    }
    Table table{"solvers",
                "a solver: answers of its that were taken, and that were not; bounds: our own reading alone",
                {"solver", "version", "taken", "not_taken"},
                {},
                {}};
    for (auto const& [solver, own] : counts)
        table.rows.push_back({solver, own.version, own.taken, own.not_taken});
    return table;
}

Table fallbacks_table(std::vector<SolvedRow> const& solved) {
    Table table{"fallbacks",
                "an answer that was not taken, and whose was",
                {"problem", "solver", "why", "outcome", "answer_of"},
                {},
                {}};
    for (auto const& one : solved)
        for (auto const& [solver, why] : refusals_in(one.result.fallbacks))
            table.rows.push_back({one.name, solver, why, one.result.outcome, one.result.solver});
    return table;
}

Table solutions_table(store::Reader const& study, std::vector<SolvedRow> const& solved, std::size_t problems,
                      std::size_t rows) {
    Table table{"solutions",
                "a variable or a constraint of a problem: its value; its reduced cost or dual",
                {"problem", "part", "name", "value", "dual"},
                {},
                {}};
    std::size_t told = 0;
    for (auto const& one : solved) {
        bool const has_point = !std::isnan(one.result.objective);
        if (!has_point) continue;
        if (told++ == problems) break;
        auto const parts = solution_of(study.schema(), study.arrays(one.row).front());
        for (std::size_t i = 0; i < std::min(parts.size(), rows); ++i)
            table.rows.push_back({one.name, parts[i].part, parts[i].name, parts[i].value, parts[i].dual});
    }
    return table;
}

}  // namespace vaster::service::solve

// What the report says about optimisation problems.
#include "domains/service/report/solve_chapter.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/support/program_name.hpp"
#include "base/support/texts.hpp"
#include "core/report/sections.hpp"
#include "domains/service/report/shown.hpp"
#include "domains/service/report/solve_tables.hpp"

namespace vaster::service::solve {
namespace {

using report::bar_chart;
using report::Chapter;
using report::position_of;
using report::Section;
using report::Table;
using report::text_table;

constexpr std::size_t most_gaps = 30;       ///< bars
constexpr std::size_t most_named = 3;       ///< problems in a sentence
constexpr std::size_t most_solutions = 10;  ///< problems whose solutions are shown
constexpr std::size_t most_parts = 60;      ///< variables and constraints of each

std::string ten_digits(double number) {
    return std::isnan(number) ? "-" : fmt::format("{:.10g}", number);
}

/// As text_table(), but what people copy has ten digits.
TextTable with_digits(Table const& table, std::string const& title) {
    auto text = text_table(table, title);
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        auto const& name = table.columns[column];
        bool const precise = name == "objective" || name == "bound" || name == "value" || name == "dual";
        for (std::size_t i = 0; precise && i < text.rows.size(); ++i)
            text.rows[i][column] = ten_digits(std::get<double>(table.rows[i][column]));
    }
    return text;
}

class SolveSections {
  public:
    SolveSections(Chapter& chapter, store::Reader const& study)
        : chapter_(chapter),
          study_(study),
          solved_(solved_rows(study)),
          results_(solved_table(solved_)),
          outcomes_(outcomes_table(solved_)),
          gaps_(gaps_table(solved_)),
          largest_gaps_(largest(gaps_)),
          solvers_(solvers_table(solved_)),
          fallbacks_(fallbacks_table(solved_)),
          solutions_(solutions_table(study, solved_, most_solutions, most_parts)) {}

    void add() {
        if (solved_.empty()) {
            chapter_.sections.push_back({"outcomes", "Outcomes", {"No problem has a result yet."}});
            return;
        }
        chapter_.verdict.push_back(verdict());
        for (auto const section : {&SolveSections::outcomes, &SolveSections::gaps, &SolveSections::checks,
                                   &SolveSections::solvers})
            chapter_.sections.push_back((this->*section)());
        if (!solutions_.rows.empty()) chapter_.sections.push_back(solutions());
        for (auto* table :
             {&results_, &outcomes_, &gaps_, &largest_gaps_, &solvers_, &fallbacks_, &solutions_})
            if (!table->rows.empty()) chapter_.tables.push_back(std::move(*table));
    }

  private:
    static Table largest(Table const& gaps) {
        Table table = gaps;
        table.name = "largest_gaps";
        table.doc = "the largest of them, as the figure shows them";
        if (table.rows.size() > most_gaps) table.rows.resize(most_gaps);
        return table;
    }

    /// "a.lp, b.lp and 3 more" of those for which `holds` does; empty: of none.
    template <class Holds>
    [[nodiscard]] std::string named(Holds holds) const {
        std::vector<std::string> names;
        std::size_t n = 0;
        for (auto const& one : solved_) {
            if (!holds(one.result)) continue;
            if (n++ < most_named) names.push_back(one.name);
        }
        if (n <= most_named) return fmt::format("{}", fmt::join(names, ", "));
        return fmt::format("{} and {} more", fmt::join(names, ", "), n - most_named);
    }

    static bool came_to_nothing(Solved const& one) {
        return one.outcome == to_text(Status::unknown) || one.outcome == to_text(Status::failed);
    }

    // ---- verdict

    /// "4 problems: 3 optimal, 1 infeasible"
    [[nodiscard]] std::string counts_text() const {
        std::string text = counted(solved_.size(), "problem");
        char const* separator = ": ";
        for (std::size_t status = 0; status <= static_cast<std::size_t>(Status::failed); ++status) {
            auto const outcome = to_text(static_cast<Status>(status));
            auto const n = std::count_if(solved_.begin(), solved_.end(),
                                         [&](SolvedRow const& one) { return one.result.outcome == outcome; });
            if (n == 0) continue;
            text += fmt::format("{}{} {}", separator, n, outcome);
            separator = ", ";
        }
        return text;
    }

    [[nodiscard]] report::Block verdict() const {
        report::Block block{"What became of the problems", {}};
        block.lines.push_back(counts_text() + ".");
        auto const open = study_.size() - solved_.size();
        if (open > 0)
            block.lines.push_back(fmt::format("{} {} no result yet; --resume tries {} again.",
                                              counted(open, "problem"), open == 1 ? "has" : "have",
                                              open == 1 ? "it" : "them"));
        auto const nothing = named(came_to_nothing);
        if (!nothing.empty())
            block.lines.push_back("No solver came to a result that holds: " + nothing + ".");
        auto const words = named([](Solved const& one) { return !one.confirmed && !came_to_nothing(one); });
        if (!words.empty())
            block.lines.push_back("Rests on the word of one solver, which nothing confirms: " + words + ".");
        else if (nothing.empty())
            block.lines.emplace_back("Our own evaluation confirms all of it, or two solvers agree.");
        auto const stopped = named([](Solved const& one) { return one.limit == "time"; });
        if (!stopped.empty())
            block.lines.push_back("Time ended the search, so another run may end otherwise: " + stopped +
                                  ".");
        if (!fallbacks_.rows.empty())
            block.lines.push_back(
                fmt::format("Answers of solvers that were not taken: {}.", fallbacks_.rows.size()));
        return block;
    }

    // ---- sections

    [[nodiscard]] Section outcomes() const {
        Section section{"outcomes", "Outcomes"};
        section.text.push_back(counts_text() + ".");
        section.text.emplace_back(
            "optimal: nothing is better, but for the gap, among all points (scope global) or near by "
            "(local). "
            "feasible: the point meets all demands, and there may be better ones. infeasible: no point does. "
            "unbounded: the objective gets better without end. unknown, failed: solvers came to no result. "
            "An outcome is confirmed when our own evaluation shows it, or two solvers agree.");
        section.figures.push_back(
            bar_chart({"problems-by-outcome", "Problems by outcome", outcomes_, {}, outcomes_.columns},
                      {{"problems", "problems", "d"}, "outcome", "", "shown"}));
        section.tables.push_back(first_rows(with_digits(results_, "Problems"), results_.name));
        return section;
    }

    [[nodiscard]] Section gaps() const {
        Section section{"gaps", "Gaps"};
        section.text.emplace_back(
            "A gap is how much better than the objective a solution might be, relative to it: |objective - "
            "bound| / max(1, |objective|).");
        if (gaps_.rows.empty()) {
            section.text.emplace_back("No gap is left where there is a bound.");
            return section;
        }
        if (gaps_.rows.size() > most_gaps)
            section.text.push_back(fmt::format("The figure shows the {} largest.", most_gaps));
        section.figures.push_back(
            bar_chart({"gaps-left", "Gaps that are left", largest_gaps_, {}, largest_gaps_.columns},
                      {{"gap", "relative gap", "~g"}, "problem", "", "outcome"}));
        section.tables.push_back(first_rows(with_digits(gaps_, "Gaps that are left"), gaps_.name));
        return section;
    }

    /// The row with the largest number in a column; null: there is none.
    [[nodiscard]] study::Cells const* worst(std::string const& column) const {
        study::Cells const* found = nullptr;
        auto const place = position_of(results_, column);
        for (auto const& row : results_.rows) {
            double const number = std::get<double>(row[place]);
            if (!std::isnan(number) && (found == nullptr || number > std::get<double>((*found)[place])))
                found = &row;
        }
        return found;
    }

    [[nodiscard]] Section checks() const {
        Section section{"checks", "How well the points hold"};
        if (auto const* const row = worst("violation"))
            section.text.push_back(
                fmt::format("The largest violation of a bound or constraint, relative to it, is {:.2g} ({}); "
                            "a point with "
                            "more than 1e-6 does not count.",
                            std::get<double>((*row)[position_of(results_, "violation")]),
                            std::get<std::string>((*row)[0])));
        else
            section.text.emplace_back("No problem has a point.");
        if (auto const* const row = worst("kkt_residual"))
            section.text.push_back(
                fmt::format("The largest residual of the KKT conditions of smooth problems is {:.2g} ({}); "
                            "with more than "
                            "1e-6 a point does not count as optimal.",
                            std::get<double>((*row)[position_of(results_, "kkt_residual")]),
                            std::get<std::string>((*row)[0])));
        return section;
    }

    [[nodiscard]] Section solvers() const {
        Section section{"solvers", "Solvers, and answers that were not taken"};
        section.tables.push_back(text_table(solvers_, "Solvers"));
        if (fallbacks_.rows.empty()) {
            section.text.emplace_back("The first solver's answer held for every problem.");
            return section;
        }
        section.text.emplace_back(
            "The next solver is asked when one fails, comes to no result, or gives an answer that does not "
            "hold.");
        section.tables.push_back(
            first_rows(with_digits(fallbacks_, "Answers that were not taken, and why"), fallbacks_.name));
        return section;
    }

    /// "diet.lp: optimal, objective 10"
    [[nodiscard]] std::string title_of(std::string const& problem) const {
        auto const one = std::find_if(solved_.begin(), solved_.end(),
                                      [&](SolvedRow const& each) { return each.name == problem; });
        return fmt::format("{}: {}, objective {}", problem, one->result.outcome,
                           ten_digits(one->result.objective));
    }

    [[nodiscard]] Section solutions() const {
        Section section{"solutions", "Solutions"};
        auto const with_point = std::count_if(solved_.begin(), solved_.end(), [](SolvedRow const& one) {
            return !std::isnan(one.result.objective);
        });
        if (static_cast<std::size_t>(with_point) > most_solutions)
            section.text.push_back(fmt::format("Of the first {} problems that have one.", most_solutions));
        section.text.push_back(fmt::format(
            "At most {} variables and constraints of each; '{} solve show {} PROBLEM' prints all of them. "
            "dual: "
            "what the objective changes by when a bound of the constraint is raised by 1; of a variable its "
            "reduced cost.",
            most_parts, program_name(), study_.path().filename().string()));
        auto const all = with_digits(solutions_, "");
        for (auto const& row : all.rows) {
            auto title = title_of(row.front());
            if (section.tables.empty() || section.tables.back().title != title)
                section.tables.push_back(
                    {std::move(title), {all.header.begin() + 1, all.header.end()}, {}, {}});
            section.tables.back().rows.emplace_back(row.begin() + 1, row.end());
        }
        return section;
    }

    Chapter& chapter_;
    store::Reader const& study_;
    std::vector<SolvedRow> solved_;
    Table results_, outcomes_, gaps_, largest_gaps_, solvers_, fallbacks_, solutions_;
};

}  // namespace

void add_solve_sections(Chapter& chapter, store::Reader const& study) {
    SolveSections(chapter, study).add();
}

}  // namespace vaster::service::solve

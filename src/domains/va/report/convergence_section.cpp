// What the report says about models that sample: did they converge?
#include "domains/va/report/convergence_section.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "core/report/sections.hpp"
#include "domains/va/report/words.hpp"

namespace vaster::va {
namespace {

using report::Chapter;
using report::has_numbers;
using report::position_of;
using report::scatter;
using report::Section;
using report::Table;
using report::text_table;

/// Result cells of the finished experiments that have a number in `converged`.
Table convergence_table(store::Reader const& study) {
    std::vector<std::string> const wanted{"converged",  "rhat",   "ess",   "acceptance",
                                          "iterations", "chains", "modes", "mode_weight"};
    auto const& schema = study.schema();
    Table table{"convergence", "an experiment of a model that samples", {"index"}, {}, column_words()};
    for (auto const& column : schema.design) table.columns.push_back(column.name);
    std::vector<std::size_t> positions;
    for (auto const& name : wanted) {
        auto const found = std::find_if(
            schema.results.begin(), schema.results.end(),
            [&](auto const& column) { return column.name == name && column.type == study::CellType::real; });
        if (found == schema.results.end()) return table;
        positions.push_back(static_cast<std::size_t>(found - schema.results.begin()));
        table.columns.push_back(name);
    }
    for (std::size_t row = 0; row < study.size(); ++row) {
        if (!study.done(row) || std::isnan(std::get<double>(study.cells(row)[positions.front()]))) continue;
        study::Cells cells{static_cast<std::int64_t>(row)};
        for (auto const& cell : study.experiment(row).design) cells.push_back(cell);
        for (auto const position : positions) cells.push_back(study.cells(row)[position]);
        table.rows.push_back(std::move(cells));
    }
    return table;
}

}  // namespace

void add_convergence(Chapter& chapter, store::Reader const& study) {
    Section section{"convergence", "Convergence of models that sample"};
    Table table = convergence_table(study);
    if (table.rows.empty()) {
        section.text.emplace_back("No finished experiment is of a model that samples, such as InSilicoVA.");
        chapter.sections.push_back(std::move(section));
        return;
    }
    std::size_t const converged = position_of(table, "converged");
    std::size_t n_converged = 0;
    for (auto& row : table.rows) {
        bool const yes = std::get<double>(row[converged]) == 1;
        n_converged += yes ? 1 : 0;
        row[converged] = std::string(yes ? "converged" : "not converged");
    }
    section.text.push_back(
        fmt::format("{} of {} experiments converged by the model's own rule. R-hat near 1 and many effective "
                    "draws (ESS) say that "
                    "longer chains would give the same; see the model's page for the rule.",
                    n_converged, table.rows.size()));
    if (has_numbers(table, "rhat"))
        section.figures.push_back(scatter({"convergence",
                                           "R-hat and effective draws",
                                           table,
                                           {},
                                           {"model", "type", "train_site", "test_site", "rhat", "ess",
                                            "acceptance", "iterations", "chains", "modes"}},
                                          {{"rhat", "largest R-hat", ".3f"},
                                           {"ess", "smallest effective number of draws", ".0f"},
                                           "converged"}));
    section.tables.push_back(text_table(table, "Convergence"));
    chapter.tables.push_back(std::move(table));
    chapter.sections.push_back(std::move(section));
}

}  // namespace vaster::va

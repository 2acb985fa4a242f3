#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "domains/va/data/questionnaire.hpp"

namespace vaster::test {

/// A table in the layout of a raw PHMRC release: labels first, then the questions of the format's rules.
/// Every answer is the first that its rule knows as absent, or 0.
/// @param cells  of every row, in place of these; columns that the layout lacks are put behind it
inline std::string made_up_release(va::CohortFormat format,
                                   std::vector<std::map<std::string, std::string>> rows,
                                   char delimiter = ',') {
    std::vector<std::pair<std::string, std::string>> columns{
        {"site", "AP"}, {"module", ""}, {"gs_text34", "Sepsis"}, {"va34", "1"}};
    std::map<std::string, bool> known{{"site", true}, {"module", true}, {"gs_text34", true}, {"va34", true}};
    for (auto const& module : va::phmrc_modules())
        if (va::cohort_format(module.format) == format) columns[1].second = module.name;
    for (auto const& rule : *va::shipped_rules(format))
        for (auto const& column : {rule.source, rule.also_source})
            if (!column.empty() && !std::exchange(known[column], true))
                columns.emplace_back(column, rule.is_of_number() ? "0" : rule.absent.front());
    for (auto const& row : rows)
        for (auto const& [column, cell] : row)
            if (!std::exchange(known[column], true)) columns.emplace_back(column, "");
    std::string text;
    std::string const separator(1, delimiter);
    for (auto const& [column, cell] : columns) text += (text.empty() ? "" : separator) + column;
    for (auto& row : rows) {
        std::string line;
        for (auto const& [column, cell] : columns) {
            auto const changed = row.find(column);
            line += fmt::format("{}{}", line.empty() ? "" : separator,
                                changed == row.end() ? cell : changed->second);
        }
        text += "\n" + line;
    }
    return text + "\n";
}

}  // namespace vaster::test

// What the report says of causes that were told beforehand.
#include "domains/va/report/known_section.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "core/report/sections.hpp"
#include "domains/va/data/known_agreement.hpp"
#include "domains/va/prediction/prediction_schema.hpp"

namespace vaster::va {
namespace {

using report::Section;
using report::Table;

Table agreement_table(std::vector<CauseAgreement> const& rows) {
    Table table{"known_agreement",
                "two tellings of causes, of the deaths that have both",
                {"what", "first", "second", "deaths", "agree", "share", "kappa"},
                {}};
    for (auto const& row : rows) {
        double const share = row.deaths == 0
                                 ? std::numeric_limits<double>::quiet_NaN()
                                 : static_cast<double>(row.agree) / static_cast<double>(row.deaths);
        bool const is_of_label = row.second.empty();
        table.rows.push_back({row.what, row.first.empty() ? std::string("told") : row.first,
                              is_of_label ? std::string("label") : row.second,
                              static_cast<std::int64_t>(row.deaths), static_cast<std::int64_t>(row.agree),
                              share, row.kappa});
    }
    return table;
}

/// The pairs of physicians in one sentence; empty: there are none.
std::string pairs_text(std::vector<CauseAgreement> const& rows) {
    std::size_t n = 0;
    std::uint64_t deaths = 0;
    std::uint64_t agree = 0;
    for (auto const& row : rows) {
        if (row.what != "physicians") continue;
        ++n;
        deaths += row.deaths;
        agree += row.agree;
    }
    if (n == 0) return {};
    return fmt::format(
        "{} pair{} of physicians coded deaths in common, {} in all, and gave the same cause for {} of them "
        "({:.1f} %). Cohen's kappa takes off what they would agree in by chance; near 0 a second physician "
        "tells nothing of the first.",
        n, n == 1 ? "" : "s", deaths, agree, 100 * static_cast<double>(agree) / static_cast<double>(deaths));
}

}  // namespace

void add_known(report::Chapter& chapter, store::Reader const& study) {
    auto const rows = agreement_in(labels_named(study.schema(), known_agreement_labels));
    if (rows.empty()) return;
    Section section{"known", "Causes that were told beforehand"};
    section.text.emplace_back(
        "How far the causes of data.known agree with the labels: what was told agrees with a label that has "
        "the largest share in it.");
    if (std::string text = pairs_text(rows); !text.empty()) section.text.push_back(std::move(text));
    Table table = agreement_table(rows);
    section.tables.push_back(report::text_table(table, "Agreement"));
    chapter.tables.push_back(std::move(table));
    chapter.sections.push_back(std::move(section));
}

}  // namespace vaster::va

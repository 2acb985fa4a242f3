#include "domains/va/report/prediction_chapter.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "core/report/sections.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/report/prediction_results.hpp"

namespace vaster::va {
namespace {

using report::Block;
using report::Chapter;
using report::Section;
using report::Table;
using report::text_table;

std::string percent(double share) {
    return std::isnan(share) ? "?" : fmt::format("{:.1f} %", 100 * share);
}

std::string count(std::int64_t n) {
    return grouped(static_cast<std::uint64_t>(n));
}

/// What a reader must know before the numbers.
std::vector<std::string> doubts_of(PredictionResults const& results) {
    std::vector<std::string> doubts = warnings_of(results.drift, results.symptoms);
    if (!results.unfinished.empty())
        doubts.push_back(fmt::format("{} of {} blocks have no result: the numbers are of the others alone",
                                     results.unfinished.size(), results.n_blocks));
    if (results.cells.converged == 0)
        doubts.emplace_back("the model samples, and did not converge: its fractions are not to be trusted");
    if (results.cells.undetermined > 0)
        doubts.push_back(fmt::format("{} deaths are undetermined; {} of all have no answer at all",
                                     count(results.cells.undetermined), count(results.cells.unanswered)));
    if (results.cells.unreadable > 0)
        doubts.push_back(
            fmt::format("{} rows cannot be read and have no cause", count(results.cells.unreadable)));
    if (!results.why_no_transfer.empty())
        doubts.push_back(
            fmt::format("how wrong the fractions may be at a site that the model has not seen is not known: "
                        "{}; the sampling "
                        "intervals know nothing of that",
                        results.why_no_transfer));
    return doubts;
}

Table fraction_table(PredictionResults const& results) {
    Table table{"csmf",
                "a cause in a group of deaths",
                {"group", "cause", "csmf", "transfer_lo", "transfer_hi", "sampling_lo", "sampling_hi",
                 "top_count", "n"},
                {}};
    bool const has_weights = results.layout.weighted == Weighted::yes;
    if (has_weights) table.columns.insert(table.columns.end(), {"sum_of_weights", "n_effective"});
    for (auto const& row : results.fractions) {
        table.rows.push_back({row.group, results.name_of(row.cause), row.csmf, row.transfer_lo,
                              row.transfer_hi, row.sampling_lo, row.sampling_hi,
                              static_cast<std::int64_t>(row.top_count), static_cast<std::int64_t>(row.n)});
        if (!has_weights) continue;
        table.rows.back().emplace_back(row.sum_of_weights);
        table.rows.back().emplace_back(row.n_effective);
    }
    return table;
}

Section model_section(PredictionResults const& results) {
    Section section{"model", "The model"};
    section.text.push_back(fmt::format("{} with content {}; SHA-256 of its file: {}.", results.model.name,
                                       results.model.content, results.model.file_hash));
    section.text.push_back(fmt::format("{} deaths, of which {} count in the cause fractions; data {}.",
                                       count(results.cells.deaths), count(results.cells.counted),
                                       results.data_hash));
    if (results.layout.weighted == Weighted::yes && !results.fractions.empty())
        section.text.push_back(fmt::format(
            "The deaths have weights, which count in fractions, intervals and scores: of those that "
            "count the sum is {:.6g}, and {:.1f} deaths of equal weight would say as much.",
            results.fractions.front().sum_of_weights, results.fractions.front().n_effective));
    for (auto const& doubt : doubts_of(results)) section.text.push_back("Doubt: " + doubt + ".");
    if (results.scores)
        section.text.push_back(fmt::format(
            "Of {} deaths with a known cause: COD accuracy {:.3f}, top-3 accuracy {:.3f}, CSMF accuracy "
            "{:.3f}, log "
            "loss {:.3f}.",
            grouped(results.scores->n), results.scores->cod_accuracy, results.scores->top3_accuracy,
            results.scores->csmf_accuracy, results.scores->log_loss));
    return section;
}

Section fractions_section(PredictionResults const& results, Table const& table) {
    Section section{"fractions", "Cause fractions"};
    section.text.emplace_back(
        "A fraction is the mean of the probabilities of a cause, or the model's own estimate where it has "
        "one. The "
        "wide interval (transfer) says where the fraction of a site may be that the model has not seen, "
        "going by how "
        "wrong it was at sites left out of its training. The narrow one (sampling) says only how far the "
        "fraction "
        "would vary with other deaths of the same kind.");
    bool const has_transfer = results.model.transfer_error.has_value();
    section.figures.push_back(report::dot_plot(
        {"csmf", "Cause fractions of all deaths", table, {{"group", {std::string("all")}}}, table.columns},
        {{"csmf", "fraction", ".3f"},
         {"cause"},
         "",
         has_transfer ? "transfer_lo" : "sampling_lo",
         has_transfer ? "transfer_hi" : "sampling_hi",
         has_transfer ? "sampling_lo" : "",
         has_transfer ? "sampling_hi" : ""}));
    section.tables.push_back(text_table(table, "Cause fractions"));
    return section;
}

Section certainty_section(PredictionResults const& results, Chapter& chapter) {
    Section section{"certainty", "How sure the model is of single deaths"};
    Table table{"best_probability", "deaths by their best probability", {"best_probability", "deaths"}, {}};
    for (std::size_t tenth = 0; tenth < results.best.size(); ++tenth)
        table.rows.push_back({fmt::format("{:.1f} to {:.1f}", static_cast<double>(tenth) / 10,
                                          static_cast<double>(tenth + 1) / 10),
                              static_cast<std::int64_t>(results.best[tenth])});
    section.figures.push_back(
        report::bar_chart({"best_probability", "Best probability of a death", table, {}, table.columns},
                          {{"deaths", "deaths", ".0f"}, "best_probability", "best probability", ""}));
    section.tables.push_back(text_table(table, "Best probabilities"));
    chapter.tables.push_back(std::move(table));
    return section;
}

Section drift_section(PredictionResults const& results, Chapter& chapter) {
    Section section{"drift", "Answers beside those of the training deaths"};
    section.text.push_back(
        fmt::format("{} of {} symptoms differ by more than {:.1f}, in the share of missing answers or in the "
                    "share of those who "
                    "have the symptom among the answered.",
                    results.drift.n_far, results.drift.n_symptoms, Drift::far_apart));
    Table table{"drift",
                "a symptom",
                {"symptom", "present", "present_trained", "missing", "missing_trained", "difference"},
                {}};
    auto all = results.symptoms_drift;
    std::stable_sort(all.begin(), all.end(),
                     [](auto const& a, auto const& b) { return a.size() > b.size(); });
    for (auto const& one : all)
        table.rows.push_back({results.symptoms.at(one.symptom), one.seen.present_share(),
                              one.trained.present_share(), one.seen.missing_share(),
                              one.trained.missing_share(), one.size()});
    Table largest = table;
    largest.rows.resize(std::min(largest.rows.size(), results.drift.largest.size()));
    section.tables.push_back(text_table(largest, "The largest differences"));
    chapter.tables.push_back(std::move(table));
    return section;
}

/// The cause fractions and the doubts, in words.
std::vector<Block> words_of(PredictionResults const& results) {
    Block fractions{"Cause fractions", {}};
    std::vector<FractionRow> rows;
    for (auto const& row : results.fractions)
        if (row.group == "all" && !std::isnan(row.csmf)) rows.push_back(row);
    std::stable_sort(rows.begin(), rows.end(), [](auto const& a, auto const& b) { return a.csmf > b.csmf; });
    constexpr std::size_t n_shown = 10;
    if (rows.size() > n_shown) rows.resize(n_shown);
    if (results.layout.weighted == Weighted::yes && !rows.empty())
        fractions.lines.push_back(
            fmt::format("Weighted: {} deaths, of which {:.1f} of equal weight would say as much",
                        grouped(rows.front().n), rows.front().n_effective));
    for (auto const& row : rows) {
        std::string const transfer = std::isnan(row.transfer_lo)
                                         ? ""
                                         : fmt::format("; at an unseen site {} to {}",
                                                       percent(row.transfer_lo), percent(row.transfer_hi));
        std::string const sampling = std::isnan(row.sampling_lo)
                                         ? ""
                                         : fmt::format("; by sampling alone {} to {}",
                                                       percent(row.sampling_lo), percent(row.sampling_hi));
        fractions.lines.push_back(
            fmt::format("{}: {}{}{}", results.name_of(row.cause), percent(row.csmf), transfer, sampling));
    }
    if (fractions.lines.empty()) fractions.lines.emplace_back("No death counts in the cause fractions.");
    Block doubts{"Doubts", doubts_of(results)};
    std::vector<Block> blocks{std::move(fractions)};
    if (!doubts.lines.empty()) blocks.push_back(std::move(doubts));
    return blocks;
}

}  // namespace

void add_prediction(Chapter& chapter, store::Reader const& study) {
    PredictionResults const results = results_of(study);
    Table fractions = fraction_table(results);
    chapter.verdict = words_of(results);
    chapter.sections.push_back(model_section(results));
    chapter.sections.push_back(fractions_section(results, fractions));
    chapter.tables.push_back(std::move(fractions));
    chapter.sections.push_back(certainty_section(results, chapter));
    chapter.sections.push_back(drift_section(results, chapter));
}

std::vector<Block> prediction_verdict(store::Reader const& study) {
    return words_of(results_of(study));
}

}  // namespace vaster::va

// The comparison as tables for machines. docs/va/comparison.md lists the columns.
#include <algorithm>

#include <fmt/core.h>

#include "domains/va/report/comparison.hpp"
#include "domains/va/report/verdict.hpp"
#include "domains/va/report/words.hpp"

namespace vaster::va {
namespace {

using report::Document;
using report::Table;

using study::Cell;
using study::Cells;
using Names = std::vector<std::string>;

std::int64_t whole(std::size_t n) {
    return static_cast<std::int64_t>(n);
}

void append(Cells& cells, Cells more) {
    cells.insert(cells.end(), more.begin(), more.end());
}

void append(Names& names, Names more) {
    names.insert(names.end(), more.begin(), more.end());
}

Cells estimate_cells(Estimate const& e) {
    return {whole(e.experiments),
            whole(e.planned),
            whole(e.sites),
            e.mean,
            e.sd,
            e.over_sites.interval.lo,
            e.over_sites.interval.hi,
            e.over_deaths.lo,
            e.over_deaths.hi,
            e.deaths_bias,
            whole(e.over_repeats.n),
            e.over_repeats.interval.lo,
            e.over_repeats.interval.hi};
}

Names estimate_columns(std::string const& mean) {
    return {"experiments", "planned",   "sites",       mean,      "sd",         "sites_lo",  "sites_hi",
            "deaths_lo",   "deaths_hi", "deaths_bias", "repeats", "repeats_lo", "repeats_hi"};
}

Cells discordance_cells(Discordance const& d) {
    return {whole(d.tests),
            whole(d.deaths),
            static_cast<std::int64_t>(d.only_first),
            static_cast<std::int64_t>(d.only_second),
            d.exact.p,
            d.exact.mid_p};
}

Names const discordance_columns{"tests",    "deaths",      "only_first_right", "only_second_right",
                                "p_deaths", "mid_p_deaths"};

Cells mean_cells(ModelMean const& row) {
    Cells cells{row.asked.type, row.asked.fraction, row.model, row.metric, row.n_train};
    append(cells, estimate_cells(row.estimate));
    return cells;
}

Table means_table(ModelComparison const& comparison) {
    Table table{"means",
                "a model's metric, per type and share of the training part",
                {"type", "fraction", "model", "metric", "n_train"},
                {}};
    append(table.columns, estimate_columns("mean"));
    for (auto const& row : comparison.means) table.rows.push_back(mean_cells(row));
    return table;
}

/// The rows of `means` of types with more than one share of the training part.
Table learning_table(ModelComparison const& comparison) {
    Table table = means_table(comparison);
    table.name = "learning_curve";
    table.doc = "a model's metric by share of the training part";
    table.rows.clear();
    for (auto const& row : comparison.means) {
        bool const curve =
            std::any_of(comparison.means.begin(), comparison.means.end(), [&](ModelMean const& other) {
                return other.asked.type == row.asked.type && other.asked.fraction != row.asked.fraction;
            });
        if (curve) table.rows.push_back(mean_cells(row));
    }
    return table;
}

Table differences_table(ModelComparison const& comparison) {
    Table table{"differences",
                "first model - second model, on the experiments that both have",
                {"type", "fraction", "first", "second", "metric", "mean_first", "mean_second"},
                {}};
    append(table.columns, estimate_columns("difference"));
    append(table.columns, {"p_sites", "p_sites_holm", "p_repeats", "p_repeats_holm"});
    append(table.columns, discordance_columns);
    append(table.columns, {"p_deaths_holm", "p_bootstrap", "p_bootstrap_holm", "p_basis", "p", "p_holm"});
    for (auto const& row : comparison.differences) {
        Cells cells{row.asked.type, row.asked.fraction, row.first,      row.second,
                    row.metric,     row.mean_first,     row.mean_second};
        append(cells, estimate_cells(row.estimate));
        append(cells, {row.estimate.over_sites.p, row.adjusted.sites, row.estimate.over_repeats.p,
                       row.adjusted.repeats});
        append(cells, discordance_cells(row.discordance));
        append(cells, {row.adjusted.deaths, row.p_bootstrap, row.adjusted.bootstrap,
                       to_text(row.recommended.basis), row.recommended.p, row.recommended.adjusted});
        table.rows.push_back(std::move(cells));
    }
    return table;
}

Table mcnemar_table(ModelComparison const& comparison) {
    Table table{"mcnemar",
                "two models trained at one site, on the deaths of all its test sites",
                {"type", "fraction", "train_site", "first", "second"},
                {}};
    append(table.columns, discordance_columns);
    append(table.columns, {"p_deaths_holm"});
    for (auto const& row : comparison.by_training_site) {
        Cells cells{row.asked.type, row.asked.fraction, row.train_site, row.first, row.second};
        append(cells, discordance_cells(row.discordance));
        append(cells, {row.adjusted});
        table.rows.push_back(std::move(cells));
    }
    return table;
}

Table transfer_table(ModelComparison const& comparison) {
    Table table{
        "transfer",
        "a model's metric by training and test site, mean over repeats",
        {"type", "fraction", "model", "metric", "train_site", "test_site", "experiments", "planned", "mean"},
        {}};
    for (auto const& row : comparison.transfers)
        table.rows.push_back({row.asked.type, row.asked.fraction, row.model, row.metric, row.train_site,
                              row.test_site, whole(row.experiments), whole(row.planned), row.mean});
    return table;
}

Table gaps_table(ModelComparison const& comparison) {
    Table table{"gaps",
                "in_domain - another type, mean over the sites that have both",
                {"type", "model", "metric", "sites", "planned_sites", "in_domain", "elsewhere", "gap",
                 "sites_lo", "sites_hi", "p_sites"},
                {}};
    for (auto const& row : comparison.gaps)
        table.rows.push_back({row.type, row.model, row.metric, whole(row.sites), whole(row.planned_sites),
                              row.in_domain, row.elsewhere, row.gap.mean, row.gap.interval.lo,
                              row.gap.interval.hi, row.gap.p});
    return table;
}

Table holes_table(ModelComparison const& comparison) {
    Table table{
        "holes",
        "a planned experiment without a result, or without a value of a metric",
        {"type", "fraction", "train_site", "test_site", "model", "repeat", "status", "metric", "reason"},
        {}};
    for (auto const& row : comparison.holes.listed())
        table.rows.push_back({row.asked.type, row.asked.fraction, row.train_site, row.test_site, row.model,
                              row.repeat, row.status, row.metric, row.reason});
    return table;
}

Table baselines_table(ModelComparison const& comparison) {
    Table table{"baselines",
                "a metric without any model: causes guessed at random, and the most frequent cause of the "
                "training site for every death",
                {"type", "fraction", "metric", "guessing", "most_frequent"},
                {}};
    for (auto const& row : comparison.baselines)
        table.rows.push_back(
            {row.asked.type, row.asked.fraction, row.metric, row.guessing, row.most_frequent});
    return table;
}

Table verdict_table(ModelComparison const& comparison) {
    Table table{"verdict",
                "a sentence about which model is ahead, how sure that is, or what is open",
                {"about", "sentence"},
                {}};
    for (auto const& block : words_of(comparison))
        for (auto const& line : block.lines) table.rows.push_back({block.title, line});
    return table;
}

}  // namespace

namespace {

std::vector<Table> tables_of(ModelComparison const& comparison) {
    std::vector<Table> tables{
        means_table(comparison),    differences_table(comparison), mcnemar_table(comparison),
        transfer_table(comparison), gaps_table(comparison),        learning_table(comparison),
        holes_table(comparison),    baselines_table(comparison),   verdict_table(comparison)};
    for (auto& table : tables) table.words = column_words();
    return tables;
}

void append(std::vector<report::Fact>& facts, std::vector<report::Fact> more) {
    facts.insert(facts.end(), more.begin(), more.end());
}

std::vector<report::Fact> facts_of(store::Reader const& study, std::string const& suffix) {
    auto const& header = study.header();
    return {{"study" + suffix, study.path().filename().string()},
            {"kind" + suffix, header.kind},
            {"program_version" + suffix, header.program_version},
            {"config_hash" + suffix, header.config_hash},
            {"data_hash" + suffix, header.data_hash}};
}

std::vector<report::Fact> facts_of(ModelComparison const& comparison) {
    return {{"resamples", whole(comparison.options.n_resamples)},
            {"confidence", 0.95},
            {"complete", std::string(comparison.holes.empty() ? "yes" : "no")}};
}

}  // namespace

Document document_of(store::Reader const& study, ModelComparison const& comparison) {
    Document document{facts_of(study, ""), comparison.notes, tables_of(comparison)};
    append(document.facts, facts_of(comparison));
    return document;
}

Document document_of(std::vector<NamedStudy> const& studies, ModelComparison const& comparison) {
    Document document{{}, comparison.notes, tables_of(comparison)};
    for (std::size_t i = 0; i < studies.size(); ++i) {
        auto const suffix = fmt::format("_{}", i + 1);
        document.facts.push_back({"name" + suffix, studies[i].name});
        append(document.facts, facts_of(*studies[i].study, suffix));
    }
    append(document.facts, facts_of(comparison));
    return document;
}

}  // namespace vaster::va

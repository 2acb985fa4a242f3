// The comparison as tables for machines. docs/va/comparison.md lists the columns.
#include <algorithm>

#include "domains/va/report/comparison.hpp"

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
    append(table.columns, {"p_deaths_holm"});
    for (auto const& row : comparison.differences) {
        Cells cells{row.asked.type, row.asked.fraction, row.first,      row.second,
                    row.metric,     row.mean_first,     row.mean_second};
        append(cells, estimate_cells(row.estimate));
        append(cells, {row.estimate.over_sites.p, row.adjusted.sites, row.estimate.over_repeats.p,
                       row.adjusted.repeats});
        append(cells, discordance_cells(row.discordance));
        append(cells, {row.adjusted.deaths});
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
    for (auto const& row : comparison.holes)
        table.rows.push_back({row.asked.type, row.asked.fraction, row.train_site, row.test_site, row.model,
                              row.repeat, row.status, row.metric, row.reason});
    return table;
}

}  // namespace

Document document_of(store::Reader const& study, ModelComparison const& comparison) {
    auto const& header = study.header();
    Document document;
    document.facts = {{"study", study.path().filename().string()},
                      {"kind", header.kind},
                      {"program_version", header.program_version},
                      {"config_hash", header.config_hash},
                      {"data_hash", header.data_hash},
                      {"resamples", whole(comparison.options.n_resamples)},
                      {"confidence", 0.95},
                      {"complete", std::string(comparison.holes.empty() ? "yes" : "no")}};
    document.notes = comparison.notes;
    document.tables = {means_table(comparison),    differences_table(comparison), mcnemar_table(comparison),
                       transfer_table(comparison), gaps_table(comparison),        learning_table(comparison),
                       holes_table(comparison)};
    return document;
}

}  // namespace vaster::va

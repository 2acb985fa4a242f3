// The comparison in tables for people: means in and out of domain, transfer matrices, learning curves.
#include "base/stats/summary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include <fmt/core.h>

#include "base/stats/bounded_interval.hpp"
#include "domains/va/study/comparison.hpp"
#include "domains/va/study/design.hpp"
#include "domains/va/study/schema.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::va {
namespace {

/// One finished or unfinished experiment with what the tables need of it.
struct Row {
    std::string type, train_site, test_site, model;
    double fraction = 1;
    bool done = false;
    bool skipped = false;
    double csmf_accuracy = 0;
    double cod_accuracy = 0;
    double csmf_lo = 0;  ///< of its bootstrap interval; NaN: none
    double csmf_hi = 0;
    double csmf_of_probabilities = 0;  ///< NaN: a file of a version without it
    double probabilities_lo = 0;       ///< of its bootstrap interval; NaN likewise
    double probabilities_hi = 0;
};

std::optional<std::size_t> optional_column(std::vector<study::Column> const& columns, std::string_view name) {
    auto const place =
        std::find_if(columns.begin(), columns.end(), [&](auto const& c) { return c.name == name; });
    if (place == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(place - columns.begin());
}

std::size_t column(std::vector<study::Column> const& columns, std::string_view name) {
    auto const place = optional_column(columns, name);
    VASTER_EXPECTS(place.has_value());
    return *place;
}

std::vector<Row> rows_of(study::Schema const& schema, study::Records const& records) {
    std::size_t const csmf = column(schema.results, "csmf_accuracy");
    std::size_t const cod = column(schema.results, "cod_accuracy");
    std::size_t const lo = column(schema.results, "csmf_accuracy_lo");
    std::size_t const hi = column(schema.results, "csmf_accuracy_hi");
    auto const of_probabilities = optional_column(schema.results, "csmf_accuracy_probabilities");
    auto const of_probabilities_lo = optional_column(schema.results, "csmf_accuracy_probabilities_lo");
    auto const of_probabilities_hi = optional_column(schema.results, "csmf_accuracy_probabilities_hi");
    std::vector<Row> rows;
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto const& design = records.experiment(i).design;
        auto const text = [&](std::string_view name) {
            return std::get<std::string>(design[column(schema.design, name)]);
        };
        Row row{text("type"), text("train_site"), text("test_site"), text("model")};
        row.fraction = std::get<double>(design[column(schema.design, "fraction")]);
        row.done = records.done(i);
        row.skipped = records.skipped(i);
        if (row.done) {
            row.csmf_accuracy = std::get<double>(records.cells(i)[csmf]);
            row.cod_accuracy = std::get<double>(records.cells(i)[cod]);
            row.csmf_lo = std::get<double>(records.cells(i)[lo]);
            row.csmf_hi = std::get<double>(records.cells(i)[hi]);
            auto const optional = [&](std::optional<std::size_t> const& place) {
                return place ? std::get<double>(records.cells(i)[*place])
                             : std::numeric_limits<double>::quiet_NaN();
            };
            row.csmf_of_probabilities = optional(of_probabilities);
            row.probabilities_lo = optional(of_probabilities_lo);
            row.probabilities_hi = optional(of_probabilities_hi);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

bool is_pair(Row const& row) {
    return row.type == to_text(ExperimentType::in_domain) || row.type == to_text(ExperimentType::out_domain);
}

/// Distinct values in the order in which they first occur.
template <class T, class Get>
std::vector<T> distinct(std::vector<Row> const& rows, Get get) {
    std::vector<T> values;
    for (auto const& row : rows)
        if (std::find(values.begin(), values.end(), get(row)) == values.end()) values.push_back(get(row));
    return values;
}

using Metric = double Row::*;

/// Mean of a metric per training site (over test sites and repeats), for the sites that have any.
std::vector<double> site_means(std::vector<Row> const& rows, std::string const& model, ExperimentType type,
                               Metric metric) {
    std::map<std::string, std::pair<double, std::size_t>> sums;
    for (auto const& row : rows) {
        if (!row.done || row.model != model || row.type != to_text(type)) continue;
        auto& [sum, count] = sums[row.train_site];
        sum += row.*metric;
        ++count;
    }
    std::vector<double> means;
    means.reserve(sums.size());
    for (auto const& [site, sum] : sums) means.push_back(sum.first / static_cast<double>(sum.second));
    return means;
}

/// "0.604 [0.512, 0.696]", "0.604" for one site, "-" for none.
std::string mean_text(std::vector<double> const& values) {
    if (values.empty()) return "-";
    auto const summary = stats::summarise(values);
    if (values.size() < 2) return fmt::format("{:.3f}", summary.mean);
    auto const n = static_cast<double>(summary.n);
    auto const interval = stats::bounded_t_interval(summary.mean, summary.sd / std::sqrt(n), n - 1, {0, 1});
    return fmt::format("{:.3f} [{:.3f}, {:.3f}]", summary.mean, interval.lo, interval.hi);
}

std::string gap_text(std::vector<double> const& inside, std::vector<double> const& outside) {
    if (inside.empty() || outside.empty()) return "-";
    return fmt::format("{:.3f}", stats::summarise(inside).mean - stats::summarise(outside).mean);
}

struct Counts {
    std::size_t done = 0;
    std::size_t wanted = 0;
};

Counts counts_of(std::vector<Row> const& rows, std::string const& model, ExperimentType type) {
    Counts counts;
    for (auto const& row : rows) {
        if (row.skipped || row.model != model || row.type != to_text(type)) continue;
        ++counts.wanted;
        counts.done += row.done ? 1 : 0;
    }
    return counts;
}

std::string counts_text(Counts const& counts) {
    return counts.done == counts.wanted ? fmt::format("{}", counts.done)
                                        : fmt::format("{}/{}", counts.done, counts.wanted);
}

/// "INCOMPLETE: 3 of 30 out_domain experiments of xgboost have no result; ..." for every hole.
std::vector<std::string> holes(std::vector<Row> const& rows, std::vector<std::string> const& models) {
    std::vector<std::string> notes;
    for (auto const& model : models) {
        for (std::size_t t = 0; t < experiment_type_names().size(); ++t) {
            auto const type = static_cast<ExperimentType>(t);
            Counts const counts = counts_of(rows, model, type);
            if (counts.done < counts.wanted)
                notes.push_back(fmt::format(
                    "INCOMPLETE: {} of {} {} experiments of {} have no result; means are over the others",
                    counts.wanted - counts.done, counts.wanted, to_text(type), model));
        }
    }
    return notes;
}

/// Does a number lie outside an interval? Not where one of them is missing.
bool is_outside(double value, double lo, double hi) {
    return value < lo || value > hi;
}

/// Why some experiments lie outside their own interval; empty where none does.
std::string outside_note(std::vector<Row> const& rows) {
    std::size_t done = 0;
    std::size_t of_top_causes = 0;
    std::size_t of_probabilities = 0;
    for (auto const& row : rows) {
        if (!row.done) continue;
        ++done;
        of_top_causes += is_outside(row.csmf_accuracy, row.csmf_lo, row.csmf_hi) ? 1 : 0;
        of_probabilities +=
            is_outside(row.csmf_of_probabilities, row.probabilities_lo, row.probabilities_hi) ? 1 : 0;
    }
    if (of_top_causes + of_probabilities == 0) return "";
    std::string const also = of_probabilities > 0
                                 ? fmt::format(
                                       ", and {} have that of the mean of the probabilities outside its own "
                                       "(csmf_accuracy_probabilities_lo, _hi)",
                                       of_probabilities)
                                 : "";
    return fmt::format(
        "{} of {} experiments have a CSMF accuracy outside its own bootstrap interval (csmf_accuracy_lo, "
        "_hi){}: resamples repeat some deaths and lack others, so that their causes are spread less evenly "
        "and their CSMF accuracy is lower.",
        of_top_causes, done, also);
}

TextTable means_table(std::vector<Row> const& rows, std::vector<std::string> const& models) {
    TextTable table;
    table.title = "Mean accuracy per model, with 95 % intervals over training sites";
    table.header = {"model",
                    "in",
                    "CSMF in domain",
                    "COD in domain",
                    "out",
                    "CSMF out of domain",
                    "COD out of domain",
                    "CSMF gap",
                    "COD gap"};
    for (auto const& model : models) {
        auto const values = [&](ExperimentType type, Metric metric) {
            return site_means(rows, model, type, metric);
        };
        auto const csmf_in = values(ExperimentType::in_domain, &Row::csmf_accuracy);
        auto const cod_in = values(ExperimentType::in_domain, &Row::cod_accuracy);
        auto const csmf_out = values(ExperimentType::out_domain, &Row::csmf_accuracy);
        auto const cod_out = values(ExperimentType::out_domain, &Row::cod_accuracy);
        table.rows.push_back({model, counts_text(counts_of(rows, model, ExperimentType::in_domain)),
                              mean_text(csmf_in), mean_text(cod_in),
                              counts_text(counts_of(rows, model, ExperimentType::out_domain)),
                              mean_text(csmf_out), mean_text(cod_out), gap_text(csmf_in, csmf_out),
                              gap_text(cod_in, cod_out)});
    }
    table.notes = holes(rows, models);
    table.notes.emplace_back(
        "in, out: experiments behind the means. Interval: Student t over the training sites' means, on the "
        "scale "
        "of their logits.");
    if (auto note = outside_note(rows); !note.empty()) table.notes.push_back(std::move(note));
    return table;
}

/// Mean over repeats of the cell's metric, "-" where there is none.
template <class Wanted>
std::string cell_text(std::vector<Row> const& rows, Metric metric, Wanted wanted) {
    std::vector<double> values;
    for (auto const& row : rows)
        if (row.done && wanted(row)) values.push_back(row.*metric);
    return values.empty() ? "-" : fmt::format("{:.3f}", stats::summarise(values).mean);
}

/// "0.604 / 0.292": CSMF and COD accuracy.
template <class Wanted>
std::string both_text(std::vector<Row> const& rows, Wanted wanted) {
    return cell_text(rows, &Row::csmf_accuracy, wanted) + " / " + cell_text(rows, &Row::cod_accuracy, wanted);
}

TextTable transfer_matrix(std::vector<Row> const& rows, std::string const& model,
                          std::string_view metric_name, Metric metric) {
    std::set<std::string> sites;
    for (auto const& row : rows) {
        if (!is_pair(row)) continue;
        sites.insert(row.train_site);
        sites.insert(row.test_site);
    }
    TextTable table;
    table.title = fmt::format("{} of {}: trained at (row), tested at (column)", metric_name, model);
    table.header = {""};
    table.header.insert(table.header.end(), sites.begin(), sites.end());
    for (auto const& train : sites) {
        std::vector<std::string> line{train};
        for (auto const& test : sites)
            line.push_back(cell_text(rows, metric, [&](Row const& row) {
                return row.model == model && is_pair(row) && row.train_site == train && row.test_site == test;
            }));
        table.rows.push_back(std::move(line));
    }
    return table;
}

std::optional<TextTable> pooled_table(std::vector<Row> const& rows, std::vector<std::string> const& models) {
    std::vector<Row> pooled;
    for (auto const& row : rows)
        if (row.type == to_text(ExperimentType::leave_one_site_out)) pooled.push_back(row);
    if (pooled.empty()) return std::nullopt;
    TextTable table;
    table.title =
        "Trained on all other sites together: mean accuracy, and CSMF / COD accuracy at each site left out";
    table.header = {"model", "sites", "CSMF", "COD"};
    auto const sites = distinct<std::string>(pooled, [](Row const& row) { return row.test_site; });
    table.header.insert(table.header.end(), sites.begin(), sites.end());
    for (auto const& model : models) {
        auto const csmf = site_means(pooled, model, ExperimentType::leave_one_site_out, &Row::csmf_accuracy);
        auto const cod = site_means(pooled, model, ExperimentType::leave_one_site_out, &Row::cod_accuracy);
        std::vector<std::string> line{
            model, counts_text(counts_of(pooled, model, ExperimentType::leave_one_site_out)), mean_text(csmf),
            mean_text(cod)};
        for (auto const& site : sites) {
            auto const wanted = [&](Row const& row) { return row.model == model && row.test_site == site; };
            line.push_back(both_text(pooled, wanted));
        }
        table.rows.push_back(std::move(line));
    }
    table.notes.emplace_back("Interval: Student t over the sites left out. Their training sets overlap.");
    return table;
}

std::optional<TextTable> learning_curve(std::vector<Row> const& rows,
                                        std::vector<std::string> const& models) {
    std::vector<Row> sizes;
    for (auto const& row : rows)
        if (row.type == to_text(ExperimentType::training_size)) sizes.push_back(row);
    if (sizes.empty()) return std::nullopt;
    TextTable table;
    table.title =
        fmt::format("Learning curve at {}: CSMF accuracy / COD accuracy by share of the training part",
                    sizes.front().train_site);
    table.header = {"model"};
    auto const fractions = distinct<double>(sizes, [](Row const& row) { return row.fraction; });
    for (double const fraction : fractions) table.header.push_back(fmt::format("{}", fraction));
    for (auto const& model : models) {
        std::vector<std::string> line{model};
        for (double const fraction : fractions) {
            auto const wanted = [&](Row const& row) {
                return row.model == model && row.fraction == fraction;
            };
            line.push_back(both_text(sizes, wanted));
        }
        table.rows.push_back(std::move(line));
    }
    return table;
}

/// What cause fractions are right by the share of top causes, and by the mean of the probabilities.
std::optional<TextTable> fractions_table(std::vector<Row> const& rows,
                                         std::vector<std::string> const& models) {
    bool const is_known = std::any_of(rows.begin(), rows.end(), [](Row const& row) {
        return row.done && !std::isnan(row.csmf_of_probabilities);
    });
    if (!is_known) return std::nullopt;
    TextTable table;
    table.title =
        "CSMF accuracy of the top causes / of the mean of the probabilities: means over training sites";
    table.header = {"model"};
    std::vector<ExperimentType> types;
    for (auto const type :
         {ExperimentType::in_domain, ExperimentType::out_domain, ExperimentType::leave_one_site_out}) {
        bool const occurs = std::any_of(
            rows.begin(), rows.end(), [&](Row const& row) { return row.done && row.type == to_text(type); });
        if (!occurs) continue;
        types.push_back(type);
        table.header.push_back(to_text(type));
    }
    if (types.empty()) return std::nullopt;
    for (auto const& model : models) {
        std::vector<std::string> line{model};
        for (auto const type : types) {
            auto const top = site_means(rows, model, type, &Row::csmf_accuracy);
            auto const mean = site_means(rows, model, type, &Row::csmf_of_probabilities);
            line.push_back(top.empty() ? "-"
                                       : fmt::format("{:.3f} / {:.3f}", stats::summarise(top).mean,
                                                     stats::summarise(mean).mean));
        }
        table.rows.push_back(std::move(line));
    }
    table.notes.emplace_back(
        "How many die of a cause: believe the mean of the probabilities, which is what 'predict' reports. "
        "Published tables have the share of top causes.");
    return table;
}

bool has_type(std::vector<Row> const& rows, ExperimentType type) {
    return std::any_of(rows.begin(), rows.end(), [&](Row const& row) { return row.type == to_text(type); });
}

}  // namespace

std::vector<TextTable> summarize_va_comparison(study::Schema const& schema, study::Records const& records) {
    auto const rows = rows_of(schema, records);
    auto const models = distinct<std::string>(rows, [](Row const& row) { return row.model; });
    std::vector<TextTable> tables{means_table(rows, models)};
    if (auto note = transductive_note(schema); !note.empty()) tables.front().notes.push_back(std::move(note));
    if (auto pooled = pooled_table(rows, models)) tables.push_back(std::move(*pooled));
    if (has_type(rows, ExperimentType::out_domain)) {
        for (auto const& model : models) {
            tables.push_back(transfer_matrix(rows, model, "CSMF accuracy", &Row::csmf_accuracy));
            tables.push_back(transfer_matrix(rows, model, "COD accuracy", &Row::cod_accuracy));
        }
    }
    if (auto curve = learning_curve(rows, models)) tables.push_back(std::move(*curve));
    if (auto fractions = fractions_table(rows, models)) tables.push_back(std::move(*fractions));
    return tables;
}

}  // namespace vaster::va

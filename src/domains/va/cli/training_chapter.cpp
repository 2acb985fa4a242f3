// What the report says of a training: how good the model is at deaths that it has not seen.
#include <algorithm>

#include <fmt/core.h>

#include "core/report/chapter.hpp"
#include "core/report/figures.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/cli/model_assembly.hpp"

namespace vaster::va {
namespace {

using report::Table;

std::vector<std::string> const* labels_of(store::Reader const& study, std::string_view name) {
    for (auto const& list : study.schema().labels)
        if (list.name == name) return &list.labels;
    return nullptr;
}

std::int64_t whole(std::uint64_t n) {
    return static_cast<std::int64_t>(n);
}

Table metrics_table(std::vector<InnerResults> const& all) {
    Table table{"inner_metrics",
                "a fold or a site that the model was not fitted to",
                {"design", "unit", "n_train", "n_test"},
                {}};
    if (!all.empty())
        table.columns.insert(table.columns.end(), all.front().metrics.begin(), all.front().metrics.end());
    for (auto const& inner : all)
        for (std::size_t u = 0; u < inner.units.size(); ++u) {
            study::Cells row{inner.design, inner.units[u], whole(inner.n_train[u]), whole(inner.n_test[u])};
            for (std::size_t m = 0; m < inner.metrics.size(); ++m)
                row.emplace_back(inner.values[u * inner.metrics.size() + m]);
            table.rows.push_back(std::move(row));
        }
    return table;
}

Table csmf_table(std::vector<InnerResults> const& all, std::vector<std::string> const& causes) {
    Table table{"inner_csmf",
                "a cause in a fold or at a site that the model was not fitted to",
                {"design", "unit", "cause", "true_fraction", "predicted_fraction"},
                {}};
    for (auto const& inner : all)
        for (std::size_t u = 0; u < inner.units.size(); ++u)
            for (std::size_t c = 0; c < causes.size(); ++c)
                table.rows.push_back({inner.design, inner.units[u], causes[c],
                                      inner.csmf_true[u * causes.size() + c],
                                      inner.csmf_predicted[u * causes.size() + c]});
    return table;
}

/// What was left out, for people.
std::string title_of(std::string const& design) {
    return design == "cv" ? "Folds" : "Sites left out in turn";
}

report::Figure metric_figure(Table const& metrics, std::string const& design, std::string const& metric,
                             std::string const& title) {
    report::DotPlot plot;
    plot.value = {metric, title, ".2f"};
    plot.category = {"unit"};
    if (std::find(metrics.columns.begin(), metrics.columns.end(), metric + "_lo") != metrics.columns.end()) {
        plot.lo = metric + "_lo";
        plot.hi = metric + "_hi";
    }
    return report::dot_plot({fmt::format("inner-{}-{}", design, metric),
                             fmt::format("{}: {}", title_of(design), title),
                             metrics,
                             {{"design", {design}}},
                             {"unit", "n_train", "n_test", metric},
                             report::Width::half,
                             "with 95 % bootstrap intervals over deaths"},
                            plot);
}

report::Figure csmf_figure(Table const& csmf, std::string const& design) {
    report::Scatter plot;
    plot.x = {"true_fraction", "true fraction", ".2f"};
    plot.y = {"predicted_fraction", "predicted fraction", ".2f"};
    plot.colour = "unit";
    return report::scatter(
        {fmt::format("inner-{}-csmf", design),
         fmt::format("{}: cause fractions, predicted against true", title_of(design)),
         csmf,
         {{"design", {design}}},
         {"unit", "cause", "true_fraction", "predicted_fraction"},
         report::Width::half,
         "a point is a cause; predicted: mean of the probabilities, as 'predict' reports it"},
        plot);
}

void add_training(report::Chapter& chapter, store::Reader const& study) {
    auto const* const causes = labels_of(study, "causes");
    auto const* const names = labels_of(study, "cause_names");
    std::vector<std::string> const shown = names != nullptr    ? *names
                                           : causes != nullptr ? *causes
                                                               : std::vector<std::string>();
    auto const all = inner_results(study, shown.size());
    Table metrics = metrics_table(all);
    Table csmf = csmf_table(all, shown);
    for (auto const& inner : all) {
        report::Section section{fmt::format("inner-{}", inner.design), title_of(inner.design)};
        section.text = {
            inner.design == "cv"
                ? "How good the model is at deaths of the same sites that it was not fitted to: each fold "
                  "was "
                  "scored by a model fitted to the others."
                : "How good the model is at a site that it has not seen: each site was scored by a model "
                  "fitted to the others."};
        section.figures = {metric_figure(metrics, inner.design, "csmf_accuracy_posterior",
                                         "CSMF accuracy of the model's own fractions"),
                           metric_figure(metrics, inner.design, "cod_accuracy", "COD accuracy"),
                           csmf_figure(csmf, inner.design)};
        chapter.sections.push_back(std::move(section));
    }
    if (all.empty())
        chapter.notes.emplace_back(
            "no fold and no site has been scored: nothing says how good the model is at deaths that it has "
            "not seen");
    chapter.tables.push_back(std::move(metrics));
    chapter.tables.push_back(std::move(csmf));
}

}  // namespace

report::OwnSections declare_training_chapter(cli::Command&) {
    report::OwnSections own;
    own.add = add_training;
    return own;
}

}  // namespace vaster::va

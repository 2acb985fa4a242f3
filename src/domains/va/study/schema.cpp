// The columns and arrays of the comparison.
#include "domains/va/study/schema.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "domains/va/study/comparison.hpp"
#include "domains/va/study/design.hpp"
#include "domains/va/study/ensemble.hpp"

namespace vaster::va {
namespace {

using study::CellType;
using study::Column;
using study::ColumnPosition;
using study::ElementType;
using study::Nature;

std::uint32_t longest(std::vector<std::string> const& names) {
    std::size_t width = 1;
    for (auto const& name : names) width = std::max(width, name.size());
    return static_cast<std::uint32_t>(width);
}

Column real(std::string name, std::string doc, ColumnPosition position = ColumnPosition::leading) {
    return {std::move(name), CellType::real, 0, std::move(doc), Nature::result, position};
}

Column seconds(std::string name, std::string doc) {
    return {std::move(name), CellType::real, 0, std::move(doc), Nature::timing, ColumnPosition::leading};
}

std::vector<Column> grouping_columns(std::string const& name) {
    auto const column = [&](std::string const& metric, std::string const& ending, std::string const& doc) {
        return real(fmt::format("{}_{}{}", metric, name, ending), fmt::format("{}, {}", name, doc),
                    ColumnPosition::trailing);
    };
    return {
        column("csmf_accuracy", "", "CSMF accuracy"),
        column("csmf_accuracy", "_lo", "its bootstrap interval, 2.5 %"),
        column("csmf_accuracy", "_hi", "its bootstrap interval, 97.5 %"),
        column("csmf_accuracy_posterior", "", "CSMF accuracy of the model's own fractions"),
        column("cccsmf_accuracy", "", "chance-corrected CSMF accuracy"),
        column("cod_accuracy", "", "share of deaths whose most probable group is right"),
        column("cod_accuracy", "_lo", "its bootstrap interval, 2.5 %"),
        column("cod_accuracy", "_hi", "its bootstrap interval, 97.5 %"),
        column("mean_ccc", "", "mean chance-corrected concordance over the groups present"),
        column("log_loss", "", "mean of -ln P(true group)"),
        column("brier", "", "mean squared error of the probabilities, summed over groups"),
    };
}

/// The group of every cause, in the order of the causes.
study::LabelList group_labels(va::Grouping const& grouping) {
    study::LabelList list{"causes_" + grouping.name, {}};
    for (std::uint32_t const group : grouping.of_cause) list.labels.push_back(grouping.groups[group]);
    return list;
}

}  // namespace

study::Schema va_comparison_schema(va::Cohort const& cohort, std::vector<va::Grouping> const& groupings) {
    study::Schema schema;
    std::uint32_t const site_width = longest(cohort.sites);
    schema.design = {
        {"type", CellType::text, longest(experiment_type_names()),
         "in_domain, out_domain, training_size or leave_one_site_out"},
        {"train_site", CellType::text, training_site_width(site_width),
         "site the model was trained on; all_but:SITE for all chosen sites without that one"},
        {"test_site", CellType::text, site_width, "site it was tested at"},
        {"model", CellType::text, models::longest_model_name,
         "model of the catalogue, or name of an ensemble"},
        {"fraction", CellType::real, 0, "share of the training part that was used"},
        {"repeat", CellType::integer, 0, "repeat of the design, from 0"},
    };
    schema.results = {
        {"n_train", CellType::integer, 0, "training deaths"},
        {"n_test", CellType::integer, 0, "test deaths"},
        real("csmf_accuracy", "CSMF accuracy of the top causes"),
        real("csmf_accuracy_lo", "its bootstrap interval, 2.5 %"),
        real("csmf_accuracy_hi", "its bootstrap interval, 97.5 %"),
        real("csmf_accuracy_union", "CSMF accuracy, minimum over true and predicted causes"),
        real("csmf_accuracy_posterior", "CSMF accuracy of the model's own cause fractions"),
        real("cccsmf_accuracy", "chance-corrected CSMF accuracy"),
        real("cod_accuracy", "share of deaths whose top cause is right"),
        real("cod_accuracy_lo", "its bootstrap interval, 2.5 %"),
        real("cod_accuracy_hi", "its bootstrap interval, 97.5 %"),
        real("top3_accuracy", "share with the right cause among the three most probable"),
        real("mean_ccc", "mean chance-corrected concordance over the causes present"),
        real("log_loss", "mean of -ln P(true cause)"),
        real("brier", "mean squared error of the probabilities, summed over causes"),
        seconds("fit_seconds",
                "time of its fits, with any cross-validation inside the training set; in full for each "
                "experiment "
                "that shares them"),
        seconds("predict_seconds", "time of its predictions, in full for each experiment that shares them"),
        seconds("metric_seconds", "time of its metrics and intervals"),
        real("top5_accuracy", "share with the right cause among the five most probable",
             ColumnPosition::trailing),
        real("csmf_accuracy_union_lo", "bootstrap interval, 2.5 %", ColumnPosition::trailing),
        real("csmf_accuracy_union_hi", "bootstrap interval, 97.5 %", ColumnPosition::trailing),
        real("cccsmf_accuracy_lo", "bootstrap interval, 2.5 %", ColumnPosition::trailing),
        real("cccsmf_accuracy_hi", "bootstrap interval, 97.5 %", ColumnPosition::trailing),
        real("top3_accuracy_lo", "bootstrap interval, 2.5 %", ColumnPosition::trailing),
        real("top3_accuracy_hi", "bootstrap interval, 97.5 %", ColumnPosition::trailing),
        real("mean_ccc_lo", "bootstrap interval, 2.5 %", ColumnPosition::trailing),
        real("mean_ccc_hi", "bootstrap interval, 97.5 %", ColumnPosition::trailing),
        real("csmf_accuracy_probabilities", "CSMF accuracy of the mean of the probabilities",
             ColumnPosition::trailing),
        real("csmf_accuracy_probabilities_lo", "bootstrap interval, 2.5 %", ColumnPosition::trailing),
        real("csmf_accuracy_probabilities_hi", "bootstrap interval, 97.5 %", ColumnPosition::trailing),
        real("converged", "models that sample: 1 if by their own rule they converged",
             ColumnPosition::trailing),
        real("rhat", "their largest split R-hat of the watched cause fractions", ColumnPosition::trailing),
        real("ess", "their smallest bulk effective sample size", ColumnPosition::trailing),
        real("acceptance", "share of Metropolis proposals accepted", ColumnPosition::trailing),
        real("iterations", "iterations of each chain", ColumnPosition::trailing),
        real("chains", "chains", ColumnPosition::trailing),
        real("modes", "regions of the posterior found; 0: not looked for", ColumnPosition::trailing),
        real("mode_weight", "posterior share of the heaviest mode", ColumnPosition::trailing),
        real("mode_csmf_distance", "largest difference of a cause fraction to another mode",
             ColumnPosition::trailing),
        real("mode_top_changes", "largest share of top causes that another mode changes",
             ColumnPosition::trailing),
        real("symptoms_left_out", "symptoms that the model did not use", ColumnPosition::trailing),
        real("causes_left_out", "causes that the model did not use", ColumnPosition::trailing),
        {"model_notes", CellType::text, 240, "what was left out and why", Nature::result,
         ColumnPosition::trailing},
    };
    for (auto const& grouping : groupings)
        for (auto& column : grouping_columns(grouping.name)) schema.results.push_back(std::move(column));
    if (!cohort.weight.empty()) {
        schema.results.push_back(
            real("sum_of_weights", "sum of the weights of the test deaths", ColumnPosition::trailing));
        schema.results.push_back(real(
            "n_effective",
            "effective number of test deaths: the squared sum of their weights over the sum of the squares",
            ColumnPosition::trailing));
    }
    std::uint64_t const n_causes = cohort.causes.size();
    schema.arrays = {
        {"confusion",
         {{"deaths", ElementType::uint32}},
         study::Extent::fixed,
         {n_causes, n_causes},
         "test deaths by true cause (row) and top cause (column)"},
        {"csmf_true",
         {{"fraction", ElementType::float64}},
         study::Extent::fixed,
         {n_causes},
         "true cause fractions"},
        {"csmf_pred",
         {{"fraction", ElementType::float64}},
         study::Extent::fixed,
         {n_causes},
         "cause fractions of the top causes"},
        {"csmf_own",
         {{"fraction", ElementType::float64}},
         study::Extent::fixed,
         {n_causes},
         "the model's own cause fractions"},
        {"csmf_own_lo",
         {{"fraction", ElementType::float64}},
         study::Extent::fixed,
         {n_causes},
         "2.5 % quantile of the model's own cause fractions; NaN for models that do not sample"},
        {"csmf_own_hi",
         {{"fraction", ElementType::float64}},
         study::Extent::fixed,
         {n_causes},
         "97.5 % quantile"},
        {"per_cause",
         {{"sensitivity", ElementType::float64},
          {"specificity", ElementType::float64},
          {"precision", ElementType::float64},
          {"f1", ElementType::float64},
          {"ccc", ElementType::float64}},
         study::Extent::fixed,
         {n_causes},
         "metrics of each cause; NaN where 0/0"},
        {"predictions",
         {{"row", ElementType::int64},
          {"true_cause", ElementType::int32, "causes"},
          {"cause1", ElementType::int32, "causes"},
          {"probability1", ElementType::float64},
          {"cause2", ElementType::int32, "causes"},
          {"probability2", ElementType::float64},
          {"cause3", ElementType::int32, "causes"},
          {"probability3", ElementType::float64}},
         study::Extent::ragged,
         {},
         "the three most probable causes of each test death; row: data row of the file, from 0"},
    };
    schema.labels = {{"causes", cohort.causes}, {"sites", cohort.sites}};
    if (!cohort.ids.empty()) {
        auto& fields = schema.arrays.back().fields;
        fields.insert(fields.begin(), {"death_id", ElementType::int32, "ids"});
        schema.arrays.back().doc += "; death_id: what data.id says of it";
        schema.labels.push_back({"ids", cohort.ids});
    }
    if (!cohort.weight.empty()) {
        schema.arrays.back().fields.push_back({"weight", ElementType::float64});
        schema.arrays.back().doc += "; weight: of the death, by data.weight";
    }
    if (!cohort.cause_names.empty()) schema.labels.push_back({"cause_names", cohort.cause_names});
    for (auto const& grouping : groupings) schema.labels.push_back(group_labels(grouping));
    if (!cohort.populations.empty()) {
        schema.arrays.push_back({"csmf_own_population",
                                 {{"fraction", ElementType::float64}},
                                 study::Extent::fixed,
                                 {cohort.populations.size(), n_causes},
                                 "the model's own cause fractions of each sub-population; NaN for models "
                                 "without"});
        schema.labels.push_back({"populations", cohort.populations});
    }
    return schema;
}

std::string transductive_note(study::Schema const& schema) {
    auto const list =
        std::find_if(schema.labels.begin(), schema.labels.end(),
                     [](study::LabelList const& one) { return one.name == transductive_labels; });
    if (list == schema.labels.end() || list->labels.empty()) return "";
    return fmt::format(
        "Transductive (what they say of a death depends on who else is in the batch, never on a label of "
        "it): "
        "{}.",
        fmt::join(list->labels, ", "));
}

study::Column members_column() {
    return {
        "members",      CellType::text,          320, "ensembles: every member with its weight in the vote",
        Nature::result, ColumnPosition::trailing};
}

void add_tuning_columns(study::Schema& schema, std::size_t setting_width) {
    schema.design.front().doc += "; tuning for trials";
    schema.design.push_back({"parameters", CellType::text, static_cast<std::uint32_t>(setting_width),
                             "parameters that differ from the configured ones: tried or chosen by tuning"});
    schema.design.push_back({"rung", CellType::integer, 0, "trials: rung of successive halving, from 0"});
    schema.results.push_back(
        real("score", "trials: mean of tuning.metric over the inner folds", ColumnPosition::trailing));
}

}  // namespace vaster::va

// The keys of the comparison.
#include "domains/va/study/keys.hpp"

#include <algorithm>

#include "domains/va/study/design.hpp"
#include "domains/va/study/options.hpp"
#include "domains/va/study/tuning.hpp"

namespace vaster::va {
namespace {

using Texts = std::vector<std::string>;

/// The comparison that was published with the predecessor; other models of the catalogue are asked for by
/// name.
Texts standard_models() {
    return {"xgboost", "insilico", "random_forest", "logistic_regression", "naive_bayes"};
}

study::KeyTable data_table() {
    return {
        "data",
        "The deaths",
        {
            {.name = "path",
             .standard = "",
             .doc = "CSV file of the deaths; must be given",
             .effect = Effect::operation,
             .flag = "--data"},
            {.name = "format",
             .standard = "phmrc-adult",
             .doc =
                 "phmrc-adult, phmrc-child, phmrc-neonate: the raw release of that module; encoded: site, "
                 "label columns, symptoms written as Y/N, Y/empty, 1/0, yes/no or TRUE/FALSE; rules: answers "
                 "as they were given, read by data.rules",
             .choices = va::cohort_format_names(),
             .flag = "--format"},
            {.name = "rules",
             .standard = "",
             .doc = "CSV with columns symptom,source,also_source,rule,cutoff,present,absent,missing,question "
                    "that turns answers into symptoms; of data.format = \"rules\"",
             .effect = Effect::operation,
             .format = Format::file},
            {.name = "quotes",
             .standard = "strict",
             .doc = "of data.format = \"rules\": a quote inside a quoted cell is doubled (strict), or any "
                    "character, "
                    "and a cell ends at a quote with a comma or line end behind it, as in the PHMRC releases "
                    "(release)",
             .choices = {"strict", "release"}},
            {.name = "features",
             .standard = Texts{"closed"},
             .doc =
                 "of the raw releases, what symptoms are made of; closed: the closed questions; words: the "
                 "words of the open narrative, columns word_*; health_care: where care was sought, records, "
                 "death certificate (adult release only)",
             .choices = va::feature_names()},
            {.name = "label", .standard = "va34", .doc = "column with the causes", .flag = "--label"},
            {.name = "label_columns",
             .standard = Texts{"va34", "cod5"},
             .doc = "never features, whichever is the label; must be in the file, but for va34 and cod5"},
            {.name = "site",
             .standard = "site",
             .doc = "column with the sites; empty: all deaths are of one site, called all"},
            {.name = "id",
             .standard = "",
             .doc = "column with the IDs of deaths, which go into the study file and the exported "
                    "predictions; never a "
                    "symptom; empty: none"},
            {.name = "duplicates",
             .standard = "refuse",
             .doc = "of rows with the same ID; refuse: they are an error; together: all are used, always in "
                    "the same "
                    "part of a split; first: the first one is used",
             .choices = va::duplicate_rule_names()},
            {.name = "weight",
             .standard = "",
             .doc =
                 "column with the weights of deaths, as surveys have them, above 0: every metric and cause "
                 "fraction is weighted; never a symptom; empty: none"},
            {.name = "weight_fit",
             .standard = false,
             .doc = "the weights count in training, too; models that cannot take weights are refused"},
            {.name = "present",
             .standard = Texts{},
             .doc = "encoded: spellings that mean present, beside or in place of the built-in ones; \"\" is "
                    "the empty "
                    "cell"},
            {.name = "absent", .standard = Texts{}, .doc = "encoded: spellings that mean absent"},
            {.name = "missing",
             .standard = Texts{},
             .doc = "encoded: spellings that mean that the answer is missing: [\"8\", \"9\"]"},
            {.name = "no_cause",
             .standard = Texts{},
             .doc = "causes that are none, such as \"Undetermined\", beside empty, NA, N/A, nan, null, <NA>, "
                    "#N/A, . "
                    "and -; such deaths are left out"},
            {.name = "cause_case",
             .standard = "refuse",
             .doc = "of causes that differ in small and capital letters only; fold: the most frequent "
                    "spelling stands "
                    "for all",
             .choices = va::case_rule_names()},
            {.name = "site_case",
             .standard = "refuse",
             .doc = "the same of sites and sub-populations",
             .choices = va::case_rule_names()},
            {.name = "cause_names",
             .standard = "",
             .doc =
                 "CSV with columns cause and name: what the report calls the causes; empty: as in the data, "
                 "in a raw release by its column gs_text34 (gs_text46, gs_text55)",
             .effect = Effect::operation,
             .format = Format::file},
            {.name = "population",
             .standard = "",
             .doc = "column with sub-populations, such as age groups, which insilico gives cause fractions "
                    "of their own; never a symptom; empty: none"},
            {.name = "known",
             .standard = "",
             .doc = "CSV of deaths that have been coded before, told to insilico and not scored: row (data "
                    "row from 0) "
                    "or ID; cause, or group, and weight or physician; without them the own label",
             .effect = Effect::operation,
             .format = Format::file},
            {.name = "known_grouping",
             .standard = "",
             .doc = "grouping whose groups are in the column group of known: cod5, or name or file of one of "
                    "design.groupings",
             .effect = Effect::operation},
            {.name = "rows",
             .standard = "all",
             .doc = "of the adult release; reference: without 75 deaths that an earlier conversion dropped "
                    "by mistake",
             .choices = {"all", "reference"}},
            {.name = "missing_as",
             .standard = "absent",
             .doc = "how models without a notion of missing answers see them",
             .choices = models::missing_policy_names(),
             .flag = "--missing"},
            {.name = "splits",
             .standard = "",
             .doc = "CSV with label,site,row,part to use instead of drawn splits; row: data row from 0; "
                    "part: train, test, "
                    "train_0.25",
             .effect = Effect::operation,
             .format = Format::file,
             .flag = "--splits"},
        }};
}

study::KeyTable design_table(models::Catalogue const& catalogue) {
    return {
        "design",
        "The experiments",
        {
            {.name = "sites",
             .standard = Texts{},
             .doc = "sites to compare; empty: all, in order of name",
             .flag = "--sites"},
            {.name = "models",
             .standard = standard_models(),
             .doc = "models to compare",
             .choices = catalogue.names(),
             .flag = "--models"},
            {.name = "ensembles",
             .standard = Texts{},
             .doc =
                 "models that vote, compared under a name of their own: \"vote = soft(xgboost, "
                 "naive_bayes)\"; "
                 "soft: mean of probabilities, hard: most probable causes; with \"; weights = inner_cv\" "
                 "before the ) weighted by cross-validation inside the training set, with \"; weights = 2, "
                 "1\" as these numbers say"},
            {.name = "adapt",
             .standard = Texts{},
             .doc =
                 "models and ensembles that are also compared adapted to the batch of deaths that they code, "
                 "as \"METHOD\" (named METHOD_adapted) or \"NAME = METHOD\"; transductive: what such a "
                 "method says of a death depends on who else is in the batch, never on a label of it; "
                 "batches of sites that were trained on are left as they are"},
            {.name = "inner_folds",
             .standard = std::int64_t{5},
             .doc =
                 "folds of the cross-validation inside a training set that weights the members of ensembles",
             .bounds = {.at_least = 2, .at_most = 100}},
            {.name = "types",
             .standard = Texts{"in_domain", "out_domain", "training_size"},
             .doc = "types of experiment; leave_one_site_out: trained at all other sites together, tested at "
                    "the one left out",
             .choices = experiment_type_names(),
             .flag = "--types"},
            {.name = "out_domain",
             .standard = "split",
             .doc = "split: train part of one site, test part of the other, one fit for all; full: whole "
                    "site, whole site",
             .choices = {"split", "full"}},
            {.name = "leave_one_site_out",
             .standard = "split",
             .doc = "split: train parts of all other sites, test part of the one left out; full: all other "
                    "sites whole, the whole site left out",
             .choices = {"split", "full"}},
            {.name = "training_sizes",
             .standard = std::vector<double>{0.25, 0.5, 0.75, 1.0},
             .doc = "fractions of the primary site's training part",
             .bounds = {.above = 0, .at_most = 1},
             .flag = "--training-sizes"},
            {.name = "primary_site",
             .standard = "",
             .doc = "site of the training sizes; empty: first of sites"},
            {.name = "test_fraction",
             .standard = 0.2,
             .doc = "share of a site's deaths in its test part",
             .bounds = {.above = 0, .below = 1}},
            {.name = "min_train",
             .standard = std::int64_t{50},
             .doc =
                 "deaths that a site must have to be trained on, or the pool of leave_one_site_out together; "
                 "experiments without them are skipped [count]",
             .bounds = {.at_least = 2, .at_most = 10000000}},
            {.name = "min_test",
             .standard = std::int64_t{20},
             .doc = "deaths that a site must have to be tested on [count]",
             .bounds = {.at_least = 2, .at_most = 10000000}},
            {.name = "repeats",
             .standard = std::int64_t{1},
             .doc = "times the design is repeated with new splits",
             .bounds = {.at_least = 1, .at_most = 100000},
             .flag = "--repeats"},
            {
                .name = "groupings",
                .standard = Texts{},
                .doc = "broader causes that the same predictions are scored with too: \"cod5\", or "
                       "\"NAME=FILE\" for a CSV file with the columns label,group",
            },
            {.name = "bootstrap",
             .standard = std::int64_t{1000},
             .doc = "resamples behind every interval of an experiment; 0: no intervals",
             .bounds = {.at_least = 0, .at_most = 10000000},
             .flag = "--bootstrap"},
        }};
}

study::KeyTable adaptation_table() {
    models::AdaptationOptions const standard;
    return {
        "adaptation",
        "How strongly methods are adapted to their batches",
        {
            {.name = "weight",
             .standard = standard.weight,
             .doc = "tau: how much an answer of the batch counts",
             .bounds = {.at_least = 0, .at_most = 1}},
            {.name = "power",
             .standard = standard.power,
             .doc = "w: the power of the probabilities that are adapted",
             .bounds = {.above = 0, .at_most = 10}},
            {.name = "prior",
             .standard = standard.prior,
             .doc = "a: deaths that the batch's rate of yes counts for in that of every cause",
             .bounds = {.above = 0, .at_most = 1e6}},
            {.name = "steps",
             .standard = static_cast<std::int64_t>(standard.steps),
             .doc = "steps of EM",
             .bounds = {.at_least = 1, .at_most = 1000}},
            {.name = "temperature",
             .standard = standard.temperature,
             .doc =
                 "T: adapted probabilities are raised to 1 / T, which leaves the order of causes as it is; "
                 "above 1: less sure",
             .bounds = {.at_least = 0.1, .at_most = 100}},
        }};
}

study::KeyTable tuning_table() {
    return {
        "tuning",
        "Search of model parameters inside every training set; each trial is an experiment",
        {
            {.name = "method",
             .standard = "none",
             .doc =
                 "grid: all combinations of the space; random: drawn ones; halving: drawn ones of which the "
                 "best go on to larger shares of the training deaths",
             .choices = search_names()},
            {.name = "space",
             .standard = Texts{},
             .doc = "what to try: \"xgboost.eta = 0.05, 0.1, 0.3\", or but for grid a range \"xgboost.eta = "
                    "0.01 "
                    "to 0.3 log\"; models that are named here are tuned"},
            {.name = "trials",
             .standard = std::int64_t{20},
             .doc = "settings to try for each model, the configured one among them; not for grid",
             .bounds = {.at_least = 2, .at_most = 10000}},
            {.name = "inner",
             .standard = "cv",
             .doc = "cv: stratified cross-validation inside the training set; leave_one_site_out: each site "
                    "of a "
                    "pooled training set in turn, training sets of one site as cv",
             .choices = {"cv", "leave_one_site_out"}},
            {.name = "folds",
             .standard = std::int64_t{5},
             .doc = "folds of the cross-validation",
             .bounds = {.at_least = 2, .at_most = 100}},
            {.name = "metric",
             .standard = "cod_accuracy",
             .doc = "the best setting has the best mean of this over the folds",
             .choices = tuning_metrics()},
            {.name = "rungs",
             .standard = std::int64_t{3},
             .doc = "halving: stages; the last one trains on all",
             .bounds = {.at_least = 2, .at_most = 10}},
            {.name = "factor",
             .standard = std::int64_t{3},
             .doc = "halving: one trial in so many goes on, with so many times the training deaths",
             .bounds = {.at_least = 2, .at_most = 10}},
        }};
}

/// Of [data] without the keys that only say what is tested.
study::KeyTable training_data_table() {
    study::KeyTable table = data_table();
    auto const only_tested = [](Parameter const& key) {
        return key.name == "known" || key.name == "known_grouping" || key.name == "splits";
    };
    table.keys.erase(std::remove_if(table.keys.begin(), table.keys.end(), only_tested), table.keys.end());
    return table;
}

study::KeyTable train_table() {
    return {
        "train",
        "The model to be kept",
        {
            {.name = "model",
             .standard = "",
             .doc = "a model, or an ensemble as in design.ensembles: \"vote = soft(xgboost, naive_bayes; "
                    "weights "
                    "= inner_cv)\"; must be given",
             .flag = "--model"},
            {.name = "adapt",
             .standard = "",
             .doc = "name of the model if it is to be adapted to every batch of deaths, which makes it "
                    "transductive; empty: it is not"},
            {.name = "sites",
             .standard = Texts{},
             .doc = "sites whose deaths are trained on; empty: all",
             .flag = "--sites"},
            {.name = "inner",
             .standard = "both",
             .doc =
                 "what is done to say how good the model is: cross-validation over folds (cv), each site "
                 "left out in turn (leave_one_site_out, which the interval for new sites needs), both, none",
             .choices = inner_design_names(),
             .flag = "--inner"},
            {.name = "folds",
             .standard = std::int64_t{5},
             .doc = "folds of the cross-validation, also of that which weights the members of an ensemble",
             .bounds = {.at_least = 2, .at_most = 100}},
            {.name = "groupings",
             .standard = Texts{},
             .doc = "broader causes that the model file keeps, too: \"cod5\", or \"NAME=FILE\" for a CSV "
                    "file with "
                    "the columns label,group"},
            {.name = "bootstrap",
             .standard = std::int64_t{1000},
             .doc = "resamples behind every interval of the inner results; 0: no intervals",
             .bounds = {.at_least = 0, .at_most = 10000000},
             .flag = "--bootstrap"},
            {.name = "output",
             .standard = "",
             .doc = "the model file; must be given; with 'train' --output says it",
             .effect = Effect::operation},
            {.name = "chosen_by",
             .standard = "",
             .doc = "how the model was chosen, a sentence for the model file; --from writes it",
             .effect = Effect::operation},
        }};
}

std::vector<study::KeyTable> with_models(std::vector<study::KeyTable> tables,
                                         models::Catalogue const& catalogue) {
    for (auto const& model : catalogue.all())
        tables.push_back({"models." + model.name, model.doc, model.parameters});
    return tables;
}

}  // namespace

std::vector<study::RenamedKey> renamed_data_keys() {
    return {{"data", "missing", "missing_as"}};
}

std::vector<study::KeyTable> training_tables(models::Catalogue const& catalogue) {
    return with_models({training_data_table(), train_table(), adaptation_table()}, catalogue);
}

std::vector<study::KeyTable> comparison_tables(models::Catalogue const& catalogue) {
    return with_models({data_table(), design_table(catalogue), adaptation_table(), tuning_table()},
                       catalogue);
}

}  // namespace vaster::va

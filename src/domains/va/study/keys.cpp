// The keys of the comparison, their checks, and what they mean for a cohort.
#include "domains/va/study/keys.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "domains/va/study/comparison.hpp"
#include "domains/va/study/ensemble.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using study::Config;
using Texts = std::vector<std::string>;

/// The comparison that was published with the predecessor; other models of the catalogue are asked for by
/// name.
Texts standard_models() {
    return {"xgboost", "insilico", "random_forest", "logistic_regression", "naive_bayes"};
}

std::uint32_t position_in(Texts const& list, std::string const& name) {
    auto const place = std::find(list.begin(), list.end(), name);
    VASTER_EXPECTS(place != list.end());
    return static_cast<std::uint32_t>(place - list.begin());
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
             .doc = "phmrc-adult: the raw release; encoded: site, label columns, symptoms coded Y / "
                    "empty / . or 1 / 0 / empty",
             .choices = va::cohort_format_names(),
             .flag = "--format"},
            {.name = "label", .standard = "va34", .doc = "column with the causes", .flag = "--label"},
            {.name = "label_columns",
             .standard = Texts{"va34", "cod5"},
             .doc = "never features, whichever is the label"},
            {.name = "site", .standard = "site", .doc = "column with the sites"},
            {.name = "population",
             .standard = "",
             .doc = "column with sub-populations, such as age groups, which insilico gives cause fractions "
                    "of their own; never a symptom; empty: none"},
            {.name = "known",
             .standard = "",
             .doc = "CSV with column row (data row from 0): deaths whose cause is told to insilico where "
                    "they are to be coded; they are not scored",
             .effect = Effect::operation,
             .format = Format::file},
            {.name = "rows",
             .standard = "all",
             .doc = "of the raw release; reference: without 75 deaths that an earlier conversion dropped "
                    "by mistake",
             .choices = {"all", "reference"}},
            {.name = "missing",
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
             .doc = "models that vote, compared under a name of their own: \"vote = soft(xgboost, "
                    "naive_bayes)\"; "
                    "soft: mean of probabilities, hard: most probable causes; with \"; weights = inner_cv\" "
                    "before the ) weighted by cross-validation inside the training set"},
            {.name = "inner_folds",
             .standard = std::int64_t{5},
             .doc =
                 "folds of the cross-validation inside a training set that weights the members of ensembles",
             .bounds = {.at_least = 2, .at_most = 100}},
            {.name = "types",
             .standard = Texts{"in_domain", "out_domain", "training_size"},
             .doc = "types of experiment; leave_one_site_out: train part of all other sites together, test "
                    "part of the one left out",
             .choices = experiment_type_names(),
             .flag = "--types"},
            {.name = "out_domain",
             .standard = "split",
             .doc = "split: train part of one site, test part of the other, one fit for all; full: whole "
                    "site, whole site",
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
             .doc = "resamples behind every interval",
             .bounds = {.at_least = 1, .at_most = 10000000},
             .flag = "--bootstrap"},
        }};
}

Texts const& search_names() {
    static Texts const names{"none", "grid", "random", "halving"};
    return names;
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

template <class T>
std::vector<std::string> repeated(std::vector<T> const& list, std::string_view key) {
    std::vector<std::string> problems;
    std::set<T> seen;
    for (auto const& item : list)
        if (!seen.insert(item).second) problems.push_back(fmt::format("{}: {} is listed twice", key, item));
    return problems;
}

std::vector<std::uint32_t> chosen_sites(Config const& config, va::Cohort const& cohort) {
    Texts names = config.get<Texts>("design.sites");
    if (names.empty()) names = cohort.sites;
    if (auto const& primary = config.get<std::string>("design.primary_site"); !primary.empty()) {
        if (std::find(names.begin(), names.end(), primary) == names.end()) names.push_back(primary);
    }
    std::vector<std::uint32_t> sites;
    std::vector<std::string> unknown;
    for (auto const& name : names) {
        if (std::find(cohort.sites.begin(), cohort.sites.end(), name) == cohort.sites.end())
            unknown.push_back(name);
        else
            sites.push_back(position_in(cohort.sites, name));
    }
    require<ConfigError>(unknown.empty(), "design.sites: {} {} not in the data; its sites are: {}",
                         fmt::join(unknown, ", "), unknown.size() == 1 ? "is" : "are",
                         fmt::join(cohort.sites, ", "));
    return sites;
}

/// "cod5" or "NAME=FILE", taken apart. The file is empty for a grouping that comes with the program.
struct GroupingText {
    std::string name, file;

    explicit GroupingText(std::string const& text)
        : name(text.substr(0, text.find('='))),
          file(text.find('=') == std::string::npos ? "" : text.substr(text.find('=') + 1)) {}

    /// Names become parts of column names.
    [[nodiscard]] bool well_named() const {
        constexpr std::size_t longest = 24;
        return !name.empty() && name.size() <= longest &&
               name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    }

    [[nodiscard]] bool built_in() const { return name == "cod5" && file.empty(); }
};

std::vector<std::string> grouping_problems(Texts const& texts) {
    std::vector<std::string> problems;
    Texts names;
    for (auto const& text : texts) {
        GroupingText const grouping(text);
        if (!grouping.well_named() || (grouping.file.empty() && !grouping.built_in()))
            problems.push_back(fmt::format(
                "design.groupings: \"{}\" is neither \"cod5\" nor \"NAME=FILE\" with a name of at "
                "most 24 small letters, digits and _",
                text));
        names.push_back(grouping.name);
    }
    for (auto& problem : repeated(names, "design.groupings")) problems.push_back(std::move(problem));
    return problems;
}

std::vector<std::string> tuning_problems(Config const& config, models::Catalogue const& catalogue) {
    std::vector<std::string> problems;
    if (config.get<std::string>("tuning.method") == "none") return problems;
    auto const& texts = config.get<Texts>("tuning.space");
    // Which models are used is known only where the ensembles can be read.
    bool const models_are_known = ensemble_problems(config.get<Texts>("design.ensembles"), catalogue).empty();
    if (texts.empty()) problems.emplace_back("tuning.space is empty; say which parameters to try");
    Texts names;
    for (auto const& text : texts) {
        try {
            auto const space = parse_space(text, catalogue);
            names.push_back(space.model + "." + space.key);
            if (models_are_known && !uses_model(config, catalogue, space.model))
                problems.push_back(fmt::format(
                    "tuning.space: {} is neither compared nor a member of an ensemble", space.model));
            if (space.scale != ParameterSpace::Scale::list &&
                config.get<std::string>("tuning.method") == "grid")
                problems.push_back(
                    fmt::format("tuning.space: \"{}\": a grid needs listed values, not a range", text));
        } catch (ConfigError const& e) {
            problems.emplace_back(e.what());
        }
    }
    for (auto& problem : repeated(names, "tuning.space")) problems.push_back(std::move(problem));
    return problems;
}

}  // namespace

std::vector<study::KeyTable> comparison_tables(models::Catalogue const& catalogue) {
    std::vector<study::KeyTable> tables{data_table(), design_table(catalogue), tuning_table()};
    for (auto const& model : catalogue.all())
        tables.push_back({"models." + model.name, model.doc, model.parameters});
    return tables;
}

std::vector<std::string> comparison_problems(Config const& config, models::Catalogue const& catalogue) {
    std::vector<std::string> problems;
    auto const add = [&](std::vector<std::string> more) {
        problems.insert(problems.end(), more.begin(), more.end());
    };
    auto const& sites = config.get<Texts>("design.sites");
    auto const& primary = config.get<std::string>("design.primary_site");
    if (config.get<std::string>("data.path").empty())
        problems.emplace_back(
            "data.path is not set; give the CSV file of the deaths with --data FILE or in [data]");
    for (char const* key : {"design.sites", "design.models", "design.types"})
        add(repeated(config.get<Texts>(key), key));
    add(repeated(config.get<std::vector<double>>("design.training_sizes"), "design.training_sizes"));
    auto const& ensembles = config.get<Texts>("design.ensembles");
    if (config.get<Texts>("design.models").empty() && ensembles.empty())
        problems.emplace_back("design.models and design.ensembles are empty; nothing would be run");
    if (config.get<Texts>("design.types").empty())
        problems.emplace_back("design.types is empty; nothing would be run");
    add(ensemble_problems(ensembles, catalogue));
    if (!primary.empty() && !sites.empty() && std::find(sites.begin(), sites.end(), primary) == sites.end())
        problems.push_back(fmt::format("design.primary_site = \"{}\" is not among design.sites", primary));
    add(tuning_problems(config, catalogue));
    add(grouping_problems(config.get<Texts>("design.groupings")));
    if (!config.get<std::string>("data.splits").empty() && config.get<std::int64_t>("design.repeats") > 1)
        problems.emplace_back(
            "design.repeats > 1 with data.splits: every repeat would use the same given splits");
    return problems;
}

va::CohortSource cohort_source(Config const& config) {
    va::CohortSource source;
    source.path = config.get<std::string>("data.path");
    source.format = va::cohort_format(config.get<std::string>("data.format"));
    source.label = config.get<std::string>("data.label");
    source.label_columns = config.get<Texts>("data.label_columns");
    source.site = config.get<std::string>("data.site");
    source.population = config.get<std::string>("data.population");
    source.rows =
        config.get<std::string>("data.rows") == "all" ? va::RowPolicy::all : va::RowPolicy::reference;
    return source;
}

DesignOptions options_of(Config const& config, models::Catalogue const& catalogue, va::Cohort const& cohort) {
    DesignOptions options;
    options.sites = chosen_sites(config, cohort);
    options.models = config.get<Texts>("design.models");
    for (auto const& text : config.get<Texts>("design.ensembles"))
        options.models.push_back(parse_ensemble(text, catalogue).name);
    options.inner_folds = static_cast<std::uint32_t>(config.get<std::int64_t>("design.inner_folds"));
    for (auto const& name : config.get<Texts>("design.types"))
        options.types.push_back(static_cast<ExperimentType>(position_in(experiment_type_names(), name)));
    options.out_domain =
        config.get<std::string>("design.out_domain") == "full" ? OutDomain::full : OutDomain::split;
    options.training_sizes = config.get<std::vector<double>>("design.training_sizes");
    auto const& primary = config.get<std::string>("design.primary_site");
    options.primary_site = primary.empty() ? options.sites.front() : position_in(cohort.sites, primary);
    options.test_fraction = config.get<double>("design.test_fraction");
    options.repeats = static_cast<std::uint32_t>(config.get<std::int64_t>("design.repeats"));
    options.seed = static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"));
    return options;
}

std::vector<va::Grouping> groupings_of(Config const& config, va::Cohort const& cohort) {
    std::vector<va::Grouping> groupings;
    for (auto const& text : config.get<Texts>("design.groupings")) {
        GroupingText const grouping(text);
        groupings.push_back(
            va::group_causes(grouping.built_in() ? grouping.name : text, cohort.causes,
                             grouping.built_in() ? va::cod5_mapping() : va::read_mapping(grouping.file)));
        groupings.back().name = grouping.name;
    }
    return groupings;
}

bool uses_model(Config const& config, models::Catalogue const& catalogue, std::string_view model) {
    auto const& compared = config.get<Texts>("design.models");
    if (std::find(compared.begin(), compared.end(), model) != compared.end()) return true;
    auto const& ensembles = config.get<Texts>("design.ensembles");
    return std::any_of(ensembles.begin(), ensembles.end(), [&](std::string const& text) {
        auto const members = parse_ensemble(text, catalogue).members;
        return std::find(members.begin(), members.end(), model) != members.end();
    });
}

TuningOptions tuning_of(Config const& config, models::Catalogue const& catalogue) {
    auto const count = [&](char const* key) {
        return static_cast<std::uint32_t>(config.get<std::int64_t>(fmt::format("tuning.{}", key)));
    };
    TuningOptions options;
    options.search =
        static_cast<Search>(position_in(search_names(), config.get<std::string>("tuning.method")));
    if (options.search == Search::none) return options;
    for (auto const& text : config.get<Texts>("tuning.space"))
        options.space.push_back(parse_space(text, catalogue));
    options.trials = count("trials");
    options.folds = count("folds");
    options.inner =
        config.get<std::string>("tuning.inner") == "cv" ? InnerTest::cv : InnerTest::leave_one_site_out;
    options.metric = config.get<std::string>("tuning.metric");
    options.rungs = count("rungs");
    options.factor = count("factor");
    return options;
}

}  // namespace vaster::va

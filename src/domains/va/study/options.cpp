// What the keys of the comparison say: read once, checked together, and looked up in the data.
#include "domains/va/study/options.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/support/nearest.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

using study::Config;
using Texts = std::vector<std::string>;

std::uint32_t position_in(Texts const& list, std::string const& name) {
    auto const place = std::find(list.begin(), list.end(), name);
    VASTER_EXPECTS(place != list.end());
    return static_cast<std::uint32_t>(place - list.begin());
}

// ---- reading

std::uint32_t count(Config const& config, std::string_view key) {
    return static_cast<std::uint32_t>(config.get<std::int64_t>(key));
}

va::CaseRule case_rule(Config const& config, std::string_view key) {
    return static_cast<va::CaseRule>(position_in(va::case_rule_names(), config.get<std::string>(key)));
}

va::CohortSource source_of(Config const& config) {
    va::CohortSource source;
    source.path = config.get<std::string>("data.path");
    source.format = va::cohort_format(config.get<std::string>("data.format"));
    source.rules = config.get<std::string>("data.rules");
    source.quotes =
        config.get<std::string>("data.quotes") == "strict" ? csv::Quotes::strict : csv::Quotes::release;
    source.features.clear();
    for (auto const& name : config.get<Texts>("data.features"))
        source.features.push_back(static_cast<va::Feature>(position_in(va::feature_names(), name)));
    source.label = config.get<std::string>("data.label");
    source.label_columns = config.get<Texts>("data.label_columns");
    source.site = config.get<std::string>("data.site");
    source.population = config.get<std::string>("data.population");
    source.id = config.get<std::string>("data.id");
    source.weight = config.get<std::string>("data.weight");
    source.spellings = {config.get<Texts>("data.present"), config.get<Texts>("data.absent"),
                        config.get<Texts>("data.missing")};
    source.no_cause = config.get<Texts>("data.no_cause");
    source.cause_case = case_rule(config, "data.cause_case");
    source.site_case = case_rule(config, "data.site_case");
    source.duplicates = static_cast<va::DuplicateRule>(
        position_in(va::duplicate_rule_names(), config.get<std::string>("data.duplicates")));
    source.cause_names = config.get<std::string>("data.cause_names");
    source.rows =
        config.get<std::string>("data.rows") == "all" ? va::RowPolicy::all : va::RowPolicy::reference;
    return source;
}

SiteParts site_parts(Config const& config, std::string const& key) {
    return config.get<std::string>(key) == "full" ? SiteParts::full : SiteParts::split;
}

void read_design(Options& options, Config const& config) {
    options.sites = config.get<Texts>("design.sites");
    options.primary_site = config.get<std::string>("design.primary_site");
    options.models = config.get<Texts>("design.models");
    options.ensembles = config.get<Texts>("design.ensembles");
    options.adapt = config.get<Texts>("design.adapt");
    options.inner_folds = count(config, "design.inner_folds");
    for (auto const& name : config.get<Texts>("design.types"))
        options.types.push_back(static_cast<ExperimentType>(position_in(experiment_type_names(), name)));
    options.out_domain = site_parts(config, "design.out_domain");
    options.leave_one_site_out = site_parts(config, "design.leave_one_site_out");
    options.training_sizes = config.get<std::vector<double>>("design.training_sizes");
    options.test_fraction = config.get<double>("design.test_fraction");
    options.repeats = count(config, "design.repeats");
    options.min_train = count(config, "design.min_train");
    options.min_test = count(config, "design.min_test");
    options.groupings = config.get<Texts>("design.groupings");
    options.n_resamples = static_cast<std::size_t>(config.get<std::int64_t>("design.bootstrap"));
}

models::AdaptationOptions adaptation_of(Config const& config) {
    return {config.get<double>("adaptation.weight"), config.get<double>("adaptation.power"),
            config.get<double>("adaptation.prior"),
            static_cast<std::size_t>(config.get<std::int64_t>("adaptation.steps")),
            config.get<double>("adaptation.temperature")};
}

TuningKeys tuning_keys(Config const& config) {
    TuningKeys keys;
    keys.search = static_cast<Search>(position_in(search_names(), config.get<std::string>("tuning.method")));
    keys.space = config.get<Texts>("tuning.space");
    keys.trials = count(config, "tuning.trials");
    keys.folds = count(config, "tuning.folds");
    keys.inner =
        config.get<std::string>("tuning.inner") == "cv" ? InnerTest::cv : InnerTest::leave_one_site_out;
    keys.metric = config.get<std::string>("tuning.metric");
    keys.rungs = count(config, "tuning.rungs");
    keys.factor = count(config, "tuning.factor");
    return keys;
}

std::map<std::string, Parameters> parameters_of_models(Config const& config) {
    constexpr std::string_view prefix = "models.";
    std::map<std::string, Parameters> parameters;
    for (auto const& table : config.tables())
        if (table.name.starts_with(prefix))
            parameters.emplace(table.name.substr(prefix.size()), config.table(table.name));
    return parameters;
}

// ---- checks

Texts texts_of(std::vector<ExperimentType> const& types) {
    Texts texts;
    for (auto const type : types) texts.push_back(to_text(type));
    return texts;
}

template <class T>
std::vector<std::string> repeated(std::vector<T> const& list, std::string_view key) {
    std::vector<std::string> problems;
    std::set<T> seen;
    for (auto const& item : list)
        if (!seen.insert(item).second) problems.push_back(fmt::format("{}: {} is listed twice", key, item));
    return problems;
}

std::vector<std::uint32_t> chosen_sites(Options const& options, va::Cohort const& cohort) {
    Texts names = options.sites;
    if (names.empty()) names = cohort.sites;
    if (auto const& primary = options.primary_site; !primary.empty()) {
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
    require<ConfigError>(unknown.empty(), "{}: {} {} not in the data; its sites are: {}", options.sites_key,
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

std::vector<std::string> grouping_problems(Texts const& texts, std::string_view key) {
    std::vector<std::string> problems;
    Texts names;
    for (auto const& text : texts) {
        GroupingText const grouping(text);
        if (!grouping.well_named() || (grouping.file.empty() && !grouping.built_in()))
            problems.push_back(
                fmt::format("{}: \"{}\" is neither \"cod5\" nor \"NAME=FILE\" with a name of at "
                            "most 24 small letters, digits and _",
                            key, text));
        names.push_back(grouping.name);
    }
    for (auto& problem : repeated(names, key)) problems.push_back(std::move(problem));
    return problems;
}

/// What is wrong with data.features.
std::vector<std::string> feature_problems(va::CohortSource const& source) {
    auto const has = [&](va::Feature feature) {
        return std::ranges::find(source.features, feature) != source.features.end();
    };
    Texts names;
    for (auto const feature : source.features)
        names.push_back(va::feature_names().at(static_cast<std::size_t>(feature)));
    auto problems = repeated(names, "data.features");
    if (names.empty())
        problems.emplace_back(
            "data.features is empty, and models would have no symptom; name one or more of closed, words, "
            "health_care");
    auto const& format = va::cohort_format_names().at(static_cast<std::size_t>(source.format));
    bool const only_closed = names.empty() || (names.size() == 1 && has(va::Feature::closed));
    if (!va::is_release(source.format) && !only_closed)
        problems.push_back(fmt::format(
            "data.features = {} is for the raw releases; with data.format = \"{}\" every symptom comes from "
            "the {}, so write words into it as symptoms of their own",
            fmt::join(names, ", "), format,
            source.format == va::CohortFormat::rules ? "rule table" : "table"));
    else if (has(va::Feature::health_care) && source.format != va::CohortFormat::phmrc_adult)
        problems.push_back(fmt::format(
            "data.features has health_care, of which only the adult release has rules (data.format = \"{}\")",
            format));
    return problems;
}

/// Keys that are of other formats than data.format.
std::vector<std::string> format_problems(Options const& options) {
    va::CohortSource const& source = options.source;
    std::vector<std::string> problems;
    bool const has_own_rules = source.format == va::CohortFormat::rules;
    if (has_own_rules && source.rules.empty())
        problems.emplace_back(
            "data.format = \"rules\" needs data.rules, the CSV file that says which answers mean what");
    if (!has_own_rules && !source.rules.empty())
        problems.emplace_back(
            "data.rules is for data.format = \"rules\"; other formats have rules of their own");
    if (!has_own_rules && source.quotes != csv::Quotes::strict)
        problems.emplace_back(
            "data.quotes is for data.format = \"rules\"; in encoded tables quotes are doubled, in releases "
            "any "
            "character");
    for (auto& problem : feature_problems(source)) problems.push_back(std::move(problem));
    if (source.format != va::CohortFormat::encoded && source.spellings.any())
        problems.emplace_back(
            "data.present, data.absent and data.missing are for data.format = \"encoded\"; answers as they "
            "were "
            "given are read by rules");
    if (source.format == va::CohortFormat::phmrc_adult) return problems;
    if (source.rows != va::RowPolicy::all)
        problems.emplace_back("data.rows = \"reference\" is for data.format = \"phmrc-adult\"");
    if (!va::is_release(source.format)) return problems;
    bool const has_cod5 = std::any_of(options.groupings.begin(), options.groupings.end(),
                                      [](auto const& text) { return GroupingText(text).built_in(); });
    if (has_cod5 || source.label == "cod5" || options.known_grouping == "cod5")
        problems.emplace_back(
            "cod5 groups the 34 causes of adults, and numbers of causes mean others in this release; give "
            "groups of your own: design.groupings = [\"NAME=FILE\"]");
    return problems;
}

/// Models that would leave out the weights that their training is to have.
std::vector<std::string> weight_problems(Options const& options) {
    if (!options.weight_fit) return {};
    if (options.source.weight.empty())
        return {"data.weight_fit needs data.weight, the column with the weights of the deaths"};
    if (!ensemble_problems(options.ensembles, *options.catalogue).empty()) return {};
    Texts unable;
    for (auto const& model : options.catalogue->all())
        if (!model.takes_weights && uses_model(options, model.name)) unable.push_back(model.name);
    if (unable.empty()) return {};
    return {fmt::format(
        "data.weight_fit: {} cannot be trained with weights; leave {} out, or data.weight_fit = false, which "
        "weighs the metrics of all models alone",
        fmt::join(unable, ", "), unable.size() == 1 ? "it" : "them")};
}

/// Keys of the data that do not go together.
std::vector<std::string> data_problems(Options const& options) {
    va::CohortSource const& source = options.source;
    std::vector<std::string> problems;
    if (source.path.empty())
        problems.emplace_back(
            "data.path is not set; give the CSV file of the deaths with --data FILE or in [data]");
    for (auto& problem : va::problems_of(source.spellings)) problems.push_back(std::move(problem));
    for (auto& problem : format_problems(options)) problems.push_back(std::move(problem));
    for (auto& problem : weight_problems(options)) problems.push_back(std::move(problem));
    if (source.id.empty() && source.duplicates != va::DuplicateRule::refuse)
        problems.emplace_back("data.duplicates needs data.id, the column with the IDs of the deaths");
    std::map<std::string, std::string_view> key_of;
    std::pair<std::string_view, std::string const&> const columns[] = {{"data.label", source.label},
                                                                       {"data.site", source.site},
                                                                       {"data.population", source.population},
                                                                       {"data.id", source.id},
                                                                       {"data.weight", source.weight}};
    for (auto const& [key, column] : columns) {
        auto const [known, is_new] = key_of.emplace(column, key);
        if (!is_new && !column.empty())
            problems.push_back(fmt::format("{} and {} name the same column, '{}'; they must differ",
                                           known->second, key, column));
    }
    if (!source.site.empty()) return problems;
    for (auto const type : {ExperimentType::out_domain, ExperimentType::leave_one_site_out})
        if (std::find(options.types.begin(), options.types.end(), type) != options.types.end())
            problems.push_back(
                fmt::format("design.types: {} needs sites, and with data.site = \"\" all deaths are of "
                            "one; design.types = [\"in_domain\", \"training_size\"] does not",
                            to_text(type)));
    return problems;
}

std::vector<std::string> tuning_problems(Options const& options) {
    std::vector<std::string> problems;
    if (options.tuning.search == Search::none) return problems;
    auto const& texts = options.tuning.space;
    // Which models are used is known only where the ensembles can be read.
    bool const models_are_known =
        ensemble_problems(options.ensembles, *options.catalogue).empty() &&
        adapt_problems(options.adapt, options.ensembles, *options.catalogue).empty();
    if (texts.empty()) problems.emplace_back("tuning.space is empty; say which parameters to try");
    Texts names;
    for (auto const& text : texts) {
        try {
            auto const space = parse_space(text, *options.catalogue);
            names.push_back(space.model + "." + space.key);
            if (models_are_known && !uses_model(options, space.model))
                problems.push_back(fmt::format(
                    "tuning.space: {} is neither compared nor a member of an ensemble", space.model));
            if (space.scale != ParameterSpace::Scale::list && options.tuning.search == Search::grid)
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

Options options_of(Config const& config, std::shared_ptr<models::Catalogue const> catalogue) {
    Options options;
    options.catalogue = std::move(catalogue);
    options.seed = static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"));
    options.source = source_of(config);
    options.missing = models::missing_policy(config.get<std::string>("data.missing_as"));
    options.weight_fit = config.get<bool>("data.weight_fit");
    options.splits = config.get<std::string>("data.splits");
    options.known = config.get<std::string>("data.known");
    options.known_grouping = config.get<std::string>("data.known_grouping");
    read_design(options, config);
    options.adaptation = adaptation_of(config);
    options.tuning = tuning_keys(config);
    options.parameters = parameters_of_models(config);
    return options;
}

std::vector<std::string> const& inner_design_names() {
    static Texts const names{"none", "cv", "leave_one_site_out", "both"};
    return names;
}

namespace {

/// "vote" of "vote = soft(xgboost, naive_bayes)", and a model's own name.
std::string method_name(std::string const& text) {
    std::string name = text.substr(0, text.find('='));
    while (!name.empty() && name.back() == ' ') name.pop_back();
    return name;
}

}  // namespace

TrainingOptions training_options_of(Config const& config,
                                    std::shared_ptr<models::Catalogue const> catalogue) {
    TrainingOptions options;
    Options& base = options.base;
    base.catalogue = std::move(catalogue);
    base.seed = static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"));
    base.source = source_of(config);
    base.missing = models::missing_policy(config.get<std::string>("data.missing_as"));
    base.weight_fit = config.get<bool>("data.weight_fit");
    base.sites = config.get<Texts>("train.sites");
    base.sites_key = "train.sites";
    auto const& method = config.get<std::string>("train.model");
    bool const is_ensemble = method.find('=') != std::string::npos;
    if (!method.empty()) (is_ensemble ? base.ensembles : base.models).push_back(method);
    if (auto const& name = config.get<std::string>("train.adapt"); !name.empty())
        base.adapt.push_back(fmt::format("{} = {}", name, method_name(method)));
    base.adaptation = adaptation_of(config);
    base.inner_folds = count(config, "train.folds");
    base.test_fraction = 0.2;
    base.repeats = 1;
    base.groupings = config.get<Texts>("train.groupings");
    base.n_resamples = static_cast<std::size_t>(config.get<std::int64_t>("train.bootstrap"));
    base.parameters = parameters_of_models(config);
    options.inner =
        static_cast<InnerDesign>(position_in(inner_design_names(), config.get<std::string>("train.inner")));
    options.output = config.get<std::string>("train.output");
    options.chosen_by = config.get<std::string>("train.chosen_by");
    return options;
}

std::vector<std::string> problems_of(TrainingOptions const& options) {
    Options const& base = options.base;
    std::vector<std::string> problems = data_problems(base);
    auto const names = base.catalogue->names();
    if (base.models.empty() && base.ensembles.empty())
        problems.push_back(
            fmt::format("train.model is not set; give a model, or an ensemble as \"vote = soft(MODEL, "
                        "MODEL)\", with --model; "
                        "models are: {}",
                        fmt::join(names, ", ")));
    for (auto const& name : base.models)
        if (base.catalogue->find(name) == nullptr) {
            auto const near = nearest_name(name, names);
            problems.push_back(fmt::format("train.model = \"{}\" is not a model{}; models are: {}", name,
                                           near ? fmt::format("; did you mean '{}'?", *near) : "",
                                           fmt::join(names, ", ")));
        }
    for (auto const& problem : ensemble_problems(base.ensembles, *base.catalogue))
        problems.push_back(fmt::format("train.model: {}", problem));
    if (problems.empty())
        for (auto const& problem : adapt_problems(base.adapt, base.ensembles, *base.catalogue))
            problems.push_back(fmt::format("train.adapt: {}", problem));
    for (auto& problem : repeated(base.sites, "train.sites")) problems.push_back(std::move(problem));
    for (auto& problem : grouping_problems(base.groupings, "train.groupings"))
        problems.push_back(std::move(problem));
    if (options.output.empty())
        problems.emplace_back("train.output is not set; name the model file with --output FILE.h5");
    return problems;
}

std::vector<std::string> problems_of(Options const& options) {
    std::vector<std::string> problems;
    auto const add = [&](std::vector<std::string> more) {
        problems.insert(problems.end(), more.begin(), more.end());
    };
    auto const& sites = options.sites;
    auto const& primary = options.primary_site;
    add(data_problems(options));
    add(repeated(options.sites, "design.sites"));
    add(repeated(options.models, "design.models"));
    add(repeated(texts_of(options.types), "design.types"));
    add(repeated(options.training_sizes, "design.training_sizes"));
    auto const& ensembles = options.ensembles;
    if (options.models.empty() && ensembles.empty() && options.adapt.empty())
        problems.emplace_back(
            "design.models, design.ensembles and design.adapt are empty; nothing would be run");
    if (options.types.empty()) problems.emplace_back("design.types is empty; nothing would be run");
    add(ensemble_problems(ensembles, *options.catalogue));
    add(adapt_problems(options.adapt, ensembles, *options.catalogue));
    if (!primary.empty() && !sites.empty() && std::find(sites.begin(), sites.end(), primary) == sites.end())
        problems.push_back(fmt::format("design.primary_site = \"{}\" is not among design.sites", primary));
    add(tuning_problems(options));
    add(grouping_problems(options.groupings, "design.groupings"));
    if (!options.known_grouping.empty() && options.known.empty())
        problems.emplace_back(
            "data.known_grouping without data.known, the file whose broad causes it explains");
    if (!options.splits.empty() && options.repeats > 1)
        problems.emplace_back(
            "design.repeats > 1 with data.splits: every repeat would use the same given splits");
    return problems;
}

DesignOptions design_of(Options const& options, va::Cohort const& cohort) {
    DesignOptions design;
    design.sites = chosen_sites(options, cohort);
    for (auto const& method : methods_of(options)) design.models.push_back(method.name);
    design.inner_folds = options.inner_folds;
    design.types = options.types;
    design.out_domain = options.out_domain;
    design.leave_one_site_out = options.leave_one_site_out;
    design.training_sizes = options.training_sizes;
    auto const& primary = options.primary_site;
    design.primary_site = primary.empty() ? design.sites.front() : position_in(cohort.sites, primary);
    design.test_fraction = options.test_fraction;
    design.repeats = options.repeats;
    design.min_train = options.min_train;
    design.min_test = options.min_test;
    design.seed = options.seed;
    return design;
}

namespace {

va::Grouping grouping_of(std::string const& text, va::Cohort const& cohort) {
    GroupingText const grouping(text);
    auto made = va::group_causes(grouping.built_in() ? grouping.name : text, cohort.causes,
                                 grouping.built_in() ? va::cod5_mapping() : va::read_mapping(grouping.file));
    made.name = grouping.name;
    return made;
}

}  // namespace

std::vector<va::Grouping> groupings_of(Options const& options, va::Cohort const& cohort) {
    std::vector<va::Grouping> groupings;
    for (auto const& text : options.groupings) groupings.push_back(grouping_of(text, cohort));
    return groupings;
}

std::optional<va::Grouping> known_grouping_of(Options const& options, va::Cohort const& cohort) {
    auto const& wanted = options.known_grouping;
    if (wanted.empty()) return std::nullopt;
    Texts names;
    for (auto const& text : options.groupings) {
        GroupingText const grouping(text);
        if (wanted == grouping.name || wanted == grouping.file) return grouping_of(text, cohort);
        names.push_back(grouping.name);
    }
    if (wanted == "cod5") return grouping_of(wanted, cohort);
    throw ConfigError(fmt::format(
        "data.known_grouping = \"{}\" is neither \"cod5\" nor the name or the file of one "
        "of design.groupings{}",
        wanted, names.empty() ? ", of which there is none" : fmt::format(": {}", fmt::join(names, ", "))));
}

std::vector<Method> methods_of(Options const& options) {
    std::vector<Method> methods;
    for (auto const& model : options.models) methods.push_back({model, {model}});
    for (auto const& text : options.ensembles) {
        Ensemble ensemble = parse_ensemble(text, *options.catalogue);
        methods.push_back({ensemble.name, ensemble.members, ensemble});
    }
    for (auto const& text : options.adapt)
        methods.push_back(adapted_method(text, options.ensembles, options.adaptation, *options.catalogue));
    return methods;
}

bool uses_model(Options const& options, std::string_view model) {
    auto const methods = methods_of(options);
    return std::any_of(methods.begin(), methods.end(), [&](Method const& method) {
        return std::find(method.members.begin(), method.members.end(), model) != method.members.end();
    });
}

TuningOptions tuning_of(Options const& options) {
    auto const& keys = options.tuning;
    TuningOptions tuning;
    tuning.search = keys.search;
    if (tuning.search == Search::none) return tuning;
    for (auto const& text : keys.space) tuning.space.push_back(parse_space(text, *options.catalogue));
    tuning.trials = keys.trials;
    tuning.folds = keys.folds;
    tuning.inner = keys.inner;
    tuning.metric = keys.metric;
    tuning.rungs = keys.rungs;
    tuning.factor = keys.factor;
    return tuning;
}

}  // namespace vaster::va

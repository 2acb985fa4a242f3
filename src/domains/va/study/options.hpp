#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/labels.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/study/design.hpp"
#include "domains/va/study/method.hpp"
#include "domains/va/study/tuning.hpp"
#include "vaster/study/config.hpp"

namespace vaster::va {

/// What [tuning] says.
struct TuningKeys {
    Search search = Search::none;
    std::vector<std::string> space;  ///< texts for parse_space()
    std::uint32_t trials = 0;
    std::uint32_t folds = 0;
    InnerTest inner = InnerTest::cv;
    std::string metric;
    std::uint32_t rungs = 0;
    std::uint32_t factor = 0;
};

/// The values of all keys that a comparison has, read once from its config. Names of sites and causes are
/// those of the user; design_of() and groupings_of() look them up in the data.
struct Options {
    std::uint64_t seed = 0;
    va::CohortSource source;
    models::MissingPolicy missing = models::MissingPolicy::absent;
    bool weight_fit = false;     ///< do the weights of source.weight count in training, too?
    std::string splits;          ///< file; empty: splits are drawn
    std::string known;           ///< file; empty: no death's cause is known
    std::string known_grouping;  ///< of the broad causes in `known`: name or file of a grouping; empty: none
    std::vector<std::string> sites;          ///< empty: all
    std::string sites_key = "design.sites";  ///< the key that says them, for messages
    std::string primary_site;                ///< empty: the first of the sites
    std::vector<std::string> models;
    std::vector<std::string> ensembles;  ///< texts for parse_ensemble()
    std::vector<std::string> adapt;      ///< texts for parse_adapted()
    models::AdaptationOptions adaptation;
    std::uint32_t inner_folds = 0;
    std::vector<ExperimentType> types;
    SiteParts out_domain = SiteParts::split;
    SiteParts leave_one_site_out = SiteParts::split;
    std::vector<double> training_sizes;
    double test_fraction = 0;
    std::uint32_t repeats = 0;
    std::uint32_t min_train = 0;         ///< deaths that a site needs to be trained on
    std::uint32_t min_test = 0;          ///< to be tested on
    std::vector<std::string> groupings;  ///< "cod5" or "NAME=FILE"
    std::size_t n_resamples = 0;         ///< behind every interval
    TuningKeys tuning;
    std::shared_ptr<models::Catalogue const> catalogue;  ///< the models that there are; not null
    std::map<std::string, Parameters> parameters;        ///< by model of the catalogue
};

/// Which cross-validation inside the training deaths a training does, to say how good its model is.
enum class InnerDesign { none, cv, leave_one_site_out, both };

/// "none", "cv", "leave_one_site_out", "both".
[[nodiscard]] std::vector<std::string> const& inner_design_names();

/// The values of all keys that a training has.
struct TrainingOptions {
    Options base;  ///< its one model or ensemble, with no types of experiment
    InnerDesign inner = InnerDesign::both;
    std::string output;     ///< the model file
    std::string chosen_by;  ///< how the method was chosen; empty: by the user
};

/// The only place where keys are fetched by name.
/// @param catalogue  the models that there are; not null
[[nodiscard]] Options options_of(study::Config const& config,
                                 std::shared_ptr<models::Catalogue const> catalogue);

/// The same of the kind of trainings.
[[nodiscard]] TrainingOptions training_options_of(study::Config const& config,
                                                  std::shared_ptr<models::Catalogue const> catalogue);

/// What is wrong with the values of a training.
[[nodiscard]] std::vector<std::string> problems_of(TrainingOptions const& options);

/// What is wrong with the values taken together, as far as they alone can tell.
[[nodiscard]] std::vector<std::string> problems_of(Options const& options);

/// Models, ensembles, and what of these is adapted, in this order. @throws ConfigError as parse_ensemble
[[nodiscard]] std::vector<Method> methods_of(Options const& options);

/// Is the model compared, or a member of an ensemble? @throws ConfigError as parse_ensemble
[[nodiscard]] bool uses_model(Options const& options, std::string_view model);

/// The design, with names looked up in the data.
/// @throws ConfigError for sites that the data do not have
[[nodiscard]] DesignOptions design_of(Options const& options, va::Cohort const& cohort);

/// The groupings, for the causes of the data.
/// @throws DataError when a cause has no group, as va::read_mapping
[[nodiscard]] std::vector<va::Grouping> groupings_of(Options const& options, va::Cohort const& cohort);

/// The grouping whose groups stand in the file of known deaths, if there is one.
/// @throws ConfigError when it is none of the groupings
[[nodiscard]] std::optional<va::Grouping> known_grouping_of(Options const& options, va::Cohort const& cohort);

/// How models are tuned. @throws ConfigError as parse_space
[[nodiscard]] TuningOptions tuning_of(Options const& options);

}  // namespace vaster::va

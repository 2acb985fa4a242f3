#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/csv/csv.hpp"
#include "domains/va/data/cohort.hpp"
#include "domains/va/data/labels.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/study/method.hpp"
#include "vaster/support/parts.hpp"

namespace vaster::va {

/// A model of the catalogue that has been fitted, as it is kept.
struct KeptMember {
    std::string model;  ///< of the catalogue
    /// What the parameters were that change results, as TOML: a line "key = value" for each, in order of
    /// name. A key that names a file has the hash of the file's content.
    std::string parameters;
    std::uint32_t parts_version = 1;  ///< as Model::parts_version
    Parts parts;                      ///< what Classifier::save() wrote
};

/// How the file of the training deaths was read, so that new deaths are read in the same way.
struct KeptCoding {
    CohortFormat format = CohortFormat::encoded;
    std::string rules;  ///< that made symptoms of answers, as parse_rules() reads them; empty: encoded table
    csv::Quotes quotes = csv::Quotes::strict;
    std::string label;                       ///< the column with the causes
    std::vector<std::string> label_columns;  ///< never symptoms
    std::string site;                        ///< the column with the sites; empty: none
    std::string population;                  ///< that with the sub-populations; empty: none
    std::string id;                          ///< that with the IDs; empty: none
    AnswerSpellings spellings;               ///< as data.present, data.absent and data.missing say

    bool operator==(KeptCoding const&) const = default;
};

/// What cross-validation inside the training deaths says of a method that was fitted without them.
struct InnerResults {
    std::string design;                    ///< "cv": each fold in turn; "leave_one_site_out": each site
    std::vector<std::string> units;        ///< the folds ("0", "1", ...) or the sites
    std::vector<std::uint64_t> n_train;    ///< deaths that were trained on, [n_units]
    std::vector<std::uint64_t> n_test;     ///< deaths that were predicted, [n_units]
    std::vector<std::string> metrics;      ///< columns of the study file, such as "cod_accuracy"
    std::vector<double> values;            ///< of every metric; NaN: none, [n_units][n_metrics]
    std::vector<std::uint64_t> confusion;  ///< all units: deaths by true and top cause, [n_causes][n_causes]
    std::vector<double> csmf_true;         ///< [n_units][n_causes]
    std::vector<double> csmf_predicted;    ///< mean of the probabilities, or the model's own fractions

    bool operator==(InnerResults const&) const = default;
};

/// Made-up deaths and what the model said of them when it was kept, to see whether it still says the same.
struct Probes {
    std::vector<std::uint8_t> answers;  ///< values of Answer, [n_probes][n_symptoms]
    std::vector<double> probability;    ///< [n_probes][n_causes]

    bool operator==(Probes const&) const = default;
};

/// A fitted method (a model of the catalogue, or an ensemble of some) with all that is needed to use it: what
/// a model file has of verbal autopsy. Nothing of a single training death is in it.
struct KeptModel {
    // /model: what predictions are made of
    std::string name;             ///< of the model, or of the ensemble
    std::optional<Vote> vote;     ///< of an ensemble
    std::vector<double> weights;  ///< of the members in the vote, sum 1, [n_members]; a single model: {1}
    std::vector<KeptMember> members;
    std::optional<models::AdaptationOptions> adaptation;  ///< to every batch; its rates are those of the data
    models::MissingPolicy missing = models::MissingPolicy::absent;
    std::uint64_t seed = 0;

    // /data: what it was trained on
    std::vector<std::string> symptoms;        ///< in the order of the answer matrix
    std::vector<std::string> causes;          ///< in byte order
    std::vector<std::uint64_t> cause_deaths;  ///< training deaths of each cause, [n_causes]
    std::vector<std::string> cause_names;     ///< what people call them; empty: the same
    std::vector<Grouping> groupings;          ///< broader causes
    KeptCoding coding;
    std::vector<std::uint64_t> present;      ///< training deaths that have the symptom, [n_symptoms]
    std::vector<std::uint64_t> unanswered;   ///< training deaths whose answer is missing, [n_symptoms]
    std::string data_hash;                   ///< of the file and of the tables read with it
    std::uint64_t n_deaths = 0;              ///< training deaths
    std::vector<std::string> sites;          ///< in byte order
    std::vector<std::uint64_t> site_deaths;  ///< training deaths of each site, [n_sites]
    std::vector<CountedText> left_out;       ///< rows that were not trained on, by reason

    // /inner and /provenance: not part of what the content id names
    std::vector<InnerResults> inner;
    std::optional<Probes> probes;
    std::vector<std::pair<std::string, std::string>> provenance;  ///< "program", "created", ...; free texts

    [[nodiscard]] InnerResults const* inner_of(std::string_view design) const;
};

/// Parameters as KeptMember::parameters has them. Keys of Effect::operation are left out.
[[nodiscard]] std::string parameters_text(models::Model const& model, Parameters const& parameters);

/// The parts of a model file: names below model/, data/, inner/ and provenance/.
/// @throws ModelError for texts that cannot be kept, such as a cause with a line break
[[nodiscard]] Parts parts_of(KeptModel const& model);

/// Reads what parts_of() has written, and checks all that later code relies on: lengths, names that are there
/// once, counts within the number of deaths, fractions within [0, 1], weights that sum to 1. What the members
/// learned is checked by classifiers().
/// @throws DataError that names the part and what is wrong
[[nodiscard]] KeptModel kept_model_from(Parts const& parts);

/// Its members, ready to predict, in order.
/// @throws DataError when a model is not in the catalogue, is of a version that this program does not read,
/// or what it learned is not sound; UnavailableError
[[nodiscard]] std::vector<std::unique_ptr<models::Classifier>> classifiers(
    KeptModel const& model, models::Catalogue const& catalogue);

/// What a death's probabilities depend on. @throws DataError as classifiers()
[[nodiscard]] models::Predicts predicts_of(KeptMember const& member, models::Catalogue const& catalogue);

/// The same of all members and what is done with what they say.
[[nodiscard]] models::Predicts predicts_of(KeptModel const& model, models::Catalogue const& catalogue);

/// Does the model leave deaths of this site as they are, since it was trained on some? @param site  its name
[[nodiscard]] bool was_trained_on(KeptModel const& model, std::string_view site);

/// What the members say of some deaths together: the model's prediction, or the vote of the ensemble, adapted
/// to the batch if the model is, and the batch of a site that it was not trained on.
/// @param members  as classifiers() has made them, or as they were fitted
/// @param test     names the deaths; the random streams of members that sample depend on it
/// @param site     name of the site that all of them are of; empty: nobody knows
/// @throws ModelError, Cancelled
[[nodiscard]] models::Prediction predict(KeptModel const& model,
                                         std::span<std::unique_ptr<models::Classifier> const> members,
                                         models::TestSet const& deaths, std::string_view test,
                                         Watcher& watcher, std::string_view site = "");

/// The probes of a model: `n` made-up deaths, a function of its seed and data, each answer drawn with the
/// shares of the training deaths. @throws ModelError, Cancelled
[[nodiscard]] Probes probes_of(KeptModel const& model,
                               std::span<std::unique_ptr<models::Classifier> const> members, std::size_t n,
                               Watcher& watcher);

}  // namespace vaster::va

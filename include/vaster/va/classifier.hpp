#pragma once  // Stable but for Sampling.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vaster/support/parameters.hpp"
#include "vaster/support/parts.hpp"
#include "vaster/support/random.hpp"
#include "vaster/support/watcher.hpp"
#include "vaster/va/answers.hpp"

namespace vaster::models {

/// How a model that has no notion of missing answers sees them: as absent (0), as not-a-number, or as a third
/// value 2 on the same axis, the way the Python predecessor coded them.
enum class MissingPolicy { absent, nan, ordinal };

/// Some deaths of a cohort, by their rows in the answer matrix.
struct Deaths {
    va::AnswerMatrix const& answers;
    std::span<std::uint32_t const> rows;
};

/// What symptoms and causes are called, for models that are handed tables by name.
struct Vocabulary {
    std::span<std::string const> symptoms;  ///< [n_symptoms], columns of the answer matrix
    std::span<std::string const> causes;    ///< [n_causes] of the study
};

/// Deaths with their causes. A cause is its index in the study's cause list, in [0, n_causes).
struct TrainingSet {
    Deaths deaths;
    std::span<std::uint32_t const> causes;  ///< cause of rows[i], same length as deaths.rows
    std::size_t n_causes = 0;               ///< of the study; not all need occur here
    Vocabulary vocabulary = {};             ///< empty: no model is handed a table by name
    /// Where each death was, in [0, n_sites), same length as deaths.rows; empty: all at one site. Not every
    /// site need occur.
    std::span<std::uint32_t const> sites = {};
    std::size_t n_sites = 1;
    /// What each death counts for, above 0, same length as deaths.rows; empty: each for 1. Not empty only for
    /// models with Model::takes_weights.
    std::span<double const> weights = {};
};

/// Deaths to be coded, and what is known of them beside their answers. Models that code every death by
/// itself take no notice of that.
struct TestSet {
    Deaths deaths;
    std::span<std::int32_t const> known = {};        ///< cause of a death that has been coded already, -1
                                                     ///< of others; empty: of all others
    std::span<std::uint32_t const> population = {};  ///< sub-population of each, in [0, n_populations);
                                                     ///< empty: all in one
    std::size_t n_populations = 1;
    /// Of deaths that have been coded with several causes: what each weighs, [n_deaths][n_causes] of the
    /// study, at least 0. Only a row's proportions count; a row of zeros: nothing beside `known`; empty: all
    /// rows are.
    std::span<double const> shares = {};
    /// Deaths of one number are of one site, and so one batch to models that look at who else is in it;
    /// empty: all are. In [0, n_sites), and the training set's numbers where both are of one cohort.
    std::span<std::uint32_t const> sites = {};
    std::size_t n_sites = 1;
};

/// How a prediction was sampled, and whether it can be believed.
struct Sampling {
    bool converged = false;        ///< by the model's own rule
    double rhat = 0;               ///< largest split R-hat of the cause fractions that are watched
    double ess = 0;                ///< their smallest bulk effective sample size
    double acceptance = 0;         ///< share of Metropolis proposals that were accepted
    std::uint64_t iterations = 0;  ///< of each chain
    std::uint32_t chains = 0;
    std::uint32_t modes = 0;         ///< regions of the posterior that were found; 0: not looked for
    double mode_weight = 1;          ///< estimated posterior share of the heaviest mode
    double mode_csmf_distance = 0;   ///< largest difference of a cause fraction between it and another mode
    double mode_top_changes = 0;     ///< largest share of deaths whose top cause another mode changes
    std::vector<double> csmf_lo;     ///< 2.5 % quantile of the cause fractions, [n_causes]
    std::vector<double> csmf_hi;     ///< 97.5 % quantile, [n_causes]
    std::vector<std::string> notes;  ///< what was left out and why
    std::uint32_t symptoms_left_out = 0;
    std::uint32_t causes_left_out = 0;
};

/// What a model says of a test set.
struct Prediction {
    std::size_t n_deaths = 0;
    std::size_t n_causes = 0;
    std::vector<double> probability;  ///< P(cause | death), [n_deaths][n_causes]; every row sums to 1
    std::vector<double> csmf;  ///< the model's own cause fractions, [n_causes]; empty: mean of the rows
    std::optional<Sampling> sampling = {};        ///< of models that sample
    std::vector<double> csmf_by_population = {};  ///< the model's own, [n_populations][n_causes]; empty: none

    [[nodiscard]] std::span<double const> of_death(std::size_t i) const {
        return {probability.data() + i * n_causes, n_causes};
    }
};

/// Assigns causes of death to interviews. Deterministic: the same data and the same stream give the same
/// bytes.
class Classifier {
  public:
    Classifier() = default;
    virtual ~Classifier() = default;
    Classifier(Classifier const&) = delete;
    Classifier& operator=(Classifier const&) = delete;

    /// Learns from the training set. Called once, before predict.
    /// @throws ModelError when the data cannot be learned from, Cancelled when the watcher says stop
    virtual void fit(TrainingSet const& training, Random random, Watcher& watcher) = 0;

    /// Assigns probabilities to every cause of the study; causes that were not in the training set get 0.
    /// @throws ModelError, Cancelled
    [[nodiscard]] virtual Prediction predict(TestSet const& test, Random random, Watcher& watcher) const = 0;

    /// Writes what fit() has learned, so that Model::load makes a classifier that predicts the same to the
    /// bit. Nothing of single deaths is written. Called after fit or load. @throws ModelError when the model
    /// cannot be kept, as those that do not say how
    virtual void save(Parts& parts) const;
};

/// Where the work of a model lies, which decides what is computed together.
enum class Work {
    in_fit,      ///< one fit serves any number of test sets at little cost (XGBoost)
    in_predict,  ///< every test set costs about as much as the first (InSilicoVA samples per test set)
};

/// What a death's probabilities depend on beside its own answers.
enum class Predicts {
    each_death,   ///< on nothing: they are the same in any company and any order
    whole_batch,  ///< on the other deaths of the test set (InSilicoVA), and on random numbers
};

/// Size of one piece of work, for guesses of its cost.
struct WorkSize {
    std::size_t n_train = 0;
    std::size_t n_test = 0;  ///< of all test sets together
    std::size_t n_symptoms = 0;
    std::size_t n_causes = 0;
};

/// A model as the comparison, its ensembles, its tuning and `vaster diagnose` know it.
struct Model {
    std::string name;                   ///< 1 to 32 of a-z, 0-9 and _
    std::string doc;                    ///< one line
    std::vector<Parameter> parameters;  ///< of table [models.NAME], declared here and nowhere else
    Work work = Work::in_fit;
    /// Expected seconds; only the order of magnitude matters, measurements of the run correct it.
    std::function<double(Parameters const&, WorkSize const&)> expected_seconds;
    /// A new classifier. @throws UnavailableError when this machine cannot run it
    std::function<std::unique_ptr<Classifier>(Parameters const&, MissingPolicy)> make;
    /// Looks at the tables that the parameters name before anything is run, and says what the user should
    /// know of them; empty: the model takes no tables. @throws DataError for tables that cannot be used with
    /// these symptoms and causes
    std::function<std::vector<std::string>(Parameters const&, Vocabulary const&)> check = {};
    /// A classifier from what save() has written, perhaps by another program, perhaps by a stranger: all that
    /// predict() uses as an index, a probability or a count is checked here. Empty: the model cannot be kept.
    /// @param n_symptoms, n_causes  of the deaths that will be predicted
    /// @throws DataError that names the part and what is wrong; UnavailableError
    std::function<std::unique_ptr<Classifier>(Parameters const&, MissingPolicy, Parts const&,
                                              std::size_t n_symptoms, std::size_t n_causes)>
        load = {};
    /// May new deaths be predicted block by block? Only where predict() uses neither its stream nor anything
    /// of the test set but one death after another.
    Predicts predicts = Predicts::whole_batch;
    /// Where that depends on the parameters: what they make of it. Empty: `predicts` holds for all.
    std::function<Predicts(Parameters const&)> predicts_with = {};
    /// Of what save() writes; goes up when load() must tell the old parts from the new.
    std::uint32_t parts_version = 1;
    bool takes_weights = false;  ///< can it learn from a training set whose deaths have weights?

    [[nodiscard]] Predicts predicts_by(Parameters const& values) const {
        return predicts_with ? predicts_with(values) : predicts;
    }
};

}  // namespace vaster::models

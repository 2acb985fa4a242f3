#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/stats/interval.hpp"
#include "base/stats/paired_tests.hpp"
#include "core/report/tables.hpp"
#include "core/store/reader.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::va {

// What each number means, its source, and what it does not say: docs/va/comparison.md. A number that cannot
// be computed is NaN.

struct ComparisonOptions {
    std::vector<std::string> metrics = {"csmf_accuracy", "cod_accuracy"};  ///< result columns of reals
    std::size_t n_resamples = 1000;                                        ///< at least 1
};

/// Experiments that ask the same of every model: one type, one share of the training part.
struct Asked {
    std::string type;
    double fraction = 1;
};

/// A mean over experiments: the mean over sites of the site's mean. Three intervals, for three questions.
struct Estimate {
    std::size_t experiments = 0;  ///< behind the mean
    std::size_t planned = 0;      ///< that the plan wants there; more than `experiments`: the grid has holes
    std::size_t sites = 0;        ///< behind the mean
    double mean = 0;
    double sd = 0;                 ///< of the sites' means
    stats::MeanTest over_sites;    ///< Student's t over the sites' means: what would another site give?
    stats::Interval over_deaths;   ///< bootstrap, centred: what would other test deaths at these sites give?
    double deaths_bias = 0;        ///< mean of the resamples - mean: CSMF accuracy is lower in resamples
    stats::MeanTest over_repeats;  ///< corrected resampled t: what would other splits give?
};

/// A model's metric.
struct ModelMean {
    Asked asked;
    std::string model, metric;
    double n_train = 0;  ///< mean training deaths of an experiment
    Estimate estimate;
    /// The metric less that of always giving the most frequent cause (Baseline), on the same deaths. NaN
    /// where that has no value.
    Estimate beside_most_frequent = {};
};

/// Which of two models is right where: counts over test deaths, and the exact test of them.
struct Discordance {
    std::size_t tests = 0;         ///< predictions of either model
    std::size_t deaths = 0;        ///< different deaths among them
    std::uint64_t only_first = 0;  ///< predictions in which only the first model is right
    std::uint64_t only_second = 0;
    stats::ExactTest exact;  ///< McNemar's exact test; deaths tested more than once are its cases
};

/// p values after Holm's adjustment over the rows of one metric and type: all pairs of models, and all shares
/// of the training part.
struct Adjusted {
    double sites = 0;
    double repeats = 0;
    double deaths = 0;
    double bootstrap = 0;
};

/// What a p value is over: what else might have been drawn.
enum class Basis { none, deaths, repeats, sites };

[[nodiscard]] std::string to_text(Basis basis);

/// The p value of a difference that is to be quoted: that of the broadest claim which the study can support.
struct Recommended {
    Basis basis = Basis::none;
    double p = 0;         ///< NaN for Basis::none
    double adjusted = 0;  ///< Holm, over the rows of one metric and type
};

/// So many sites, or repeats, are needed before a p value over them is recommended: an exact test of fewer
/// than six sites cannot give a p below 0.05; the t of fewer than five repeats has hardly any power.
inline constexpr std::size_t sites_needed = 6;
inline constexpr std::size_t repeats_needed = 5;

/// first - second, over the experiments that both models have.
struct ModelDifference {
    Asked asked;
    std::string first, second, metric;
    double mean_first = 0;  ///< over the common experiments
    double mean_second = 0;
    Estimate estimate;        ///< of the difference
    Discordance discordance;  ///< the same for every metric
    double p_bootstrap = 0;   ///< over deaths, for the metric; NaN where it has no resamples
    Adjusted adjusted;
    Recommended recommended;
};

/// What one metric is without any model: mean over sites, over the experiments that any model has.
struct Baseline {
    Asked asked;
    std::string metric;
    double guessing = 0;       ///< causes drawn at random; NaN where the metric has no such value
    double most_frequent = 0;  ///< every death given the most frequent cause of the training site; or NaN
};

/// What was asked of all models together.
struct QuestionSize {
    Asked asked;
    std::size_t sites = 0;    ///< with a result
    std::size_t repeats = 0;  ///< with a result
    std::size_t deaths = 0;   ///< different ones that were tested
    bool resplit = false;     ///< were other deaths tested in each repeat?
};

/// The models trained at one site, on the deaths of all test sites.
struct SiteDiscordance {
    Asked asked;
    std::string train_site, first, second;
    Discordance discordance;
    double adjusted = 0;  ///< p after Holm's adjustment over all rows
};

/// One cell of a transfer matrix: mean over repeats.
struct Transfer {
    Asked asked;
    std::string model, metric, train_site, test_site;
    std::size_t experiments = 0, planned = 0;
    double mean = 0;
};

/// How much a model loses from in_domain to another type: mean over the sites that have both.
struct Gap {
    std::string type, model, metric;
    double in_domain = 0, elsewhere = 0;  ///< means over those sites
    std::size_t sites = 0, planned_sites = 0;
    stats::MeanTest gap;  ///< in_domain - elsewhere, Student's t over sites
};

/// A planned experiment without a result, or without a value of a metric.
struct Hole {
    Asked asked;
    std::string train_site, test_site, model;
    std::int64_t repeat = 0;
    std::string status, metric, reason;  ///< metric: empty when there is no result at all
};

/// Holes of a study: their number, and the first ones by name. A study that has just begun may have millions.
class Holes {
  public:
    static constexpr std::size_t most_listed = 10'000;

    /// @param describe  says which one it is; called only where it is listed
    template <class Describe>
    void add(Describe const& describe) {
        ++n_;
        if (listed_.size() < most_listed) listed_.push_back(describe());
    }

    /// Those of another study. @param renamed  what a hole of its is called here
    template <class Renamed>
    void add_all(Holes const& others, Renamed const& renamed) {
        for (auto const& hole : others.listed_) add([&] { return renamed(hole); });
        n_ += others.n_ - others.listed_.size();
    }

    [[nodiscard]] std::size_t size() const noexcept { return n_; }

    [[nodiscard]] bool empty() const noexcept { return n_ == 0; }

    /// The first ones, in the order of the plan.
    [[nodiscard]] std::vector<Hole> const& listed() const noexcept { return listed_; }

  private:
    std::size_t n_ = 0;
    std::vector<Hole> listed_;
};

/// A study and what people call it.
struct NamedStudy {
    std::string name;
    store::Reader const* study = nullptr;
};

struct ModelComparison {
    ComparisonOptions options;
    std::vector<std::string> studies;  ///< names, where several are compared; a model is then "STUDY: MODEL"
    std::vector<std::string> models;
    std::vector<QuestionSize> questions;
    std::vector<Baseline> baselines;
    std::vector<ModelMean> means;
    std::vector<ModelDifference> differences;
    std::vector<SiteDiscordance> by_training_site;
    std::vector<Transfer> transfers;
    std::vector<Gap> gaps;
    Holes holes;
    std::vector<std::string> notes;
};

/// Compares the models of a study by its finished experiments. Types are taken as they come; type "tuning",
/// whose experiments are not results, is left out. A pure function of the file's results.
/// @throws DataError when the study is not a comparison of models; UsageError for a metric that is none of
/// its result columns
[[nodiscard]] ModelComparison compare(store::Reader const& study, ComparisonOptions const& options);

/// Compares the models of several studies, on what they have in common: see read_grid(studies).
/// @param studies  two or more, with different names
/// @throws UsageError with the reasons when they have nothing in common, and as the comparison of one study
/// does
[[nodiscard]] ModelComparison compare(std::vector<NamedStudy> const& studies,
                                      ComparisonOptions const& options);

/// Which p value of a difference is to be quoted. A claim about other sites needs `sites_needed` of them, one
/// about other splits `repeats_needed`; else the p value over deaths speaks of these fitted models alone.
/// @param p_deaths  of the metric: the exact test's for COD accuracy, else the bootstrap's
[[nodiscard]] Recommended recommend(Estimate const& difference, double p_deaths);

/// For machines: tables means, differences, mcnemar, transfer, gaps, learning_curve, holes, baselines,
/// verdict.
[[nodiscard]] report::Document document_of(store::Reader const& study, ModelComparison const& comparison);

/// The same of a comparison of several studies.
[[nodiscard]] report::Document document_of(std::vector<NamedStudy> const& studies,
                                           ModelComparison const& comparison);

/// How much a reader wants to see.
enum class Extent {
    short_form,  ///< the verdict, the means and, per pair of models, the recommended p value
    all
};

/// For people.
[[nodiscard]] std::vector<TextTable> text_of(ModelComparison const& comparison, Extent extent);

}  // namespace vaster::va

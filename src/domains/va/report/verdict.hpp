#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/report/blocks.hpp"
#include "domains/va/report/comparison.hpp"

// Which model is ahead, how sure that is, and what the study cannot decide: a reading of the numbers of
// compare(), in words. The rules are in docs/va/comparison.md.
namespace vaster::va {

/// A model beside the one with the best mean: the highest, of metrics that are better when lower the lowest.
enum class Standing {
    leading,     ///< has the best mean, perhaps with others
    not_apart,   ///< worse, but the difference has a p value of 0.05 or more
    behind,      ///< worse, with a p value below 0.05
    not_tested,  ///< worse, and no p value can be had
};

/// A model beside what is had without any model: beside guessing by the 95 % interval of its mean, beside the
/// most frequent cause by that of the difference on the same deaths.
enum class BesideBaseline {
    above,       ///< the interval lies above the baseline (the difference: above 0)
    below,       ///< it lies below, or there is no interval and the mean lies below
    about_equal  ///< it includes the baseline, or touches it
};

/// One model's part in an ranking.
struct Contestant {
    std::string model;
    double mean = 0;
    Standing standing = Standing::leading;
    Recommended test = {};  ///< of the difference to the leader; of a leader: Basis::none
    BesideBaseline guessing = BesideBaseline::above;
    BesideBaseline most_frequent = BesideBaseline::above;
};

/// What the study says about one metric and one type of experiment.
struct Ranking {
    QuestionSize question;
    std::string metric;
    std::vector<Contestant> contestants;  ///< with a mean, best first
    std::vector<std::string> silent;      ///< models without a result
    double guessing = 0;                  ///< NaN: none
    double most_frequent = 0;             ///< NaN: none
    std::size_t comparisons = 0;          ///< that the p values are adjusted for
};

struct ComparisonVerdict {
    std::vector<Ranking> rankings;  ///< whole training part alone, in order of the plan, then of metrics
    std::vector<std::string>
        limits;  ///< what the study cannot decide, and what would, one sentence or two each
};

/// Below it a p value, after adjustment, is taken for a difference.
inline constexpr double significance = 0.05;

/// "In domain (trained and tested at the same site): 3 sites, 185 test deaths, 1 repeat".
[[nodiscard]] std::string title_of(QuestionSize const& question);

/// What p values are over, what they speak of, and for how many comparisons they are adjusted; empty when
/// there are none.
[[nodiscard]] std::string certainty(std::set<Basis> const& bases, QuestionSize const& question,
                                    std::size_t comparisons);

/// A pure function of the comparison.
[[nodiscard]] ComparisonVerdict verdict_of(ModelComparison const& comparison);

/// In words: a block for each type of experiment, then one about what cannot be decided. Of several studies:
/// as study_words_of() has it.
[[nodiscard]] std::vector<report::Block> words_of(ModelComparison const& comparison);

/// The words of a verdict.
[[nodiscard]] std::vector<report::Block> words_of(ComparisonVerdict const& verdict);

/// The verdict for the end of a run, at which other processes wait: with fewer resamples for a large study,
/// and only with a hint at `vaster compare` for a very large one.
/// @throws what compare() throws
[[nodiscard]] std::vector<report::Block> quick_verdict(store::Reader const& study);

}  // namespace vaster::va

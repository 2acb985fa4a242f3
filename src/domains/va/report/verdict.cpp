#include "domains/va/report/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/core.h>

#include "base/stats/paired_tests.hpp"
#include "domains/va/report/comparison_text.hpp"
#include "domains/va/report/study_verdict.hpp"
#include "domains/va/report/words.hpp"

namespace vaster::va {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double rounding = 1e-12;  ///< of means over sites that are added up in another order
constexpr std::string_view at_home = "in_domain";

using Names = std::vector<std::string>;
using report::Block;

bool same(Asked const& a, Asked const& b) {
    return a.type == b.type && a.fraction == b.fraction;
}

/// The interval of a mean that answers the same question as the p value that is quoted (recommend()).
stats::Interval quoted_interval(Estimate const& estimate) {
    if (estimate.over_sites.n >= sites_needed) return estimate.over_sites.interval;
    if (estimate.over_repeats.n >= repeats_needed) return estimate.over_repeats.interval;
    return estimate.over_deaths;
}

/// @param estimate  of the metric, or of its difference to the baseline; then `baseline` is 0
BesideBaseline beside(Estimate const& estimate, double baseline) {
    auto const [lo, hi] = quoted_interval(estimate);
    if (std::isnan(baseline)) return BesideBaseline::above;
    if (std::isnan(lo)) return estimate.mean < baseline ? BesideBaseline::below : BesideBaseline::above;
    if (lo > baseline) return BesideBaseline::above;
    return hi < baseline ? BesideBaseline::below : BesideBaseline::about_equal;
}

/// The difference of two models, whichever is first; nullptr where there is none.
ModelDifference const* find_difference(ModelComparison const& comparison, Ranking const& ranking,
                                       std::string const& one, std::string const& other) {
    for (auto const& row : comparison.differences)
        if (same(row.asked, ranking.question.asked) && row.metric == ranking.metric &&
            ((row.first == one && row.second == other) || (row.first == other && row.second == one)))
            return &row;
    return nullptr;
}

/// 1 where higher values of the metric are better, -1 where lower ones are.
double sign_of(std::string const& metric) {
    return better(metric) == Better::lower ? -1 : 1;
}

/// How a model stands to the leader, on the experiments that both have.
void judge(ModelComparison const& comparison, Ranking const& ranking, Contestant const& leader,
           Contestant& contestant) {
    contestant.standing = Standing::not_tested;
    contestant.test = {Basis::none, missing, missing};
    auto const* difference = find_difference(comparison, ranking, leader.model, contestant.model);
    if (difference == nullptr || std::isnan(difference->estimate.mean)) return;
    double const lead =
        sign_of(ranking.metric) * (difference->first == leader.model ? 1 : -1) * difference->estimate.mean;
    contestant.test = difference->recommended;
    if (std::abs(lead) < rounding && std::abs(leader.mean - contestant.mean) < rounding)
        contestant.standing = Standing::leading;
    else if (contestant.test.basis != Basis::none)
        contestant.standing =
            lead > 0 && contestant.test.adjusted < significance ? Standing::behind : Standing::not_apart;
}

std::size_t count_comparisons(ModelComparison const& comparison, Ranking const& ranking) {
    return static_cast<std::size_t>(std::count_if(
        comparison.differences.begin(), comparison.differences.end(), [&](ModelDifference const& row) {
            return row.asked.type == ranking.question.asked.type && row.metric == ranking.metric &&
                   !std::isnan(row.recommended.p);
        }));
}

Ranking ranking_of(ModelComparison const& comparison, QuestionSize const& question,
                   std::string const& metric) {
    Ranking ranking{question, metric, {}, {}, missing, missing, 0};
    for (auto const& baseline : comparison.baselines)
        if (same(baseline.asked, question.asked) && baseline.metric == metric) {
            ranking.guessing = baseline.guessing;
            ranking.most_frequent = baseline.most_frequent;
        }
    for (auto const& row : comparison.means) {
        if (!same(row.asked, question.asked) || row.metric != metric) continue;
        if (std::isnan(row.estimate.mean)) {
            ranking.silent.push_back(row.model);
            continue;
        }
        ranking.contestants.push_back({row.model,
                                       row.estimate.mean,
                                       Standing::leading,
                                       {Basis::none, missing, missing},
                                       beside(row.estimate, ranking.guessing),
                                       beside(row.beside_most_frequent, 0)});
    }
    std::stable_sort(
        ranking.contestants.begin(), ranking.contestants.end(),
        [sign = sign_of(metric)](auto const& a, auto const& b) { return sign * a.mean > sign * b.mean; });
    for (std::size_t i = 1; i < ranking.contestants.size(); ++i)
        judge(comparison, ranking, ranking.contestants.front(), ranking.contestants[i]);
    ranking.comparisons = count_comparisons(comparison, ranking);
    return ranking;
}

// ---- what cannot be decided

std::size_t most_sites(std::vector<Ranking> const& rankings) {
    std::size_t most = 0;
    for (auto const& ranking : rankings) most = std::max(most, ranking.question.sites);
    return most;
}

std::string limit_of_sites(std::size_t sites) {
    if (sites == 1) return "One site says nothing about other sites.";
    return fmt::format(
        "{} sites are too few to speak of other sites: even a model that is better at each of them gets no p "
        "value below {:.2g} from an exact test over sites. {} sites or more could decide it.",
        sites, stats::smallest_sign_flip_p(sites), sites_needed);
}

/// What a single split, or a few, leave open.
void add_limits_of_repeats(Names& limits, std::vector<Ranking> const& rankings) {
    std::size_t repeats = 0;
    Names fixed;
    for (auto const& ranking : rankings) {
        repeats = std::max(repeats, ranking.question.repeats);
        auto const name = type_name(ranking.question.asked.type);
        if (ranking.question.repeats > 1 && !ranking.question.resplit &&
            std::find(fixed.begin(), fixed.end(), name) == fixed.end())
            fixed.push_back(name);
    }
    if (repeats == 1)
        limits.emplace_back(
            "The deaths were divided into training and test parts once: another random division may change "
            "the order of models that are close. design.repeats = 20 (--repeats 20) would tell, for 20 times "
            "the computing.");
    else if (repeats < repeats_needed)
        limits.push_back(fmt::format(
            "{} repeats are too few to tell how much the random division of the deaths matters: at least {} "
            "are needed, and design.repeats = 20 (--repeats 20) gives p values of some power.",
            repeats, repeats_needed));
    if (!fixed.empty())
        limits.push_back(
            fmt::format("All repeats {} tested the same deaths, so they say nothing about other divisions.",
                        listed(fixed)));
}

bool has_two_models(std::vector<Ranking> const& rankings) {
    return std::any_of(rankings.begin(), rankings.end(),
                       [](Ranking const& ranking) { return ranking.contestants.size() > 1; });
}

Names limits_of(ModelComparison const& comparison, std::vector<Ranking> const& rankings) {
    Names limits;
    if (!comparison.holes.empty())
        limits.push_back(fmt::format(
            "INCOMPLETE: {} missing. Means are over the experiments that are there, and "
            "a model that lacks some may look better or worse than it is.",
            comparison.holes.size() == 1 ? "1 result is"
                                         : fmt::format("{} results are", comparison.holes.size())));
    for (auto const& metric : comparison.options.metrics)
        if (better(metric) == Better::neither)
            limits.push_back(fmt::format(
                "Of {} neither high nor low values are the better ones: there is no verdict on it.",
                metric_name(metric)));
    if (rankings.empty()) return limits;
    if (!has_two_models(rankings))
        limits.emplace_back(
            "There is only one model with results: design.models names others to compare it with.");
    if (std::all_of(rankings.begin(), rankings.end(),
                    [](Ranking const& ranking) { return ranking.question.asked.type == at_home; }))
        limits.emplace_back(
            "No model was tested at a site that it was not trained at (design.types): how a model does at "
            "another site is open.");
    if (std::size_t const sites = most_sites(rankings); sites < sites_needed)
        limits.push_back(limit_of_sites(sites));
    if (has_two_models(rankings)) add_limits_of_repeats(limits, rankings);
    return limits;
}

// ---- words

std::string number(double value) {
    return fmt::format("{:.3f}", value);
}

/// "naive_bayes (0.371, p = 0.004)".
Names with_numbers(Ranking const& ranking, Standing standing) {
    Names texts;
    for (auto const& one : ranking.contestants) {
        if (one.standing != standing) continue;
        texts.push_back(
            one.test.basis == Basis::none
                ? fmt::format("{} ({})", one.model, number(one.mean))
                : fmt::format("{} ({}, {})", one.model, number(one.mean), p_text(one.test.adjusted)));
    }
    return texts;
}

Names leaders_of(Ranking const& ranking) {
    Names leaders;
    for (auto const& one : ranking.contestants)
        if (one.standing == Standing::leading) leaders.push_back(one.model);
    return leaders;
}

/// Who is ahead of whom.
std::string who_is_ahead(Ranking const& ranking) {
    auto const leaders = leaders_of(ranking);
    auto const behind = with_numbers(ranking, Standing::behind);
    auto const close = with_numbers(ranking, Standing::not_apart);
    auto const untested = with_numbers(ranking, Standing::not_tested);
    std::string const best = number(ranking.contestants.front().mean);
    std::string_view const extreme = better(ranking.metric) == Better::lower ? "lowest" : "highest";
    std::string text;
    if (ranking.contestants.size() == 1)
        return fmt::format("{} is the only model with results: {}.", leaders.front(), best);
    bool const clear = close.empty() && untested.empty();
    if (leaders.size() > 1)
        text = fmt::format("{} are level at {}", listed(leaders), best);
    else if (behind.empty())
        text =
            fmt::format("no model is clearly ahead. {} has the {} mean, {}", leaders.front(), extreme, best);
    else
        text = fmt::format(
            "{} {}{}", leaders.front(),
            clear ? "is ahead of every other model with " : fmt::format("has the {} mean, ", extreme), best);
    if (!behind.empty())
        text += fmt::format("{} {}", clear ? "; the others:" : "; it is better than", listed(behind));
    if (!close.empty()) text += fmt::format(", but is not told apart from {}", listed(close));
    if (!untested.empty()) text += fmt::format("; without a test: {}", listed(untested));
    return text + ".";
}

/// Models whose place beside a baseline is one of two, with their means.
Names placed(Ranking const& ranking, BesideBaseline Contestant::*baseline, BesideBaseline place) {
    Names texts;
    for (auto const& one : ranking.contestants)
        if (one.*baseline == place) texts.push_back(fmt::format("{} ({})", one.model, number(one.mean)));
    return texts;
}

/// " Worse than guessing: tariff (0.51)."; nothing where all models are above.
std::string doubts(Ranking const& ranking, BesideBaseline Contestant::*baseline, std::string const& name) {
    std::string text;
    auto const below = placed(ranking, baseline, BesideBaseline::below);
    auto const equal = placed(ranking, baseline, BesideBaseline::about_equal);
    if (below.size() == ranking.contestants.size())
        text += fmt::format(" EVERY model is worse than {}: {}.", name, listed(below));
    else if (!below.empty())
        text += fmt::format(" Worse than {}: {}.", name, listed(below));
    if (!equal.empty()) text += fmt::format(" Not told apart from {}: {}.", name, listed(equal));
    return text;
}

constexpr std::string_view guessing_name = "guessing";
constexpr std::string_view most_frequent_name = "always giving the most frequent cause";

std::string baselines(Ranking const& ranking) {
    Names known;
    std::string text;
    if (!std::isnan(ranking.guessing)) {
        known.push_back(fmt::format("{} gets about {}", guessing_name, number(ranking.guessing)));
        text += doubts(ranking, &Contestant::guessing, std::string(guessing_name));
    }
    if (!std::isnan(ranking.most_frequent)) {
        known.push_back(fmt::format("{} gets {}", most_frequent_name, number(ranking.most_frequent)));
        text += doubts(ranking, &Contestant::most_frequent, std::string(most_frequent_name));
    }
    if (known.empty()) return "";
    if (text.empty()) text = " Every model is better than that.";
    return fmt::format("For {}, {}.{}", metric_name(ranking.metric), listed(known), text);
}

std::string reason_of(Basis basis, QuestionSize const& question) {
    switch (basis) {
        case Basis::sites:
            return fmt::format(
                "over {} (paired t test): they speak of other sites like these, if these are a fair sample",
                counted(question.sites, "site"));
        case Basis::repeats:
            return fmt::format(
                "over {} (corrected resampled t test): they speak of other random divisions of these deaths, "
                "not of other sites",
                counted(question.repeats, "repeat"));
        case Basis::deaths:
            return fmt::format(
                "over {} (exact test for COD accuracy, else bootstrap): they speak of other deaths at these "
                "sites and of these fitted models, neither of other divisions nor of other sites",
                counted(question.deaths, "test death"));
        case Basis::none:
            break;
    }
    return "";
}

/// On what the p values of a block rest.
std::string certainty(std::vector<Ranking const*> const& rankings) {
    std::set<Basis> bases;
    std::size_t comparisons = 0;
    for (auto const* ranking : rankings) {
        comparisons = std::max(comparisons, ranking->comparisons);
        for (auto const& one : ranking->contestants)
            if (one.test.basis != Basis::none) bases.insert(one.test.basis);
    }
    return va::certainty(bases, rankings.front()->question, comparisons);
}

/// @param introduce  whether the metrics are spoken of for the first time
Block block_of(std::vector<Ranking const*> const& rankings, bool introduce) {
    auto const& question = rankings.front()->question;
    Block block{title_of(question), {}};
    for (auto const* ranking : rankings) {
        block.lines.push_back(fmt::format(
            "{}: {}", introduce ? metric_name_in_full(ranking->metric) : metric_name(ranking->metric),
            who_is_ahead(*ranking)));
        if (auto text = baselines(*ranking); !text.empty()) block.lines.push_back(std::move(text));
        if (!ranking->silent.empty())
            block.lines.push_back(fmt::format("No result: {}.", listed(ranking->silent)));
    }
    if (auto text = certainty(rankings); !text.empty()) block.lines.push_back(std::move(text));
    return block;
}

}  // namespace

std::string title_of(QuestionSize const& question) {
    return fmt::format("{}: {}, {}, {}", question_name(question.asked), counted(question.sites, "site"),
                       counted(question.deaths, "test death"), counted(question.repeats, "repeat"));
}

std::string certainty(std::set<Basis> const& bases, QuestionSize const& question, std::size_t comparisons) {
    if (bases.empty()) return "";
    Names reasons;
    reasons.reserve(bases.size());
    for (Basis const basis : bases) reasons.push_back(reason_of(basis, question));
    std::string text = "How sure: the p values are " + listed(reasons) + ".";
    if (comparisons > 1) text += fmt::format(" They are adjusted for {} comparisons (Holm).", comparisons);
    return text;
}

ComparisonVerdict verdict_of(ModelComparison const& comparison) {
    ComparisonVerdict verdict;
    auto const types = whole_types(comparison);
    for (auto const& question : comparison.questions) {
        if (std::find(types.begin(), types.end(), question.asked.type) == types.end()) continue;
        for (auto const& metric : comparison.options.metrics) {
            if (better(metric) == Better::neither) continue;
            auto ranking = ranking_of(comparison, question, metric);
            if (!ranking.contestants.empty()) verdict.rankings.push_back(std::move(ranking));
        }
    }
    verdict.limits = limits_of(comparison, verdict.rankings);
    return verdict;
}

std::vector<Block> words_of(ComparisonVerdict const& verdict) {
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < verdict.rankings.size();) {
        std::vector<Ranking const*> of_question;
        auto const& asked = verdict.rankings[i].question.asked;
        for (; i < verdict.rankings.size() && same(verdict.rankings[i].question.asked, asked); ++i)
            of_question.push_back(&verdict.rankings[i]);
        blocks.push_back(block_of(of_question, blocks.empty()));
    }
    if (blocks.empty())
        blocks.push_back({"No verdict", {"No experiment has a result that models could be ranked by."}});
    if (!verdict.limits.empty()) blocks.push_back({"What this study cannot decide", verdict.limits});
    return blocks;
}

std::vector<Block> words_of(ModelComparison const& comparison) {
    return comparison.studies.empty() ? words_of(verdict_of(comparison)) : study_words_of(comparison);
}

std::vector<Block> quick_verdict(store::Reader const& study) {
    constexpr std::uint64_t most_predictions = 500'000;
    constexpr std::uint64_t most_work = 50'000'000;  // predictions times resamples: half a second
    std::uint64_t predictions = 1;
    for (std::size_t row = 0; row < study.size(); ++row)
        if (study.done(row)) predictions += study.experiment(row).n_rows;
    if (predictions > most_predictions)
        return {{"A large study",
                 {fmt::format("'vaster compare {}' says which model is ahead.", study.path().string())}}};
    ComparisonOptions options;
    options.n_resamples = static_cast<std::size_t>(std::clamp<std::uint64_t>(
        most_work / (predictions * options.metrics.size()), 100, options.n_resamples));
    return words_of(compare(study, options));
}

}  // namespace vaster::va

#include "domains/va/report/verdict.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "study_by_hand.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Contains;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// A comparison of one metric, put together without a study.
struct Made {
    ModelComparison comparison;

    explicit Made(QuestionSize const& question = {{"in_domain", 1}, 3, 1, 200, false}) {
        comparison.options.metrics = {"cod_accuracy"};
        comparison.questions = {question};
        comparison.baselines = {{question.asked, "cod_accuracy", 0.1, 0.2}};
    }

    Made& model(std::string const& name, double mean, stats::Interval const& over_deaths) {
        ModelMean row;
        row.asked = comparison.questions.front().asked;
        row.model = name;
        row.metric = "cod_accuracy";
        row.estimate.mean = mean;
        row.estimate.over_deaths = over_deaths;
        double const baseline = comparison.baselines.front().most_frequent;
        row.beside_most_frequent.mean = mean - baseline;
        row.beside_most_frequent.over_deaths = {over_deaths.lo - baseline, over_deaths.hi - baseline};
        comparison.models.push_back(name);
        comparison.means.push_back(row);
        return *this;
    }

    Made& model(std::string const& name, double mean) {
        return model(name, mean, {mean - 0.02, mean + 0.02});
    }

    Made& difference(std::string const& first, std::string const& second, double mean, double p,
                     Basis basis = Basis::deaths) {
        ModelDifference row;
        row.asked = comparison.questions.front().asked;
        row.first = first;
        row.second = second;
        row.metric = "cod_accuracy";
        row.estimate.mean = mean;
        row.recommended = {basis, p, p};
        comparison.differences.push_back(row);
        return *this;
    }

    [[nodiscard]] Ranking ranking() const { return verdict_of(comparison).rankings.at(0); }

    /// All words, a line each.
    [[nodiscard]] std::string words() const {
        std::string text;
        for (auto const& block : words_of(verdict_of(comparison))) {
            text += block.title + "\n";
            for (auto const& line : block.lines) text += line + "\n";
        }
        return text;
    }
};

ModelComparison compared(std::vector<by_hand::Entry> const& entries) {
    example::Folder const folder;
    by_hand::make(folder / "study.h5", entries);
    return compare(store::Reader(folder / "study.h5"), {{"cod_accuracy"}, 200});
}

}  // namespace

TEST_CASE("a model that is better than every other one by its p values is ahead", "[report][verdict]") {
    auto const made = Made()
                          .model("m", 0.4)
                          .model("best", 0.6)
                          .difference("m", "best", -0.2, 0.004)
                          .difference("best", "worst", 0.3, 0.0001)
                          .model("worst", 0.3);
    auto const ranking = made.ranking();
    REQUIRE(ranking.contestants.size() == 3);
    CHECK(ranking.contestants[0].model == "best");
    CHECK(ranking.contestants[0].standing == Standing::leading);
    CHECK(ranking.contestants[1].standing == Standing::behind);
    CHECK(ranking.contestants[2].standing == Standing::behind);
    CHECK(ranking.comparisons == 2);
    CHECK_THAT(made.words(),
               Contains("best is ahead of every other model with 0.600; the others: m (0.400, p = 0.004) "
                        "and worst (0.300, p < 0.001)."));
    CHECK_THAT(made.words(), Contains("adjusted for 2 comparisons (Holm)"));
}

TEST_CASE("a model that is not told apart from the leader is named so", "[report][verdict]") {
    auto const made = Made()
                          .model("a", 0.5)
                          .model("b", 0.49)
                          .model("c", 0.3)
                          .difference("a", "b", 0.01, 0.7)
                          .difference("a", "c", 0.2, 0.01);
    CHECK_THAT(made.words(),
               Contains("a has the highest mean, 0.500; it is better than c (0.300, p = 0.010), "
                        "but is not told apart from b (0.490, p = 0.700)."));
    CHECK_THAT(
        Made().model("a", 0.5).model("b", 0.49).difference("a", "b", 0.01, 0.05).words(),
        Contains("no model is clearly ahead. a has the highest mean, 0.500, but is not told apart from b"));
}

TEST_CASE("models with the same results are level", "[report][verdict]") {
    auto const made = Made().model("a", 0.5).model("b", 0.5).difference("a", "b", 0, 1);
    CHECK(made.ranking().contestants[1].standing == Standing::leading);
    CHECK_THAT(made.words(), Contains("a and b are level at 0.500."));
}

TEST_CASE("a lower mean without a p value is not called worse", "[report][verdict]") {
    auto const made = Made().model("a", 0.5).model("b", 0.4).difference("a", "b", 0.1, missing, Basis::none);
    CHECK(made.ranking().contestants[1].standing == Standing::not_tested);
    CHECK_THAT(made.words(), Contains("no model is clearly ahead") && Contains("without a test: b (0.400)"));
    CHECK_THAT(Made().model("a", 0.5).model("b", 0.4).words(), Contains("without a test: b (0.400)"));
}

TEST_CASE("with holes the leader by mean is not ahead of one that is better where both have results",
          "[report][verdict]") {
    auto const made = Made().model("a", 0.5).model("b", 0.4).difference("a", "b", -0.1, 0.001);
    CHECK(made.ranking().contestants[1].standing == Standing::not_apart);
    CHECK_THAT(made.words(), !Contains("is ahead of"));
}

TEST_CASE("models that are no better than guessing are named", "[report][verdict]") {
    auto const words =
        Made().model("good", 0.5).model("middling", 0.21).model("poor", 0.13).model("useless", 0.05).words();
    CHECK_THAT(words,
               Contains("For COD accuracy, guessing gets about 0.100 and always giving the most frequent "
                        "cause gets 0.200."));
    CHECK_THAT(words, Contains("Worse than guessing: useless (0.050)."));
    CHECK_THAT(words, Contains("Worse than always giving the most frequent cause: poor (0.130) and useless"));
    CHECK_THAT(words,
               Contains("Not told apart from always giving the most frequent cause: middling (0.210)."));
    CHECK_THAT(Made().model("a", 0.5).words(), Contains("Every model is better than that."));
    CHECK_THAT(Made().model("a", 0.01).words(), Contains("EVERY model is worse than guessing: a (0.010)."));
}

TEST_CASE("a model without an interval is set beside the baseline by its mean", "[report][verdict]") {
    auto const ranking =
        Made().model("a", 0.25, {missing, missing}).model("b", 0.15, {missing, missing}).ranking();
    CHECK(ranking.contestants[0].most_frequent == BesideBaseline::above);
    CHECK(ranking.contestants[1].most_frequent == BesideBaseline::below);
    CHECK(ranking.contestants[1].guessing == BesideBaseline::above);
}

TEST_CASE(
    "a model is set beside the baseline by the interval of the broadest claim that the study has enough for",
    "[report][verdict]") {
    auto made = Made().model("a", 0.15, {0.13, 0.17});
    auto& beside = made.comparison.means.front().beside_most_frequent;
    auto const place = [&] { return made.ranking().contestants.front().most_frequent; };
    beside.over_repeats = {4, -0.05, 0.01, {-0.1, 0.01}, 0.5};
    beside.over_sites = {5, -0.05, 0.01, {-0.1, 0.02}, 0.5};
    CHECK(place() == BesideBaseline::below);
    beside.over_repeats.n = 5;
    CHECK(place() == BesideBaseline::about_equal);
    beside.over_repeats.interval.hi = -0.01;
    CHECK(place() == BesideBaseline::below);
    beside.over_sites.n = 6;
    CHECK(place() == BesideBaseline::about_equal);
}

TEST_CASE("one model alone is said to be alone", "[report][verdict]") {
    auto const words = Made().model("a", 0.5).words();
    CHECK_THAT(words, Contains("a is the only model with results: 0.500."));
    CHECK_THAT(words, Contains("design.models names others"));
    CHECK_THAT(words, !Contains("design.repeats"));
    CHECK_THAT(words, !Contains("How sure"));
}

TEST_CASE("a study without results has no verdict, and says what is missing", "[report][verdict]") {
    Made made;
    made.model("a", missing).model("b", missing);
    made.comparison.holes.add([] { return Hole{{"in_domain", 1}, "A", "A", "a", 0, "failed", "", "why"}; });
    CHECK(verdict_of(made.comparison).rankings.empty());
    CHECK_THAT(made.words(),
               Contains("No verdict\nNo experiment has a result that models could be ranked by.\n"));
    CHECK_THAT(made.words(), Contains("INCOMPLETE: 1 result is missing"));
}

TEST_CASE("of a loss the lowest mean is the best one, and a column that is not a measure has no verdict",
          "[report][verdict]") {
    auto const of_metric = [](std::string const& metric) {
        Made made;
        made.model("low", 0.4).model("high", 0.6).difference("low", "high", -0.2, 0.01);
        made.comparison.options.metrics = {metric};
        made.comparison.baselines.clear();
        made.comparison.means[0].metric = made.comparison.means[1].metric = metric;
        made.comparison.differences[0].metric = metric;
        return made;
    };
    for (auto const* metric : {"log_loss", "brier", "cod5_log_loss"}) {
        CHECK(of_metric(metric).ranking().contestants[0].model == "low");
        CHECK(of_metric(metric).ranking().contestants[1].standing == Standing::behind);
    }
    CHECK_THAT(of_metric("log_loss").words(), Contains("low is ahead of every other model with 0.400"));
    CHECK(of_metric("mean_ccc").ranking().contestants[0].model == "high");
    CHECK_THAT(of_metric("rhat").words(),
               Contains("No verdict") && Contains("Of rhat neither high nor low values are the better ones"));
}

TEST_CASE("a model without any result is named beside those that have one", "[report][verdict]") {
    CHECK_THAT(Made().model("a", 0.5).model("b", missing).words(), Contains("No result: b."));
}

TEST_CASE("fewer than six sites, and fewer than five repeats, are named as what cannot decide",
          "[report][verdict]") {
    auto const words = [](std::size_t sites, std::size_t repeats, bool resplit = true) {
        return Made({{"out_domain", 1}, sites, repeats, 200, resplit})
            .model("a", 0.5)
            .model("b", 0.4)
            .difference("a", "b", 0.1, 0.01)
            .words();
    };
    CHECK_THAT(words(3, 1), Contains("3 sites are too few to speak of other sites") &&
                                Contains("below 0.25") && Contains("design.repeats = 20"));
    CHECK_THAT(words(5, 5),
               Contains("5 sites are too few") && Contains("0.062") && !Contains("repeats = 20"));
    CHECK_THAT(words(6, 4), !Contains("too few to speak") && Contains("4 repeats are too few"));
    CHECK_THAT(words(6, 5), !Contains("cannot decide"));
    CHECK_THAT(words(6, 5, false), Contains("All repeats out of domain tested the same deaths"));
    CHECK_THAT(words(1, 5), Contains("One site says nothing about other sites."));
}

TEST_CASE("a study in domain alone says that it knows nothing of other sites", "[report][verdict]") {
    CHECK_THAT(Made().model("a", 0.5).words(),
               Contains("No model was tested at a site that it was not trained"));
    CHECK_THAT(Made({{"leave_one_site_out", 1}, 3, 1, 200, false}).model("a", 0.5).words(),
               !Contains("No model was tested at a site"));
}

TEST_CASE("the words say what the p values are over", "[report][verdict]") {
    auto const words = [](Basis basis) {
        return Made().model("a", 0.5).model("b", 0.4).difference("a", "b", 0.1, 0.01, basis).words();
    };
    CHECK_THAT(words(Basis::deaths), Contains("over 200 test deaths") && Contains("nor of other sites"));
    CHECK_THAT(words(Basis::repeats), Contains("over 1 repeat (corrected resampled t test)"));
    CHECK_THAT(words(Basis::sites), Contains("over 3 sites (paired t test)"));
    CHECK_THAT(words(Basis::none), !Contains("How sure"));
}

TEST_CASE("the p value to be quoted is that of the broadest claim with enough behind it",
          "[report][verdict]") {
    Estimate estimate;
    estimate.over_sites = {6, 0.1, 0.02, {0.05, 0.15}, 0.03};
    estimate.over_repeats = {5, 0.1, 0.02, {0.05, 0.15}, 0.02};
    auto const p_deaths = 0.01;
    CHECK(recommend(estimate, p_deaths).basis == Basis::sites);
    CHECK(recommend(estimate, p_deaths).p == 0.03);
    estimate.over_sites.n = 5;
    CHECK(recommend(estimate, p_deaths).basis == Basis::repeats);
    CHECK(recommend(estimate, p_deaths).p == 0.02);
    estimate.over_repeats.n = 4;
    CHECK(recommend(estimate, p_deaths).basis == Basis::deaths);
    CHECK(recommend(estimate, p_deaths).p == 0.01);
    CHECK(recommend(estimate, missing).basis == Basis::none);
    estimate.over_repeats = {7, 0, 0, {0, 0}, missing};  // two models that always say the same
    CHECK(recommend(estimate, p_deaths).p == 1);
}

TEST_CASE("guessing and the most frequent cause of a small study are what a pencil gives",
          "[report][verdict]") {
    // Causes are a b a b ...: at A 2 of 3 deaths are a, at B 1 of 2, where a comes first in the list.
    auto const comparison = compared({{"in_domain", "A", "A", "m", "110", 0},
                                      {"in_domain", "B", "B", "m", "11", 10},
                                      {"out_domain", "A", "B", "m", "11", 10},
                                      {"out_domain", "B", "A", "m", "000", 0}});
    REQUIRE(comparison.baselines.size() == 2);
    CHECK(comparison.baselines[0].guessing == 0.5);
    CHECK(comparison.baselines[0].most_frequent == Approx((2.0 / 3 + 0.5) / 2));
    CHECK(comparison.baselines[1].most_frequent == Approx((0.5 + 2.0 / 3) / 2));
    CHECK(comparison.questions[0].deaths == 5);
    CHECK(comparison.questions[0].sites == 2);
}

TEST_CASE("Holm's family is one type of experiment", "[report][verdict]") {
    std::vector<by_hand::Entry> entries;
    for (auto const* type : {"in_domain", "training_size"})
        for (auto const* model : {"m", "n"})
            entries.push_back({type, "A", "A", model, model[0] == 'm' ? "1111111" : "0000000", 0});
    auto const comparison = compared(entries);
    REQUIRE(comparison.differences.size() == 2);
    for (auto const& row : comparison.differences) {
        CHECK(row.recommended.basis == Basis::deaths);
        CHECK(row.recommended.p == Approx(2.0 / 128));
        CHECK(row.recommended.adjusted == Approx(2.0 / 128));  // 4 / 128 in one family of both
    }
}

#include "domains/va/models/xgboost.hpp"

#ifdef XGBOOST_C_API_H_
#error "vaster/models/xgboost.hpp lets XGBoost's own header out of room models"
#endif

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <string>

#include <catch2/catch.hpp>

#include "domains/va/models/xgboost_handles.hpp"
#include "sample_cohort.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using models::MissingPolicy;

namespace {

Parameters standard() {
    return Parameters(models::xgboost().parameters);
}

Parameters with(std::string const& name, Value const& value) {
    Parameters parameters = standard();
    parameters.set("rounds", std::int64_t{8});
    parameters.set(name, value);
    return parameters;
}

std::vector<double> probabilities(Parameters const& parameters, std::uint64_t seed = 1) {
    auto const training = testing::sample_cohort(200, 20, {0, 1, 3}, Random(1));
    auto const test = testing::sample_cohort(50, 20, {0, 1, 3}, Random(2));
    auto const classifier = models::xgboost().make(parameters, MissingPolicy::ordinal);
    Watcher watcher;
    classifier->fit(training.training(4), Random(seed), watcher);
    return testing::predicted(*classifier, test.deaths()).probability;
}

std::string problem(std::string const& name, Value const& value) {
    for (auto const& parameter : models::xgboost().parameters)
        if (parameter.name == name) return problem_of(parameter, value);
    return "no such parameter";
}

/// The probabilities of all classes as XGBoost gives them for floating-point numbers with NaN for a hole, by
/// way of its own matrices for training and for prediction.
std::vector<float> from_floats(testing::SampleCohort const& training, testing::SampleCohort const& test,
                               MissingPolicy policy, models::xgb::Settings const& settings) {
    namespace xgb = models::xgb;
    auto const matrix = [&](testing::SampleCohort const& cohort) {
        float const of_missing = policy == MissingPolicy::nan       ? std::numeric_limits<float>::quiet_NaN()
                                 : policy == MissingPolicy::ordinal ? 2.0F
                                                                    : 0.0F;
        std::vector<float> values;
        for (int const answer : testing::answer_numbers(cohort.deaths()))
            values.push_back(answer == 2 ? of_missing : static_cast<float>(answer));
        DMatrixHandle handle = nullptr;
        xgb::check(XGDMatrixCreateFromMat(values.data(), cohort.rows.size(), cohort.answers.n_columns(),
                                          std::numeric_limits<float>::quiet_NaN(), &handle),
                   "the answers");
        return xgb::Matrix(handle);
    };
    xgb::Matrix const train = matrix(training);
    xgb::set_info(train, "label", std::vector<float>(training.causes.begin(), training.causes.end()));
    xgb::Booster const booster = xgb::make_booster(train, settings);
    for (int round = 0; round < 8; ++round)
        xgb::check(XGBoosterUpdateOneIter(booster.get(), round, train.get()), "a round");
    bst_ulong const* shape = nullptr;
    bst_ulong n_dims = 0;
    float const* scores = nullptr;
    xgb::check(XGBoosterPredictFromDMatrix(booster.get(), matrix(test).get(),
                                           R"({"type": 0, "training": false, "iteration_begin": 0,)"
                                           R"( "iteration_end": 0, "strict_shape": true})",
                                           &shape, &n_dims, &scores),
               "to predict");
    return {scores, scores + shape[0] * shape[1]};
}

}  // namespace

TEST_CASE("bytes read in place give the results of floating-point matrices, bit by bit",
          "[models][xgboost]") {
    namespace xgb = models::xgb;
    auto const training = testing::sample_cohort(300, 20, {0, 1, 2, 3}, Random(1));
    auto const test = testing::sample_cohort(80, 20, {0, 1, 2, 3}, Random(2));
    auto const policy = GENERATE(MissingPolicy::absent, MissingPolicy::nan, MissingPolicy::ordinal);
    for (char const* tree_method : {"hist", "exact", "approx"}) {
        CAPTURE(tree_method, static_cast<int>(policy));
        xgb::Settings const settings{{"objective", "multi:softprob"},
                                     {"num_class", "4"},
                                     {"nthread", "1"},
                                     {"tree_method", tree_method},
                                     {"verbosity", "0"},
                                     {"seed", "5"},
                                     {"subsample", "0.8"},
                                     {"max_depth", "5"}};
        auto const train = xgb::make_matrix(models::answer_codes(training.deaths(), policy));
        xgb::set_info(train, "label", std::vector<float>(training.causes.begin(), training.causes.end()));
        auto const booster = xgb::make_booster(train, settings);
        for (int round = 0; round < 8; ++round)
            xgb::check(XGBoosterUpdateOneIter(booster.get(), round, train.get()), "a round");
        CHECK(xgb::predict(booster, models::answer_codes(test.deaths(), policy), 4) ==
              from_floats(training, test, policy, settings));
    }
}

TEST_CASE("every number within the bounds is one that XGBoost accepts", "[models][xgboost]") {
    for (auto const& parameter : models::xgboost().parameters) {
        if (!std::holds_alternative<double>(parameter.standard)) continue;
        for (double const extreme : {parameter.bounds.at_least.value(), parameter.bounds.at_most.value()}) {
            CAPTURE(parameter.name, extreme);
            for (double const p : probabilities(with(parameter.name, extreme))) CHECK(std::isfinite(p));
        }
    }
}

TEST_CASE("the parameters are those of the interface, with their bounds", "[models][xgboost]") {
    std::vector<std::string> names;
    for (auto const& parameter : models::xgboost().parameters) names.push_back(parameter.name);
    CHECK(names == std::vector<std::string>{"preset", "rounds", "max_depth", "eta", "lambda", "alpha",
                                            "subsample", "colsample_bytree", "tree_method",
                                            "min_child_weight", "device", "class_weight", "weight_power",
                                            "weight_power_several"});
    CHECK(problem("rounds", std::int64_t{0}) == "(must be at least 1)");
    CHECK(problem("max_depth", std::int64_t{0}) == "(must be at least 1)");
    CHECK(problem("eta", 0.0) == "(must be at least 1e-09)");
    CHECK(problem("eta", 1.5) == "(must be at most 1)");
    CHECK(problem("lambda", -0.1) == "(must be at least 0)");
    CHECK(problem("alpha", -0.1) == "(must be at least 0)");
    CHECK(problem("subsample", 0.0) == "(must be at least 1e-09)");
    CHECK(problem("colsample_bytree", 1.01) == "(must be at most 1)");
    CHECK(problem("tree_method", std::string("gpu_hist")) ==
          "('gpu_hist' is not one of: hist, exact, approx)");
    CHECK(problem("class_weight", std::string("balanced")).empty());
    CHECK(problem("device", std::string("tpu")) == "('tpu' is not one of: cpu, cuda)");
}

TEST_CASE("every parameter reaches XGBoost", "[models][xgboost]") {
    auto const before = probabilities(with("rounds", std::int64_t{8}));
    auto const changes = [&](std::string const& name, Value const& value) {
        return probabilities(with(name, value)) != before;
    };
    CHECK(changes("rounds", std::int64_t{9}));
    CHECK(changes("max_depth", std::int64_t{2}));
    CHECK(changes("eta", 0.1));
    CHECK(changes("lambda", 5.0));
    CHECK(changes("alpha", 2.0));
    CHECK(changes("subsample", 0.5));
    CHECK(changes("colsample_bytree", 0.5));
    CHECK(changes("min_child_weight", 5.0));
    CHECK(changes("class_weight", std::string("none")));
    CHECK(changes("weight_power", 0.5));
    CHECK_FALSE(changes("weight_power", 1.0));
    CHECK_FALSE(changes("weight_power_several", 0.5));  // of one site
}

TEST_CASE("the tree methods agree on answers, which have few values", "[models][xgboost]") {
    auto const hist = probabilities(with("tree_method", std::string("hist")));
    for (char const* name : {"exact", "approx"}) {
        auto const other = probabilities(with("tree_method", std::string(name)));
        double largest = 0;
        for (std::size_t i = 0; i < hist.size(); ++i)
            largest = std::max(largest, std::abs(hist[i] - other[i]));
        CAPTURE(name);
        CHECK(largest < 0.2);
    }
}

TEST_CASE("the stream decides what is sampled, and nothing when nothing is sampled", "[models][xgboost]") {
    CHECK(probabilities(with("subsample", 0.5), 1) == probabilities(with("subsample", 0.5), 1));
    CHECK(probabilities(with("subsample", 0.5), 1) != probabilities(with("subsample", 0.5), 2));
    CHECK(probabilities(with("subsample", 1.0), 1) == probabilities(with("subsample", 1.0), 2));
}

TEST_CASE("balanced weights lift rare causes", "[models][xgboost]") {
    // Answers that say nothing: 9 of 10 deaths are of cause 0.
    testing::SampleCohort cohort{va::AnswerMatrix(100, 2), {}, {}};
    for (std::uint32_t i = 0; i < 100; ++i) {
        cohort.rows.push_back(i);
        cohort.causes.push_back(i % 10 == 0 ? 1 : 0);
    }
    auto const p_rare = [&](char const* weight) {
        Parameters parameters = standard();
        parameters.set("class_weight", std::string(weight));
        auto const classifier =
            testing::fitted(models::xgboost(), cohort.training(2), MissingPolicy::absent, parameters);
        return testing::predicted(*classifier, cohort.deaths()).of_death(0)[1];
    };
    CHECK(p_rare("balanced") == Approx(0.5).margin(0.001));
    CHECK(p_rare("none") == Approx(0.1).margin(0.02));
}

TEST_CASE("training stops between rounds when the watcher says so", "[models][xgboost]") {
    auto const cohort = testing::sample_cohort(60, 6, {0, 1}, Random(3));
    auto const classifier = models::xgboost().make(standard(), MissingPolicy::absent);
    testing::CountingWatcher watcher(5);
    CHECK_THROWS_AS(classifier->fit(cohort.training(2), Random(1), watcher), Cancelled);
    CHECK(watcher.last_fraction == Approx(0.05));
    testing::CountingWatcher patient(1000);
    models::xgboost().make(standard(), MissingPolicy::absent)->fit(cohort.training(2), Random(1), patient);
    CHECK(patient.last_fraction == 1);
    CHECK(patient.asked == 100);
}

TEST_CASE("device cuda is refused where the library has none", "[models][xgboost]") {
    if (models::xgboost_build().has_cuda) {
        WARN("skipped: this XGBoost has CUDA");
        return;
    }
    try {
        (void)models::xgboost().make(with("device", std::string("cuda")), MissingPolicy::absent);
        FAIL("accepted");
    } catch (UnavailableError const& error) {
        std::string const text = error.what();
        CHECK(text.find("models.xgboost.device = \"cuda\"") != std::string::npos);
        CHECK(text.find(models::xgboost_build().version) != std::string::npos);
        CHECK(text.find("set it to \"cpu\"") != std::string::npos);
    }
}

TEST_CASE("XGBoost's reasons lose time stamp, source line and stack trace", "[models][xgboost]") {
    using models::xgb::clean_reason;
    CHECK(clean_reason("[10:14:52] ../src/objective/multiclass_obj.cu:121: Check failed: label_error >= 0\n"
                       "Stack trace:\n  [bt] (0) libxgboost.so") == "Check failed: label_error >= 0");
    CHECK(clean_reason("plain words: and more") == "plain words: and more");
    CHECK(clean_reason("").empty());
}

TEST_CASE("a refusal by XGBoost is a model error with its reason", "[models][xgboost]") {
    std::vector<float> const labels{0, 7};
    auto const matrix = models::xgb::make_matrix({{0, 1, 1, 0}, 2});
    models::xgb::set_info(matrix, "label", labels);
    auto const booster = models::xgb::make_booster(
        matrix, {{"objective", "multi:softprob"}, {"num_class", "2"}, {"nthread", "1"}, {"verbosity", "0"}});
    try {
        models::xgb::check(XGBoosterUpdateOneIter(booster.get(), 0, matrix.get()), "round 1");
        FAIL("accepted");
    } catch (ModelError const& error) {
        std::string const text = error.what();
        CAPTURE(text);
        CHECK(text.starts_with("XGBoost refused round 1: "));
        CHECK(text.find("num_class") != std::string::npos);
        CHECK(text.find("Stack trace") == std::string::npos);
        CHECK(text.find(".cu:") == std::string::npos);
    }
}

TEST_CASE("XGBoost running out of memory is std::bad_alloc", "[models][xgboost]") {
    // Sets XGBoost's last error to a text with bad_alloc in it: an unknown setting echoed by its own parser.
    CHECK(XGBSetGlobalConfig(R"({"std::bad_alloc": 1})") != 0);
    CHECK_THROWS_AS(models::xgb::check(-1, "anything"), std::bad_alloc);
}

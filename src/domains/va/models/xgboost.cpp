#include "domains/va/models/xgboost.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>

#include "domains/va/models/boosted_trees.hpp"
#include "domains/va/models/features.hpp"
#include "domains/va/models/part_checks.hpp"
#include "domains/va/models/probabilities.hpp"
#include "domains/va/models/softmax_gradients.hpp"
#include "domains/va/models/xgboost_handles.hpp"
#include "domains/va/models/xgboost_trees.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {
namespace {

/// Of every training death, as the library has them; empty: all weigh 1.
std::vector<float> weights_for(TrainingSet const& training, PresentCauses const& present, double power) {
    if (power == 0 && training.weights.empty()) return {};
    auto const weights =
        death_weights(training, present, class_weights(class_totals(training, present), power));
    return {weights.begin(), weights.end()};
}

/// The library's scores of some deaths as rows of a prediction, divided by their sum in double precision.
/// @param first  of the deaths in the prediction
void put_scores(std::span<float const> scores, std::size_t first, std::vector<std::uint32_t> const& causes,
                Prediction& prediction) {
    std::size_t const n_classes = causes.size();
    std::vector<double> row(n_classes);
    for (std::size_t i = 0; i * n_classes < scores.size(); ++i) {
        auto const of_death = scores.subspan(i * n_classes, n_classes);
        double const sum = std::accumulate(of_death.begin(), of_death.end(), 0.0);
        for (std::size_t k = 0; k < n_classes; ++k) row[k] = static_cast<double>(of_death[k]) / sum;
        put_row(prediction, first + i, causes, row);
    }
}

/// Fits by the library, and predicts by it.
class Xgboost : public Classifier {
  public:
    Xgboost(Parameters parameters, MissingPolicy policy, XgboostBuild const& build, DeviceNode node)
        : parameters_(std::move(parameters)), policy_(policy), node_(std::move(node)) {
        check_weight_power(parameters_, "xgboost");
        if (parameters_.get<std::string>("device") == "cpu") return;
        require<UnavailableError>(
            build.has_cuda,
            "models.xgboost.device = \"cuda\", but the XGBoost {} linked here was built without "
            "CUDA; set it to \"cpu\", or build against a library with CUDA",
            build.version);
        auto const& tree_method = parameters_.get<std::string>("tree_method");
        require<ConfigError>(
            tree_method == "hist",
            "models.xgboost.tree_method = \"{}\" does not run on device \"cuda\"; set it to \"hist\"",
            tree_method);
        device_ = own_device(node_);
    }

    void fit(TrainingSet const& training, Random random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        n_symptoms_ = training.deaths.answers.n_columns();
        causes_ = present.causes;
        if (causes_.size() > 1) boost(training, present, random, watcher);
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        VASTER_EXPECTS(!causes_.empty());
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        put_scores(class_probabilities(test.deaths, watcher), 0, causes_, prediction);
        return prediction;
    }

    /// Parts of KeptXgboost; "ubj" u8, the library's own form, for other programs.
    void save(Parts& parts) const override {
        save_classes(parts, causes_);
        if (causes_.size() == 1) return;
        auto const ubj = xgb::as_ubj(booster_);
        xgb::trees_of(ubj, policy_, n_symptoms_, causes_.size()).save(parts);
        parts.put("ubj", ubj);
    }

  private:
    /// The device, if one is used, while nobody else uses it.
    [[nodiscard]] std::optional<DeviceTurn> device_turn(Watcher& watcher) const {
        if (!device_) return std::nullopt;
        return std::make_optional<DeviceTurn>(node_, *device_, watcher);
    }

    void boost(TrainingSet const& training, PresentCauses const& present, Random random, Watcher& watcher) {
        auto const turn = device_turn(watcher);
        xgb::Matrix const matrix = xgb::make_matrix(answer_codes(training.deaths, policy_));
        xgb::set_info(matrix, "label", std::vector<float>(present.class_of.begin(), present.class_of.end()));
        auto weights = weights_for(training, present, weight_power(parameters_, training));
        if (!weights.empty()) xgb::set_info(matrix, "weight", weights);
        std::size_t const n_answers = training.deaths.rows.size() * n_symptoms_;
        bool const is_large = !device_ && n_answers >= xgboost_large;
        std::size_t const n_threads =
            is_large ? std::min(watcher.threads(), n_answers / xgboost_answers_for_a_thread) : 1;
        booster_ = xgb::make_booster(matrix, settings(random, n_threads));
        if (!is_large)
            return for_each_round(watcher, [&](int round) { xgb::boost_round(booster_, matrix, round); });
        xgb::SoftmaxGradients gradients(present.class_of, std::move(weights), causes_.size());
        for_each_round(watcher, [&](int round) {
            gradients.compute(xgb::training_scores(booster_, matrix), n_threads);
            xgb::boost_round(booster_, matrix, round, gradients.first(), gradients.second());
        });
    }

    template <class Boost>
    void for_each_round(Watcher& watcher, Boost boost) const {
        auto const rounds = static_cast<int>(parameters_.get<std::int64_t>("rounds"));
        for (int round = 0; round < rounds; ++round) {
            if (watcher.stop_requested()) throw Cancelled{};
            boost(round);
            watcher.on_progress((round + 1.0) / rounds);
        }
    }

    [[nodiscard]] xgb::Settings settings(Random random, std::size_t n_threads) const {
        xgb::Settings all =
            xgb::device_settings(device_ ? std::make_optional(device_->ordinal) : std::nullopt,
                                 parameters_.get<std::string>("tree_method"));
        all.emplace_back("objective", "multi:softprob");
        all.emplace_back("num_class", fmt::format("{}", causes_.size()));
        all.emplace_back("nthread", fmt::format("{}", n_threads));
        all.emplace_back("verbosity", "0");
        all.emplace_back("seed", fmt::format("{}", random() >> 33));  // 31 bits: XGBoost keeps an int
        all.emplace_back("max_depth", fmt::format("{}", parameters_.get<std::int64_t>("max_depth")));
        for (char const* name :
             {"eta", "lambda", "alpha", "subsample", "colsample_bytree", "min_child_weight"})
            all.emplace_back(name, fmt::format("{}", parameters_.get<double>(name)));
        return all;
    }

    [[nodiscard]] std::vector<float> class_probabilities(Deaths const& test, Watcher& watcher) const {
        if (causes_.size() == 1 || test.rows.empty()) return std::vector<float>(test.rows.size(), 1.0F);
        auto const turn = device_turn(watcher);
        return xgb::predict(booster_, answer_codes(test, policy_), causes_.size());
    }

    Parameters parameters_;
    MissingPolicy policy_;
    DeviceNode node_;
    std::optional<Device> device_;       ///< none: the processor
    std::size_t n_causes_ = 0;           ///< of the study
    std::size_t n_symptoms_ = 0;         ///< of the training deaths
    std::vector<std::uint32_t> causes_;  ///< cause of every class
    xgb::Booster booster_;               ///< none when there is one class
};

/// Predicts what Xgboost has learned without the library, which reads no file of a stranger safely.
class KeptXgboost : public Classifier {
  public:
    KeptXgboost(Parameters const&, MissingPolicy policy) : policy_(policy) {}

    void fit(TrainingSet const&, Random, Watcher&) override {
        throw std::logic_error("a model that was loaded is not fitted again");
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        auto const [answers, rows] = test.deaths;
        for (std::size_t begin = 0; begin < rows.size(); begin += DeathBatch::most) {
            if (watcher.stop_requested()) throw Cancelled{};
            auto const some = rows.subspan(begin, std::min(DeathBatch::most, rows.size() - begin));
            put_scores(class_probabilities({answers, some, policy_}), begin, causes_, prediction);
        }
        return prediction;
    }

    void save(Parts& parts) const override {
        save_classes(parts, causes_);
        if (causes_.size() > 1) predictor_.trees().save(parts);
        if (ubj_) parts.put_part("ubj", *ubj_);
    }

    void load(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
        n_causes_ = n_causes;
        causes_ = load_classes(parts, n_causes);
        if (causes_.size() > 1)
            predictor_ = BoostedPredictor(BoostedTrees::load(parts, n_symptoms, causes_.size()));
        if (auto const* const ubj = parts.find("ubj")) ubj_ = *ubj;
    }

  private:
    [[nodiscard]] std::vector<float> class_probabilities(DeathBatch const& batch) const {
        if (causes_.size() == 1) return std::vector<float>(batch.size(), 1.0F);
        return predictor_.class_probabilities(batch, causes_.size());
    }

    MissingPolicy policy_;
    std::size_t n_causes_ = 0;           ///< of the study
    std::vector<std::uint32_t> causes_;  ///< cause of every class
    BoostedPredictor predictor_;         ///< none when there is one class
    std::optional<Part> ubj_;            ///< the library's own form, which is only handed on
};

/// XGBoost keeps its parameters in single precision and refuses what does not fit, in every fit anew.
constexpr double least_float = 1e-9;
constexpr double largest_float = 1e30;

std::vector<Parameter> declared_parameters() {
    std::vector<Parameter> parameters{
        {.name = "preset",
         .standard = std::string("none"),
         .doc = "transfer: the other keys that are not given have values that were chosen for other sites: "
                "slow learning on few symptoms and deaths at a time",
         .choices = {"none", "transfer"},
         .effect = Effect::operation},
        {.name = "rounds",
         .standard = std::int64_t{100},
         .doc = "boosting rounds; each grows one tree per cause",
         .bounds = {.at_least = 1, .at_most = 100000}},
        {.name = "max_depth",
         .standard = std::int64_t{6},
         .doc = "depth of a tree [levels]",
         .bounds = {.at_least = 1, .at_most = 32}},
        {.name = "eta",
         .standard = 0.3,
         .doc = "learning rate: each tree's contribution is shrunk by it",
         .bounds = {.at_least = least_float, .at_most = 1}},
        {.name = "lambda",
         .standard = 1.0,
         .doc = "L2 penalty on leaf values",
         .bounds = {.at_least = 0, .at_most = largest_float}},
        {.name = "alpha",
         .standard = 0.0,
         .doc = "L1 penalty on leaf values",
         .bounds = {.at_least = 0, .at_most = largest_float}},
        {.name = "subsample",
         .standard = 1.0,
         .doc = "share of the deaths drawn for each tree",
         .bounds = {.at_least = least_float, .at_most = 1}},
        {.name = "colsample_bytree",
         .standard = 1.0,
         .doc = "share of the symptoms drawn for each tree",
         .bounds = {.at_least = least_float, .at_most = 1}},
        {.name = "tree_method",
         .standard = std::string("hist"),
         .doc = "how splits are searched: hist and approx on binned values, exact on all",
         .choices = {"hist", "exact", "approx"}},
        {.name = "min_child_weight",
         .standard = 1.0,
         .doc = "least sum of the Hessian, P (1 - P) times a death's weight, in a leaf",
         .bounds = {.at_least = 0, .at_most = largest_float}},
        {.name = "device",
         .standard = std::string("cpu"),
         .doc = "cpu, or cuda where the XGBoost library has it; the ranks of a node share its devices, one "
                "fit on each at a time",
         .choices = {"cpu", "cuda"}},
    };
    return with_weight_parameters(std::move(parameters), "balanced");
}

/// Measured on 168 symptoms and 34 causes; exact and approx look for their splits anew for every tree.
double expected_seconds(Parameters const& parameters, WorkSize const& size) {
    auto const trees =
        static_cast<double>(parameters.get<std::int64_t>("rounds")) * static_cast<double>(size.n_causes);
    auto const cells = static_cast<double>(size.n_train) * static_cast<double>(size.n_symptoms);
    double const per_cell = parameters.get<std::string>("tree_method") == "hist" ? 1.5e-9 : 15e-9;
    return 0.01 + trees * (1e-5 + per_cell * cells + 3e-8 * static_cast<double>(size.n_test));
}

}  // namespace

std::vector<std::pair<std::string, Value>> xgboost_for_transfer() {
    return {{"rounds", std::int64_t{200}},
            {"max_depth", std::int64_t{4}},
            {"eta", 0.05},
            {"lambda", 1.0},
            {"subsample", 0.6},
            {"colsample_bytree", 0.4},
            {"min_child_weight", 1.0},
            {"weight_power", 0.75},
            {"weight_power_several", 0.0}};
}

XgboostBuild xgboost_build() {
    int major = 0;
    int minor = 0;
    int patch = 0;
    XGBoostVersion(&major, &minor, &patch);
    char const* info = nullptr;
    xgb::check(XGBuildInfo(&info), "to tell how it was built");
    bool const has_cuda = std::string_view(info).find(R"("USE_CUDA":true)") != std::string_view::npos;
    return {fmt::format("{}.{}.{}", major, minor, patch), has_cuda};
}

Model xgboost(XgboostBuild const& build, DeviceNode const& node) {
    return {
        .name = "xgboost",
        .doc = "gradient-boosted trees (XGBoost)",
        .parameters = declared_parameters(),
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make =
            [build, node](Parameters const& parameters, MissingPolicy policy) {
                return std::make_unique<Xgboost>(parameters, policy, build, node);
            },
        .load = loading<KeptXgboost>(),
        .predicts = Predicts::each_death,
        .takes_weights = true,
    };
}

}  // namespace vaster::models

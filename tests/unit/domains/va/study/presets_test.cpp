#include "domains/va/study/presets.hpp"

#include <catch2/catch.hpp>

#include "domains/va/models/logistic_regression.hpp"
#include "domains/va/models/xgboost.hpp"
#include "domains/va/study/options.hpp"
#include "domains/va/study/training.hpp"
#include "domains/va/study/tuning.hpp"
#include "small_study.hpp"

using namespace vaster;
using namespace vaster::va;
using namespace vaster::test;

namespace {

double real(study::Config const& config, std::string const& key) {
    return config.get<double>(key);
}

/// A configuration of a text and of flags.
study::Config config_of(std::string const& text, std::vector<study::Override> flags = {}) {
    flags.push_back({"data.path", "deaths.csv", "--data"});
    return study::load(*make_va_comparison(), {"study.toml", text, std::move(flags)});
}

}  // namespace

TEST_CASE("the preset of XGBoost gives values to keys that are not given, and to no others",
          "[study][presets]") {
    auto const plain = config_of("");
    CHECK(real(plain, "models.xgboost.eta") == 0.3);
    auto const all = config_of("[models.xgboost]\npreset = \"transfer\"\n");
    for (auto const& [key, value] : models::xgboost_for_transfer())
        CHECK(all.value("models.xgboost." + key) == value);
    auto const some = config_of("[models.xgboost]\neta = 0.3\npreset = \"transfer\"\n",
                                {{"models.xgboost.rounds", "7", "--set"}});
    CHECK(real(some, "models.xgboost.eta") == 0.3);
    CHECK(some.get<std::int64_t>("models.xgboost.rounds") == 7);
    CHECK(real(some, "models.xgboost.subsample") == 0.6);
    auto const weighted = config_of("[models.xgboost]\npreset = \"transfer\"\nclass_weight = \"balanced\"\n");
    CHECK(real(weighted, "models.xgboost.weight_power") == -1);
    CHECK(real(weighted, "models.xgboost.weight_power_several") == -1);
}

TEST_CASE("a centred regression has other defaults, and a key that is given holds for several sites too",
          "[study][presets]") {
    auto const all = config_of("[models.logistic_regression]\ncentre = \"site\"\n");
    for (auto const& [key, value] : models::logistic_regression_for_transfer())
        CHECK(all.value("models.logistic_regression." + key) == value);
    CHECK(real(all, "models.logistic_regression.lambda") == 0.75);
    auto const some = config_of("[models.logistic_regression]\ncentre = \"site\"\nC = 2\nlambda = 0.0\n");
    CHECK(real(some, "models.logistic_regression.C") == 2);
    CHECK(real(some, "models.logistic_regression.C_several") == 0);
    CHECK(real(some, "models.logistic_regression.lambda_several") == -1);
    CHECK(real(some, "models.logistic_regression.weight_power") == 0.75);
}

TEST_CASE("a configuration with presets reads back as the same one, and hashes as its values",
          "[study][presets]") {
    auto const kind = make_va_comparison();
    auto const config = config_of(
        "[models.xgboost]\npreset = \"transfer\"\neta = 0.1\n"
        "[models.logistic_regression]\ncentre = \"site\"\nC = 0.2\n");
    auto const again = study::load(*kind, {"", study::to_toml(config), {}});
    CHECK(study::to_toml(again) == study::to_toml(config));
    auto by_hand = config;
    by_hand.set("models.xgboost.preset", std::string("none"));
    CHECK(study::config_hash(*kind, by_hand) == study::config_hash(*kind, config));
}

TEST_CASE("what --preset sets can be read by its kind", "[study][presets]") {
    auto const check = [](study::Kind const& kind, std::vector<study::Preset> const& presets,
                          std::vector<study::Override> flags) {
        REQUIRE(presets.size() == 1);
        for (auto const& [key, text] : presets.front().settings) flags.push_back({key, text, "--preset"});
        return study::load(kind, {"", "", flags});
    };
    auto const compared =
        check(*make_va_comparison(), comparison_presets(), {{"data.path", "d.csv", "--data"}});
    auto const options = options_of(compared, std::make_shared<models::Catalogue const>());
    auto const methods = methods_of(options);
    REQUIRE(methods.size() == 4);
    CHECK(methods.back().name == "transfer");
    CHECK(methods.back().members == std::vector<std::string>{"xgboost", "logistic_regression"});
    CHECK(methods.back().ensemble->given[0] == Approx(2.0 / 3));
    CHECK(real(compared, "models.xgboost.eta") == 0.05);
    auto const trained = check(*make_va_train(), training_presets(),
                               {{"data.path", "d.csv", "--data"}, {"train.output", "m.h5", "--output"}});
    auto const training = training_options_of(trained, std::make_shared<models::Catalogue const>());
    CHECK(methods_of(training.base).back().name == "transfer");
}

TEST_CASE("what is tuned holds for one site and for several", "[study][presets]") {
    Parameters parameters(models::logistic_regression().parameters);
    for (auto const& [key, value] : models::logistic_regression_for_transfer()) parameters.set(key, value);
    std::string const model = "logistic_regression";
    auto const tuned = with_setting(parameters, model, "logistic_regression.C=3 xgboost.eta=0.1");
    CHECK(tuned.get<double>("C") == 3);
    CHECK(tuned.get<double>("C_several") == 3);
    CHECK(tuned.get<double>("weight_power") == 0.75);
    auto const apart =
        with_setting(parameters, model, "logistic_regression.C_several=2 logistic_regression.C=3");
    CHECK(apart.get<double>("C") == 3);
    CHECK(apart.get<double>("C_several") == 2);
    auto const weighted = with_setting(parameters, model, "logistic_regression.class_weight=balanced");
    CHECK(weighted.get<double>("weight_power") == -1);
    CHECK(weighted.get<double>("weight_power_several") == -1);
}

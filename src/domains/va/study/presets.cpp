#include "domains/va/study/presets.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "domains/va/models/logistic_regression.hpp"
#include "domains/va/models/xgboost.hpp"

namespace vaster::va {
namespace {

using Values = std::vector<std::pair<std::string, Value>>;

constexpr std::string_view several = "_several";
constexpr char const* vote = "transfer_vote = soft(xgboost, logistic_regression; weights = 2, 1)";

/// Who gives the key that stands for both one site and several has said enough; so has who gives class_weight
/// where it is a power that would be brought.
study::BroughtValue brought(std::string const& table, std::string const& key, Value const& value) {
    study::BroughtValue one{fmt::format("{}.{}", table, key), value};
    if (key.ends_with(several))
        one.unless.push_back(fmt::format("{}.{}", table, key.substr(0, key.size() - several.size())));
    if (key.starts_with("weight_power")) one.unless.push_back(fmt::format("{}.class_weight", table));
    return one;
}

study::KeyPreset preset_of(std::string const& table, std::string const& key, std::string value,
                           Values const& values) {
    study::KeyPreset preset{fmt::format("{}.{}", table, key), std::move(value), {}};
    for (auto const& [name, of_name] : values) preset.brings.push_back(brought(table, name, of_name));
    return preset;
}

std::vector<study::Preset::Setting> models_for_transfer() {
    return {{"models.xgboost.preset", "transfer"}, {"models.logistic_regression.centre", "site"}};
}

study::Preset transfer(std::vector<study::Preset::Setting> settings) {
    for (auto& setting : models_for_transfer()) settings.push_back(std::move(setting));
    return {
        "transfer",
        "what is recommended where a model is to be used at a site without labelled deaths, trained at one "
        "other or at several: a vote of slow XGBoost and site-centred regression, adapted to every batch",
        std::move(settings)};
}

}  // namespace

std::vector<study::KeyPreset> model_presets() {
    return {preset_of("models.xgboost", "preset", "transfer", models::xgboost_for_transfer()),
            preset_of("models.logistic_regression", "centre", "site",
                      models::logistic_regression_for_transfer())};
}

std::vector<study::Preset> comparison_presets() {
    return {transfer({{"design.models", R"(["xgboost", "logistic_regression"])"},
                      {"design.ensembles", fmt::format(R"(["{}"])", vote)},
                      {"design.adapt", R"(["transfer = transfer_vote"])"},
                      {"design.types", R"(["out_domain", "leave_one_site_out"])"}})};
}

std::vector<study::Preset> training_presets() {
    return {transfer({{"train.model", fmt::format(R"("{}")", vote)}, {"train.adapt", "transfer"}})};
}

}  // namespace vaster::va

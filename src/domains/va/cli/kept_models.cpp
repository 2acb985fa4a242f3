// What `vaster model` is told of models for verbal autopsy.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "domains/va/cli/commands.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/study/kept_model.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

/// All of them, or as many as are shown with their number.
std::string list_of(std::vector<std::string> const& names) {
    constexpr std::size_t enough = 20;
    if (names.size() <= enough) return fmt::format("{}", fmt::join(names, ", "));
    return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + enough, ", "),
                       names.size() - enough);
}

/// Mean over the folds or sites that have the metric; NaN: none has.
double mean_of(InnerResults const& inner, std::size_t metric) {
    double sum = 0;
    std::size_t n = 0;
    for (std::size_t unit = 0; unit < inner.units.size(); ++unit) {
        double const value = inner.values[unit * inner.metrics.size() + metric];
        if (std::isnan(value)) continue;
        sum += value;
        ++n;
    }
    return n > 0 ? sum / static_cast<double>(n) : std::nan("");
}

void add_inner(cli::ModelFacts& facts, InnerResults const& inner) {
    for (std::size_t m = 0; m < inner.metrics.size(); ++m)
        if (double const mean = mean_of(inner, m); std::isfinite(mean))
            facts[fmt::format("inner.{}.{}", inner.design, inner.metrics[m])] = mean;
}

bool is_of_this_domain(Parts const& parts) {
    return parts.has("data/symptoms") && parts.has("data/causes");
}

cli::ModelFacts facts_of(KeptModel const& model) {
    auto const count = [](std::size_t n) { return static_cast<double>(n); };
    cli::ModelFacts facts{
        {"model", model.name},
        {"missing", models::missing_policy_names().at(static_cast<std::size_t>(model.missing))},
        {"n_train", count(model.n_deaths)},
        {"n_causes", count(model.causes.size())},
        {"n_symptoms", count(model.symptoms.size())},
        {"n_sites", count(model.sites.size())},
        {"sites", list_of(model.sites)},
        {"data_hash", model.data_hash}};
    std::vector<std::string> members;
    members.reserve(model.members.size());
    for (auto const& member : model.members) members.push_back(member.model);
    if (model.vote) facts["members"] = list_of(members);
    for (auto const& inner : model.inner) add_inner(facts, inner);
    for (auto const& [key, text] : model.provenance)
        if (key.starts_with("study.")) facts[key] = text;
    return facts;
}

/// The made-up deaths of the file once more.
std::string try_again(KeptModel const& model, models::Catalogue const& catalogue) {
    auto const members = classifiers(model, catalogue);
    if (!model.probes) return {};
    auto const n_probes = model.symptoms.empty() ? 0 : model.probes->answers.size() / model.symptoms.size();
    Watcher nobody;
    auto const again = probes_of(model, members, n_probes, nobody);
    if (again.answers != model.probes->answers)
        return "its probes are not those that this program draws from its seed and data";
    if (again.probability == model.probes->probability) return {};
    double largest = 0;
    for (std::size_t i = 0; i < again.probability.size(); ++i)
        largest = std::max(largest, std::abs(again.probability[i] - model.probes->probability[i]));
    return fmt::format("it predicts its {} probes otherwise than when it was made, by up to {:.3g}", n_probes,
                       largest);
}

}  // namespace

cli::KeptModels kept_models(std::shared_ptr<models::Catalogue const> const& catalogue) {
    cli::KeptModels kept;
    kept.facts = [catalogue](Parts const& parts) -> std::optional<cli::ModelFacts> {
        if (!is_of_this_domain(parts)) return std::nullopt;
        auto const model = kept_model_from(parts);
        (void)classifiers(model, *catalogue);
        return facts_of(model);
    };
    kept.try_again = [catalogue](Parts const& parts) {
        return try_again(kept_model_from(parts), *catalogue);
    };
    kept.listed = {"model", "n_train"};
    return kept;
}

}  // namespace vaster::va

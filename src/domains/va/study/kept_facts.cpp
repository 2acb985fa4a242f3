#include "domains/va/study/kept_facts.hpp"

#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace vaster::va {
namespace {

bool is_end_of_interval(std::string_view metric) {
    return metric.ends_with("_lo") || metric.ends_with("_hi");
}

/// Mean over the units that have the metric; nothing where none has.
std::optional<double> mean_of(InnerResults const& inner, std::size_t metric) {
    double sum = 0;
    std::size_t n = 0;
    for (std::size_t u = 0; u < inner.units.size(); ++u) {
        double const value = inner.values[u * inner.metrics.size() + metric];
        if (std::isnan(value)) continue;
        sum += value;
        ++n;
    }
    if (n == 0) return std::nullopt;
    return sum / static_cast<double>(n);
}

void add_inner(KeptFacts& facts, InnerResults const& inner) {
    for (std::size_t m = 0; m < inner.metrics.size(); ++m) {
        auto const mean = is_end_of_interval(inner.metrics[m]) ? std::nullopt : mean_of(inner, m);
        if (mean) facts.emplace(fmt::format("inner.{}.{}", inner.design, inner.metrics[m]), *mean);
    }
}

void add_provenance(KeptFacts& facts, KeptModel const& model) {
    static std::map<std::string, std::string, std::less<>> const names{{"chosen_by", "chosen_by"},
                                                                       {"created", "created"},
                                                                       {"study_config", "study.config"},
                                                                       {"study_data", "study.data"},
                                                                       {"study_plan", "study.plan"}};
    for (auto const& [key, text] : model.provenance)
        if (auto const name = names.find(key); name != names.end()) facts.emplace(name->second, text);
}

}  // namespace

KeptFacts facts_of(KeptModel const& model) {
    std::vector<std::string> members;
    members.reserve(model.members.size());
    for (auto const& member : model.members) members.push_back(member.model);
    std::vector<std::string> sites;
    for (std::size_t s = 0; s < model.sites.size(); ++s)
        if (model.site_deaths[s] > 0) sites.push_back(model.sites[s]);
    KeptFacts facts{
        {"model", model.name},
        {"members", fmt::format("{}", fmt::join(members, ", "))},
        {"missing", models::missing_policy_names().at(static_cast<std::size_t>(model.missing))},
        {"seed", fmt::format("{}", model.seed)},
        {"n_train", static_cast<double>(model.n_deaths)},
        {"n_symptoms", static_cast<double>(model.symptoms.size())},
        {"n_causes", static_cast<double>(model.causes.size())},
        {"n_sites", static_cast<double>(sites.size())},
        {"sites", fmt::format("{}", fmt::join(sites, ", "))},
        {"data_hash", model.data_hash},
    };
    if (auto const& adaptation = model.adaptation)
        facts.emplace("adaptation",
                      fmt::format("to every batch (transductive): weight {}, power {}, prior {}, steps {}{}",
                                  adaptation->weight, adaptation->power, adaptation->prior, adaptation->steps,
                                  adaptation->temperature == 1
                                      ? ""
                                      : fmt::format(", temperature {}", adaptation->temperature)));
    for (auto const& inner : model.inner) add_inner(facts, inner);
    add_provenance(facts, model);
    return facts;
}

}  // namespace vaster::va

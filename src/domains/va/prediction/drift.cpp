#include "domains/va/prediction/drift.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "vaster/support/contracts.hpp"

namespace vaster::va {
namespace {

double share(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(part) / static_cast<double>(whole);
}

/// 0 where either is not known.
double difference(double a, double b) {
    double const d = std::abs(a - b);
    return std::isnan(d) ? 0 : d;
}

}  // namespace

double SymptomCounts::missing_share() const {
    return share(missing, deaths);
}

double SymptomCounts::present_share() const {
    return share(present, deaths - missing);
}

double SymptomDrift::size() const {
    return std::max(difference(trained.missing_share(), seen.missing_share()),
                    difference(trained.present_share(), seen.present_share()));
}

Drift drift_of(std::span<SymptomCounts const> trained, std::span<SymptomCounts const> seen) {
    VASTER_EXPECTS(trained.size() == seen.size());
    Drift drift;
    drift.n_symptoms = trained.size();
    double as_it_is = 0;
    double swapped = 0;
    for (std::size_t k = 0; k < trained.size(); ++k) {
        drift.largest.push_back({k, trained[k], seen[k]});
        if (drift.largest.back().size() > Drift::far_apart) ++drift.n_far;
        double const before = trained[k].present_share();
        double const now = seen[k].present_share();
        if (std::isnan(before) || std::isnan(now)) continue;
        as_it_is += (now - before) * (now - before);
        swapped += (1 - now - before) * (1 - now - before);
    }
    drift.may_be_swapped = swapped < as_it_is;
    std::stable_sort(drift.largest.begin(), drift.largest.end(),
                     [](auto const& a, auto const& b) { return a.size() > b.size(); });
    constexpr std::size_t n_shown = 10;
    if (drift.largest.size() > n_shown) drift.largest.resize(n_shown);
    return drift;
}

std::vector<std::string> warnings_of(Drift const& drift, std::span<std::string const> symptoms) {
    std::vector<std::string> warnings;
    if (drift.is_large()) {
        std::vector<std::string> names;
        for (auto const& one : drift.largest)
            if (one.size() > Drift::far_apart && names.size() < 5) names.push_back(symptoms[one.symptom]);
        warnings.push_back(
            fmt::format("{} of {} symptoms are answered very differently than by the deaths that the model "
                        "was trained on "
                        "(shares differ by more than {:.1f}; most of all {}): is the questionnaire the same?",
                        drift.n_far, drift.n_symptoms, Drift::far_apart, fmt::join(names, ", ")));
    }
    if (drift.may_be_swapped)
        warnings.push_back(
            "answers may be swapped: the deaths are more like the training deaths when present and absent "
            "are "
            "taken for each other");
    return warnings;
}

}  // namespace vaster::va

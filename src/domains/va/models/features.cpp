#include "domains/va/models/features.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {

PresentCauses present_causes(TrainingSet const& training) {
    VASTER_EXPECTS(training.causes.size() == training.deaths.rows.size());
    require<ModelError>(!training.causes.empty(), "the training set has no deaths; check its site and split");
    require<ModelError>(training.deaths.answers.n_columns() > 0,
                        "the training set has no symptoms; check which columns the data file has");
    std::vector<std::size_t> count(training.n_causes, 0);
    for (std::uint32_t const cause : training.causes) {
        VASTER_EXPECTS(cause < training.n_causes);
        ++count[cause];
    }
    PresentCauses present;
    std::vector<std::uint32_t> class_of_cause(training.n_causes, 0);
    for (std::uint32_t cause = 0; cause < training.n_causes; ++cause) {
        if (count[cause] == 0) continue;
        class_of_cause[cause] = static_cast<std::uint32_t>(present.causes.size());
        present.causes.push_back(cause);
        present.counts.push_back(count[cause]);
    }
    present.class_of.reserve(training.causes.size());
    for (std::uint32_t const cause : training.causes) present.class_of.push_back(class_of_cause[cause]);
    return present;
}

namespace {

/// Of weight_power and weight_power_several: another key decides.
constexpr double undecided = -1;

}  // namespace

std::vector<Parameter> with_weight_parameters(std::vector<Parameter> others, std::string standard) {
    others.push_back({.name = "class_weight",
                      .standard = std::move(standard),
                      .doc = "balanced: every cause weighs the same in training; none: every death does",
                      .choices = {"balanced", "none"}});
    others.push_back({.name = "weight_power",
                      .standard = undecided,
                      .doc =
                          "p of a death's weight (n / (K n_c))^p, between none (0) and balanced (1); -1: as "
                          "class_weight says",
                      .bounds = {.at_least = undecided, .at_most = 2}});
    others.push_back({.name = "weight_power_several",
                      .standard = undecided,
                      .doc = "the same for training sets of several sites; -1: as weight_power",
                      .bounds = {.at_least = undecided, .at_most = 2}});
    return others;
}

void check_weight_power(Parameters const& parameters, std::string_view model) {
    for (char const* key : {"weight_power", "weight_power_several"}) {
        auto const power = parameters.get<double>(key);
        require<ConfigError>(power == undecided || power >= 0,
                             "models.{}.{} = {} (must be at least 0, or -1 to leave it undecided)", model,
                             key, power);
    }
}

bool is_of_several_sites(TrainingSet const& training) {
    auto const& sites = training.sites;
    return std::any_of(sites.begin(), sites.end(), [&](std::uint32_t site) { return site != sites.front(); });
}

double weight_power(Parameters const& parameters, TrainingSet const& training) {
    if (auto const several = parameters.get<double>("weight_power_several");
        several != undecided && is_of_several_sites(training))
        return several;
    auto const power = parameters.get<double>("weight_power");
    if (power != undecided) return power;
    return parameters.get<std::string>("class_weight") == "balanced" ? 1 : 0;
}

std::vector<double> class_totals(TrainingSet const& training, PresentCauses const& present) {
    if (training.weights.empty()) return {present.counts.begin(), present.counts.end()};
    VASTER_EXPECTS(training.weights.size() == present.class_of.size());
    std::vector<double> totals(present.size(), 0.0);
    for (std::size_t i = 0; i < present.class_of.size(); ++i)
        totals[present.class_of[i]] += training.weights[i];
    return totals;
}

std::vector<double> class_weights(std::span<double const> totals, double power) {
    std::vector<double> weights(totals.size(), 1.0);
    if (power == 0) return weights;
    double const all = std::accumulate(totals.begin(), totals.end(), 0.0);
    auto const n_classes = static_cast<double>(totals.size());
    for (std::size_t k = 0; k < weights.size(); ++k) {
        double const balanced = all / (n_classes * totals[k]);
        weights[k] = power == 1 ? balanced : std::pow(balanced, power);
    }
    return weights;
}

std::vector<double> class_weights_of_mean_one(std::span<double const> totals, double power) {
    auto weights = class_weights(totals, power);
    if (power == 0 || power == 1) return weights;  // of mean one already, to the bit as they were
    double sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * totals[k];
    double const all = std::accumulate(totals.begin(), totals.end(), 0.0);
    for (double& weight : weights) weight *= all / sum;
    return weights;
}

std::vector<double> death_weights(TrainingSet const& training, PresentCauses const& present,
                                  std::span<double const> of_class) {
    std::vector<double> weights;
    weights.reserve(present.class_of.size());
    for (std::uint32_t const k : present.class_of) weights.push_back(of_class[k]);
    for (std::size_t i = 0; i < training.weights.size(); ++i) weights[i] *= training.weights[i];
    return weights;
}

AnswerCodes answer_codes(Deaths const& deaths, MissingPolicy policy) {
    using va::Answer;
    std::size_t const n_columns = deaths.answers.n_columns();
    AnswerCodes codes{std::vector<std::uint8_t>(deaths.rows.size() * n_columns), n_columns,
                      policy == MissingPolicy::nan ? AnswerCodes::Two::hole : AnswerCodes::Two::number};
    auto const missing = static_cast<std::uint8_t>(policy == MissingPolicy::absent ? 0 : 2);
    auto to = codes.values.begin();
    for (std::uint32_t const row : deaths.rows) {
        auto const answers = deaths.answers.row(row);
        to = std::transform(answers.begin(), answers.end(), to, [missing](Answer answer) {
            return answer == Answer::missing ? missing : static_cast<std::uint8_t>(answer);
        });
    }
    return codes;
}

}  // namespace vaster::models

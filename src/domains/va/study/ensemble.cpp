#include "domains/va/study/ensemble.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/support/texts.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

/// The text up to `mark`, trimmed, taken off the front of `rest` with the mark; nothing where there is none.
std::optional<std::string_view> take_until(std::string_view& rest, char mark) {
    std::size_t const end = rest.find(mark);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view const word = stripped(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    return word;
}

/// Splits at commas. "a, b" -> {"a", "b"}
std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> words;
    while (auto const word = take_until(text, ',')) words.emplace_back(*word);
    words.emplace_back(stripped(text));
    return words;
}

std::string known_models(models::Catalogue const& catalogue) {
    return fmt::format("models are: {}", fmt::join(catalogue.names(), ", "));
}

constexpr std::string_view form =
    "it must be NAME = soft(MODEL, MODEL, ...) or NAME = hard(MODEL, MODEL, ...), with "
    "\"; weights = inner_cv\" or \"; weights = 2, 1\" after the last model if they are to be weighted";

void check_name(std::string const& name, models::Catalogue const& catalogue) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    require<ConfigError>(!name.empty() && name.size() <= models::longest_model_name &&
                             name.find_first_not_of(allowed) == std::string::npos,
                         "its name must be 1 to {} letters, digits, '_', '.' and '-'",
                         models::longest_model_name);
    require<ConfigError>(catalogue.find(name) == nullptr, "'{}' is the name of a model; choose another one",
                         name);
}

void check_members(std::vector<std::string> const& members, models::Catalogue const& catalogue) {
    std::set<std::string> seen;
    for (auto const& member : members) {
        require<ConfigError>(catalogue.find(member) != nullptr, "'{}' is not a model; {}", member,
                             known_models(catalogue));
        require<ConfigError>(seen.insert(member).second, "'{}' is a member twice", member);
    }
    require<ConfigError>(members.size() >= 2, "one model is not an ensemble; {}", known_models(catalogue));
}

std::optional<double> weight_in(std::string const& text) {
    double weight = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
    bool const is_number = error == std::errc() && end == text.data() + text.size();
    if (!is_number || !std::isfinite(weight) || weight <= 0) return std::nullopt;
    return weight;
}

/// "2, 1" as shares of 1, one for each member.
std::vector<double> parse_weights(std::string_view text, std::size_t n_members) {
    std::vector<double> weights;
    for (auto const& word : split_list(text)) {
        auto const weight = weight_in(word);
        require<ConfigError>(weight.has_value(),
                             "weights = '{}' (must be none, inner_cv or a number above 0 for each member)",
                             text);
        weights.push_back(*weight);
    }
    require<ConfigError>(weights.size() == n_members, "weights = '{}' has {} numbers for {} members", text,
                         weights.size(), n_members);
    double const sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    require<ConfigError>(std::isfinite(sum), "weights = '{}' have no finite sum", text);
    for (double& weight : weights) weight /= sum;
    return weights;
}

void parse_weighting(std::string_view text, Ensemble& ensemble) {
    require<ConfigError>(take_until(text, '=') == "weights", "{}", form);
    std::string_view const rule = stripped(text);
    if (rule == "none") return;
    ensemble.weighting = rule == "inner_cv" ? Weighting::inner_cv : Weighting::given;
    if (ensemble.weighting == Weighting::given) ensemble.given = parse_weights(rule, ensemble.members.size());
}

Ensemble parse(std::string_view rest, models::Catalogue const& catalogue) {
    Ensemble ensemble;
    auto const name = take_until(rest, '=');
    auto const vote = take_until(rest, '(');
    require<ConfigError>(
        name && vote && stripped(rest).ends_with(')') && (*vote == "soft" || *vote == "hard"), "{}", form);
    ensemble.name = *name;
    ensemble.vote = *vote == "soft" ? Vote::soft : Vote::hard;
    rest = stripped(rest);
    rest.remove_suffix(1);
    std::string_view const before = rest;
    if (auto const members = take_until(rest, ';')) {
        ensemble.members = split_list(*members);
        parse_weighting(rest, ensemble);
    } else {
        ensemble.members = split_list(before);
    }
    check_name(ensemble.name, catalogue);
    check_members(ensemble.members, catalogue);
    return ensemble;
}

/// Mean of the rows where the model has no fractions of its own.
std::vector<double> own_fractions(models::Prediction const& prediction) {
    if (!prediction.csmf.empty()) return prediction.csmf;
    std::vector<double> mean(prediction.n_causes, 0.0);
    for (std::size_t i = 0; i < prediction.probability.size(); ++i)
        mean[i % prediction.n_causes] += prediction.probability[i] / static_cast<double>(prediction.n_deaths);
    return mean;
}

void add(std::vector<double>& sum, double weight, std::vector<double> const& values) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * values[i];
}

models::Prediction soft_vote(std::span<double const> weights,
                             std::span<models::Prediction const* const> members) {
    models::Prediction vote;
    vote.n_deaths = members.front()->n_deaths;
    vote.n_causes = members.front()->n_causes;
    vote.probability.assign(vote.n_deaths * vote.n_causes, 0.0);
    vote.csmf.assign(vote.n_causes, 0.0);
    for (std::size_t m = 0; m < members.size(); ++m) {
        VASTER_EXPECTS(members[m]->n_deaths == vote.n_deaths && members[m]->n_causes == vote.n_causes);
        add(vote.probability, weights[m], members[m]->probability);
        add(vote.csmf, weights[m], own_fractions(*members[m]));
    }
    return vote;
}

models::Prediction hard_vote(std::span<double const> weights,
                             std::span<models::Prediction const* const> members) {
    constexpr double share_of_soft = 1e-6;
    models::Prediction vote = soft_vote(weights, members);
    vote.csmf.clear();
    for (double& p : vote.probability) p *= share_of_soft / (1 + share_of_soft);
    for (std::size_t m = 0; m < members.size(); ++m) {
        for (std::size_t i = 0; i < vote.n_deaths; ++i) {
            auto const row = members[m]->of_death(i);
            auto const top = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
            vote.probability[i * vote.n_causes + top] += weights[m] / (1 + share_of_soft);
        }
    }
    return vote;
}

std::vector<double> equal_weights(std::size_t n) {
    return std::vector<double>(n, 1.0 / static_cast<double>(n));
}

/// One step of EM for the proportions of a mixture. @returns the largest change of a weight
double improve(std::vector<double>& weights, std::span<OutOfFold const* const> members) {
    constexpr double floor = 1e-15;
    std::size_t const n = members.front()->of_truth.size();
    std::vector<double> shares(weights.size(), 0.0);
    std::vector<double> part(weights.size());
    auto const& of_deaths = members.front()->weights;
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t m = 0; m < weights.size(); ++m)
            part[m] = weights[m] * std::max(members[m]->of_truth[i], floor);
        double const sum = std::accumulate(part.begin(), part.end(), 0.0);
        double const weight = of_deaths.empty() ? 1 : of_deaths[i];
        for (std::size_t m = 0; m < weights.size(); ++m) shares[m] += weight * (part[m] / sum);
        total += weight;
    }
    double change = 0;
    for (std::size_t m = 0; m < weights.size(); ++m) {
        double const better = shares[m] / total;
        change = std::max(change, std::abs(better - weights[m]));
        weights[m] = better;
    }
    return change;
}

std::vector<double> stacked(std::span<OutOfFold const* const> members) {
    constexpr int most_steps = 5000;
    constexpr double tolerance = 1e-9;
    auto weights = equal_weights(members.size());
    for (int step = 0; step < most_steps; ++step)
        if (improve(weights, members) < tolerance) break;
    return weights;
}

}  // namespace

Ensemble parse_ensemble(std::string_view text, models::Catalogue const& catalogue) {
    try {
        return parse(text, catalogue);
    } catch (ConfigError const& e) {
        throw ConfigError(fmt::format("design.ensembles: \"{}\": {}", text, e.what()));
    }
}

std::vector<double> fixed_weights(Ensemble const& ensemble) {
    return ensemble.weighting == Weighting::given ? ensemble.given : equal_weights(ensemble.members.size());
}

std::vector<std::string> ensemble_problems(std::vector<std::string> const& texts,
                                           models::Catalogue const& catalogue) {
    std::vector<std::string> problems;
    std::set<std::string> names;
    for (auto const& text : texts) {
        try {
            auto const ensemble = parse_ensemble(text, catalogue);
            if (!names.insert(ensemble.name).second)
                problems.push_back(fmt::format("design.ensembles: {} is listed twice", ensemble.name));
        } catch (ConfigError const& e) {
            problems.emplace_back(e.what());
        }
    }
    return problems;
}

models::Prediction combine(Vote vote, std::span<double const> weights,
                           std::span<models::Prediction const* const> members) {
    VASTER_EXPECTS(!members.empty() && weights.size() == members.size());
    return vote == Vote::soft ? soft_vote(weights, members) : hard_vote(weights, members);
}

std::vector<double> weights_from(Vote vote, std::span<OutOfFold const* const> members) {
    VASTER_EXPECTS(!members.empty() && !members.front()->of_truth.empty());
    if (vote == Vote::soft) return stacked(members);
    double sum = 0;
    for (auto const* member : members) sum += member->cod_accuracy;
    if (sum == 0) return equal_weights(members.size());
    std::vector<double> weights;
    for (auto const* member : members) weights.push_back(member->cod_accuracy / sum);
    return weights;
}

}  // namespace vaster::va

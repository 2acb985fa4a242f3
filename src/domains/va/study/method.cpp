#include "domains/va/study/method.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

constexpr std::string_view ending = "_adapted";

std::string trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\n\r";
    std::size_t const begin = std::min(text.find_first_not_of(blanks), text.size());
    text.remove_prefix(begin);
    return std::string(text.substr(0, text.find_last_not_of(blanks) + 1));
}

/// The ensembles whose texts can be read.
std::vector<Ensemble> readable(std::vector<std::string> const& texts, models::Catalogue const& catalogue) {
    std::vector<Ensemble> ensembles;
    ensembles.reserve(texts.size());
    for (auto const& text : texts) {
        try {
            ensembles.push_back(parse_ensemble(text, catalogue));
        } catch (ConfigError const&) {  // the key of the ensembles complains about it
            continue;
        }
    }
    return ensembles;
}

Ensemble const* find(std::vector<Ensemble> const& ensembles, std::string_view name) {
    auto const place = std::find_if(ensembles.begin(), ensembles.end(),
                                    [&](Ensemble const& ensemble) { return ensemble.name == name; });
    return place == ensembles.end() ? nullptr : &*place;
}

void check(AdaptedName const& adapted, std::vector<Ensemble> const& ensembles,
           models::Catalogue const& catalogue) {
    std::vector<std::string> known = catalogue.names();
    for (auto const& ensemble : ensembles) known.push_back(ensemble.name);
    auto const is_known = [&](std::string const& name) {
        return std::find(known.begin(), known.end(), name) != known.end();
    };
    require<ConfigError>(is_known(adapted.base),
                         "'{}' is neither a model nor one of the ensembles (must be METHOD or NAME = METHOD, "
                         "with one of: {})",
                         adapted.base, fmt::join(known, ", "));
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    require<ConfigError>(!adapted.name.empty() && adapted.name.size() <= models::longest_model_name &&
                             adapted.name.find_first_not_of(allowed) == std::string::npos,
                         "its name '{}' must be 1 to {} letters, digits, '_', '.' and '-'; write NAME = {}",
                         adapted.name, models::longest_model_name, adapted.base);
    require<ConfigError>(!is_known(adapted.name),
                         "'{}' is the name of a model or an ensemble; choose another one", adapted.name);
}

AdaptedName parse(std::string_view text, std::vector<Ensemble> const& ensembles,
                  models::Catalogue const& catalogue) {
    std::size_t const equals = text.find('=');
    AdaptedName adapted;
    if (equals == std::string_view::npos) {
        adapted.base = trimmed(text);
        adapted.name = fmt::format("{}{}", adapted.base, ending);
    } else {
        adapted = {trimmed(text.substr(0, equals)), trimmed(text.substr(equals + 1))};
    }
    try {
        check(adapted, ensembles, catalogue);
    } catch (ConfigError const& error) {
        throw ConfigError(fmt::format("design.adapt: \"{}\": {}", text, error.what()));
    }
    return adapted;
}

/// Positions of the deaths of every site that was not trained on.
std::map<std::uint32_t, std::vector<std::size_t>> batches_of(std::size_t n_deaths,
                                                             std::span<std::uint32_t const> sites,
                                                             std::vector<bool> const& was_trained_on) {
    std::map<std::uint32_t, std::vector<std::size_t>> batches;
    for (std::size_t i = 0; i < n_deaths; ++i) {
        if (sites.empty())
            batches[0].push_back(i);
        else if (!was_trained_on.at(sites[i]))
            batches[sites[i]].push_back(i);
    }
    return batches;
}

void adapt_batch(models::Adapter const& adapter, models::Deaths const& deaths,
                 std::vector<std::size_t> const& batch, models::Prediction& prediction, Watcher& watcher) {
    std::size_t const n_causes = prediction.n_causes;
    std::vector<std::uint32_t> rows;
    std::vector<double> said;
    rows.reserve(batch.size());
    said.reserve(batch.size() * n_causes);
    for (std::size_t const i : batch) {
        rows.push_back(deaths.rows[i]);
        auto const row = prediction.of_death(i);
        said.insert(said.end(), row.begin(), row.end());
    }
    auto const now = adapter.adapted({deaths.answers, rows}, said, n_causes, watcher);
    for (std::size_t k = 0; k < batch.size(); ++k)
        std::copy_n(now.begin() + static_cast<std::ptrdiff_t>(k * n_causes), n_causes,
                    prediction.probability.begin() + static_cast<std::ptrdiff_t>(batch[k] * n_causes));
}

}  // namespace

AdaptedName parse_adapted(std::string_view text, std::vector<std::string> const& ensembles,
                          models::Catalogue const& catalogue) {
    return parse(text, readable(ensembles, catalogue), catalogue);
}

std::vector<std::string> adapt_problems(std::vector<std::string> const& texts,
                                        std::vector<std::string> const& ensembles,
                                        models::Catalogue const& catalogue) {
    std::vector<std::string> problems;
    std::set<std::string> names;
    auto const known = readable(ensembles, catalogue);
    for (auto const& text : texts) {
        try {
            auto const adapted = parse(text, known, catalogue);
            if (!names.insert(adapted.name).second)
                problems.push_back(fmt::format("design.adapt: {} is listed twice", adapted.name));
        } catch (ConfigError const& error) {
            problems.emplace_back(error.what());
        }
    }
    return problems;
}

Method adapted_method(std::string_view text, std::vector<std::string> const& ensembles,
                      models::AdaptationOptions const& options, models::Catalogue const& catalogue) {
    auto const known = readable(ensembles, catalogue);
    auto const [name, base] = parse(text, known, catalogue);
    if (auto const* const ensemble = find(known, base)) return {name, ensemble->members, *ensemble, options};
    return {name, {base}, std::nullopt, options};
}

models::Prediction adapted(models::Adapter const& adapter, models::Deaths const& deaths,
                           std::span<std::uint32_t const> sites, std::vector<bool> const& was_trained_on,
                           models::Prediction prediction, Watcher& watcher) {
    VASTER_EXPECTS(prediction.n_deaths == deaths.rows.size());
    auto const batches = batches_of(deaths.rows.size(), sites, was_trained_on);
    for (auto const& [site, batch] : batches) adapt_batch(adapter, deaths, batch, prediction, watcher);
    if (batches.empty()) return prediction;
    prediction.csmf.clear();
    prediction.csmf_by_population.clear();
    if (prediction.sampling) {
        prediction.sampling->csmf_lo.clear();
        prediction.sampling->csmf_hi.clear();
    }
    return prediction;
}

}  // namespace vaster::va

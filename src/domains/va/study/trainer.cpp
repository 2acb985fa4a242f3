#include "domains/va/study/trainer.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/support/clock.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

/// Calls `work`; a ModelError gets the model's name in front.
template <class Do>
auto named(std::string const& model, Do work) {
    try {
        return work();
    } catch (ModelError const& e) {
        throw ModelError(fmt::format("{}: {}", model, e.what()));
    }
}

/// The prediction without the deaths whose causes are known. Its own cause fractions described all deaths
/// that were coded; the mean of the others' probabilities stands in.
models::Prediction without_known(Comparison const& comparison, models::Prediction all,
                                 va::DeathList const& test) {
    models::Prediction scored = std::move(all);
    auto const from = std::exchange(scored.probability, {});
    scored.n_deaths = 0;
    for (std::size_t i = 0; i < test.size(); ++i) {
        if (comparison.is_known(test[i])) continue;
        auto const row = from.begin() + static_cast<std::ptrdiff_t>(i * scored.n_causes);
        scored.probability.insert(scored.probability.end(), row,
                                  row + static_cast<std::ptrdiff_t>(scored.n_causes));
        ++scored.n_deaths;
    }
    scored.csmf.clear();
    if (scored.sampling) {
        scored.sampling->csmf_lo.clear();
        scored.sampling->csmf_hi.clear();
    }
    return scored;
}

/// What models are told of a test set, as TestSet has it.
struct Told {
    std::vector<std::int32_t> known;
    std::vector<double> shares;
};

Told told_causes(Comparison const& comparison, va::DeathList const& test) {
    std::size_t const n_causes = comparison.cohort.causes.size();
    Told told{std::vector<std::int32_t>(test.size(), -1), {}};
    for (std::size_t i = 0; i < test.size(); ++i) {
        auto const& causes = comparison.known->told[test[i]];
        if (causes.size() == 1) told.known[i] = static_cast<std::int32_t>(causes.front().cause);
        if (causes.size() < 2) continue;
        told.shares.resize(test.size() * n_causes, 0.0);
        for (auto const& [cause, share] : causes) told.shares[i * n_causes + cause] = share;
    }
    return told;
}

/// What a model says of the deaths that are scored.
models::Prediction predict(Comparison const& comparison, models::Classifier const& classifier,
                           TestDeaths const& test, Random random, Watcher& watcher) {
    va::Cohort const& cohort = comparison.cohort;
    auto const sites = comparison.sites_of(test.deaths);
    bool const told = comparison.known.has_value() && test.known == TestDeaths::Known::told;
    Told const causes = told ? told_causes(comparison, test.deaths) : Told();
    std::vector<std::uint32_t> population;
    for (std::uint32_t const death : test.deaths) {
        if (!cohort.populations.empty()) population.push_back(cohort.population[death]);
    }
    auto prediction = classifier.predict({{cohort.answers, test.deaths},
                                          causes.known,
                                          population,
                                          std::max<std::size_t>(1, cohort.populations.size()),
                                          causes.shares,
                                          sites,
                                          cohort.sites.size()},
                                         random, watcher);
    return told ? without_known(comparison, std::move(prediction), test.deaths) : prediction;
}

}  // namespace

Trainer::Trainer(Comparison const& comparison, va::DeathList deaths, std::string training,
                 ParametersOf parameters)
    : comparison_(comparison),
      deaths_(std::move(deaths)),
      training_(std::move(training)),
      parameters_(std::move(parameters)) {}

Fit const& Trainer::fit(std::string const& model, Watcher& watcher) {
    if (auto const known = fits_.find(model); known != fits_.end()) return known->second;
    va::Cohort const& cohort = comparison_.cohort;
    double const started = monotonic_seconds();
    auto const causes = comparison_.causes_of(deaths_);
    auto const sites = comparison_.sites_of(deaths_);
    auto const weights = comparison_.fit_weights_of(deaths_);
    Fit fit;
    named(model, [&] {
        fit.classifier = comparison_.model(model).make(parameters_(model), comparison_.missing);
        fit.classifier->fit(
            {{cohort.answers, deaths_},
             causes,
             cohort.causes.size(),
             {cohort.symptoms, cohort.causes},
             sites,
             cohort.sites.size(),
             weights},
            random_stream(comparison_.options.seed, fit_identity(model, training_), Purpose::fit), watcher);
    });
    fit.seconds = monotonic_seconds() - started;
    return fits_.emplace(model, std::move(fit)).first->second;
}

Forecast const& Trainer::forecast(std::string const& model, TestDeaths const& test, Watcher& watcher) {
    auto const key = std::make_pair(model, test.name);
    if (auto const known = forecasts_.find(key); known != forecasts_.end()) return known->second;
    auto const& classifier = *fit(model, watcher).classifier;
    double const started = monotonic_seconds();
    std::string const pair = fit_identity(model, training_) + " on " + test.name;
    Forecast forecast;
    forecast.prediction = named(model, [&] {
        return predict(comparison_, classifier, test,
                       random_stream(comparison_.options.seed, pair, Purpose::predict), watcher);
    });
    forecast.seconds = monotonic_seconds() - started;
    return forecasts_.emplace(key, std::move(forecast)).first->second;
}

models::Prediction adapted_if_wanted(Comparison const& comparison, Method const& method,
                                     va::DeathList const& deaths, va::DeathList const& test,
                                     models::Prediction prediction, Watcher& watcher) {
    if (!method.adaptation) return prediction;
    auto const& cohort = comparison.cohort;
    std::vector<bool> was_trained_on(cohort.sites.size(), false);
    for (std::uint32_t const site : comparison.sites_of(deaths)) was_trained_on[site] = true;
    models::Adapter const adapter(*method.adaptation, models::source_rates({cohort.answers, deaths}));
    return adapted(adapter, {cohort.answers, test}, comparison.sites_of(test), was_trained_on,
                   std::move(prediction), watcher);
}

InnerFolds inner_folds(Comparison const& comparison, va::DeathList const& deaths, std::string const& training,
                       std::uint32_t n_folds) {
    return {va::fold_deaths(comparison.cohort, deaths, n_folds,
                            random_stream(comparison.options.seed, "va folds " + training, Purpose::fold)),
            n_folds};
}

models::Prediction out_of_fold(Comparison const& comparison, Trainer const& trainer, InnerFolds const& folds,
                               std::string const& model, ParametersOf const& parameters,
                               std::function<void()> const& before_fold, Watcher& watcher) {
    std::size_t const n_causes = comparison.cohort.causes.size();
    models::Prediction all{trainer.deaths().size(), n_causes, {}, {}};
    all.probability.resize(all.n_deaths * n_causes);
    for (std::uint32_t k = 0; k < folds.n_folds; ++k) {
        before_fold();
        std::string name = fmt::format("{} fold={}/{}", trainer.training(), k, folds.n_folds);
        va::DeathList train;
        TestDeaths test{"inner", {}, TestDeaths::Known::untold};
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < folds.fold.size(); ++i) {
            bool const is_test = folds.fold[i] == k;
            (is_test ? test.deaths : train).push_back(trainer.deaths()[i]);
            if (is_test) places.push_back(i);
        }
        if (folds.share < 1) {
            name += fmt::format(" share={}", folds.share);
            train = va::reduce_deaths(
                comparison.cohort, train, folds.share,
                random_stream(comparison.options.seed, "va inner " + name, Purpose::reduce));
        }
        Trainer inner(comparison, std::move(train), name, parameters);
        auto const& prediction = inner.forecast(model, test, watcher).prediction;
        for (std::size_t i = 0; i < places.size(); ++i)
            std::copy_n(prediction.of_death(i).begin(), n_causes,
                        all.probability.begin() + static_cast<std::ptrdiff_t>(places[i] * n_causes));
    }
    return all;
}

OutOfFold out_of_fold_scores(Comparison const& comparison, va::DeathList const& deaths,
                             models::Prediction const& prediction) {
    auto const truth = comparison.causes_of(deaths);
    OutOfFold out;
    out.weights = comparison.fit_weights_of(deaths);
    out.cod_accuracy =
        va::score(truth, prediction.probability, prediction.n_causes, {}, out.weights).cod_accuracy;
    out.of_truth.reserve(truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i) out.of_truth.push_back(prediction.of_death(i)[truth[i]]);
    return out;
}

}  // namespace vaster::va

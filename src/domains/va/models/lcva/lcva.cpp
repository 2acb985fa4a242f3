#include "domains/va/models/lcva/lcva.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/stats/quantile.hpp"
#include "domains/va/models/features.hpp"
#include "domains/va/models/insilico/diagnostics.hpp"
#include "domains/va/models/lcva/batch.hpp"
#include "domains/va/models/lcva/kept.hpp"
#include "domains/va/models/part_checks.hpp"
#include "domains/va/models/probabilities.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {

namespace {

std::size_t count_in(Parameters const& parameters, std::string_view name) {
    return static_cast<std::size_t>(parameters.get<std::int64_t>(name));
}

nested::Settings settings_of(Parameters const& parameters) {
    nested::Settings settings;
    settings.n_classes = count_in(parameters, "classes");
    settings.class_concentration = parameters.get<double>("class_concentration");
    settings.site_concentration = parameters.get<double>("site_concentration");
    settings.base_strength = parameters.get<double>("base_strength");
    settings.class_strength = parameters.get<double>("class_strength");
    settings.n_chains = count_in(parameters, "chains");
    settings.burn_in = count_in(parameters, "burn_in");
    settings.thinning = count_in(parameters, "thinning");
    settings.n_draws = settings.n_chains * count_in(parameters, "draws");
    return settings;
}

nested::Target target_of(Parameters const& parameters, std::vector<std::uint32_t> deaths) {
    nested::Target target;
    auto const& causes = parameters.get<std::string>("cause_fractions");
    target.causes = causes == "batch"      ? nested::CauseFractions::batch
                    : causes == "training" ? nested::CauseFractions::training
                                           : nested::CauseFractions::uniform;
    if (parameters.get<std::string>("class_shares") == "sites") target.shares = nested::ClassShares::sites;
    target.cause_weight = parameters.get<double>("cause_weight");
    target.deaths = std::move(deaths);
    return target;
}

Predicts predicts_with(Parameters const& parameters) {
    return target_of(parameters, {}).looks_at_batch() ? Predicts::whole_batch : Predicts::each_death;
}

/// The deaths of each site of a test set, by their places in it.
std::vector<std::vector<std::size_t>> by_site(TestSet const& test) {
    std::vector<std::vector<std::size_t>> places(test.sites.empty() ? 1 : test.n_sites);
    for (std::size_t i = 0; i < test.deaths.rows.size(); ++i)
        places[test.sites.empty() ? 0 : test.sites[i]].push_back(i);
    std::erase_if(places, [](auto const& of_site) { return of_site.empty(); });
    return places;
}

class NestedClasses : public Classifier {
  public:
    NestedClasses(Parameters parameters, MissingPolicy policy)
        : parameters_(std::move(parameters)), policy_(policy) {}

    void fit(TrainingSet const& training, Random random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        deaths_.assign(present.counts.begin(), present.counts.end());
        std::vector<std::uint32_t> sites(training.deaths.rows.size(), 0);
        auto const n_sites = number_sites(training, sites);
        Signs const signs = signs_of(training.deaths, policy_);
        draws_ = nested::sample_posterior({signs, present, sites, n_sites}, settings_of(parameters_), random,
                                          watcher);
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random random, Watcher& watcher) const override {
        VASTER_EXPECTS(!causes_.empty());
        auto const target = target_of(parameters_, deaths_);
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        std::vector<double> fractions(draws_.n_draws * causes_.size(), 0.0);
        for (auto const& places : by_site(test)) {
            std::vector<std::uint32_t> rows;
            rows.reserve(places.size());
            for (auto const i : places) rows.push_back(test.deaths.rows[i]);
            auto const coded = nested::code(draws_, target, signs_of({test.deaths.answers, rows}, policy_),
                                            Random(random()), watcher);
            for (std::size_t i = 0; i < places.size(); ++i)
                put_row(prediction, places[i], causes_,
                        std::span(coded.probability).subspan(i * causes_.size(), causes_.size()));
            double const share =
                static_cast<double>(places.size()) / static_cast<double>(test.deaths.rows.size());
            for (std::size_t j = 0; j < coded.fractions.size(); ++j)
                fractions[j] += share * coded.fractions[j];
        }
        if (target.causes == nested::CauseFractions::batch && !test.deaths.rows.empty())
            add_fractions(prediction, fractions);
        return prediction;
    }

    void save(Parts& parts) const override {
        save_classes(parts, causes_);
        parts.put("deaths", deaths_);
        nested::save_draws(parts, draws_);
    }

    void load(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
        n_causes_ = n_causes;
        causes_ = load_classes(parts, n_causes);
        auto const deaths = parts.get<std::uint32_t>("deaths", {causes_.size()});
        check_range("deaths", deaths, {1, 4294967295.0});
        deaths_.assign(deaths.begin(), deaths.end());
        draws_ = nested::load_draws(parts, settings_of(parameters_), causes_.size(),
                                    number_of_signs(n_symptoms, policy_));
    }

  private:
    /// Numbers the training sites that occur from 0. @return how many there are
    static std::size_t number_sites(TrainingSet const& training, std::vector<std::uint32_t>& sites) {
        if (training.sites.empty()) return 1;
        std::vector<std::uint32_t> occurring(training.sites.begin(), training.sites.end());
        std::sort(occurring.begin(), occurring.end());
        occurring.erase(std::unique(occurring.begin(), occurring.end()), occurring.end());
        for (std::size_t i = 0; i < sites.size(); ++i)
            sites[i] = static_cast<std::uint32_t>(
                std::lower_bound(occurring.begin(), occurring.end(), training.sites[i]) - occurring.begin());
        return occurring.size();
    }

    /// The model's own cause fractions, with what its chains say of them.
    void add_fractions(Prediction& prediction, std::vector<double> const& fractions) const {
        Sampling sampling;
        sampling.chains = static_cast<std::uint32_t>(count_in(parameters_, "chains"));
        auto const settings = settings_of(parameters_);
        sampling.iterations = settings.burn_in + settings.n_draws / settings.n_chains * settings.thinning;
        sampling.acceptance = 1;  // Gibbs
        sampling.ess = static_cast<double>(draws_.n_draws);
        sampling.csmf_lo.assign(n_causes_, 0.0);
        sampling.csmf_hi.assign(n_causes_, 0.0);
        prediction.csmf.assign(n_causes_, 0.0);
        std::vector<double> of_cause(draws_.n_draws);
        for (std::size_t k = 0; k < causes_.size(); ++k) {
            for (std::size_t d = 0; d < draws_.n_draws; ++d) of_cause[d] = fractions[d * causes_.size() + k];
            double sum = 0;
            for (double const f : of_cause) sum += f;
            double const mean = sum / static_cast<double>(draws_.n_draws);
            prediction.csmf[causes_[k]] = mean;
            if (mean >= least_watched) watch(sampling, of_cause);
            sampling.csmf_lo[causes_[k]] = stats::quantile(of_cause, 0.025);
            sampling.csmf_hi[causes_[k]] = stats::quantile(of_cause, 0.975);
        }
        sampling.converged = sampling.rhat <= 1.1;
        prediction.sampling = std::move(sampling);
    }

    static void watch(Sampling& sampling, std::span<double const> draws) {
        insilicova::ChainDraws const chains{draws, sampling.chains};
        auto const [rhat, ess] = insilicova::mixing_of(chains);
        sampling.rhat = std::max(sampling.rhat, rhat);
        sampling.ess = std::min(sampling.ess, ess);
    }

    static constexpr double least_watched = 0.01;  ///< cause fractions below it say nothing of convergence

    Parameters parameters_;
    MissingPolicy policy_;
    std::size_t n_causes_ = 0;           ///< of the study
    std::vector<std::uint32_t> causes_;  ///< with training deaths
    std::vector<std::uint32_t> deaths_;  ///< training deaths of each
    nested::Draws draws_;
};

double expected_seconds(Parameters const& parameters, WorkSize const& size) {
    auto const settings = settings_of(parameters);
    auto const cells = static_cast<double>(settings.n_classes * size.n_symptoms);
    double const sweep =
        cells * (4e-8 * static_cast<double>(size.n_causes) + 3e-10 * static_cast<double>(size.n_train));
    double const sweeps = static_cast<double>(settings.n_chains * settings.burn_in) +
                          static_cast<double>(settings.n_draws * settings.thinning);
    double const coding = static_cast<double>(settings.n_draws) * cells * static_cast<double>(size.n_causes) *
                          (2e-8 + 3e-10 * static_cast<double>(size.n_test));
    return 1e-3 + sweeps * sweep + coding;
}

Parameter count_parameter(std::string name, std::int64_t standard, std::string doc, Bounds bounds) {
    return {.name = std::move(name), .standard = standard, .doc = std::move(doc), .bounds = bounds};
}

Parameter positive_parameter(std::string name, double standard, std::string doc) {
    return {.name = std::move(name),
            .standard = standard,
            .doc = std::move(doc),
            .bounds = {.above = 0, .at_most = 1e6}};
}

std::vector<Parameter> parameters() {
    return {
        count_parameter("classes", 5, "latent classes of each cause", {.at_least = 1, .at_most = 50}),
        {.name = "cause_fractions",
         .standard = std::string("uniform"),
         .doc = "of the deaths that are coded; batch: learned from them; training: as among the training "
                "deaths; uniform: the same for every cause",
         .choices = {"batch", "training", "uniform"}},
        {.name = "class_shares",
         .standard = std::string("all_sites"),
         .doc = "of a cause's classes among the deaths that are coded; all_sites: what the training sites "
                "have in common; sites: a mixture of the training sites, learned from the deaths",
         .choices = {"all_sites", "sites"}},
        positive_parameter("cause_weight", 0.1,
                           "cause_fractions = \"batch\": prior deaths of a cause for each training death"),
        positive_parameter("class_concentration", 1, "of the prior of a cause's class shares"),
        positive_parameter("site_concentration", 2,
                           "how much the sites' class shares are alike: deaths that what they have in common "
                           "stands for"),
        positive_parameter("base_strength", 10,
                           "training deaths that a symptom's share among all causes stands for in what the "
                           "classes of a cause share"),
        positive_parameter("class_strength", 5, "the same in what a class has of its own"),
        count_parameter("chains", 2, "Gibbs samplers that begin anew", {.at_least = 1, .at_most = 20}),
        count_parameter("burn_in", 100, "sweeps of each chain before the first draw",
                        {.at_least = 1, .at_most = 100000}),
        count_parameter("draws", 30, "of each chain that are kept", {.at_least = 4, .at_most = 10000}),
        count_parameter("thinning", 5, "sweeps between draws", {.at_least = 1, .at_most = 1000}),
    };
}

}  // namespace

Model lcva() {
    return {
        .name = "lcva",
        .doc =
            "nested latent classes of every cause with shares by site (LCVA), for sites that were not "
            "trained on",
        .parameters = parameters(),
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& values, MissingPolicy policy) -> std::unique_ptr<Classifier> {
            return std::make_unique<NestedClasses>(values, policy);
        },
        .load = loading<NestedClasses>(),
        .predicts = Predicts::each_death,
        .predicts_with = predicts_with,
    };
}

}  // namespace vaster::models

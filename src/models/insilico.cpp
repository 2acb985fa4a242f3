#include "vaster/models/insilico.hpp"

#include <algorithm>
#include <utility>

#include "vaster/models/insilico_default.hpp"
#include "vaster/models/insilico_likelihood.hpp"
#include "vaster/models/insilico_reference.hpp"
#include "vaster/models/insilico_tables.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {

namespace {

enum class Kind { standard, reference };

/// Chains of the default sampler, at least: convergence is judged between them.
constexpr std::int64_t min_chains = 4;
/// A chain becomes at most so many times longer than `iterations`, as in the reference: doubled three times.
constexpr std::size_t max_growth = 8;

/// What the keys say, put together.
struct Settings {
    Kind kind = Kind::standard;
    insilicova::TableOptions tables;
    insilicova::ReferenceOptions reference;
    insilicova::SamplerOptions standard;
    std::size_t chains = 1;
};

Settings settings_of(Parameters const& parameters) {
    Settings s;
    bool const predecessor = parameters.get<std::string>("preset") == "predecessor";
    bool const is_reference = predecessor || parameters.get<std::string>("sampler") == "reference";
    auto const iterations =
        static_cast<std::size_t>(predecessor ? 10000 : parameters.get<std::int64_t>("iterations"));
    bool const extend = !predecessor && parameters.get<bool>("auto_extend");
    s.kind = is_reference ? Kind::reference : Kind::standard;
    s.chains = static_cast<std::size_t>(parameters.get<std::int64_t>("chains"));
    bool const fixed = predecessor || parameters.get<std::string>("levels") == "fixed";
    s.tables.levels = fixed ? insilicova::LevelRule::fixed : insilicova::LevelRule::quantile;
    s.tables.zero_cells = is_reference ? insilicova::ZeroCells::random : insilicova::ZeroCells::tied;
    s.tables.alternate_single_deaths = is_reference;
    s.reference.iterations = iterations;
    s.reference.thin = static_cast<std::size_t>(parameters.get<std::int64_t>("thin"));
    s.reference.jump = predecessor ? 0.05 : parameters.get<double>("jump");
    s.reference.extend = extend ? insilicova::Extend::automatically : insilicova::Extend::never;
    s.standard.chains =
        static_cast<std::size_t>(std::max(parameters.get<std::int64_t>("chains"), min_chains));
    s.standard.starts = static_cast<std::size_t>(parameters.get<std::int64_t>("starts"));
    s.standard.max_iterations = iterations * (extend ? max_growth : 1);
    return s;
}

/// Progress of one of several equal pieces of work.
class Part : public Watcher {
  public:
    Part(Watcher& whole, std::size_t index, std::size_t n) : whole_(whole), index_(index), n_(n) {}

    void on_progress(double fraction) override {
        whole_.on_progress((static_cast<double>(index_) + fraction) / static_cast<double>(n_));
    }

    bool stop_requested() override { return whole_.stop_requested(); }

  private:
    Watcher& whole_;
    std::size_t index_;
    std::size_t n_;
};

/// Several chains of the reference as one posterior: the last draws of each, as many as the shortest has.
insilicova::Posterior pool(std::vector<insilicova::Posterior> const& chains, std::size_t n_fractions,
                           std::size_t n_levels) {
    insilicova::Posterior all = chains.front();
    if (chains.size() == 1) return all;
    for (auto const& chain : chains) all.n_kept = std::min(all.n_kept, chain.n_kept);
    all.n_chains = chains.size();
    all.csmf_draws.clear();
    all.level_draws.clear();
    std::fill(all.probability.begin(), all.probability.end(), 0.0);
    all.acceptance = 0;
    all.iterations = 0;
    auto const n = static_cast<double>(chains.size());
    for (auto const& chain : chains) {
        auto const skip = static_cast<std::ptrdiff_t>(chain.n_kept - all.n_kept);
        all.csmf_draws.insert(all.csmf_draws.end(),
                              chain.csmf_draws.begin() + skip * static_cast<std::ptrdiff_t>(n_fractions),
                              chain.csmf_draws.end());
        all.level_draws.insert(all.level_draws.end(),
                               chain.level_draws.begin() + skip * static_cast<std::ptrdiff_t>(n_levels),
                               chain.level_draws.end());
        for (std::size_t i = 0; i < all.probability.size(); ++i)
            all.probability[i] += chain.probability[i] / n;
        all.acceptance += chain.acceptance / n;
        all.iterations = std::max(all.iterations, chain.iterations);
        all.extensions = std::max(all.extensions, chain.extensions);
        all.converged = all.converged && chain.converged;
    }
    insilicova::summarise(all, n_fractions);
    return all;
}

insilicova::Posterior sample(Settings const& settings, insilicova::Problem const& problem, Random random,
                             Watcher& watcher) {
    if (settings.kind == Kind::standard) {
        return insilicova::sample_default(problem, settings.standard, random, watcher);
    }
    std::vector<insilicova::Posterior> chains;
    for (std::size_t i = 0; i < settings.chains; ++i) {
        Part part(watcher, i, settings.chains);
        chains.push_back(insilicova::sample_reference(problem, settings.reference, Random(random()), part));
    }
    return pool(chains, problem.n_populations * problem.n_causes, problem.n_levels);
}

/// Without symptoms, or with one cause, there is nothing to sample: every cause has the same probability.
insilicova::Posterior certain(std::size_t n_deaths, std::size_t n_causes) {
    insilicova::Posterior posterior;
    double const share = 1 / static_cast<double>(n_causes);
    posterior.probability.assign(n_deaths * n_causes, share);
    posterior.csmf.assign(n_causes, share);
    posterior.csmf_lo = posterior.csmf_hi = posterior.csmf;
    posterior.n_chains = 0;
    posterior.worst_rhat = 1;
    posterior.converged = true;
    return posterior;
}

/// The problem's causes as the study counts them.
void spread(std::vector<double> const& from, std::vector<std::uint32_t> const& causes,
            std::vector<double>& to, std::size_t n_causes) {
    std::size_t const n = from.size() / causes.size();
    to.assign(n * n_causes, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t c = 0; c < causes.size(); ++c)
            to[i * n_causes + causes[c]] = from[i * causes.size() + c];
    }
}

Sampling sampling_of(insilicova::Posterior const& posterior, insilicova::Prepared const& prepared,
                     std::size_t n_causes) {
    Sampling sampling;
    sampling.converged = posterior.converged;
    sampling.rhat = posterior.worst_rhat;
    sampling.ess = posterior.worst_ess;
    sampling.acceptance = posterior.acceptance;
    sampling.iterations = posterior.iterations;
    sampling.chains = static_cast<std::uint32_t>(posterior.n_chains);
    sampling.modes = static_cast<std::uint32_t>(posterior.modes.size());
    if (!posterior.modes.empty()) sampling.mode_weight = posterior.modes.front().weight;
    for (auto const& mode : posterior.modes) {
        sampling.mode_csmf_distance = std::max(sampling.mode_csmf_distance, mode.csmf_distance);
        sampling.mode_top_changes = std::max(sampling.mode_top_changes, mode.top_cause_changes);
    }
    spread(posterior.csmf_lo, prepared.causes, sampling.csmf_lo, n_causes);
    spread(posterior.csmf_hi, prepared.causes, sampling.csmf_hi, n_causes);
    sampling.notes = insilicova::describe(prepared.dropped);
    for (auto const& dropped : prepared.dropped) {
        bool const is_cause = dropped.why == insilicova::Dropped::cause_without_training;
        (is_cause ? sampling.causes_left_out : sampling.symptoms_left_out) += 1;
    }
    return sampling;
}

class InSilico final : public Classifier {
  public:
    explicit InSilico(Settings const& settings) : settings_(settings) {}

    void fit(TrainingSet const& training, Random, Watcher&) override {
        require<ModelError>(!training.deaths.rows.empty(),
                            "InSilicoVA was given no training death; it needs some");
        tables_ = insilicova::count_training(training);
        auto const n_causes = std::count_if(tables_.deaths.begin(), tables_.deaths.end(),
                                            [](std::uint32_t n) { return n > 0; });
        require<ModelError>(
            static_cast<std::size_t>(n_causes) <= insilicova::max_causes,
            "{} causes in the training deaths; InSilicoVA takes at most {}: choose a coarser label", n_causes,
            insilicova::max_causes);
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random random, Watcher& watcher) const override {
        Prediction prediction;
        prediction.n_deaths = test.deaths.rows.size();
        prediction.n_causes = tables_.n_causes;
        if (test.deaths.rows.empty()) return prediction;
        auto const prepared = insilicova::prepare(tables_, test.deaths, settings_.tables, random);
        auto const& problem = prepared.problem;
        auto const posterior = problem.n_symptoms() == 0 || problem.n_causes == 1
                                   ? certain(test.deaths.rows.size(), problem.n_causes)
                                   : sample(settings_, problem, random, watcher);
        spread(posterior.probability, prepared.causes, prediction.probability, prediction.n_causes);
        spread(posterior.csmf, prepared.causes, prediction.csmf, prediction.n_causes);
        prediction.sampling = sampling_of(posterior, prepared, prediction.n_causes);
        return prediction;
    }

  private:
    Settings settings_;
    insilicova::TrainingTables tables_;
};

/// One iteration costs about 50 ns a death and 34 causes, and 20 us besides; measured on a current x86-64
/// core.
double expected_seconds(Parameters const& parameters, WorkSize const& size) {
    Settings const s = settings_of(parameters);
    auto const causes = static_cast<double>(size.n_causes) / 34;
    double const iteration = 20e-6 + 50e-9 * causes * static_cast<double>(size.n_test);
    if (s.kind == Kind::reference) {
        bool const extend = s.reference.extend == insilicova::Extend::automatically;
        return iteration * static_cast<double>(s.chains * s.reference.iterations * (extend ? max_growth : 1));
    }
    return iteration * static_cast<double>(500 * s.standard.starts + 1200 * s.standard.chains);
}

std::vector<Parameter> parameters() {
    return {
        {.name = "sampler",
         .standard = "default",
         .doc = "default: several chains, modes weighed, stops when converged; reference: as R package "
                "InSilicoVA 1.4",
         .choices = {"default", "reference"}},
        {.name = "preset",
         .standard = "none",
         .doc = "predecessor: reference sampler, fixed levels, 10000 iterations, jump 0.05, whatever the "
                "other keys say",
         .choices = {"none", "predecessor"}},
        {.name = "levels",
         .standard = "quantile",
         .doc = "how P(symptom | cause) becomes a level: quantile: shares of the InterVA table; fixed: its "
                "nearest number",
         .choices = {"quantile", "fixed"}},
        {.name = "iterations",
         .standard = std::int64_t{4000},
         .doc = "of a chain before auto_extend, burn-in included [count]",
         .bounds = {.at_least = 400, .at_most = 10000000}},
        {.name = "chains",
         .standard = std::int64_t{1},
         .doc = "independent chains; the default sampler runs at least 4 [count]",
         .bounds = {.at_least = 1, .at_most = 64}},
        {.name = "auto_extend",
         .standard = true,
         .doc = "let chains become up to 8 times longer until they have converged"},
        {.name = "starts",
         .standard = std::int64_t{12},
         .doc = "default sampler: starting points from which modes are looked for [count]",
         .bounds = {.at_least = 1, .at_most = 1000}},
        {.name = "jump",
         .standard = 0.1,
         .doc = "reference sampler: sd of a step of the log cause fractions",
         .bounds = {.above = 0, .at_most = 10}},
        {.name = "thin",
         .standard = std::int64_t{10},
         .doc = "reference sampler: iterations between kept draws [count]",
         .bounds = {.at_least = 1, .at_most = 20}},
    };
}

}  // namespace

Model insilico() {
    return {
        .name = "insilico",
        .doc = "InSilicoVA, sampled for each test set",
        .parameters = parameters(),
        .work = Work::in_predict,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& given, MissingPolicy) -> std::unique_ptr<Classifier> {
            return std::make_unique<InSilico>(settings_of(given));
        },
    };
}

}  // namespace vaster::models

#include "domains/va/models/insilico/insilico.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "domains/va/models/batch_posterior.hpp"
#include "domains/va/models/insilico/death_coder.hpp"
#include "domains/va/models/insilico/default.hpp"
#include "domains/va/models/insilico/given.hpp"
#include "domains/va/models/insilico/kept.hpp"
#include "domains/va/models/insilico/likelihood.hpp"
#include "domains/va/models/insilico/reference.hpp"
#include "domains/va/models/insilico/tables.hpp"
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
    double answer_weight = 1;
    insilicova::CausePrior causes = insilicova::CausePrior::batch;
    std::optional<insilicova::GivenTable> given;  ///< P(s|c) in place of training deaths
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
    bool const uniform = !predecessor && parameters.get<std::string>("cause_fractions") == "uniform";
    s.causes = uniform ? insilicova::CausePrior::uniform : insilicova::CausePrior::batch;
    s.answer_weight = predecessor ? 1 : parameters.get<double>("answer_weight");
    s.tables.certain_cells = is_reference ? insilicova::CertainCells::random : insilicova::CertainCells::tied;
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

std::optional<insilicova::GivenTable> given_table(Parameters const& parameters) {
    auto const& path = parameters.get<std::string>("table");
    if (path.empty()) return std::nullopt;
    return insilicova::read_given_table(path);
}

/// The settings, and the table if there is one.
Settings settings_with_table(Parameters const& parameters) {
    Settings s = settings_of(parameters);
    s.given = given_table(parameters);
    return s;
}

std::vector<std::string> check_table(Parameters const& parameters, Vocabulary const& vocabulary) {
    auto const table = given_table(parameters);
    return table ? insilicova::describe_binding(*table, vocabulary) : std::vector<std::string>();
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
insilicova::Posterior pool(std::vector<insilicova::Posterior> const& chains,
                           insilicova::Problem const& problem) {
    std::size_t const n_fractions = problem.n_populations * problem.n_causes;
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
        all.level_draws.insert(
            all.level_draws.end(),
            chain.level_draws.begin() + skip * static_cast<std::ptrdiff_t>(problem.n_levels),
            chain.level_draws.end());
        for (std::size_t i = 0; i < all.probability.size(); ++i)
            all.probability[i] += chain.probability[i] / n;
        all.acceptance += chain.acceptance / n;
        all.iterations = std::max(all.iterations, chain.iterations);
        all.extensions = std::max(all.extensions, chain.extensions);
        all.converged = all.converged && chain.converged;
    }
    all.overall.clear();
    all.overall_lo.clear();
    all.overall_hi.clear();
    insilicova::summarise(all, insilicova::population_shares(problem));
    return all;
}

/// Of chains that count alike.
void spread_over(insilicova::Posterior& posterior, insilicova::Problem const& problem) {
    using insilicova::spread_draws;
    insilicova::append_evenly(posterior.csmf_draws, problem.n_populations * problem.n_causes, spread_draws,
                              posterior.spread_csmf);
    insilicova::append_evenly(posterior.level_draws, problem.n_levels, spread_draws, posterior.spread_levels);
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
    auto posterior = pool(chains, problem);
    spread_over(posterior, problem);
    return posterior;
}

/// Without symptoms, or with one cause, there is nothing to sample: every cause has the same probability.
insilicova::Posterior certain(insilicova::Problem const& problem, std::size_t n_deaths) {
    insilicova::Posterior posterior;
    double const share = 1 / static_cast<double>(problem.n_causes);
    posterior.probability.assign(n_deaths * problem.n_causes, share);
    posterior.csmf.assign(problem.n_populations * problem.n_causes, share);
    posterior.overall.assign(problem.n_causes, share);
    posterior.overall_lo = posterior.overall_hi = posterior.overall;
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
    spread(posterior.overall_lo, prepared.causes, sampling.csmf_lo, n_causes);
    spread(posterior.overall_hi, prepared.causes, sampling.csmf_hi, n_causes);
    sampling.notes = insilicova::describe(prepared.dropped);
    if (posterior.n_unweighed_modes > 0)
        sampling.notes.push_back(
            fmt::format("{} modes left out: their weight cannot be estimated", posterior.n_unweighed_modes));
    for (auto const& dropped : prepared.dropped) {
        (insilicova::is_cause(dropped.why) ? sampling.causes_left_out : sampling.symptoms_left_out) += 1;
    }
    return sampling;
}

class InSilico final : public Classifier, public LearnsBatch {
  public:
    explicit InSilico(Settings settings) : settings_(std::move(settings)) {}

    void fit(TrainingSet const& training, Random, Watcher&) override {
        n_causes_ = training.n_causes;
        if (settings_.given) {
            given_ = insilicova::bind_given(*settings_.given, training.vocabulary);
            check_number_of_causes(given_->causes.size(), "the given table");
            return;
        }
        require<ModelError>(!training.deaths.rows.empty(),
                            "InSilicoVA was given no training death; it needs some");
        tables_ = insilicova::count_training(training);
        auto const n_causes = std::count_if(tables_.deaths.begin(), tables_.deaths.end(),
                                            [](std::uint32_t n) { return n > 0; });
        check_number_of_causes(static_cast<std::size_t>(n_causes), "the training deaths");
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random random, Watcher& watcher) const override {
        Prediction prediction;
        prediction.n_deaths = test.deaths.rows.size();
        prediction.n_causes = n_causes_;
        if (test.deaths.rows.empty()) return prediction;
        auto const sampled = sample_batch(test, random, watcher);
        auto const& prepared = sampled.prepared;
        auto const& posterior = sampled.posterior;
        std::size_t const unusable = sampled.unusable;
        spread(posterior.probability, prepared.causes, prediction.probability, n_causes_);
        spread(posterior.overall, prepared.causes, prediction.csmf, n_causes_);
        if (test.n_populations > 1)
            spread(posterior.csmf, prepared.causes, prediction.csmf_by_population, n_causes_);
        prediction.sampling = sampling_of(posterior, prepared, n_causes_);
        if (unusable > 0)
            prediction.sampling->notes.push_back(fmt::format(
                "{} known deaths are coded like the others: none of their causes is in the model", unusable));
        return prediction;
    }

    [[nodiscard]] LearnedBatch learn_batch(TestSet const& batch, Random random,
                                           Watcher& watcher) const override {
        auto const sampled = sample_batch(batch, random, watcher);
        LearnedBatch learned;
        learned.sampling = sampling_of(sampled.posterior, sampled.prepared, n_causes_);
        learned.sampling.csmf_lo.clear();
        learned.sampling.csmf_hi.clear();
        learned.posterior = std::make_unique<insilicova::DeathCoder>(insilicova::draws_of(
            sampled.prepared, sampled.posterior, batch.deaths.answers.n_columns(), n_causes_));
        return learned;
    }

    [[nodiscard]] std::unique_ptr<BatchPosterior> load_posterior(Parts const& parts, std::size_t n_symptoms,
                                                                 std::size_t n_causes) const override {
        return insilicova::DeathCoder::load(parts, n_symptoms, n_causes);
    }

    void save(Parts& parts) const override {
        if (given_)
            insilicova::save_given(parts, *given_);
        else
            insilicova::save_tables(parts, tables_);
    }

    void load(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
        n_causes_ = n_causes;
        if (insilicova::has_given(parts))
            given_ = insilicova::load_given(parts, n_symptoms, n_causes);
        else
            tables_ = insilicova::load_tables(parts, n_symptoms, n_causes);
    }

  private:
    /// What was sampled, and of what.
    struct Sampled {
        insilicova::Prepared prepared;
        insilicova::Posterior posterior;
        std::size_t unusable = 0;  ///< known deaths none of whose causes is in the problem
    };

    /// @pre there is a death
    [[nodiscard]] Sampled sample_batch(TestSet const& test, Random random, Watcher& watcher) const {
        Sampled sampled;
        sampled.prepared = given_ ? insilicova::prepare_given(*given_, n_causes_, test.deaths)
                                  : insilicova::prepare(tables_, test.deaths, settings_.tables, random);
        sampled.prepared.problem.answer_weight = settings_.answer_weight;
        sampled.prepared.problem.causes = settings_.causes;
        sampled.unusable = add_what_is_known(test, sampled.prepared);
        auto const& problem = sampled.prepared.problem;
        sampled.posterior = problem.n_symptoms() == 0 || problem.n_causes == 1
                                ? certain(problem, test.deaths.rows.size())
                                : sample(settings_, problem, random, watcher);
        return sampled;
    }

    static void check_number_of_causes(std::size_t n, std::string_view where) {
        require<ModelError>(n <= insilicova::max_causes,
                            "{} causes in {}; InSilicoVA takes at most {}: choose a coarser label", n, where,
                            insilicova::max_causes);
    }

    /// Hands on sub-populations and known causes.
    /// @returns how many known deaths have no cause among those of the problem
    static std::size_t add_what_is_known(TestSet const& test, insilicova::Prepared& prepared) {
        auto& problem = prepared.problem;
        problem.n_populations = test.n_populations;
        problem.population.assign(test.population.begin(), test.population.end());
        std::size_t unusable = 0;
        for (std::int32_t const cause : test.known) {
            auto const place =
                std::find_if(prepared.causes.begin(), prepared.causes.end(),
                             [&](std::uint32_t c) { return static_cast<std::int64_t>(c) == cause; });
            bool const usable = place != prepared.causes.end();
            problem.known.push_back(usable ? static_cast<std::int32_t>(place - prepared.causes.begin()) : -1);
            unusable += cause >= 0 && !usable ? 1 : 0;
        }
        return unusable + add_shares(test, prepared);
    }

    /// The same of deaths with several causes.
    static std::size_t add_shares(TestSet const& test, insilicova::Prepared& prepared) {
        if (test.shares.empty()) return 0;
        std::size_t const n_deaths = test.deaths.rows.size();
        std::size_t const n_causes = test.shares.size() / n_deaths;
        std::size_t unusable = 0;
        for (std::size_t i = 0; i < n_deaths; ++i) {
            auto const told = test.shares.subspan(i * n_causes, n_causes);
            double left = 0;
            for (std::uint32_t const cause : prepared.causes) {
                prepared.problem.shares.push_back(told[cause]);
                left += told[cause];
            }
            bool const any = std::any_of(told.begin(), told.end(), [](double share) { return share > 0; });
            unusable += any && left == 0 ? 1 : 0;
        }
        return unusable;
    }

    Settings settings_;
    std::size_t n_causes_ = 0;           ///< of the study
    insilicova::TrainingTables tables_;  ///< empty where P(s|c) is given
    std::optional<insilicova::GivenCells> given_;
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
         .doc = "predecessor: reference sampler, fixed levels, fractions of the batch, weight 1, 10000 "
                "iterations, jump 0.05, whatever the other keys say",
         .choices = {"none", "predecessor"}},
        {.name = "levels",
         .standard = "quantile",
         .doc = "how P(symptom | cause) becomes a level: quantile: shares of the InterVA table; fixed: its "
                "nearest number",
         .choices = {"quantile", "fixed"}},
        {.name = "cause_fractions",
         .standard = "batch",
         .doc = "of the deaths that are coded; batch: learned from them; uniform: the same for every cause",
         .choices = {"batch", "uniform"}},
        {.name = "answer_weight",
         .standard = 1.0,
         .doc =
             "w: the likelihood of a death is raised to this power; below 1 for symptoms that depend on each "
             "other",
         .bounds = {.at_least = 0.01, .at_most = 1}},
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
        {.name = "table",
         .standard = "",
         .doc = "CSV of P(symptom | cause) to use in place of training deaths: column symptom, a column for "
                "each cause; letters or numbers",
         .effect = Effect::operation,
         .format = Format::file},
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
            return std::make_unique<InSilico>(settings_with_table(given));
        },
        .check = check_table,
        .load = [](Parameters const& given, MissingPolicy, Parts const& parts, std::size_t n_symptoms,
                   std::size_t n_causes) -> std::unique_ptr<Classifier> {
            auto classifier = std::make_unique<InSilico>(settings_of(given));  // opens no table
            classifier->load(parts, n_symptoms, n_causes);
            return classifier;
        },
        .predicts = Predicts::whole_batch,
    };
}

}  // namespace vaster::models

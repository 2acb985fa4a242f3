#include <chrono>

#include <benchmark/benchmark.h>

#include "../golden/insilico_oracle.hpp"
#include "domains/va/models/insilico/chain.hpp"
#include "domains/va/models/insilico/default.hpp"
#include "domains/va/models/insilico/likelihood.hpp"
#include "domains/va/models/insilico/reference.hpp"

// InSilicoVA on the inputs that the reference's sampler was handed: 1,405 deaths x 167 symptoms x 34 causes
// (AP__UP) and 297 x 167 x 33 (AP__AP_80_20). Without the reference data nothing is measured.

namespace {

using namespace vaster;
using namespace vaster::models::insilicova;

char const* const cases[] = {"AP__UP", "AP__AP_80_20"};

/// The problem of a case, or nothing and a message.
Problem const* problem_of(benchmark::State& state) {
    if (!oracle::is_there()) {
        state.SkipWithError("no reference data");
        return nullptr;
    }
    static Problem const problems[] = {oracle::problem_of(cases[0]), oracle::problem_of(cases[1])};
    state.SetLabel(cases[state.range(0)]);
    return &problems[state.range(0)];
}

/// One chain after some iterations, so that what is measured is what it does most of the time.
struct Settled {
    explicit Settled(Problem const& given)
        : problem(given),
          likelihood(given),
          counts(likelihood.make_counts()),
          state(start_state(given, random)),
          log_csmf(given.n_causes),
          csmf(given.n_causes) {
        likelihood.set_levels(problem.start);
        cause_fractions(problem, state.theta, log_csmf, csmf);
        for (int i = 0; i < 200; ++i) {
            likelihood.draw(log_csmf, random, counts);
            draw_hyperparameters(problem, state, random);
            draw_theta(problem, state, counts.deaths, random);
            draw_levels(problem, state, counts, 1, random);
            cause_fractions(problem, state.theta, log_csmf, csmf);
            likelihood.set_levels(state.levels);
        }
    }

    Problem const& problem;
    Random random{1};
    Likelihood likelihood;
    Counts counts;
    State state;
    std::vector<double> log_csmf, csmf;
};

/// Time of 1,000 iterations of the reference sampler, all of them: draws kept, probabilities recorded.
void reference_sampler(benchmark::State& state) {
    Problem const* problem = problem_of(state);
    if (problem == nullptr) return;
    Watcher watcher;
    double ess = 0;
    double seconds = 0;
    std::uint64_t seed = 0;
    for (auto _ : state) {
        auto const start = std::chrono::steady_clock::now();
        auto const p = sample_reference(*problem, {.iterations = 4000, .extend = Extend::never},
                                        Random(++seed), watcher);
        double const taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        state.SetIterationTime(taken / 4);
        seconds += taken;
        ess += p.worst_ess;
    }
    state.counters["worst_ess_per_second"] = ess / seconds;
}

/// The default sampler from start to convergence, search for modes included.
void default_sampler(benchmark::State& state) {
    Problem const* problem = problem_of(state);
    if (problem == nullptr) return;
    Watcher watcher;
    double ess = 0;
    double seconds = 0;
    std::uint64_t seed = 0;
    for (auto _ : state) {
        auto const start = std::chrono::steady_clock::now();
        auto const p =
            sample_default(*problem, {.ess = static_cast<double>(state.range(1))}, Random(++seed), watcher);
        double const taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        state.SetIterationTime(taken);
        seconds += taken;
        ess += p.worst_ess;
    }
    state.counters["worst_ess_per_second"] = ess / seconds;
}

void drawing_causes(benchmark::State& state) {
    Problem const* problem = problem_of(state);
    if (problem == nullptr) return;
    Settled chain(*problem);
    auto const versions = Likelihood::versions();
    auto const which = static_cast<std::size_t>(state.range(1));
    if (which >= versions.size()) return state.SkipWithError("this processor has no such version");
    chain.likelihood.use_version(versions[which]);
    state.SetLabel(std::string(cases[state.range(0)]) + " " + versions[which]);
    for (auto _ : state) chain.likelihood.draw(chain.log_csmf, chain.random, chain.counts);
}

void setting_levels(benchmark::State& state) {
    Problem const* problem = problem_of(state);
    if (problem == nullptr) return;
    Settled chain(*problem);
    for (auto _ : state) chain.likelihood.set_levels(chain.state.levels);
}

void drawing_levels(benchmark::State& state) {
    Problem const* problem = problem_of(state);
    if (problem == nullptr) return;
    Settled chain(*problem);
    for (auto _ : state) draw_levels(*problem, chain.state, chain.counts, 1, chain.random);
}

void moving_theta_in_one_block(benchmark::State& state) {
    Problem const* problem = problem_of(state);
    if (problem == nullptr) return;
    Settled chain(*problem);
    for (auto _ : state) {
        draw_hyperparameters(*problem, chain.state, chain.random);
        benchmark::DoNotOptimize(
            step_theta_block(*problem, chain.state, chain.counts.deaths, 0.1, chain.random));
    }
}

void drawing_theta(benchmark::State& state) {
    Problem const* problem = problem_of(state);
    if (problem == nullptr) return;
    Settled chain(*problem);
    for (auto _ : state) {
        draw_hyperparameters(*problem, chain.state, chain.random);
        benchmark::DoNotOptimize(draw_theta(*problem, chain.state, chain.counts.deaths, chain.random));
    }
}

void preparing_a_likelihood(benchmark::State& state) {
    Problem const* problem = problem_of(state);
    if (problem == nullptr) return;
    for (auto _ : state) benchmark::DoNotOptimize(Likelihood(*problem).n_distinct());
}

BENCHMARK(reference_sampler)
    ->Name("reference sampler, 1000 iterations")
    ->DenseRange(0, 1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(default_sampler)
    ->Name("default sampler to so many effective draws")
    ->ArgsProduct({{0, 1}, {400, 4000}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(drawing_causes)->ArgsProduct({{0, 1}, {0, 1, 2}})->Unit(benchmark::kMicrosecond);
BENCHMARK(setting_levels)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(drawing_levels)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(moving_theta_in_one_block)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(drawing_theta)->DenseRange(0, 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(preparing_a_likelihood)->DenseRange(0, 1)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();

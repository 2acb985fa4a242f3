// How well an evolution searches, beside others at equal evaluations of the same fitness: the Sharpe ratio on
// 1,400 made-up bars with regimes, after costs, of one seed of strategies.
//   vaster_bench_search SEED [N_RUNS]   means over runs of the best fitness found: by the study kind evolve,
//   by
//                                       pagmo's sade and sga where that is installed, by random search
//   vaster_bench_search SEED --serve    prints the genes' bounds; then, for each line of genes, their fitness
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#ifdef VASTER_HAS_PAGMO
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/sade.hpp>
#include <pagmo/algorithms/sga.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#endif

#include "core/study/growth.hpp"
#include "domains/trading/strategies/seeds.hpp"
#include "domains/trading/study/evolve.hpp"
#include "vaster/study/config.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;

namespace {

using Numbers = std::vector<double>;
using Overrides = std::vector<study::Override>;

constexpr std::size_t first_gene = 7;  ///< column of the design
constexpr std::size_t n_evaluations = 820;

class Collect final : public study::Sink {
  public:
    void begin(study::ExperimentIndex) override {}

    void finish(study::Result result) override { cells = std::move(result.cells); }

    study::Cells cells;
};

/// The market file that all searches read; removed at the end.
class Market {
  public:
    Market()
        : path_(std::filesystem::temp_directory_path() / fmt::format("vaster-search-{}.h5", ::getpid())) {
        trading::store_bars(
            study::load(*trading::make_evolve(),
                        {"", "", {{"data.simulated", "regimes", ""}, {"data.bars", "2000", ""}}}),
            path_);
    }

    ~Market() { std::filesystem::remove(path_); }

    Market(Market const&) = delete;
    Market& operator=(Market const&) = delete;

    [[nodiscard]] std::unique_ptr<study::Study> study(std::string const& seed, std::size_t run) const {
        return trading::make_evolve()
            ->open(study::load(*trading::make_evolve(), {"",
                                                         "",
                                                         {{"data.path", path_.string(), ""},
                                                          {"strategies.seeds", seed, ""},
                                                          {"strategies.defaults", "false", ""},
                                                          {"validation.placebos", "0", ""},
                                                          {"study.seed", std::to_string(run), ""}}}),
                   study::FromSource())
            .study;
    }

  private:
    std::filesystem::path path_;
};

study::Cells evaluated(study::Study const& study, study::Experiment const& experiment) {
    study::Task task;
    task.items = {{experiment, 1}};
    Collect sink;
    Watcher watcher;
    study.run(task, sink, watcher);
    return sink.cells;
}

/// The fitness of genes of one seed, as a study sees it.
class Fitness {
  public:
    Fitness(Market const& market, std::string const& seed) : study_(market.study(seed, 1)) {
        auto const& genes = strategies::seeds()[strategies::find_seed(seed).value()].genes;
        for (std::size_t i = 0; i < genes.size(); ++i)
            if (genes[i].used != strategies::GeneUse::nothing)
                evolving_.push_back({i, genes[i].min, genes[i].max});
        template_ = study_->next_experiments(study::KnownRecords(study_->schema())).front();
    }

    struct Gene {
        std::size_t place;
        double min;
        double max;
    };

    [[nodiscard]] std::vector<Gene> const& genes() const { return evolving_; }

    [[nodiscard]] double of(std::span<double const> genes) const {
        auto experiment = template_;
        for (std::size_t i = 0; i < evolving_.size(); ++i)
            experiment.design.at(first_gene + evolving_[i].place) = genes[i];
        return std::get<double>(evaluated(*study_, experiment).front());
    }

  private:
    std::unique_ptr<study::Study> study_;
    std::vector<Gene> evolving_;
    study::Experiment template_;
};

/// The best of a whole evolution with default settings: 820 evaluations.
double best_of_evolution(Market const& market, std::string const& seed, std::size_t run) {
    auto const study = market.study(seed, run);
    std::vector<study::KnownRow> rows;
    double best = std::numeric_limits<double>::lowest();
    for (;;) {
        study::KnownRecords known(study->schema());
        known.set(0, rows);
        auto const next = study->next_experiments(known);
        if (next.empty()) return best;
        for (auto const& experiment : next) {
            rows.push_back({experiment, study::Status::done, evaluated(*study, experiment)});
            best = std::max(best, std::get<double>(rows.back().cells.front()));
        }
    }
}

double best_at_random(Fitness const& fitness, std::size_t run) {
    Random random = random_stream(run, "random search", Purpose::simulate);
    double best = std::numeric_limits<double>::lowest();
    for (std::size_t i = 0; i < n_evaluations; ++i) {
        Numbers genes;
        for (auto const& gene : fitness.genes())
            genes.push_back(gene.min + (gene.max - gene.min) * random.uniform());
        best = std::max(best, fitness.of(genes));
    }
    return best;
}

#ifdef VASTER_HAS_PAGMO
/// The fitness as a problem of pagmo, which minimises.
struct Problem {
    std::shared_ptr<Fitness const> of;

    [[nodiscard]] pagmo::vector_double fitness(pagmo::vector_double const& genes) const {
        return {-of->of(genes)};
    }

    [[nodiscard]] std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
        std::pair<pagmo::vector_double, pagmo::vector_double> bounds;
        for (auto const& gene : of->genes()) {
            bounds.first.push_back(gene.min);
            bounds.second.push_back(gene.max);
        }
        return bounds;
    }
};

/// The population is evaluated once, and once more in each generation.
double best_of_pagmo(pagmo::algorithm algorithm, std::size_t n_living,
                     std::shared_ptr<Fitness const> const& fitness, std::size_t run) {
    algorithm.set_seed(static_cast<unsigned>(run));
    pagmo::population population(pagmo::problem(Problem{fitness}), n_living, static_cast<unsigned>(run));
    population = algorithm.evolve(population);
    return -population.champion_f().front();
}
#endif

void print_means(std::string const& seed, std::size_t n_runs) {
    Market const market;
    auto const fitness = std::make_shared<Fitness const>(market, seed);
    auto const mean = [&](std::function<double(std::size_t)> const& best) {
        double sum = 0;
        for (std::size_t run = 1; run <= n_runs; ++run) sum += best(run);
        return sum / static_cast<double>(n_runs);
    };
    fmt::print("evolve {:.4f}\n",
               mean([&](std::size_t run) { return best_of_evolution(market, seed, run); }));
#ifdef VASTER_HAS_PAGMO
    fmt::print("pagmo_sade {:.4f}\n", mean([&](std::size_t run) {
                   return best_of_pagmo(pagmo::algorithm(pagmo::sade(40)), 20, fitness, run);
               }));
    fmt::print("pagmo_sga {:.4f}\n", mean([&](std::size_t run) {
                   return best_of_pagmo(pagmo::algorithm(pagmo::sga(7)), 100, fitness, run);
               }));
#endif
    fmt::print("random {:.4f}\n", mean([&](std::size_t run) { return best_at_random(*fitness, run); }));
}

void serve(std::string const& seed) {
    Market const market;
    Fitness const fitness(market, seed);
    for (auto const& gene : fitness.genes()) std::cout << gene.min << ' ' << gene.max << ' ';
    std::cout << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        Numbers genes(fitness.genes().size());
        for (double& gene : genes) words >> gene;
        std::cout << fmt::format("{:.17g}", fitness.of(genes)) << std::endl;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || !strategies::find_seed(argv[1])) {
        fmt::print(stderr, "usage: vaster_bench_search SEED [N_RUNS | --serve]\n");
        return 64;
    }
    std::string const second = argc > 2 ? argv[2] : "10";
    if (second == "--serve")
        serve(argv[1]);
    else
        print_means(argv[1], static_cast<std::size_t>(std::atoll(second.c_str())));
}

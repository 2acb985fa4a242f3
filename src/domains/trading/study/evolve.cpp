#include "domains/trading/study/evolve.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "base/evolution/breeding.hpp"
#include "base/support/hash.hpp"
#include "domains/trading/study/bar_input.hpp"
#include "domains/trading/study/history.hpp"
#include "domains/trading/study/judge.hpp"
#include "domains/trading/study/market.hpp"
#include "domains/trading/study/options.hpp"
#include "domains/trading/study/schema.hpp"
#include "domains/trading/study/space.hpp"
#include "domains/trading/study/summary.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::trading {
namespace {

using study::Config;
using study::Experiment;

/// What a bar costs, as measured once on a machine of 2026; corrected by what is measured in a run. [s]
double seconds_per_bar(std::string_view seed) {
    if (seed == "Linear_SVC_Classifier") return 1.5e-5;
    if (seed == "PCA_Tree_Quantile") return 2e-5;
    return 2.5e-7;
}

class Evolve final : public study::Study {
  public:
    Evolve(EvolveOptions options, Assets const& assets, std::vector<study::Input> inputs)
        : options_(std::move(options)),
          inputs_(std::move(inputs)),
          inventory_(inventory_of(assets)),
          market_(market_of(options_, assets)),
          space_(usable_seeds(), options_.signal.profile),
          schema_(evolve_schema()) {
        schema_.labels.push_back(market_.assets);
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override { return market_.data_hash; }

    [[nodiscard]] std::vector<study::Input> inputs() const override { return inputs_; }

    [[nodiscard]] study::Inventory inventory() const override { return inventory_; }

    [[nodiscard]] std::vector<std::string> notes() const override { return market_.notes; }

    [[nodiscard]] std::size_t capacity() const override {
        return market_.stages.size() * evolution::most_evaluations(options_.evolution);
    }

    [[nodiscard]] std::vector<Experiment> next_experiments(study::Records const& so_far) const override {
        std::vector<Experiment> next;
        if (so_far.size() == 0) {
            for (std::size_t window = 0; window < market_.stages.size(); ++window) {
                auto const founders =
                    options_.default_founders ? space_.defaults() : std::vector<evolution::Genome>();
                append(
                    next, 0, window, 0,
                    evolution::first_births(space_.species(), options_.evolution, seed_of(window), founders));
            }
            return next;
        }
        std::size_t newest = 0;
        auto const last = replay(options_, space_, so_far, [&](SettledGeneration const& settled) {
            newest = std::max(newest, settled.population.generation);
        });
        for (auto const& [window, population, attempted, evaluated] : last) {
            bool const ended = population.generation < newest ||
                               ending(options_.evolution, population) != evolution::Ending::none;
            if (ended) continue;
            append(next, so_far.size(), window, population.generation + 1,
                   evolution::next_births(space_.species(), options_.evolution, seed_of(window), population));
        }
        return next;
    }

    void run(study::Task const& task, study::Sink& sink, Watcher&) const override {
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            auto const individual = planned_individual(item.experiment.design);
            auto const species = space_.find(individual.seed);
            auto const genes = space_.all_genes(space_.genome(*species, individual.genes));
            auto const seed = space_.seed({*species, {}});
            study::Result result;
            result.index = item.experiment.index;
            result.cells = result_cells(judge(options_, market_.stages.at(individual.window), seed, genes));
            sink.finish(std::move(result));
        }
    }

  private:
    /// Seeds that the bars suffice for.
    std::vector<strategies::SeedIndex> usable_seeds() {
        auto seeds = options_.seeds;
        auto const carry = strategies::find_seed("Funding_Rate_Carry");
        if (!market_.has_funding && carry && std::erase(seeds, *carry) > 0)
            market_.notes.emplace_back("Funding_Rate_Carry does not evolve: the bars have no funding rates");
        require<DataError>(
            !seeds.empty(),
            "no seed can evolve: Funding_Rate_Carry needs a column funding_rate; choose others by "
            "strategies.seeds");
        return seeds;
    }

    /// Windows evolve independently.
    [[nodiscard]] std::uint64_t seed_of(std::size_t window) const {
        return window == 0 ? options_.seed : hash64(fmt::format("seed={} window={}", options_.seed, window));
    }

    void append(std::vector<Experiment>& experiments, std::size_t first, std::size_t window,
                std::size_t generation, std::vector<evolution::Birth> const& births) const {
        for (std::size_t place = 0; place < births.size(); ++place) {
            auto const& birth = births[place];
            PlannedIndividual individual{window,
                                         generation,
                                         place,
                                         birth.island,
                                         space_.species()[birth.genome.species].name,
                                         birth.mother,
                                         birth.father,
                                         space_.all_genes(birth.genome)};
            Experiment experiment;
            experiment.index = first + experiments.size();
            experiment.id = {
                hash64(fmt::format("window={} generation={} individual={}", window, generation, place))};
            experiment.group = experiment.index;
            experiment.cost_key = individual.seed;
            experiment.expected_seconds = cost_of(window, individual.seed);
            experiment.design = design_cells(individual);
            experiments.push_back(std::move(experiment));
        }
    }

    [[nodiscard]] double cost_of(std::size_t window, std::string_view seed) const {
        Stage const& stage = market_.stages[window];
        auto const bars = static_cast<double>(stage.size() + stage.placebos.size() * stage.n_train);
        return bars * static_cast<double>(stage.bars.size()) * seconds_per_bar(seed);
    }

    EvolveOptions options_;
    std::vector<study::Input> inputs_;  ///< for the study file, until it is made
    study::Inventory inventory_;
    EvolveMarket market_;
    EvolveSpace space_;
    study::Schema schema_;
};

class EvolveKind final : public study::Kind {
  public:
    [[nodiscard]] std::string name() const override { return std::string(evolve_kind); }

    [[nodiscard]] std::string doc() const override {
        return "Trading strategies that evolve: seeds with genes, judged on bars, generation by generation";
    }

    [[nodiscard]] std::vector<study::KeyTable> tables() const override { return evolve_tables(); }

    [[nodiscard]] std::vector<std::string> problems(Config const& config) const override {
        return evolve_problems(config);
    }

    [[nodiscard]] study::Opened open(Config const& config, study::DataFrom const& from) const override {
        auto options = evolve_options(config);
        std::vector<study::Input> inputs;
        if (auto const* file = std::get_if<study::FromFile>(&from))
            return {std::make_unique<Evolve>(std::move(options), kept_bars(file->kept), std::move(inputs))};
        Assets const assets = bars_of(options);
        if (keeps_inputs(config)) inputs.push_back(input_of(assets));
        return {std::make_unique<Evolve>(std::move(options), assets, std::move(inputs))};
    }

    [[nodiscard]] bool keeps_inputs(Config const& config) const override {
        return evolve_options(config).data.backend == market::Backend::local;
    }

    [[nodiscard]] std::vector<TextTable> summary(Config const& config, study::Schema const&,
                                                 study::Records const& records) const override {
        return evolve_summary(evolve_options(config), records);
    }
};

}  // namespace

std::unique_ptr<study::Kind> make_evolve() {
    return std::make_unique<EvolveKind>();
}

}  // namespace vaster::trading

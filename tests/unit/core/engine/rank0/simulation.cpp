#include "simulation.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <optional>
#include <queue>
#include <set>
#include <sstream>
#include <utility>

#include "core/engine/rank0/dispatcher.hpp"
#include "vaster/support/random.hpp"

namespace vaster::simulation {
namespace {

using engine::Dispatcher;

engine::StartingPoint start_of(std::vector<Cost> const& costs, Order order) {
    std::vector<std::size_t> place(costs.size());
    std::iota(place.begin(), place.end(), std::size_t{0});
    if (order == Order::random) {
        auto random = random_stream(1, "order", Purpose::simulate);
        for (std::size_t i = place.size(); i > 1; --i) std::swap(place[i - 1], place[random.below(i)]);
    }
    std::vector<std::size_t> group_at(costs.size());
    for (std::size_t i = 0; i < costs.size(); ++i) group_at[place[i]] = i;

    bool const guessed = order == Order::longest_first;
    engine::StartingPoint start;
    for (std::size_t const group : group_at) {
        auto const& cost = costs[group];
        for (unsigned i = 0; i < cost.experiments; ++i) {
            study::Experiment experiment;
            experiment.index = start.to_do.size();
            experiment.group = group;  // finds its cost again
            experiment.expected_seconds = (guessed ? cost.expected_seconds : 1) / cost.experiments;
            experiment.cost_key = guessed ? cost.key : "any";
            start.to_do.push_back(std::move(experiment));
        }
    }
    return start;
}

/// A worker that has nothing to do, or will not have from then on.
struct Turn {
    double at = 0;
    int worker = 0;

    friend bool operator>(Turn const& a, Turn const& b) {
        return a.at != b.at ? a.at > b.at : a.worker > b.worker;
    }
};

class Simulation {
  public:
    Simulation(std::vector<Cost> const& costs, int ranks, Order order, Rates rates)
        : costs_(costs),
          rates_(rates),
          dispatcher_(start_of(costs, order), {}, limits(ranks, order), ranks),
          running_(static_cast<std::size_t>(ranks)),
          prefetched_(static_cast<std::size_t>(ranks)) {
        for (int worker = 0; worker < ranks; ++worker) turns_.push({0, worker});
    }

    Outcome run() {
        while (!turns_.empty()) {
            Turn const turn = turns_.top();
            turns_.pop();
            double const heard = std::max(turn.at + rates_.message, rank0_free_);
            auto const worker = static_cast<std::size_t>(turn.worker);
            double const busy =
                rates_.decision + static_cast<double>(results_of(running_[worker])) * rates_.results / 3;
            rank0_free_ = heard + busy;
            outcome_.rank0_share += busy;
            report(turn.worker, heard);
            if (prefetched_[worker]) {
                begin(turn.worker, *std::exchange(prefetched_[worker], std::nullopt), turn.at);
            } else if (auto task = dispatcher_.next(turn.worker, heard)) {
                begin(turn.worker, std::move(*task), rank0_free_ + rates_.message);
            } else {
                continue;  // nothing fails here: there will be nothing more
            }
            prefetched_[worker] = dispatcher_.prefetch(turn.worker, heard);
        }
        finish();
        return outcome_;
    }

  private:
    using Running = std::optional<study::Task>;

    static engine::TaskLimits limits(int ranks, Order order) {
        engine::TaskLimits limits;
        limits.workers = static_cast<unsigned>(ranks);
        if (order != Order::longest_first) limits.bundle_seconds = 0;  // lengths are not known there
        return limits;
    }

    static std::size_t results_of(Running const& running) { return running ? running->items.size() : 0; }

    void begin(int worker, study::Task task, double at) {
        ++outcome_.tasks;
        double seconds = 0;
        for (auto const& [index, cost] : costs_of(task)) seconds += cost;
        std::set<std::uint64_t> groups;
        for (auto const& item : task.items) groups.insert(item.experiment.group);
        outcome_.fits += groups.size();
        turns_.push({at + rates_.start + seconds, worker});
        running_[static_cast<std::size_t>(worker)] = std::move(task);
    }

    /// What each experiment takes; the first of its group pays for the fit.
    [[nodiscard]] std::vector<std::pair<study::ExperimentIndex, double>> costs_of(
        study::Task const& task) const {
        std::vector<std::pair<study::ExperimentIndex, double>> all;
        std::optional<std::uint64_t> fitted;
        for (auto const& item : task.items) {
            auto const& cost = costs_[item.experiment.group];
            double seconds = cost.seconds * cost.evaluation_share / cost.experiments;
            if (std::exchange(fitted, item.experiment.group) != item.experiment.group)
                seconds += cost.seconds * (1 - cost.evaluation_share);
            all.emplace_back(item.experiment.index, seconds);
        }
        return all;
    }

    void report(int worker, double now) {
        auto& running = running_[static_cast<std::size_t>(worker)];
        if (!running) return;
        study::TaskEnd end;
        for (auto const& [index, seconds] : costs_of(*running)) {
            (void)dispatcher_.on_committed(worker, index, seconds);
            end.seconds += seconds;
        }
        end.task = running->number;
        end.completed = true;
        (void)dispatcher_.on_task_end(worker, end, now);
        outcome_.makespan = now;
        running.reset();
    }

    void finish() {
        outcome_.lower_bound = lower_bound(costs_, static_cast<int>(running_.size()));
        outcome_.rank0_share /= outcome_.makespan;
    }

    std::vector<Cost> const& costs_;
    Rates rates_;
    Dispatcher dispatcher_;
    std::vector<Running> running_;
    std::vector<Running> prefetched_;
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;
    double rank0_free_ = 0;
    Outcome outcome_;
};

}  // namespace

std::vector<Cost> measured_costs() {
    std::ifstream file(VASTER_SOURCE_DIR "/tests/unit/core/engine/va34_costs.csv");
    std::vector<Cost> costs;
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::istringstream cells(line);
        Cost cost;
        char comma = 0;
        std::getline(cells, cost.key, ',');
        cells >> cost.expected_seconds >> comma >> cost.seconds >> comma >> cost.experiments >> comma >>
            cost.evaluation_share;
        costs.push_back(std::move(cost));
    }
    return costs;
}

std::vector<Cost> repeated(std::vector<Cost> const& costs, std::size_t times) {
    std::vector<Cost> all;
    all.reserve(costs.size() * times);
    for (std::size_t i = 0; i < times; ++i) all.insert(all.end(), costs.begin(), costs.end());
    return all;
}

double lower_bound(std::vector<Cost> const& costs, int ranks) {
    double total = 0;
    double longest = 0;
    for (auto const& cost : costs) {
        total += cost.seconds;
        longest = std::max(longest, cost.seconds);
    }
    return std::max(total / ranks, longest);
}

Outcome run(std::vector<Cost> const& costs, int ranks, Order order, Rates rates) {
    return Simulation(costs, ranks, order, rates).run();
}

}  // namespace vaster::simulation

#include "simulation.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <optional>
#include <queue>
#include <sstream>

#include "vaster/engine/master.hpp"
#include "vaster/support/random.hpp"

namespace vaster::simulation {
namespace {

using engine::Master;

engine::Work work_of(std::vector<Cost> const& costs, Order order) {
    std::vector<std::size_t> place(costs.size());
    std::iota(place.begin(), place.end(), std::size_t{0});
    if (order == Order::random) {
        auto random = stream(1, "order", Purpose::simulate);
        for (std::size_t i = place.size(); i > 1; --i) std::swap(place[i - 1], place[random.below(i)]);
    }
    engine::Work work;
    work.to_do.resize(costs.size());
    for (std::size_t i = 0; i < costs.size(); ++i) {
        auto& experiment = work.to_do[place[i]];
        experiment.index = place[i];
        experiment.group = i;  // finds its cost again
        bool const guessed = order == Order::longest_first;
        experiment.expected_seconds = guessed ? costs[i].expected_seconds : 1;
        experiment.cost_key = guessed ? costs[i].key : "any";
    }
    return work;
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
          master_(work_of(costs, order), {}, limits(ranks, order)),
          running_(static_cast<std::size_t>(ranks)) {
        for (int worker = 0; worker < ranks; ++worker) turns_.push({0, worker});
    }

    Outcome run() {
        while (!turns_.empty()) {
            Turn const turn = turns_.top();
            turns_.pop();
            double const heard = std::max(turn.at + rates_.message, rank0_free_);
            auto const groups = static_cast<double>(groups_of(turn.worker));
            double const busy = rates_.decision + groups * rates_.results;
            rank0_free_ = heard + busy;
            outcome_.rank0_share += busy;
            report(turn, heard);
            auto task = master_.next(turn.worker, heard);
            if (!task) continue;  // nothing fails here: there will be nothing more
            ++outcome_.tasks;
            double const seconds = seconds_of(*task);
            turns_.push({rank0_free_ + rates_.message + rates_.start + seconds, turn.worker});
            running_[static_cast<std::size_t>(turn.worker)] = Running{std::move(*task), seconds};
        }
        finish();
        return outcome_;
    }

  private:
    struct Running {
        study::Task task;
        double seconds = 0;
    };

    static engine::TaskLimits limits(int ranks, Order order) {
        engine::TaskLimits limits;
        limits.workers = static_cast<unsigned>(ranks);
        if (order != Order::longest_first) limits.bundle_seconds = 0;  // lengths are not known there
        return limits;
    }

    /// That the worker has just finished.
    [[nodiscard]] std::size_t groups_of(int worker) const {
        auto const& running = running_[static_cast<std::size_t>(worker)];
        return running ? running->task.items.size() : 0;
    }

    [[nodiscard]] double seconds_of(study::Task const& task) const {
        double sum = 0;
        for (auto const& item : task.items) sum += costs_[item.experiment.group].seconds;
        return sum;
    }

    void report(Turn const& turn, double now) {
        auto& running = running_[static_cast<std::size_t>(turn.worker)];
        if (!running) return;
        for (auto const& item : running->task.items)
            master_.on_committed(turn.worker, item.experiment.index, costs_[item.experiment.group].seconds);
        study::TaskEnd end;
        end.task = running->task.number;
        end.completed = true;
        end.seconds = running->seconds;
        (void)master_.on_task_end(turn.worker, end, now);
        outcome_.makespan = now;
        running.reset();
    }

    void finish() {
        double total = 0;
        double longest = 0;
        for (auto const& cost : costs_) {
            total += cost.seconds;
            longest = std::max(longest, cost.seconds);
        }
        outcome_.lower_bound = std::max(total / static_cast<double>(running_.size()), longest);
        outcome_.rank0_share /= outcome_.makespan;
    }

    std::vector<Cost> const& costs_;
    Rates rates_;
    Master master_;
    std::vector<std::optional<Running>> running_;
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;
    double rank0_free_ = 0;
    Outcome outcome_;
};

}  // namespace

std::vector<Cost> measured_costs() {
    std::ifstream file(VASTER_SOURCE_DIR "/tests/unit/engine/va34_costs.csv");
    std::vector<Cost> costs;
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::istringstream cells(line);
        Cost cost;
        char comma = 0;
        std::getline(cells, cost.key, ',');
        cells >> cost.expected_seconds >> comma >> cost.seconds;
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

Outcome run(std::vector<Cost> const& costs, int ranks, Order order, Rates rates) {
    return Simulation(costs, ranks, order, rates).run();
}

}  // namespace vaster::simulation

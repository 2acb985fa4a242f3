#include "vaster/engine/schedule.hpp"

#include <algorithm>

#include "vaster/support/contracts.hpp"

namespace vaster::engine {
namespace {

study::ExperimentIndex first_index(Batch const& batch) {
    study::ExperimentIndex first = batch.members.front().experiment.index;
    for (auto const& member : batch.members) first = std::min(first, member.experiment.index);
    return first;
}

}  // namespace

CostBook::CostBook(std::vector<study::MeasuredCost> const& known) {
    for (auto const& cost : known) add(cost.cost_key, cost.expected_seconds, cost.measured_seconds);
}

void CostBook::add(std::string const& cost_key, double expected_seconds, double measured_seconds) {
    auto& cost = costs_[cost_key];
    cost.cost_key = cost_key;
    for (auto* sum : {&cost, &together_}) {
        sum->expected_seconds += expected_seconds;
        sum->measured_seconds += measured_seconds;
    }
}

double CostBook::correction(std::string const& cost_key) const {
    auto const ratio = [](study::MeasuredCost const& cost) {
        return cost.expected_seconds > 0 ? cost.measured_seconds / cost.expected_seconds : 0;
    };
    auto const found = costs_.find(cost_key);
    double const own = found == costs_.end() ? 0 : ratio(found->second);
    if (own > 0) return own;
    double const overall = ratio(together_);
    return overall > 0 ? overall : 1;
}

std::vector<study::MeasuredCost> CostBook::all() const {
    std::vector<study::MeasuredCost> costs;
    costs.reserve(costs_.size());
    for (auto const& [key, cost] : costs_) costs.push_back(cost);
    return costs;
}

double expected_seconds(Batch const& batch) {
    double sum = 0;
    for (auto const& member : batch.members) sum += member.experiment.expected_seconds;
    return sum;
}

std::vector<Batch> batches_of(std::vector<study::Experiment> const& experiments) {
    std::map<std::uint64_t, Batch> by_group;
    for (auto const& experiment : experiments) by_group[experiment.group].members.push_back({experiment, {}});
    std::vector<Batch> batches;
    batches.reserve(by_group.size());
    for (auto& [group, batch] : by_group) {
        std::sort(batch.members.begin(), batch.members.end(),
                  [](auto const& a, auto const& b) { return a.experiment.index < b.experiment.index; });
        batches.push_back(std::move(batch));
    }
    std::sort(batches.begin(), batches.end(),
              [](Batch const& a, Batch const& b) { return first_index(a) < first_index(b); });
    return batches;
}

void Schedule::add(Batch batch, double due) {
    VASTER_EXPECTS(!batch.members.empty());
    later_.emplace(due, std::move(batch));
}

void Schedule::make_ready(Batch batch) {
    Rank const rank{-expected_seconds(batch), first_index(batch)};
    ready_[batch.members.front().experiment.cost_key].emplace(rank, std::move(batch));
}

std::optional<Batch> Schedule::take(CostBook const& costs, double now) {
    while (!later_.empty() && later_.begin()->first <= now) {
        make_ready(std::move(later_.begin()->second));
        later_.erase(later_.begin());
    }
    auto best = ready_.end();
    Rank best_rank;
    for (auto key = ready_.begin(); key != ready_.end(); ++key) {
        Rank rank = key->second.begin()->first;
        rank.first *= costs.correction(key->first);
        if (best == ready_.end() || rank < best_rank) {
            best = key;
            best_rank = rank;
        }
    }
    if (best == ready_.end()) return std::nullopt;
    Batch batch = std::move(best->second.begin()->second);
    best->second.erase(best->second.begin());
    if (best->second.empty()) ready_.erase(best);
    return batch;
}

}  // namespace vaster::engine

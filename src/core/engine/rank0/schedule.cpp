#include "core/engine/rank0/schedule.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "vaster/support/contracts.hpp"

namespace vaster::engine {
namespace {

study::ExperimentIndex first_index(Batch const& batch) {
    study::ExperimentIndex first = batch.members.front().experiment.index;
    for (auto const& member : batch.members) first = std::min(first, member.experiment.index);
    return first;
}

/// 0: unknown.
double ratio_of(study::MeasuredCost const& cost) {
    return cost.expected_seconds > 0 ? cost.measured_seconds / cost.expected_seconds : 0;
}

}  // namespace

CostBook::CostBook(std::vector<study::MeasuredCost> const& known,
                   std::vector<study::MeasuredCost> const& remembered) {
    for (auto const& cost : known) here_.add(cost.cost_key, cost.expected_seconds, cost.measured_seconds);
    for (auto const& cost : remembered)
        elsewhere_.add(cost.cost_key, cost.expected_seconds, cost.measured_seconds);
}

void CostBook::Page::add(std::string const& cost_key, double expected_seconds, double measured_seconds) {
    auto& cost = costs[cost_key];
    cost.cost_key = cost_key;
    for (auto* sum : {&cost, &together}) {
        sum->expected_seconds += expected_seconds;
        sum->measured_seconds += measured_seconds;
    }
}

double CostBook::Page::ratio(std::string const& cost_key) const {
    auto const found = costs.find(cost_key);
    return found == costs.end() ? 0 : ratio_of(found->second);
}

void CostBook::add(std::string const& cost_key, double expected_seconds, double measured_seconds) {
    here_.add(cost_key, expected_seconds, measured_seconds);
}

bool CostBook::knows(std::string const& cost_key) const {
    return here_.ratio(cost_key) > 0 || elsewhere_.ratio(cost_key) > 0;
}

double CostBook::correction(std::string const& cost_key) const {
    for (double const ratio : {here_.ratio(cost_key), elsewhere_.ratio(cost_key), ratio_of(here_.together),
                               ratio_of(elsewhere_.together)})
        if (ratio > 0) return ratio;
    return 1;
}

double CostBook::correction_here(std::string const& cost_key) const {
    for (double const ratio : {here_.ratio(cost_key), ratio_of(here_.together)})
        if (ratio > 0) return ratio;
    return 1;
}

std::vector<study::MeasuredCost> CostBook::all() const {
    std::vector<study::MeasuredCost> costs;
    costs.reserve(here_.costs.size());
    for (auto const& [key, cost] : here_.costs) costs.push_back(cost);
    return costs;
}

double expected_seconds(Batch const& batch) {
    double sum = 0;
    for (auto const& member : batch.members) sum += member.experiment.expected_seconds;
    return sum;
}

bool untroubled(Batch const& batch) {
    return std::all_of(batch.members.begin(), batch.members.end(),
                       [](auto const& member) { return member.charges.all() == 0; });
}

std::vector<Batch> batches_of(std::vector<study::Experiment> const& experiments) {
    std::map<std::uint64_t, Batch> by_group;
    for (auto const& experiment : experiments)
        by_group[experiment.group].members.push_back({experiment, {}, {}});
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
    auto const& first = batch.members.front();
    ready_[{first.limits.priority, first.experiment.cost_key}].emplace(rank, std::move(batch));
}

std::optional<Schedule::Slot> Schedule::longest(CostBook const& costs, double most_seconds) {
    std::optional<Slot> best;
    Rank best_rank;
    for (auto lane = ready_.begin(); lane != ready_.end(); ++lane) {
        if (best && lane->first.priority < best->lane->first.priority) break;
        // Batches are in order of what the plan guessed.
        auto const& key = lane->first.cost_key;
        auto const candidate = lane->second.lower_bound({-most_seconds / costs.correction_here(key), 0});
        if (candidate == lane->second.end()) continue;
        Rank const rank{candidate->first.first * costs.correction(key), candidate->first.second};
        if (best && best_rank < rank) continue;
        best = Slot{lane, candidate, -rank.first};
        best_rank = rank;
    }
    return best;
}

Batch Schedule::remove(Slot const& slot) {
    Batch batch = std::move(slot.batch->second);
    slot.lane->second.erase(slot.batch);
    if (slot.lane->second.empty()) ready_.erase(slot.lane);
    return batch;
}

std::optional<Batch> Schedule::take(CostBook const& costs, double now, double seconds_left) {
    while (!later_.empty() && later_.begin()->first <= now) {
        make_ready(std::move(later_.begin()->second));
        later_.erase(later_.begin());
    }
    auto const place = longest(costs, seconds_left);
    if (!place) return std::nullopt;
    return remove(*place);
}

std::optional<Batch> Schedule::take_more(CostBook const& costs, double most_seconds, double seconds_left,
                                         std::set<std::string> const& not_of,
                                         std::optional<study::OwnLimits> const& limits) {
    auto const place = longest(costs, seconds_left);
    bool const wanted = place && place->seconds <= most_seconds &&
                        !not_of.contains(place->lane->first.cost_key) && untroubled(place->batch->second) &&
                        (!limits || place->batch->second.members.front().limits == *limits);
    if (!wanted) return std::nullopt;
    return remove(*place);
}

std::vector<OpenExperiment> Schedule::remove_if(
    std::function<bool(study::Experiment const&)> const& unwanted) {
    for (auto& [lane, batches] : std::exchange(ready_, {}))
        for (auto& [rank, batch] : batches) later_.emplace(0, std::move(batch));
    std::vector<OpenExperiment> removed;
    for (auto& [due, batch] : std::exchange(later_, {})) {
        Batch rest;
        for (auto& member : batch.members)
            (unwanted(member.experiment) ? removed : rest.members).push_back(std::move(member));
        if (!rest.members.empty()) later_.emplace(due, std::move(rest));
    }
    return removed;
}

std::size_t Schedule::size() const noexcept {
    std::size_t n = later_.size();
    for (auto const& [lane, batches] : ready_) n += batches.size();
    return n;
}

bool Schedule::any_until(CostBook const& costs, double now, double deadline) const {
    for (auto const& [lane, batches] : ready_)
        if (batches.rbegin()->first.first * costs.correction_here(lane.cost_key) >= now - deadline)
            return true;
    return std::any_of(later_.begin(), later_.end(), [&](auto const& one) {
        double const seconds = expected_seconds(one.second) *
                               costs.correction_here(one.second.members.front().experiment.cost_key);
        return std::max(now, one.first) + seconds <= deadline;
    });
}

double Schedule::shortest_seconds(CostBook const& costs) const {
    double shortest = std::numeric_limits<double>::infinity();
    for (auto const& [lane, batches] : ready_)
        shortest = std::min(shortest, -batches.rbegin()->first.first * costs.correction_here(lane.cost_key));
    for (auto const& [due, batch] : later_)
        shortest = std::min(shortest, expected_seconds(batch) *
                                          costs.correction_here(batch.members.front().experiment.cost_key));
    return empty() ? 0 : shortest;
}

}  // namespace vaster::engine

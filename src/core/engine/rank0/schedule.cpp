#include "core/engine/rank0/schedule.hpp"

#include <algorithm>
#include <iterator>
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

void Schedule::add(Batch batch, double due) {
    VASTER_EXPECTS(!batch.members.empty());
    later_.emplace(due, std::move(batch));
}

void Schedule::make_ready(Batch batch) {
    Rank const rank{-expected_seconds(batch), first_index(batch)};
    auto const& first = batch.members.front();
    ready_[{first.limits.priority, first.experiment.cost_key}].returned.emplace(rank, std::move(batch));
}

void Schedule::add_plan(study::PackedPlan const& plan, OwnLimitsOf const& own) {
    own_ = own;
    std::map<Lane, std::size_t> numbers;
    std::vector<GroupQueue*> queues;
    auto const lane_of = [&](study::Experiment const& experiment) {
        Lane const lane{own_ ? own_(experiment).priority : 0, experiment.cost_key};
        auto const [found, is_new] = numbers.emplace(lane, queues.size());
        if (is_new) queues.push_back(&ready_[lane].planned);
        return found->second;
    };
    groups_.add(plan, lane_of, [&](std::size_t lane, GroupQueue::Group group) { queues[lane]->add(group); });
    for (auto* const queue : queues) queue->arrange();
}

/// Of the batches in a lane, which are in order of what the plan guessed.
std::optional<Schedule::Candidate> Schedule::longest_planned(ByLane::iterator lane, CostBook const& costs,
                                                             double most_seconds) {
    auto const& key = lane->first.cost_key;
    auto const place = lane->second.planned.longest(most_seconds / costs.correction_here(key));
    if (!place) return std::nullopt;
    auto const group = lane->second.planned.at(*place);
    double const seconds = group.expected_seconds * costs.correction(key);
    return Candidate{{-seconds, groups_.first_index(group.number)}, {lane, *place, seconds}};
}

std::optional<Schedule::Candidate> Schedule::longest_returned(ByLane::iterator lane, CostBook const& costs,
                                                              double most_seconds) {
    auto const& key = lane->first.cost_key;
    auto const found = lane->second.returned.lower_bound({-most_seconds / costs.correction_here(key), 0});
    if (found == lane->second.returned.end()) return std::nullopt;
    double const seconds = -found->first.first * costs.correction(key);
    return Candidate{{-seconds, found->first.second}, {lane, found, seconds}};
}

std::optional<Schedule::Slot> Schedule::longest(CostBook const& costs, double most_seconds) {
    std::optional<Candidate> best;
    for (auto lane = ready_.begin(); lane != ready_.end(); ++lane) {
        if (best && lane->first.priority < best->second.lane->first.priority) break;
        for (auto const& candidate :
             {longest_planned(lane, costs, most_seconds), longest_returned(lane, costs, most_seconds)})
            if (candidate && (!best || candidate->first <= best->first)) best = candidate;
    }
    return best ? std::optional(best->second) : std::nullopt;
}

Batch Schedule::unpacked(GroupQueue::Number group) const {
    Batch batch;
    for (auto& experiment : groups_.members(group)) {
        auto const limits = own_ ? own_(experiment) : study::OwnLimits();
        batch.members.push_back({std::move(experiment), {}, limits});
    }
    return batch;
}

Batch Schedule::remove(Slot const& slot) {
    auto& ready = slot.lane->second;
    Batch batch;
    if (auto const* const place = std::get_if<GroupQueue::Place>(&slot.batch)) {
        batch = unpacked(ready.planned.at(*place).number);
        ready.planned.take(*place);
    } else {
        auto const returned = std::get<std::map<Rank, Batch>::iterator>(slot.batch);
        batch = std::move(returned->second);
        ready.returned.erase(returned);
    }
    if (ready.planned.empty() && ready.returned.empty()) ready_.erase(slot.lane);
    return batch;
}

study::OwnLimits Schedule::limits_at(Slot const& slot) const {
    if (auto const* const returned = std::get_if<std::map<Rank, Batch>::iterator>(&slot.batch))
        return (*returned)->second.members.front().limits;
    auto const place = std::get<GroupQueue::Place>(slot.batch);
    return own_ ? own_(groups_.first(slot.lane->second.planned.at(place).number)) : study::OwnLimits();
}

bool Schedule::untroubled_at(Slot const& slot) {
    auto const* const returned = std::get_if<std::map<Rank, Batch>::iterator>(&slot.batch);
    return returned == nullptr || untroubled((*returned)->second);
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
                        !not_of.contains(place->lane->first.cost_key) && untroubled_at(*place) &&
                        (!limits || limits_at(*place) == *limits);
    if (!wanted) return std::nullopt;
    return remove(*place);
}

/// Batches of the plan that have one of these are due later, like those that were returned.
void Schedule::remove_planned(Ready& ready, std::function<bool(study::Experiment const&)> const& unwanted) {
    auto& planned = ready.planned;
    for (auto place = planned.from(0); place; place = planned.from(*place + 1)) {
        auto batch = unpacked(planned.at(*place).number);
        if (std::none_of(batch.members.begin(), batch.members.end(),
                         [&](auto const& member) { return unwanted(member.experiment); }))
            continue;
        planned.take(*place);
        later_.emplace(0, std::move(batch));
    }
}

std::vector<OpenExperiment> Schedule::remove_if(
    std::function<bool(study::Experiment const&)> const& unwanted) {
    for (auto lane = ready_.begin(); lane != ready_.end();) {
        remove_planned(lane->second, unwanted);
        for (auto& [rank, batch] : std::exchange(lane->second.returned, {}))
            later_.emplace(0, std::move(batch));
        lane = lane->second.planned.empty() ? ready_.erase(lane) : std::next(lane);
    }
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
    for (auto const& [lane, ready] : ready_) n += ready.planned.size() + ready.returned.size();
    return n;
}

double Schedule::shortest_guess(Ready const& ready) {
    double shortest = std::numeric_limits<double>::infinity();
    if (!ready.planned.empty()) shortest = ready.planned.shortest_seconds();
    if (!ready.returned.empty()) shortest = std::min(shortest, -ready.returned.rbegin()->first.first);
    return shortest;
}

bool Schedule::any_until(CostBook const& costs, double now, double deadline) const {
    for (auto const& [lane, ready] : ready_)
        if (shortest_guess(ready) * costs.correction_here(lane.cost_key) <= deadline - now) return true;
    return std::any_of(later_.begin(), later_.end(), [&](auto const& one) {
        double const seconds = expected_seconds(one.second) *
                               costs.correction_here(one.second.members.front().experiment.cost_key);
        return std::max(now, one.first) + seconds <= deadline;
    });
}

double Schedule::shortest_seconds(CostBook const& costs) const {
    double shortest = std::numeric_limits<double>::infinity();
    for (auto const& [lane, ready] : ready_)
        shortest = std::min(shortest, shortest_guess(ready) * costs.correction_here(lane.cost_key));
    for (auto const& [due, batch] : later_)
        shortest = std::min(shortest, expected_seconds(batch) *
                                          costs.correction_here(batch.members.front().experiment.cost_key));
    return empty() ? 0 : shortest;
}

}  // namespace vaster::engine

#include "core/engine/rank0/dispatcher.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "vaster/support/contracts.hpp"

namespace vaster::engine {

using study::Failure;

namespace {

constexpr double least_share = 0.05;  // of a bundle: smaller ones cost more than they even out

void add_up(std::map<std::string, study::MeasuredCost>& sums, study::MeasuredCost const& cost) {
    auto& sum = sums[cost.cost_key];
    sum.expected_seconds += cost.expected_seconds;
    sum.measured_seconds += cost.measured_seconds;
}

}  // namespace

Dispatcher::Dispatcher(StartingPoint const& start, RetryPolicy policy, TaskLimits limits, int ranks)
    : policy_(policy),
      limits_(std::move(limits)),
      costs_(start.known_costs, start.remembered_costs),
      ranks_(ranks),
      total_(start.resumed + start.failed),
      resumed_(start.resumed),
      skipped_(start.skipped),
      failed_(start.failed) {
    schedule(start.to_do);
}

void Dispatcher::schedule(study::PackedPlan const& experiments) {
    for (auto const& experiment : experiments) {
        VASTER_EXPECTS(experiment.skip_reason.empty());
        seconds_left_[experiment.cost_key] += experiment.expected_seconds;
    }
    total_ += experiments.size();
    schedule_.add_plan(experiments, limits_.own);
}

void Dispatcher::add(std::vector<study::Experiment> const& experiments) {
    study::PackedPlan to_do;
    for (auto const& experiment : experiments) {
        if (experiment.skip_reason.empty())
            to_do.push_back(experiment);
        else
            ++skipped_;
    }
    schedule(to_do);
}

std::optional<study::Task> Dispatcher::next(int worker, double now) {
    VASTER_EXPECTS(!working(worker));
    if (draining_) return std::nullopt;
    auto const bundle = take_bundle(now);
    if (bundle.empty()) return std::nullopt;
    HandedOut out = assign(worker, bundle, now);
    ranks_.begin(worker, std::move(out.assignment));
    return std::move(out.task);
}

std::optional<study::Task> Dispatcher::prefetch(int worker, double now) {
    Peer const& peer = ranks_[worker];
    if (!peer.task || peer.prefetched) return std::nullopt;
    auto const bundle = take_bundle_to_prefetch(worker, now);
    std::optional<HandedOut> next;
    if (!bundle.empty()) next = assign(worker, bundle, now);
    ranks_.set_prefetched(worker, std::move(next));
    return peer.prefetched ? std::optional(peer.prefetched->task) : std::nullopt;
}

std::vector<Batch> Dispatcher::take_bundle_to_prefetch(int worker, double now) {
    constexpr double enough = 4;  // bundles for each worker: two of its own, two for others
    bool const short_ones = ranks_[worker].task->expected <= limits_.bundle_seconds;
    bool const near_the_end = work_left() < enough * limits_.bundle_seconds * limits_.workers;
    std::vector<Batch> bundle;
    if (!draining_ && short_ones && !near_the_end)
        fill(bundle, limits_.bundle_seconds, now + limits_.bundle_seconds);
    return bundle;
}

RetryPolicy Dispatcher::policy_of(OpenExperiment const& member) const {
    RetryPolicy policy = policy_;
    policy.retries = member.limits.retries.value_or(policy.retries);
    policy.delay_seconds = member.limits.retry_delay_seconds.value_or(policy.delay_seconds);
    policy.backoff = member.limits.backoff;
    return policy;
}

/// The limit of its next attempt.
std::uint64_t Dispatcher::memory_of(OpenExperiment const& member) const {
    return member.limits.memory_bytes.value_or(limits_.memory_bytes) * memory_factor(member.charges);
}

/// What has failed before is tried with one thread, in case that was the reason.
std::uint32_t Dispatcher::threads_of(int worker, std::vector<Batch> const& bundle) const {
    if (!std::ranges::all_of(bundle, untroubled)) return 1;
    auto const& [of_each, cores] = limits_.threads;
    if (of_each) return *of_each;
    auto const all = std::accumulate(cores.begin(), cores.end(), std::size_t{0});
    std::size_t const left = schedule_.size() + ranks_.n_busy() + bundle.size();
    return left < all ? cores.at(static_cast<std::size_t>(worker)) : 1;
}

HandedOut Dispatcher::assign(int worker, std::vector<Batch> const& bundle, double now) {
    HandedOut out;
    auto& [task, assignment] = out;
    task.number = ++tasks_;
    task.threads = threads_of(worker, bundle);
    task.timeout_seconds =
        bundle.front().members.front().limits.timeout_seconds.value_or(limits_.timeout_seconds);
    for (auto const& batch : bundle) {
        assignment.expected += seconds_of(batch);
        assignment.teaches = assignment.teaches && !divided_.contains(batch.members.front().experiment.group);
        for (auto const& member : batch.members) {
            task.items.push_back({member.experiment, member.charges.all() + 1});
            task.memory_bytes = std::max(task.memory_bytes, memory_of(member));
            assignment.open.push_back(member);
        }
    }
    assignment.number = task.number;
    assignment.since = now;
    return out;
}

std::vector<Batch> Dispatcher::take_bundle(double now) {
    std::vector<Batch> bundle;
    auto first = schedule_.take(costs_, now, deadline_ - now);
    if (!first) return bundle;
    divide(*first, now);
    bundle.push_back(std::move(*first));
    if (untroubled(bundle.front())) fill(bundle, bundle_seconds(), now);
    return bundle;
}

void Dispatcher::fill(std::vector<Batch>& bundle, double most_seconds, double now) {
    std::set<std::string> unmeasured;  // of such a key one is enough: its guess may be far off
    double left = deadline_ - now;
    double room = most_seconds;
    std::optional<study::OwnLimits> limits;  // of all in the bundle
    auto const count = [&](Batch const& batch) {
        std::string const& key = batch.members.front().experiment.cost_key;
        if (!costs_.knows(key)) unmeasured.insert(key);
        limits = batch.members.front().limits;
        left -= seconds_of(batch);
        room -= seconds_of(batch);
    };
    std::for_each(bundle.begin(), bundle.end(), count);
    while (room > 0) {
        auto more = schedule_.take_more(costs_, std::min(room, left), left, unmeasured, limits);
        if (!more) break;
        bundle.push_back(std::move(*more));
        count(bundle.back());
    }
}

double Dispatcher::seconds_of(Batch const& batch) const {
    return expected_seconds(batch) * costs_.correction(batch.members.front().experiment.cost_key);
}

void Dispatcher::divide(Batch& batch, double now) {
    if (batch.members.size() < 2 || !untroubled(batch) || !worth_dividing(batch)) return;
    Batch half;
    auto const middle = batch.members.begin() + static_cast<std::ptrdiff_t>((batch.members.size() + 1) / 2);
    half.members.assign(std::make_move_iterator(middle), std::make_move_iterator(batch.members.end()));
    batch.members.erase(middle, batch.members.end());
    divided_.insert(batch.members.front().experiment.group);
    schedule_.add(std::move(half), now);
}

bool Dispatcher::worth_dividing(Batch const& batch) const {
    constexpr double least_gain = 0.1;  // of the group's time
    double const seconds = seconds_of(batch);
    if (seconds <= work_left() / limits_.workers) return false;
    auto const evaluations = evaluations_.find(batch.members.front().experiment.cost_key);
    if (evaluations == evaluations_.end()) {
        std::size_t const idle = limits_.workers - std::min<std::size_t>(limits_.workers, ranks_.n_busy());
        return schedule_.size() + 1 < idle;
    }
    auto const& cost = evaluations->second;
    double const gain = expected_seconds(batch) / 2 * cost.measured_seconds / cost.expected_seconds;
    return gain >= std::max(least_gain * seconds, least_share * limits_.bundle_seconds);
}

double Dispatcher::bundle_seconds() const {
    constexpr double reserve = 1.25;  // what is kept back evens out what was guessed wrongly
    double const fair = work_left() / (reserve * limits_.workers);
    return std::clamp(fair, least_share * limits_.bundle_seconds, limits_.bundle_seconds);
}

double Dispatcher::work_left() const {
    double sum = 0;
    for (auto const& [key, seconds] : seconds_left_) sum += std::max(0.0, seconds) * costs_.correction(key);
    return sum;
}

bool Dispatcher::on_committed(int worker, study::ExperimentIndex index, double seconds) {
    Assignment* const assignment = ranks_.task_of(worker);
    if (assignment == nullptr) return false;
    auto& open = assignment->open;
    auto const member = std::find_if(open.begin(), open.end(),
                                     [&](auto const& one) { return one.experiment.index == index; });
    if (member == open.end()) return false;
    study::MeasuredCost const cost{member->experiment.cost_key, member->experiment.expected_seconds, seconds};
    add_up(assignment->done, cost);
    bool const first = assignment->fitted.insert(member->experiment.group).second;
    if (!first && cost.expected_seconds > 0) add_up(evaluations_, cost);
    no_longer_left(member->experiment);
    open.erase(member);
    ranks_.on_result(worker);
    ++done_;
    return true;
}

void Dispatcher::learn(Assignment const& assignment, double seconds) {
    double measured = 0;
    for (auto const& [key, cost] : assignment.done) measured += cost.measured_seconds;
    // The start and the end of the child belong to everybody.
    double const share = measured > 0 ? seconds / measured : 1;
    for (auto const& [key, cost] : assignment.done)
        costs_.add(key, cost.expected_seconds, cost.measured_seconds * share);
}

bool Dispatcher::can_grow(OpenExperiment const& member, study::TaskEnd const& end) const {
    if (end.failure != Failure::out_of_memory || end.available_bytes == 0) return true;
    return memory_of(member) <= end.available_bytes;
}

Verdict Dispatcher::judge(OpenExperiment& member, study::TaskEnd const& end, bool blamed) const {
    Verdict verdict;
    verdict.index = member.experiment.index;
    verdict.design = member.experiment.design;
    verdict.attempt = member.charges.all() + 1;
    verdict.error = fmt::format("{}: {}", to_text(end.failure), end.message);
    if (!blamed || end.failure == Failure::interrupted) return verdict;
    member.charges.add(end.failure);
    bool const again = may_retry(policy_of(member), member.charges, end.failure) && can_grow(member, end);
    verdict.decision = again ? Decision::retry : Decision::give_up;
    return verdict;
}

double Dispatcher::delay_after(Failure failure, OpenExperiment const& member) const {
    // The first time that a rank or its server is lost, the experiment has done nothing to wait for.
    if (failure == Failure::infrastructure && member.charges.of(failure) == 1) return 0;
    return retry_delay(policy_of(member), member.experiment.id, member.charges);
}

std::vector<Verdict> Dispatcher::on_task_end(int worker, study::TaskEnd const& end, double now) {
    Peer const& peer = ranks_[worker];
    if (peer.prefetched && peer.prefetched->task.number == end.task) {
        auto given_back = ranks_.take_prefetched(worker);
        return judge_all(given_back->assignment, end, now);
    }
    if (!peer.task || peer.task->number != end.task) return {};
    bool const first = peer.ended == 0;  // before it the rank's server read the data
    Assignment assignment = ranks_.end_task(worker, now);
    if (end.completed && assignment.teaches) learn(assignment, end.seconds);
    if (end.completed && !first) {
        seconds_at_ranks_ += now - assignment.since;
        seconds_in_children_ += end.seconds;
    }
    return judge_all(assignment, end, now);
}

std::vector<Verdict> Dispatcher::judge_all(Assignment& assignment, study::TaskEnd const& end, double now) {
    /// What is left of a fit group, and when it may go on.
    struct Rest {
        Batch batch;
        double due = 0;
    };

    std::vector<Verdict> verdicts;
    std::map<std::uint64_t, Rest> rests;
    for (auto& member : assignment.open) {
        bool const blamed =
            std::find(end.blamed.begin(), end.blamed.end(), member.experiment.index) != end.blamed.end();
        verdicts.push_back(judge(member, end, blamed));
        double due = now;
        switch (verdicts.back().decision) {
            case Decision::give_up:
                no_longer_left(member.experiment);
                ++failed_;
                continue;
            case Decision::retry:
                due = now + delay_after(end.failure, member);
                break;
            case Decision::requeue:
                break;
        }
        Rest& rest = rests[member.experiment.group];
        rest.due = std::max(rest.due, due);
        rest.batch.members.push_back(std::move(member));
    }
    for (auto& [group, rest] : rests) put_back(std::move(rest.batch), rest.due);
    return verdicts;
}

void Dispatcher::put_back(Batch rest, double due) {
    // Those that failed go last, so that the others are through before they can fail again.
    std::stable_sort(rest.members.begin(), rest.members.end(),
                     [](auto const& a, auto const& b) { return a.charges.all() < b.charges.all(); });
    schedule_.add(std::move(rest), due);
}

std::vector<Verdict> Dispatcher::on_worker_lost(int worker, double now) {
    auto verdicts = take_back(worker, now);
    ranks_.leave(worker, PeerState::lost);
    return verdicts;
}

std::vector<Verdict> Dispatcher::on_worker_retired(int worker, double now) {
    auto verdicts = take_back(worker, now);
    ranks_.leave(worker, PeerState::retired);
    return verdicts;
}

std::vector<Verdict> Dispatcher::take_back(int worker, double now) {
    std::vector<Verdict> verdicts;
    study::TaskEnd end;
    end.failure = Failure::infrastructure;
    end.message = "its rank stopped responding";
    if (auto next = ranks_.take_prefetched(worker)) verdicts = judge_all(next->assignment, end, now);
    if (!working(worker)) return verdicts;
    Assignment running = ranks_.end_task(worker, now);
    for (auto const& member : running.open) end.blamed.push_back(member.experiment.index);
    auto const more = judge_all(running, end, now);
    verdicts.insert(verdicts.end(), more.begin(), more.end());
    return verdicts;
}

std::vector<Verdict> Dispatcher::cancel(std::function<bool(study::Experiment const&)> const& unwanted) {
    std::vector<Verdict> verdicts;
    for (auto& member : schedule_.remove_if(unwanted)) {
        study::TaskEnd end;
        end.failure = Failure::error;
        end.message = "cancelled before it was begun";
        verdicts.push_back(judge(member, end, true));
        no_longer_left(member.experiment);
        ++failed_;
    }
    return verdicts;
}

std::vector<Dispatcher::AtWork> Dispatcher::at_work(
    std::function<bool(study::Experiment const&)> const& wanted) const {
    std::vector<AtWork> found;
    for (int worker = 0; worker < ranks_.size(); ++worker) {
        auto const& task = ranks_[worker].task;
        if (!task) continue;
        for (auto const& member : task->open)
            if (wanted(member.experiment)) found.push_back({worker, task->number, member.experiment.index});
    }
    return found;
}

bool Dispatcher::finished(double now) const {
    return ranks_.n_busy() == 0 && (draining_ || !schedule_.any_until(costs_, now, deadline_));
}

Dispatcher::Doing Dispatcher::doing(int worker) const {
    Doing doing;
    auto const& task = ranks_[worker].task;
    if (!task) return doing;
    doing.since = task->since;
    for (auto const& member : task->open) doing.experiments.push_back(member.experiment.index);
    return doing;
}

namespace {

/// What is left of a task that a rank works on.
struct Remainder {
    std::map<std::string, double> guessed;  ///< by the plan, by cost key [s]
    double expected = 0;                    ///< corrected [s]
    double waited = 0;                      ///< since its last result, or its start [s]

    Remainder(Assignment const& task, CostBook const& costs, double now) : waited(now - task.since) {
        for (auto const& member : task.open)
            guessed[member.experiment.cost_key] += member.experiment.expected_seconds;
        for (auto const& [key, seconds] : guessed) expected += seconds * costs.correction(key);
        for (auto const& [key, cost] : task.done) waited -= cost.measured_seconds;
        waited = std::max(0.0, waited);
    }

    /// Overdue, it goes on for as long as it is overdue.
    [[nodiscard]] double seconds() const { return std::abs(expected - waited); }

    /// How many times longer than expected it takes, at least 1.
    [[nodiscard]] double excess() const {
        return waited > expected && expected > 0 ? (waited + seconds()) / expected : 1;
    }
};

}  // namespace

double Dispatcher::overhead() const {
    return seconds_in_children_ > 0 ? std::max(1.0, seconds_at_ranks_ / seconds_in_children_) : 1;
}

void Dispatcher::add_time_left(study::Progress& progress, double now) const {
    auto waiting = seconds_left_;
    std::map<std::string, double> excess;
    for (int rank = 0; rank < ranks_.size(); ++rank) {
        auto const& task = ranks_[rank].task;
        if (!task) continue;
        Remainder const rest(*task, costs_, now);
        progress.work_left_seconds += rest.seconds();
        progress.running_seconds = std::max(progress.running_seconds, rest.seconds());
        for (auto const& [key, seconds] : rest.guessed) {
            waiting[key] -= seconds;
            if (!costs_.knows_here(key)) excess[key] = std::max(excess[key], rest.excess());
        }
    }
    for (auto const& [key, seconds] : waiting) {
        auto const more = excess.find(key);
        progress.work_left_seconds += std::max(0.0, seconds) * costs_.correction(key) *
                                      std::max(overhead(), more == excess.end() ? 1 : more->second);
    }
}

study::Progress Dispatcher::progress(double now) const {
    study::Progress progress;
    progress.total = total_;
    progress.most = total_;
    progress.done = done_ + resumed_;
    progress.resumed = resumed_;
    progress.failed = failed_;
    progress.skipped = skipped_;
    progress.running = ranks_.n_running();
    add_time_left(progress, now);
    progress.draining = draining_;
    return progress;
}

void Dispatcher::no_longer_left(study::Experiment const& experiment) {
    seconds_left_[experiment.cost_key] -= experiment.expected_seconds;
}

}  // namespace vaster::engine

#include "vaster/engine/master.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "vaster/support/contracts.hpp"

namespace vaster::engine {

using study::Failure;

Master::Master(Work const& work, RetryPolicy policy, TaskLimits limits)
    : policy_(policy),
      limits_(limits),
      costs_(work.known_costs, work.remembered_costs),
      total_(work.resumed + work.failed),
      resumed_(work.resumed),
      skipped_(work.skipped),
      failed_(work.failed) {
    schedule(work.to_do);
}

void Master::schedule(std::vector<study::Experiment> const& experiments) {
    for (auto const& experiment : experiments) {
        VASTER_EXPECTS(experiment.skip_reason.empty());
        seconds_left_[experiment.cost_key] += experiment.expected_seconds;
    }
    total_ += experiments.size();
    for (auto& batch : batches_of(experiments)) schedule_.add(std::move(batch), 0);
}

void Master::add(std::vector<study::Experiment> const& experiments) {
    std::vector<study::Experiment> to_do;
    for (auto const& experiment : experiments) {
        if (experiment.skip_reason.empty())
            to_do.push_back(experiment);
        else
            ++skipped_;
    }
    schedule(to_do);
}

std::optional<study::Task> Master::next(int worker, double now) {
    VASTER_EXPECTS(!working(worker));
    if (draining_) return std::nullopt;
    auto const bundle = take_bundle(now);
    if (bundle.empty()) return std::nullopt;

    study::Task task;
    task.number = ++tasks_;
    task.timeout_seconds = limits_.timeout_seconds;
    std::uint64_t factor = 1;
    std::list<OpenExperiment> open;
    for (auto const& batch : bundle)
        for (auto const& member : batch.members) {
            task.items.push_back({member.experiment, member.charges.all() + 1});
            factor = std::max(factor, memory_factor(member.charges));
            open.push_back(member);
        }
    task.memory_bytes = limits_.memory_bytes * factor;
    assignments_.emplace(worker, Assignment{task.number, std::move(open), {}, now});
    return task;
}

std::vector<Batch> Master::take_bundle(double now) {
    std::vector<Batch> bundle;
    auto first = schedule_.take(costs_, now, deadline_ - now);
    if (!first) return bundle;
    bundle.push_back(std::move(*first));
    if (!untroubled(bundle.front())) return bundle;
    std::set<std::string> unmeasured;  // of such a key one is enough: its guess may be far off
    auto const seconds = [&] {
        std::string const& key = bundle.back().members.front().experiment.cost_key;
        if (!costs_.knows(key)) unmeasured.insert(key);
        return expected_seconds(bundle.back()) * costs_.correction(key);
    };
    double const first_seconds = seconds();
    double left = deadline_ - now - first_seconds;
    double room = bundle_seconds() - first_seconds;
    while (room > 0) {
        auto more = schedule_.take_more(costs_, std::min(room, left), left, unmeasured);
        if (!more) break;
        bundle.push_back(std::move(*more));
        double const more_seconds = seconds();
        left -= more_seconds;
        room -= more_seconds;
    }
    return bundle;
}

double Master::bundle_seconds() const {
    constexpr double least_share = 0.05;  // of a bundle: smaller ones cost more than they even out
    constexpr double reserve = 1.25;      // what is kept back evens out what was guessed wrongly
    double const fair = work_left() / (reserve * limits_.workers);
    return std::clamp(fair, least_share * limits_.bundle_seconds, limits_.bundle_seconds);
}

double Master::work_left() const {
    double sum = 0;
    for (auto const& [key, seconds] : seconds_left_) sum += std::max(0.0, seconds) * costs_.correction(key);
    return sum;
}

bool Master::on_committed(int worker, study::ExperimentIndex index, double seconds) {
    auto const found = assignments_.find(worker);
    if (found == assignments_.end()) return false;
    auto& open = found->second.open;
    auto const member = std::find_if(open.begin(), open.end(),
                                     [&](auto const& one) { return one.experiment.index == index; });
    if (member == open.end()) return false;
    auto& done = found->second.done[member->experiment.cost_key];
    done.expected_seconds += member->experiment.expected_seconds;
    done.measured_seconds += seconds;
    no_longer_left(member->experiment);
    open.erase(member);
    ++done_;
    return true;
}

void Master::learn(Assignment const& assignment, double seconds) {
    double measured = 0;
    for (auto const& [key, cost] : assignment.done) measured += cost.measured_seconds;
    // The start and the end of the child belong to everybody.
    double const share = measured > 0 ? seconds / measured : 1;
    for (auto const& [key, cost] : assignment.done)
        costs_.add(key, cost.expected_seconds, cost.measured_seconds * share);
}

bool Master::can_grow(Charges const& charges, study::TaskEnd const& end) const {
    if (end.failure != Failure::out_of_memory || end.available_bytes == 0) return true;
    return limits_.memory_bytes * memory_factor(charges) <= end.available_bytes;
}

Verdict Master::judge(OpenExperiment& member, study::TaskEnd const& end, bool blamed) const {
    Verdict verdict;
    verdict.index = member.experiment.index;
    verdict.attempt = member.charges.all() + 1;
    verdict.error = fmt::format("{}: {}", to_text(end.failure), end.message);
    if (!blamed || end.failure == Failure::interrupted) return verdict;
    member.charges.add(end.failure);
    bool const again = may_retry(policy_, member.charges, end.failure) && can_grow(member.charges, end);
    verdict.decision = again ? Decision::retry : Decision::give_up;
    return verdict;
}

double Master::delay_after(Failure failure, OpenExperiment const& member) const {
    // The first time that a rank or its server is lost, the experiment has done nothing to wait for.
    if (failure == Failure::infrastructure && member.charges.of(failure) == 1) return 0;
    return retry_delay(policy_, member.experiment.id, member.charges);
}

std::vector<Verdict> Master::on_task_end(int worker, study::TaskEnd const& end, double now) {
    auto const found = assignments_.find(worker);
    if (found == assignments_.end() || found->second.task != end.task) return {};
    Assignment assignment = std::move(found->second);
    assignments_.erase(found);
    if (end.completed) learn(assignment, end.seconds);

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

void Master::put_back(Batch rest, double due) {
    // Those that failed go last, so that the others are through before they can fail again.
    std::stable_sort(rest.members.begin(), rest.members.end(),
                     [](auto const& a, auto const& b) { return a.charges.all() < b.charges.all(); });
    schedule_.add(std::move(rest), due);
}

std::vector<Verdict> Master::on_worker_lost(int worker, double now) {
    auto const found = assignments_.find(worker);
    if (found == assignments_.end()) return {};
    study::TaskEnd end;
    end.task = found->second.task;
    end.failure = Failure::infrastructure;
    end.message = "its rank gave no sign any more";
    for (auto const& member : found->second.open) end.blamed.push_back(member.experiment.index);
    return on_task_end(worker, end, now);
}

bool Master::finished(double now) const {
    return assignments_.empty() && (draining_ || !schedule_.any_until(costs_, now, deadline_));
}

Master::Doing Master::doing(int worker) const {
    Doing doing;
    auto const found = assignments_.find(worker);
    if (found == assignments_.end()) return doing;
    doing.since = found->second.since;
    for (auto const& member : found->second.open) doing.experiments.push_back(member.experiment.index);
    return doing;
}

study::Progress Master::progress() const {
    study::Progress progress;
    progress.total = total_;
    progress.most = total_;
    progress.done = done_ + resumed_;
    progress.resumed = resumed_;
    progress.failed = failed_;
    progress.skipped = skipped_;
    for (auto const& [worker, assignment] : assignments_) progress.running += assignment.open.size();
    progress.work_left_seconds = work_left();
    progress.draining = draining_;
    return progress;
}

void Master::no_longer_left(study::Experiment const& experiment) {
    seconds_left_[experiment.cost_key] -= experiment.expected_seconds;
}

}  // namespace vaster::engine

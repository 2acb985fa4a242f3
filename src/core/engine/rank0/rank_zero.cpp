#include "core/engine/rank0/rank_zero.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "base/support/awake_clock.hpp"
#include "base/support/clock.hpp"
#include "base/support/units.hpp"
#include "core/engine/messages.hpp"
#include "core/engine/rank/pace.hpp"
#include "core/engine/rank0/growing_plan.hpp"
#include "core/engine/signs.hpp"
#include "core/engine/words.hpp"
#include "core/mpi/backoff.hpp"
#include "core/mpi/channel.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {
namespace {

constexpr double tick_seconds = 0.25;
constexpr double cost_log_seconds = 5;
constexpr double cancel_seconds = 1;
/// How long rank 0 waits for the others when the run is to stop at once.
constexpr double quit_seconds = 1;

TaskLimits shared_by(TaskLimits limits, int workers) {
    limits.workers = static_cast<unsigned>(workers);
    return limits;
}

/// Lets the dispatcher decide, tells everybody, writes what is not a result.
class RankZero {
  public:
    RankZero(mpi::Session& session, Worker& own, study::RankZeroJournal& journal, study::Listener& listener,
             StartingPoint const& start, EngineOptions const& options, Controls const& controls)
        : session_(session),
          orders_(session, mpi::Topic::orders),
          reports_(session, mpi::Topic::reports),
          own_(own),
          journal_(journal),
          listener_(listener),
          options_(options),
          controls_(controls),
          dispatcher_(start, options.retry, shared_by(options.limits, session.size()), session.size()),
          ranks_(dispatcher_.ranks()),
          plan_(start),
          deadline_(monotonic_seconds() + options.time_limit_seconds) {
        dispatcher_.set_deadline(deadline_);
    }

    Totals run() {
        listener_.on_start(progress());
        while (!over()) {
            look_outside();
            hear_all();
            look_for_the_lost();
            look_for_cancelled();
            hand_out();
            tick();
            auto const reports = own_.step(pause());
            for (auto const& report : reports) hear(0, report);
            if (auto const planned = own_.take_plan()) on_planned(*planned);
            grow();
        }
        if (dispatcher_.out_of_time(monotonic_seconds()))
            listener_.on_notice(
                fmt::format("nothing that is left is expected to finish before the time limit: the shortest "
                            "experiment is "
                            "expected to take {}",
                            duration_text(dispatcher_.shortest_seconds())));
        Totals const totals = leave_together();
        auto const costs = dispatcher_.costs().all();
        journal_.log_cost(costs);
        options_.on_costs(costs);
        listener_.on_end(progress());
        return totals;
    }

  private:
    [[nodiscard]] bool over() const {
        double const now = monotonic_seconds();
        bool const grows = plan_.open() && !dispatcher_.draining() && !dispatcher_.out_of_time(now);
        return (dispatcher_.finished(now) && !grows) || ranks_.n_taking_part() == 0 ||
               (end_by_ && now > *end_by_);
    }

    double pause() { return session_.size() == 1 && own_.busy() ? busy_pause_seconds : backoff_.next(); }

    [[nodiscard]] study::Progress progress() const {
        study::Progress progress = dispatcher_.progress(monotonic_seconds());
        progress.workers = ranks_.n_taking_part();
        progress.most += plan_.room();
        return progress;
    }

    void hear_all() {
        if (session_.size() == 1) return;  // a look costs a turn of the processor: mpi_yield_when_idle
        while (auto const received = reports_.try_receive()) hear(received->from, received->message);
    }

    void hear(int worker, Report const& report) {
        backoff_.reset();
        if (!ranks_.takes_part(worker)) return;
        ranks_.heard(worker, awake_.look());
        if (!report.attempt.host.empty()) ranks_.set_host(worker, report.attempt.host);
        switch (report.kind) {
            case Report::Kind::ready:
                ranks_.ready(worker);
                return;
            case Report::Kind::committed:
                on_committed(worker, report.attempt, report.cells);
                return;
            case Report::Kind::ended:
                on_ended(worker, report);
                return;
            case Report::Kind::stop:
                drain(Stop::drain);
                return;
            case Report::Kind::quit:
                drain(Stop::now);
                return;
            case Report::Kind::notice:
                listener_.on_notice(fmt::format("{}: {}", name_of(worker), report.text));
                return;
            case Report::Kind::retired:
                retire(worker);
                return;
            case Report::Kind::sign:
            case Report::Kind::concluded:
            case Report::Kind::farewell:
                return;
        }
    }

    void on_committed(int worker, study::Attempt const& attempt, study::Cells const& cells) {
        if (!dispatcher_.on_committed(worker, attempt.index, attempt.seconds)) return;
        plan_.on_committed(attempt.index, cells);
        journal_.log_attempt(attempt);
        listener_.on_commit(attempt.index, {attempt.rank, attempt.host, attempt.attempt});
    }

    void on_ended(int worker, Report const& report) {
        announce_end(worker, report.end);
        auto const verdicts = dispatcher_.on_task_end(worker, report.end, monotonic_seconds());
        study::Attempt attempt = report.attempt;
        attempt.outcome = to_text(report.end.failure);
        attempt.message = with_last_lines(report.end.message, report.text);
        carry_out(verdicts, attempt);
        judge_host(worker, verdicts, report.end.failure);
        costs_changed_ = costs_changed_ || report.end.completed;
    }

    /// @param attempt  what the verdicts' attempts have in common
    void carry_out(std::vector<Verdict> const& verdicts, study::Attempt attempt) {
        for (auto const& verdict : verdicts) {
            if (verdict.decision != Decision::requeue) {
                attempt.index = verdict.index;
                attempt.attempt = verdict.attempt;
                journal_.log_attempt(attempt);
                listener_.on_attempt_failed(attempt, options_.label_of(verdict.design),
                                            verdict.decision == Decision::retry);
            }
            if (verdict.decision == Decision::give_up) {
                journal_.fail(verdict.index, verdict.error, {attempt.rank, attempt.host, attempt.attempt});
                plan_.on_failed(verdict.index);
                listener_.on_failed(verdict.index, options_.label_of(verdict.design), verdict.error);
                stop_after_too_many_failures();
            } else {
                journal_.release(verdict.index);
            }
        }
    }

    void stop_after_too_many_failures() {
        if (!options_.most_failures || ++given_up_ != *options_.most_failures) return;
        listener_.on_notice(fmt::format(
            "{} given up: nothing more is begun, as the configuration says",
            given_up_ == 1 ? "an experiment was" : fmt::format("{} experiments were", given_up_)));
        drain(Stop::drain);
    }

    /// Those that wait are given up; those that run are ended.
    void look_for_cancelled() {
        double const now = monotonic_seconds();
        if (now < next_cancel_) return;
        next_cancel_ = now + cancel_seconds;
        CancelList const list = controls_.cancelled();
        if (list.empty()) return;
        auto const unwanted = [&](study::Experiment const& experiment) { return list.has(experiment.id); };
        give_up(dispatcher_.cancel(unwanted));
        for (auto const& one : dispatcher_.at_work(unwanted)) end_at_worker(one);
    }

    void give_up(std::vector<Verdict> const& verdicts) {
        study::Attempt attempt;
        attempt.host = ranks_[0].host;
        attempt.started = wall_seconds();
        attempt.outcome = to_text(study::Failure::error);
        attempt.message = fmt::format("{} before it was begun", cancelled_text);
        carry_out(verdicts, attempt);
    }

    void end_at_worker(Dispatcher::AtWork const& one) {
        if (one.worker == 0) return own_.cancel(one.task, one.index);
        Order order{Order::Kind::cancel, {}, {}};
        order.task.number = one.task;
        order.index = one.index;
        orders_.send(one.worker, order);
    }

    /// A host on which one experiment after the other fails may be broken.
    void judge_host(int worker, std::vector<Verdict> const& verdicts, study::Failure failure) {
        if (failure == study::Failure::error) return;
        auto const charged = std::find_if(verdicts.begin(), verdicts.end(), [](auto const& verdict) {
            return verdict.decision != Decision::requeue;
        });  // a fit that fails is one failure, however many experiments wait for it
        if (charged != verdicts.end() && ranks_.on_failure(worker, charged->index) && !ranks_.trusted(worker))
            listener_.on_notice(
                fmt::format("host {} gets no more work: {} different experiments failed there in a row",
                            ranks_[worker].host, Ranks::most_failures));
    }

    /// Asks for the next experiments once all that are known are settled.
    void grow() {
        double const now = monotonic_seconds();
        if (!plan_.open() || asked_ || dispatcher_.draining()) return;
        if (!dispatcher_.finished(now) || dispatcher_.out_of_time(now)) return;
        require<UnavailableError>(ranks_.takes_part(0),
                                  "the plan cannot grow: the task server of rank 0 could not be "
                                  "restarted; continue with --resume");
        if (!own_.can_plan()) return;
        own_.plan(plan_.rows(), plan_.capacity(), options_.limits);
        asked_ = true;
    }

    void on_planned(PlanReport const& report) {
        asked_ = false;
        backoff_.reset();
        study::TaskEnd const& end = report.report.end;
        if (end.completed) {
            failed_plans_ = 0;
            journal_.append_experiments(report.next);
            plan_.add(report.next);
            dispatcher_.add(report.next);
            next_cancel_ = 0;
        } else if (end.failure != study::Failure::interrupted) {
            bool const again =
                end.failure != study::Failure::error && failed_plans_++ < options_.retry.retries;
            std::string const why = fmt::format("the study cannot say its next experiments: {}: {}",
                                                to_text(end.failure), end.message);
            require<DataError>(again, "{}\n{}what is finished is in the study file", why,
                               report.report.output);
            listener_.on_notice(why + "; asking again");
        }
    }

    void retire(int worker) {
        std::string const why = "it can no longer run tasks";
        announce_loss(worker, why);
        hand_back(dispatcher_.on_worker_retired(worker, monotonic_seconds()), worker, why);
    }

    void lose(int worker, std::string const& cause) {
        if (ranks_[worker].state == PeerState::lost) return;
        std::string const why = "the rank is lost: " + cause;
        if (ranks_.takes_part(worker)) announce_loss(worker, why);
        hand_back(dispatcher_.on_worker_lost(worker, monotonic_seconds()), worker, why);
    }

    /// With its host where there are several.
    [[nodiscard]] std::string name_of(int worker) const {
        auto const& host = ranks_[worker].host;
        if (!session_.spans_hosts() || host.empty()) return fmt::format("rank {}", worker);
        return fmt::format("rank {} on host {}", worker, host);
    }

    void announce_loss(int worker, std::string const& why) {
        listener_.on_notice(fmt::format("{} gets no more work: {}", name_of(worker), why));
        listener_.on_rank_lost(worker);
    }

    /// What a worker had that does no more.
    void hand_back(std::vector<Verdict> const& verdicts, int worker, std::string const& why) {
        study::Attempt attempt;
        attempt.rank = worker;
        attempt.host = ranks_[worker].host;
        attempt.started = wall_seconds();
        attempt.outcome = to_text(study::Failure::infrastructure);
        attempt.message = why;
        carry_out(verdicts, attempt);
    }

    void look_for_the_lost() {
        double const now = awake_.look();
        if (now >= next_look_) {
            next_look_ = now + look_seconds;
            auto const gone = session_.gone();
            if (!gone.empty()) hear_all();  // what they said last counts
            for (int const worker : gone) lose(worker, "its process has ended");
            for (int const worker : ranks_.silent(now, options_.silence_seconds)) lose_if_silent(worker, now);
        }
        give_sign(now);
    }

    /// @param now  of the clock by which signs are noted [s]
    void lose_if_silent(int worker, double now) {
        Silence const silence{now - ranks_[worker].heard, session_.silence(worker)};
        Alive const alive = judge(silence, options_.silence_seconds);
        if (alive != Alive::yes)
            lose(worker, fmt::format("{} for {:.0f} s", reason_of(alive), silence.of_rank));
    }

    void give_sign(double now) {
        if (now < next_sign_) return;
        next_sign_ = now + options_.sign_seconds;
        tell_workers({Order::Kind::sign, {}, {}});
    }

    void tell_workers(Order const& order) {
        for (int const worker : ranks_.others()) orders_.send(worker, order);
    }

    /// Signals and the time limit.
    void look_outside() {
        Stop const stop = controls_.stop();
        if (stop != Stop::no) drain(stop);
        if (!end_by_ && monotonic_seconds() >= deadline_) {
            listener_.on_notice("the time limit is reached");
            time_is_up_ = true;
            drain(Stop::drain);
        }
        if (controls_.status_wanted()) tell_status();
    }

    void tell_status() {
        study::Progress const now = progress();
        std::string text = fmt::format("status: {} of {} done, {} failed, {} running", now.done, now.total,
                                       now.failed, now.running);
        for (int worker = 0; worker < session_.size(); ++worker)
            text += fmt::format("\n  rank {}: {}", worker, state_text(worker));
        listener_.on_notice(text);
    }

    [[nodiscard]] std::string state_text(int worker) const {
        switch (ranks_[worker].state) {
            case PeerState::lost:
                return "lost";
            case PeerState::retired:
                return "out of work for good";
            case PeerState::unready:
            case PeerState::idle:
                return "waits";
            case PeerState::begun:
            case PeerState::working:
                break;
        }
        auto const doing = dispatcher_.doing(worker);
        if (doing.experiments.empty()) return "waits";
        return fmt::format("experiment {} for {} on {}", list_of(doing.experiments),
                           duration_text(monotonic_seconds() - doing.since), ranks_[worker].host);
    }

    void drain(Stop stop) {
        if (stop <= stopping_ || leaving_) return;
        bool const first = stopping_ == Stop::no;
        stopping_ = stop;
        bool const at_once = stop == Stop::now;
        end_by_ = monotonic_seconds() + (at_once ? quit_seconds : options_.drain_limit_seconds);
        dispatcher_.drain();
        if (at_once)
            own_.drain_within(0);
        else
            own_.drain();
        tell_workers({at_once ? Order::Kind::quit : Order::Kind::drain, {}, {}});
        if (first) listener_.on_notice("asked to stop: no more work is handed out");
        if (at_once) listener_.on_notice("asked to stop again: running tasks are abandoned");
    }

    void hand_out() {
        for (int const worker : ranks_.in(PeerState::idle)) {
            if (!ranks_.trusted(worker)) continue;
            auto task = dispatcher_.next(worker, monotonic_seconds());
            if (!task) return;
            announce_start(worker, *task);
            begun_any_ = true;
            send(worker, std::move(*task));
        }
        prefetch_for_all();
    }

    void prefetch_for_all() {
        for (int const worker : ranks_.in(PeerState::begun)) {
            if (!ranks_.trusted(worker)) continue;
            if (auto task = dispatcher_.prefetch(worker, monotonic_seconds())) send(worker, std::move(*task));
        }
    }

    void send(int worker, study::Task task) {
        if (worker == 0)
            own_.take(std::move(task));
        else
            orders_.send(worker, {Order::Kind::task, std::move(task), {}});
    }

    /// Tells the listener what becomes of the rank's tasks, the prefetched one among them.
    void announce_end(int worker, study::TaskEnd const& end) {
        auto const& next = ranks_[worker].prefetched;
        if (next && next->task.number == end.task) return;  // given back: it never began
        listener_.on_task_end(worker, end);
        if (next) announce_start(worker, next->task);
    }

    void announce_start(int worker, study::Task const& task) {
        listener_.on_task_start(worker, task, options_.label_of(task.items.front().experiment.design));
    }

    void tick() {
        double const now = monotonic_seconds();
        if (now >= next_tick_) {
            next_tick_ = now + tick_seconds;
            listener_.on_tick(progress());
        }
        if (costs_changed_ && now >= next_cost_log_) {
            next_cost_log_ = now + cost_log_seconds;
            costs_changed_ = false;
            journal_.log_cost(dispatcher_.costs().all());
        }
    }

    /// Everybody reports the last of what it has committed; then everybody gets the totals and says that it
    /// has them.
    Totals leave_together() {
        leaving_ = true;
        tell_everybody({Order::Kind::conclude, {}, {}});
        wait_for_all(Report::Kind::concluded);
        double const now = monotonic_seconds();
        study::Progress const end = dispatcher_.progress(now);
        bool const out_of_time = dispatcher_.out_of_time(now);
        Totals totals{end.done,
                      end.failed,
                      end.total - end.done - end.failed,
                      ranks_.count(PeerState::lost),
                      stopping_ != Stop::no || out_of_time,
                      plan_.open()};
        totals.too_little_time = totals.left > 0 && !begun_any_ && (out_of_time || time_is_up_);
        totals.skipped = end.skipped;
        totals.committed = end.done - end.resumed;
        tell_everybody({Order::Kind::finish, {}, totals});
        wait_for_all(Report::Kind::farewell);
        totals.lost_ranks = ranks_.count(PeerState::lost);
        return totals;
    }

    /// The lost ones, too, which may only have been slow.
    void tell_everybody(Order const& order) {
        for (int worker = 1; worker < session_.size(); ++worker) orders_.send(worker, order);
    }

    /// Until every rank has said this word; what they report before it counts. Those that do not are lost.
    void wait_for_all(Report::Kind word) {
        std::set<int> missing;
        for (int worker = 1; worker < session_.size(); ++worker)
            if (ranks_[worker].state != PeerState::lost) missing.insert(worker);
        double const patience = std::max(farewell_seconds, options_.silence_seconds);
        double const deadline = monotonic_seconds() + patience;
        while (!missing.empty() && monotonic_seconds() < deadline) {
            auto const gone = session_.gone();  // before the look: what they said last is still heard
            if (auto const received = reports_.try_receive()) {
                hear(received->from, received->message);
                if (received->message.kind == word) missing.erase(received->from);
                continue;
            }
            for (int const worker : gone)
                if (missing.erase(worker) > 0) lose(worker, "its process has ended");
            give_sign(awake_.look());
            backoff_.wait();
        }
        for (int const worker : missing)
            lose(worker, fmt::format("no answer for {:g} s at the end of the run", patience));
    }

    mpi::Session& session_;
    mpi::Channel<Order> orders_;
    mpi::Channel<Report> reports_;
    Worker& own_;
    study::RankZeroJournal& journal_;
    study::Listener& listener_;
    EngineOptions const& options_;
    Controls const& controls_;
    Dispatcher dispatcher_;
    Ranks& ranks_;  ///< the dispatcher's table
    GrowingPlan plan_;
    bool asked_ = false;         ///< for the next experiments
    unsigned failed_plans_ = 0;  ///< in a row
    mpi::Backoff backoff_;
    AwakeClock awake_;
    double deadline_;
    bool time_is_up_ = false;  ///< deadline_ came before the work was done
    bool begun_any_ = false;   ///< a task was handed out
    Stop stopping_ = Stop::no;
    bool leaving_ = false;          ///< the run is over: no request to stop changes how it ended
    std::optional<double> end_by_;  ///< after which rank 0 no longer waits for anybody
    double next_look_ = 0;
    double next_sign_ = 0;
    double next_cancel_ = 0;
    std::uint64_t given_up_ = 0;  ///< in this run
    double next_tick_ = 0;
    double next_cost_log_ = 0;
    bool costs_changed_ = false;
};

}  // namespace

Totals run_rank_zero(mpi::Session& session, Worker& own, study::RankZeroJournal& journal,
                     study::Listener& listener, StartingPoint const& start, EngineOptions const& options,
                     Controls const& controls) {
    return RankZero(session, own, journal, listener, start, options, controls).run();
}

}  // namespace vaster::engine

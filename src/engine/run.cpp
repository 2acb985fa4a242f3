#include "vaster/engine/run.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "growing_plan.hpp"
#include "messages.hpp"
#include "vaster/mpi/backoff.hpp"
#include "vaster/mpi/channel.hpp"
#include "vaster/support/clock.hpp"
#include "vaster/support/errors.hpp"
#include "worker.hpp"

namespace vaster::engine {
namespace {

/// How long a rank that computes lets its mailbox wait: nothing urgent comes to it but the order to stop.
constexpr double busy_pause_seconds = 0.05;
constexpr double tick_seconds = 0.25;
constexpr double cost_log_seconds = 5;
/// How long the ranks may take to leave together.
constexpr double farewell_seconds = 5;

/// Seconds in which this process was looking: a rank that was itself stopped for an hour has not waited for
/// an hour.
class AwakeClock {
  public:
    double look() {
        constexpr double longest_gap = 1;
        double const now = monotonic_seconds();
        awake_ += std::min(now - last_look_, longest_gap);
        last_look_ = now;
        return awake_;
    }

  private:
    double last_look_ = monotonic_seconds();
    double awake_ = 0;
};

/// Rank 0's part: lets the master decide, tells everybody, writes what is not a result. Works too, as worker
/// 0.
class Foreman {
  public:
    Foreman(mpi::Session& session, Worker& own, study::Journal& journal, study::Listener& listener,
            Work const& work, EngineOptions const& options, std::function<bool()> const& stop)
        : session_(session),
          orders_(session, mpi::Topic::orders),
          reports_(session, mpi::Topic::reports),
          own_(own),
          journal_(journal),
          listener_(listener),
          options_(options),
          stop_(stop),
          master_(work, options.retry, options.limits),
          plan_(work) {
        for (int worker = 0; worker < session.size(); ++worker) last_heard_[worker] = 0;
    }

    Totals run() {
        listener_.on_start(progress());
        while (!over()) {
            if (stop_()) drain();
            hear_all();
            look_for_silence();
            hand_out();
            tick();
            auto const reports = own_.step(pause());
            for (auto const& report : reports) hear(0, report);
            if (auto const planned = own_.take_plan()) on_planned(*planned);
            grow();
        }
        Totals const totals = leave_together();
        journal_.log_cost(master_.costs().all());
        listener_.on_end(progress());
        return totals;
    }

  private:
    [[nodiscard]] bool over() const {
        return (master_.finished() && (master_.draining() || !plan_.open())) || last_heard_.empty() ||
               (drain_since_ && monotonic_seconds() > *drain_since_ + options_.drain_limit_seconds);
    }

    double pause() { return session_.size() == 1 && own_.busy() ? busy_pause_seconds : backoff_.next(); }

    [[nodiscard]] study::Progress progress() const {
        study::Progress progress = master_.progress();
        progress.workers = last_heard_.size();
        progress.most += plan_.room();
        return progress;
    }

    void hear_all() {
        while (auto const received = reports_.try_receive()) hear(received->from, received->message);
    }

    void hear(int worker, Report const& report) {
        backoff_.reset();
        auto const heard = last_heard_.find(worker);
        if (heard == last_heard_.end()) return;  // lost or retired
        heard->second = awake_.look();
        switch (report.kind) {
            case Report::Kind::ready:
                idle_.insert(worker);
                return;
            case Report::Kind::committed:
                on_committed(worker, report.attempt, report.cells);
                return;
            case Report::Kind::ended:
                on_ended(worker, report);
                return;
            case Report::Kind::stop:
                drain();
                return;
            case Report::Kind::notice:
                listener_.on_notice(fmt::format("rank {}: {}", worker, report.text));
                return;
            case Report::Kind::retired:
                dismiss(worker, "it cannot run tasks any more");
                return;
            case Report::Kind::sign:
            case Report::Kind::farewell:
                return;
        }
    }

    void on_committed(int worker, study::Attempt const& attempt, study::Cells const& cells) {
        if (!master_.on_committed(worker, attempt.index)) return;
        plan_.on_committed(attempt.index, cells);
        journal_.log_attempt(attempt);
        listener_.on_commit(attempt.index, {attempt.rank, attempt.host, attempt.attempt});
    }

    void on_ended(int worker, Report const& report) {
        listener_.on_task_end(worker, report.end);
        auto const verdicts = master_.on_task_end(worker, report.end, monotonic_seconds());
        study::Attempt attempt = report.attempt;
        attempt.outcome = to_text(report.end.failure);
        attempt.message = report.end.message;
        if (!report.text.empty()) attempt.message += fmt::format("\n{}", report.text);
        carry_out(verdicts, attempt);
        costs_changed_ = costs_changed_ || report.end.completed;
    }

    /// @param attempt  what the verdicts' attempts have in common
    void carry_out(std::vector<Verdict> const& verdicts, study::Attempt attempt) {
        for (auto const& verdict : verdicts) {
            if (verdict.decision != Decision::requeue) {
                attempt.index = verdict.index;
                attempt.attempt = verdict.attempt;
                journal_.log_attempt(attempt);
                listener_.on_attempt_failed(attempt, verdict.decision == Decision::retry);
            }
            if (verdict.decision == Decision::give_up) {
                journal_.fail(verdict.index, verdict.error, {attempt.rank, attempt.host, attempt.attempt});
                plan_.on_failed(verdict.index);
                listener_.on_failed(verdict.index, verdict.error);
            } else {
                journal_.release(verdict.index);
            }
        }
    }

    /// Asks for the next experiments once all that are known are settled.
    void grow() {
        if (!plan_.open() || asked_ || !master_.finished() || master_.draining()) return;
        require<UnavailableError>(last_heard_.contains(0),
                                  "the plan cannot grow: the task server of rank 0 could not be started "
                                  "again; go on with --resume");
        if (!own_.can_plan()) return;
        own_.plan(plan_.rows(), options_.limits);
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
            master_.add(report.next);
        } else if (end.failure != study::Failure::interrupted) {
            bool const again =
                end.failure != study::Failure::error && failed_plans_++ < options_.retry.retries;
            std::string const why = fmt::format("the study cannot say its next experiments: {}: {}",
                                                to_text(end.failure), end.message);
            require<DataError>(again, "{}\n{}what is finished is in the study file", why,
                               report.report.output);
            listener_.on_notice(why + "; asked again");
        }
    }

    void dismiss(int worker, std::string const& why) {
        listener_.on_notice(fmt::format("rank {} gets no more work: {}", worker, why));
        listener_.on_rank_lost(worker);
        last_heard_.erase(worker);
        idle_.erase(worker);
        study::Attempt attempt;
        attempt.rank = worker;
        attempt.started = wall_seconds();
        attempt.outcome = to_text(study::Failure::infrastructure);
        attempt.message = why;
        carry_out(master_.on_worker_lost(worker, monotonic_seconds()), attempt);
    }

    void look_for_silence() {
        double const now = awake_.look();
        std::vector<int> silent;
        for (auto const& [worker, heard] : last_heard_)
            if (worker != 0 && now - heard > options_.silence_seconds) silent.push_back(worker);
        for (int const worker : silent) {
            lost_.insert(worker);
            dismiss(worker, fmt::format("no sign of it for {:g} s", options_.silence_seconds));
        }
        if (now < next_sign_) return;
        next_sign_ = now + options_.sign_seconds;
        tell_workers({Order::Kind::sign, {}, {}});
    }

    void tell_workers(Order const& order) {
        for (auto const& [worker, heard] : last_heard_)
            if (worker != 0) orders_.send(worker, order);
    }

    void drain() {
        if (drain_since_) return;
        drain_since_ = monotonic_seconds();
        master_.drain();
        own_.drain();
        tell_workers({Order::Kind::drain, {}, {}});
        listener_.on_notice("asked to stop: no more work is handed out");
    }

    void hand_out() {
        for (auto worker = idle_.begin(); worker != idle_.end();) {
            auto task = master_.next(*worker, monotonic_seconds());
            if (!task) return;
            listener_.on_task_start(*worker, *task);
            if (*worker == 0)
                own_.take(std::move(*task));
            else
                orders_.send(*worker, {Order::Kind::task, std::move(*task), {}});
            worker = idle_.erase(worker);
        }
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
            journal_.log_cost(master_.costs().all());
        }
    }

    /// Everybody gets the totals and says that it has them.
    Totals leave_together() {
        study::Progress const end = master_.progress();
        Totals totals{end.done,
                      end.failed,
                      end.total - end.done - end.failed,
                      lost_.size(),
                      drain_since_.has_value(),
                      plan_.open()};
        std::set<int> missing;
        for (int worker = 1; worker < session_.size(); ++worker) {
            if (!lost_.contains(worker)) missing.insert(worker);
            orders_.send(worker, {Order::Kind::finish, {}, totals});
        }
        double const deadline = monotonic_seconds() + farewell_seconds;
        while (!missing.empty() && monotonic_seconds() < deadline) {
            auto const received = reports_.try_receive();
            if (!received)
                backoff_.wait();
            else if (received->message.kind == Report::Kind::farewell)
                missing.erase(received->from);
        }
        totals.lost_ranks += missing.size();
        return totals;
    }

    mpi::Session& session_;
    mpi::Channel<Order> orders_;
    mpi::Channel<Report> reports_;
    Worker& own_;
    study::Journal& journal_;
    study::Listener& listener_;
    EngineOptions const& options_;
    std::function<bool()> const& stop_;
    Master master_;
    GrowingPlan plan_;
    bool asked_ = false;         ///< for the next experiments
    unsigned failed_plans_ = 0;  ///< in a row
    mpi::Backoff backoff_;
    AwakeClock awake_;
    std::set<int> idle_;
    std::map<int, double> last_heard_;  ///< awake seconds, of the workers that count
    std::set<int> lost_;
    std::optional<double> drain_since_;
    double next_sign_ = 0;
    double next_tick_ = 0;
    double next_cost_log_ = 0;
    bool costs_changed_ = false;
};

/// The part of the other ranks: carries orders to its worker, and reports to rank 0.
class Hand {
  public:
    Hand(mpi::Session& session, Worker& worker, EngineOptions const& options,
         std::function<bool()> const& stop)
        : session_(session),
          orders_(session, mpi::Topic::orders),
          reports_(session, mpi::Topic::reports),
          worker_(worker),
          options_(options),
          stop_(stop) {}

    Totals run() {
        while (!totals_) {
            listen();
            if (stop_()) drain();
            give_sign();
            for (auto const& report : worker_.step(worker_.busy() ? busy_pause_seconds : backoff_.next()))
                say(report);
        }
        say({Report::Kind::farewell, {}, {}, {}});
        session_.flush(farewell_seconds);
        return *totals_;
    }

  private:
    void listen() {
        while (auto received = orders_.try_receive()) {
            last_heard_ = awake_.look();
            Order& order = received->message;
            if (order.kind == Order::Kind::task)
                worker_.take(std::move(order.task));
            else if (order.kind == Order::Kind::drain)
                worker_.drain();
            else if (order.kind == Order::Kind::finish)
                totals_ = order.totals;
        }
        require<IoError>(
            awake_.look() - last_heard_ < options_.silence_seconds,
            "no sign of rank 0 for {:g} s; what was finished is in the study file, go on with --resume",
            options_.silence_seconds);
    }

    void drain() {
        worker_.drain();
        if (!std::exchange(told_to_stop_, true)) say({Report::Kind::stop, {}, {}, {}});
    }

    void give_sign() {
        if (monotonic_seconds() >= next_sign_) say({Report::Kind::sign, {}, {}, {}});
    }

    void say(Report const& report) {
        reports_.send(0, report);
        backoff_.reset();
        next_sign_ = monotonic_seconds() + options_.sign_seconds;
    }

    mpi::Session& session_;
    mpi::Channel<Order> orders_;
    mpi::Channel<Report> reports_;
    Worker& worker_;
    EngineOptions const& options_;
    std::function<bool()> const& stop_;
    mpi::Backoff backoff_;
    AwakeClock awake_;
    double last_heard_ = 0;
    double next_sign_ = 0;
    bool told_to_stop_ = false;
    std::optional<Totals> totals_;
};

}  // namespace

Totals run_study(mpi::Session& session, Supervisor& supervisor, study::Journal& journal,
                 study::Listener& listener, Work const& work, EngineOptions const& options,
                 std::function<bool()> const& stop) {
    Worker worker(session.rank(), supervisor, journal, options);
    if (session.rank() != 0) return Hand(session, worker, options, stop).run();
    return Foreman(session, worker, journal, listener, work, options, stop).run();
}

}  // namespace vaster::engine

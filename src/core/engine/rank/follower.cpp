#include "core/engine/rank/follower.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/support/awake_clock.hpp"
#include "base/support/clock.hpp"
#include "core/engine/messages.hpp"
#include "core/engine/rank/pace.hpp"
#include "core/engine/signs.hpp"
#include "core/mpi/backoff.hpp"
#include "core/mpi/channel.hpp"

namespace vaster::engine {
namespace {

/// How long a rank that has lost rank 0 waits for its child to end.
constexpr double orphan_seconds = 3;

class Follower {
  public:
    Follower(mpi::Session& session, Worker& worker, EngineOptions const& options, Controls const& controls)
        : session_(session),
          orders_(session, mpi::Topic::orders),
          reports_(session, mpi::Topic::reports),
          worker_(worker),
          options_(options),
          controls_(controls) {}

    Totals run() {
        while (!concluding_) {
            listen();
            if (rank_zero_is_lost()) return orphaned();
            drain(controls_.stop());
            (void)controls_.status_wanted();
            give_sign();
            for (auto const& report : worker_.step(worker_.busy() ? busy_pause_seconds : backoff_.next()))
                say(report);
        }
        say({Report::Kind::concluded, {}, {}, {}});
        while (!totals_) {
            listen();
            if (rank_zero_is_lost()) return orphaned();
            backoff_.wait();
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
            else if (order.kind == Order::Kind::quit)
                worker_.drain_within(0);
            else if (order.kind == Order::Kind::conclude)
                concluding_ = true;
            else if (order.kind == Order::Kind::finish)
                totals_ = order.totals;
            else if (order.kind == Order::Kind::cancel)
                worker_.cancel(order.task.number, order.index);
        }
    }

    bool rank_zero_is_lost() {
        double const now = awake_.look();
        if (now < next_look_ || totals_) return false;
        next_look_ = now + look_seconds;
        auto const ended = session_.gone();
        bool const gone = std::find(ended.begin(), ended.end(), 0) != ended.end();
        if (gone) listen();  // its last word may be that all is over
        Silence const silence{now - last_heard_, session_.silence(0)};
        cut_off_ = !gone && judge(silence, options_.silence_seconds) != Alive::yes;
        return !totals_ && (gone || cut_off_);
    }

    /// Commits what the child finishes in its time of grace, unless rank 0 may live, and have given the work
    /// of this rank to others.
    Totals orphaned() {
        worker_.drain();
        double const deadline = monotonic_seconds() + orphan_seconds;
        while (!cut_off_ && worker_.busy() && monotonic_seconds() < deadline)
            for (auto const& report : worker_.step(busy_pause_seconds)) count(report);
        Totals totals;
        totals.lost_ranks = 1;
        totals.orphaned = true;
        totals.committed = committed_;
        return totals;
    }

    void count(Report const& report) { committed_ += report.kind == Report::Kind::committed ? 1 : 0; }

    void drain(Stop stop) {
        if (stop <= told_to_stop_) return;
        told_to_stop_ = stop;
        bool const at_once = stop == Stop::now;
        worker_.drain_within(at_once ? 0 : options_.drain_grace_seconds);
        say({at_once ? Report::Kind::quit : Report::Kind::stop, {}, {}, {}});
    }

    void give_sign() {
        if (monotonic_seconds() >= next_sign_) say({Report::Kind::sign, {}, {}, {}});
    }

    void say(Report const& report) {
        count(report);
        reports_.send(0, report);
        backoff_.reset();
        next_sign_ = monotonic_seconds() + options_.sign_seconds;
    }

    mpi::Session& session_;
    mpi::Channel<Order> orders_;
    mpi::Channel<Report> reports_;
    Worker& worker_;
    EngineOptions const& options_;
    Controls const& controls_;
    mpi::Backoff backoff_;
    AwakeClock awake_;
    double last_heard_ = 0;
    double next_look_ = 0;
    double next_sign_ = 0;
    Stop told_to_stop_ = Stop::no;
    bool concluding_ = false;
    bool cut_off_ = false;  ///< from rank 0, which may live
    std::uint64_t committed_ = 0;
    std::optional<Totals> totals_;
};

}  // namespace

Totals follow_rank_zero(mpi::Session& session, Worker& worker, EngineOptions const& options,
                        Controls const& controls) {
    return Follower(session, worker, options, controls).run();
}

}  // namespace vaster::engine

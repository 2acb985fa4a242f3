#include "core/engine/rank/supervisor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <poll.h>

#include "base/support/clock.hpp"
#include "core/engine/child/child.hpp"
#include "core/engine/child/frames.hpp"
#include "core/engine/rank/pipes.hpp"
#include "core/engine/rank/running.hpp"
#include "core/study/serialization.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {
namespace {

/// A child that is to end, or has been killed, must be gone after so long.
constexpr double burial_seconds = 2;
/// A gap between two looks that is longer than this is time in which we were stopped.
constexpr double stopped_seconds = 1;
constexpr unsigned most_failed_starts = 3;
/// How long a server that the system did not let start has to wait for the next try.
constexpr double start_pause_seconds = 1;
constexpr std::size_t output_tail_bytes = 2000;
/// A child that is older gets no more tasks: whatever a library keeps to itself is gone with it, and forking
/// another costs little beside what it has done.
constexpr double most_age_seconds = 10;

/// The process that forks the children.
struct Server {
    enum class State { up, restarting, broken };

    /// A start that the system did not allow, and when to try again.
    struct Refused {
        std::string why;
        double next_try = 0;  ///< [s]
    };

    TaskServer process;
    State state = State::up;
    unsigned failed_starts = 0;  ///< in a row
    std::optional<Refused> refused = {};
};

/// The last child that was asked for, which may wait for another task.
struct Child {
    std::uint64_t number = 0;  ///< 0: it makes a plan
    double born = 0;           ///< [s]
    Descriptor tasks;          ///< socket, while it may have another task
    Descriptor results;        ///< until it has said its last
    Descriptor output;
    std::string unread;  ///< bytes of a frame that is not complete
};

/// The ends of pipes that a child is to have.
struct Ends {
    Descriptor results;
    Descriptor output;
};

/// A task that has had trouble gets a child of its own.
bool may_share_a_child(study::Task const& task) {
    return std::all_of(task.items.begin(), task.items.end(),
                       [](auto const& item) { return item.attempt == 1; });
}

/// Waits until one of the descriptors (negative ones do not count) can be read.
template <std::size_t n>
void wait_readable(std::array<pollfd, n>& waiting, double timeout_seconds) {
    double const seconds = std::max(0.0, timeout_seconds);
    timespec limit{};
    limit.tv_sec = static_cast<time_t>(seconds);
    limit.tv_nsec = static_cast<long>((seconds - std::floor(seconds)) * 1e9);
    if (::ppoll(waiting.data(), waiting.size(), &limit, nullptr) <= 0)
        for (auto& one : waiting) one.revents = 0;
}

}  // namespace

/// Three lives: the server's, that of its last child, and that of what runs.
struct Supervisor::Lives {
    explicit Lives(TaskServer process) : server{std::move(process)} {}

    [[nodiscard]] bool ready() const noexcept { return server.state == Server::State::up && !running; }

    void start(study::Task task);
    void plan(std::vector<study::KnownRow> const& rows, std::uint64_t capacity, std::uint64_t memory_bytes,
              double timeout_seconds);
    void interrupt();
    void cancel(std::uint64_t number, study::ExperimentIndex index);
    [[nodiscard]] SupervisorEvents step(double timeout_seconds);

  private:
    void begin(Running::What what, std::uint64_t memory_bytes, double timeout_seconds);
    /// Lets a child be forked, or notes why there is none.
    template <class Fork>
    void fork(Fork const& fork_it);
    /// Forgets the last child and gets ready to hear another one, which is about to be forked.
    Ends tie_to_new_child(std::uint64_t number);
    /// Tells the child of the task that runs. False: there is none that takes it.
    [[nodiscard]] bool send_task() const;
    void kill_child(Kill::Why why);

    [[nodiscard]] double due() const;
    void take_results(SupervisorEvents& events);
    void hear_all(SupervisorEvents& events);
    void distrust_child(std::string const& why);
    void hear_through(TaskThrough const& through);
    void take_output();
    void take_server_event(SupervisorEvents& events);
    void check_deadlines(SupervisorEvents& events);
    void end(std::optional<ChildExit> const& exit, std::string const& server_problem,
             SupervisorEvents& events);
    void restart_server(SupervisorEvents& events, std::string const& why);

  public:
    Server server;
    std::optional<Child> child;
    std::optional<Running> running;

  private:
    std::uint64_t n_children_ = 0;  ///< that take tasks, so far
    double last_step_ = monotonic_seconds();
};

Supervisor::Supervisor(TaskServer server) : lives_(std::make_unique<Lives>(std::move(server))) {}

Supervisor::Supervisor(Supervisor&&) noexcept = default;
Supervisor::~Supervisor() = default;

bool Supervisor::ready() const noexcept {
    return lives_->ready();
}

bool Supervisor::busy() const noexcept {
    return lives_->running.has_value();
}

bool Supervisor::broken() const noexcept {
    return lives_->server.state == Server::State::broken;
}

TaskServer const& Supervisor::server() const noexcept {
    return lives_->server.process;
}

void Supervisor::start(study::Task task) {
    VASTER_EXPECTS(!task.items.empty());
    lives_->start(std::move(task));
}

void Supervisor::plan(std::vector<study::KnownRow> const& rows, std::uint64_t capacity,
                      std::uint64_t memory_bytes, double timeout_seconds) {
    lives_->plan(rows, capacity, memory_bytes, timeout_seconds);
}

void Supervisor::interrupt() {
    lives_->interrupt();
}

void Supervisor::cancel(std::uint64_t task, study::ExperimentIndex index) {
    lives_->cancel(task, index);
}

SupervisorEvents Supervisor::step(double timeout_seconds) {
    return lives_->step(timeout_seconds);
}

void Supervisor::Lives::begin(Running::What what, std::uint64_t memory_bytes, double timeout_seconds) {
    VASTER_EXPECTS(ready());
    last_step_ = monotonic_seconds();
    running.emplace(std::move(what), memory_bytes, timeout_seconds, last_step_);
}

template <class Fork>
void Supervisor::Lives::fork(Fork const& fork_it) {
    try {
        fork_it();
    } catch (IoError const& error) {
        running->start_problem = error.what();
    }
}

Ends Supervisor::Lives::tie_to_new_child(std::uint64_t number) {
    child.reset();  // one that waits for a task ends for want of one
    Pipe results = make_pipe();
    Pipe output = make_pipe();
    child = Child{number, monotonic_seconds(), {}, std::move(results.read), std::move(output.read), {}};
    return {std::move(results.write), std::move(output.write)};
}

void Supervisor::Lives::start(study::Task task) {
    auto const memory_bytes = task.memory_bytes;
    auto const timeout_seconds = task.timeout_seconds;
    bool const may_share = may_share_a_child(task);
    begin(RunningTask(std::move(task)), memory_bytes, timeout_seconds);
    if (may_share && send_task()) return;
    fork([this] {
        Ends ends = tie_to_new_child(++n_children_);
        SocketPair tasks = make_task_socket();
        child->tasks = std::move(tasks.ours);
        server.process.fork_child(child->number, std::move(ends.results), std::move(ends.output),
                                  std::move(tasks.theirs));
        (void)send_task();  // where there is no child, the server says so
    });
}

bool Supervisor::Lives::send_task() const {
    return child && child->tasks &&
           send_frame(child->tasks.get(), FrameKind::run, study::pack(running->task()->task));
}

void Supervisor::Lives::plan(std::vector<study::KnownRow> const& rows, std::uint64_t capacity,
                             std::uint64_t memory_bytes, double timeout_seconds) {
    begin(RunningPlan(), memory_bytes, timeout_seconds);
    fork([&] {
        Ends ends = tie_to_new_child(0);
        server.process.plan(rows, capacity, memory_bytes, std::move(ends.results), std::move(ends.output));
    });
}

void Supervisor::Lives::interrupt() {
    if (running && !running->kill) kill_child(Kill::Why::interrupt);
}

void Supervisor::Lives::cancel(std::uint64_t number, study::ExperimentIndex index) {
    auto const* const one = running && !running->kill ? running->task() : nullptr;
    if (one == nullptr || one->task.number != number) return;
    if (std::find(one->begun.begin(), one->begun.end(), index) != one->begun.end())
        kill_child(Kill::Why::cancel);
}

void Supervisor::Lives::kill_child(Kill::Why why) {
    running->kill = Kill{why, monotonic_seconds()};
    server.process.kill_child();
}

double Supervisor::Lives::due() const {
    return running->kill ? running->kill->at + burial_seconds : running->deadline;
}

SupervisorEvents Supervisor::Lives::step(double timeout_seconds) {
    SupervisorEvents events;
    if (running && !running->start_problem.empty()) {
        end(std::nullopt, "", events);
        return events;
    }
    double timeout = timeout_seconds;
    if (running) timeout = std::min(timeout, due() - monotonic_seconds());
    if (server.refused) timeout = std::min(timeout, server.refused->next_try - monotonic_seconds());
    bool const listens = running && child;  // else the server tells the child's end
    std::array<pollfd, 3> waiting{
        {{server.state == Server::State::broken ? -1 : server.process.fd(), POLLIN, 0},
         {listens ? child->results.get() : -1, POLLIN, 0},
         {listens ? child->output.get() : -1, POLLIN, 0}}};
    wait_readable(waiting, timeout);

    double const stopped = monotonic_seconds() - last_step_ - std::max(0.0, timeout);
    if (running && stopped > stopped_seconds) running->postpone(stopped);
    if (waiting[1].revents != 0) take_results(events);
    if (waiting[2].revents != 0) take_output();
    bool const through = running && running->task() != nullptr && running->task()->peak_of_waiting_child;
    if (through && !running->kill) end(std::nullopt, "", events);
    if (waiting[0].revents != 0) take_server_event(events);
    check_deadlines(events);
    if (server.refused && monotonic_seconds() >= server.refused->next_try)
        restart_server(events, std::exchange(server.refused, std::nullopt)->why);
    last_step_ = monotonic_seconds();
    return events;
}

void Supervisor::Lives::take_results(SupervisorEvents& events) {
    if (!child) return;
    read_available(child->results, child->unread);
    try {
        hear_all(events);
    } catch (std::exception const& error) {
        distrust_child(error.what());
    }
    // Nothing more will be said: the child must be gone soon.
    if (!child->results || running->last_word)
        running->deadline = std::min(running->deadline, monotonic_seconds() + burial_seconds);
}

void Supervisor::Lives::hear_all(SupervisorEvents& events) {
    std::string_view left = child->unread;
    while (auto const frame = take_frame(left)) {
        running->sign_of_life(monotonic_seconds());
        running->hear(*frame, events.results);
        if (frame->kind == FrameKind::ended) hear_through(study::unpack<TaskThrough>(frame->payload));
    }
    child->unread.erase(0, child->unread.size() - left.size());
}

/// What has come whole before is kept; the child gets no more tasks.
void Supervisor::Lives::distrust_child(std::string const& why) {
    running->distrust(why);
    child->results.reset();
    child->unread.clear();
    child->tasks.reset();
    if (!running->kill) kill_child(Kill::Why::lingering);
}

void Supervisor::Lives::hear_through(TaskThrough const& through) {
    auto* const task = running->task();
    bool const is_young = monotonic_seconds() - child->born < most_age_seconds;
    if (task != nullptr && through.as_new && task->unfinished.empty() && is_young)
        task->peak_of_waiting_child = through.peak_rss_bytes;
    else
        child->tasks.reset();  // which tells it to end
}

void Supervisor::Lives::take_output() {
    if (!child) return;
    std::string& tail = running->output_tail;
    read_available(child->output, tail);
    if (tail.size() > output_tail_bytes) tail.erase(0, tail.size() - output_tail_bytes);
}

void Supervisor::Lives::take_server_event(SupervisorEvents& events) {
    ServerEvent const event = server.process.take_event();
    switch (event.kind) {
        case ServerEvent::Kind::exited:
            if (!child || event.exit.child != child->number) return;
            if (running)
                end(event.exit, "", events);
            else
                child.reset();
            return;
        case ServerEvent::Kind::opened:
            server.failed_starts = 0;
            if (server.state == Server::State::restarting) server.state = Server::State::up;
            return;
        case ServerEvent::Kind::refused:
            if (running)
                end(std::nullopt, event.refusal.text, events);
            else
                restart_server(events, event.refusal.text);
            return;
        case ServerEvent::Kind::hung_up:
            restart_server(events, "it died");
            return;
    }
}

void Supervisor::Lives::check_deadlines(SupervisorEvents& events) {
    if (!running || monotonic_seconds() < due()) return;
    if (running->kill)
        restart_server(events, "it does not answer");
    else
        kill_child(running->last_word || !child || !child->results ? Kill::Why::lingering
                                                                   : Kill::Why::timeout);
}

void Supervisor::Lives::end(std::optional<ChildExit> const& exit, std::string const& server_problem,
                            SupervisorEvents& events) {
    take_results(events);
    take_output();
    running->report(running->judge(exit, server_problem, monotonic_seconds()), events);
    bool const waits = running->task() != nullptr && running->task()->peak_of_waiting_child;
    if (exit || !waits) child.reset();
    running.reset();
}

void Supervisor::Lives::restart_server(SupervisorEvents& events, std::string const& why) {
    if (running) end(std::nullopt, why, events);
    child.reset();
    events.notices.push_back(fmt::format("restarting the task server: {}", why));
    server.state = Server::State::restarting;
    if (++server.failed_starts > most_failed_starts) {
        server.state = Server::State::broken;
        events.notices.push_back(
            fmt::format("the task server could not be restarted {} times in a row", most_failed_starts));
        return;
    }
    try {
        server.process.restart();
    } catch (IoError const& error) {
        server.refused = {error.what(), monotonic_seconds() + start_pause_seconds};
    }
}

std::vector<study::Experiment> next_experiments(Supervisor& supervisor,
                                                std::vector<study::KnownRow> const& rows,
                                                std::uint64_t capacity, std::uint64_t memory_bytes,
                                                double timeout_seconds) {
    supervisor.plan(rows, capacity, memory_bytes, timeout_seconds);
    for (;;) {
        auto const plan = supervisor.step(1.0).plan;
        if (!plan) continue;
        require<DataError>(
            plan->report.end.completed, "the study cannot say its next experiments: {}: {}\n{}",
            study::to_text(plan->report.end.failure), plan->report.end.message, plan->report.output);
        return plan->next;
    }
}

}  // namespace vaster::engine

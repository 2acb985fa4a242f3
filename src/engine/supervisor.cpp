#include "vaster/engine/supervisor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.hpp"
#include "frames.hpp"
#include "vaster/study/serialization.hpp"
#include "vaster/support/clock.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/units.hpp"

namespace vaster::engine {

using study::Failure;
using study::TaskEnd;

namespace {

/// A child that is to end, or has been killed, must be gone after so long.
constexpr double burial_seconds = 2;
/// A gap between two looks that is longer than this is time in which we were stopped.
constexpr double stopped_seconds = 1;
constexpr unsigned most_failed_starts = 3;
constexpr std::size_t output_tail_bytes = 2000;
/// A child that is older gets no more tasks: whatever a library keeps to itself is gone with it, and forking
/// another costs little beside what it has done.
constexpr double most_age_seconds = 10;
/// A child that takes nothing for so long in the middle of a task's description is dead to us.
constexpr timeval task_limit{10, 0};

struct Pipe {
    Descriptor read;
    Descriptor write;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    bool const made = ::pipe2(ends.data(), O_CLOEXEC) == 0;
    require<IoError>(made, "cannot make a pipe for a task: {}", system_reason(errno));
    Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    bool const set = ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) == 0;
    require<IoError>(set, "cannot make a pipe for a task: {}", system_reason(errno));
    return pipe;
}

struct SocketPair {
    Descriptor ours;
    Descriptor theirs;
};

SocketPair make_task_socket() {
    std::array<int, 2> ends{};
    bool const made = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0;
    require<IoError>(made, "cannot make a socket for a task: {}", system_reason(errno));
    SocketPair pair{Descriptor(ends[0]), Descriptor(ends[1])};
    ::setsockopt(pair.ours.get(), SOL_SOCKET, SO_SNDTIMEO, &task_limit, sizeof task_limit);
    return pair;
}

/// A task that has had trouble gets a child of its own.
bool may_share_a_child(study::Task const& task) {
    return std::all_of(task.items.begin(), task.items.end(),
                       [](auto const& item) { return item.attempt == 1; });
}

/// Appends what is there to be read; closes the descriptor at the end of the stream.
void read_available(Descriptor& from, std::string& to) {
    std::array<char, 1 << 16> buffer;
    while (from) {
        ssize_t const got = ::read(from.get(), buffer.data(), buffer.size());
        if (got > 0) {
            to.append(buffer.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            from.reset();
        } else if (errno == EAGAIN) {
            return;
        }
    }
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

std::string crash_text(int wait_status) {
    if (WIFEXITED(wait_status))
        return fmt::format("ended with exit code {} without a word", WEXITSTATUS(wait_status));
    int const number = WTERMSIG(wait_status);
    char const* const name = ::sigabbrev_np(number);
    std::string text =
        name != nullptr ? fmt::format("killed by SIG{}", name) : fmt::format("killed by signal {}", number);
    if (number == SIGKILL) text += " from outside; perhaps the machine ran out of memory";
    return text;
}

}  // namespace

Supervisor::Supervisor(TaskServer server) : server_(std::move(server)), last_step_(monotonic_seconds()) {}

void Supervisor::begin(study::Task task) {
    VASTER_EXPECTS(ready());
    task_ = std::move(task);
    planned_.clear();
    buffer_.clear();
    output_tail_.clear();
    unfinished_.clear();
    for (auto const& item : task_.items) unfinished_.push_back(item.experiment.index);
    begun_.clear();
    said_.reset();
    start_problem_.clear();
    kept_peak_rss_bytes_.reset();
    killed_ = Killed::no;
    started_ = monotonic_seconds();
    last_step_ = started_;
    sign_of_life();
    state_ = State::running;
}

Supervisor::Ends Supervisor::tie_to_new_child(std::uint64_t number) {
    part_from_child();
    Pipe results = make_pipe();
    Pipe output = make_pipe();
    results_ = std::move(results.read);
    output_ = std::move(output.read);
    child_ = number;
    born_ = monotonic_seconds();
    return {std::move(results.write), std::move(output.write)};
}

void Supervisor::part_from_child() {
    tasks_.reset();
    results_.reset();
    output_.reset();
}

void Supervisor::start(study::Task task) {
    VASTER_EXPECTS(!task.items.empty());
    begin(std::move(task));
    if (may_share_a_child(task_) && send_task()) return;
    try {
        Ends ends = tie_to_new_child(++children_);
        SocketPair tasks = make_task_socket();
        tasks_ = std::move(tasks.ours);
        server_.fork_child(child_, std::move(ends.results), std::move(ends.output), std::move(tasks.theirs));
        (void)send_task();  // where there is no child, the server says so
    } catch (IoError const& error) {
        start_problem_ = error.what();
    }
}

bool Supervisor::send_task() const {
    return tasks_ && send_frame(tasks_.get(), FrameKind::run, study::pack(task_));
}

void Supervisor::plan(std::vector<study::KnownRow> const& rows, std::uint64_t memory_bytes,
                      double timeout_seconds) {
    begin({0, {}, memory_bytes, timeout_seconds});
    try {
        Ends ends = tie_to_new_child(0);
        server_.plan(rows, memory_bytes, std::move(ends.results), std::move(ends.output));
    } catch (IoError const& error) {
        start_problem_ = error.what();
    }
}

void Supervisor::sign_of_life() {
    deadline_ = monotonic_seconds() + task_.timeout_seconds;
}

void Supervisor::interrupt() {
    if (state_ == State::running && killed_ == Killed::no) kill_child(Killed::interrupt);
}

void Supervisor::kill_child(Killed why) {
    killed_ = why;
    killed_at_ = monotonic_seconds();
    server_.kill_child();
}

SupervisorEvents Supervisor::step(double timeout_seconds) {
    if (state_ == State::running && !start_problem_.empty()) {
        SupervisorEvents events;
        end_task(std::nullopt, "", events);
        return events;
    }
    double timeout = timeout_seconds;
    if (state_ == State::running) {
        double const due = killed_ == Killed::no ? deadline_ : killed_at_ + burial_seconds;
        timeout = std::min(timeout, due - monotonic_seconds());
    }
    int const server_fd = state_ == State::broken ? -1 : server_.fd();
    int const results_fd = state_ == State::running ? results_.get() : -1;  // else the server tells its end
    int const output_fd = state_ == State::running ? output_.get() : -1;
    std::array<pollfd, 3> waiting{{{server_fd, POLLIN, 0}, {results_fd, POLLIN, 0}, {output_fd, POLLIN, 0}}};
    wait_readable(waiting, timeout);

    double const now = monotonic_seconds();
    double const stopped = now - last_step_ - std::max(0.0, timeout);
    if (stopped > stopped_seconds) {
        deadline_ += stopped;
        killed_at_ += stopped;
    }
    SupervisorEvents events;
    if (waiting[1].revents != 0) take_results(events);
    if (waiting[2].revents != 0) take_output();
    if (state_ == State::running && kept_peak_rss_bytes_ && killed_ == Killed::no)
        end_task(std::nullopt, "", events);
    if (waiting[0].revents != 0) take_server_event(events);
    check_deadlines(events);
    last_step_ = monotonic_seconds();
    return events;
}

void Supervisor::take_results(SupervisorEvents& events) {
    read_available(results_, buffer_);
    std::string_view left = buffer_;
    while (auto const frame = take_frame(left)) take_word(*frame, events);
    buffer_.erase(0, buffer_.size() - left.size());
    // Nothing more will be said: the child must be gone soon.
    if (!results_ || said_) deadline_ = std::min(deadline_, monotonic_seconds() + burial_seconds);
}

void Supervisor::take_word(Frame const& frame, SupervisorEvents& events) {
    sign_of_life();
    if (frame.kind == FrameKind::began) {
        begun_ = study::unpack<std::vector<study::ExperimentIndex>>(frame.payload);
    } else if (frame.kind == FrameKind::result) {
        auto result = study::unpack<study::Result>(frame.payload);
        std::erase(unfinished_, result.index);
        begun_.clear();
        events.results.push_back(std::move(result));
    } else {
        said_.emplace();
        if (frame.kind == FrameKind::ended) hear_through(study::unpack<TaskThrough>(frame.payload));
        said_->completed = frame.kind == FrameKind::ended || frame.kind == FrameKind::planned;
        if (frame.kind == FrameKind::planned)
            planned_ = study::unpack<std::vector<study::Experiment>>(frame.payload);
        if (frame.kind == FrameKind::failed) {
            said_->message = frame.payload;
        } else if (frame.kind == FrameKind::no_memory) {
            said_->failure = Failure::out_of_memory;
            said_->message = fmt::format("needs more than its limit of {}", bytes_text(task_.memory_bytes));
        }
    }
}

void Supervisor::hear_through(TaskThrough const& through) {
    bool const another =
        through.as_new && unfinished_.empty() && monotonic_seconds() - born_ < most_age_seconds;
    if (another)
        kept_peak_rss_bytes_ = through.peak_rss_bytes;
    else
        tasks_.reset();  // which tells it to end
}

void Supervisor::take_output() {
    read_available(output_, output_tail_);
    if (output_tail_.size() > output_tail_bytes)
        output_tail_.erase(0, output_tail_.size() - output_tail_bytes);
}

void Supervisor::take_server_event(SupervisorEvents& events) {
    ServerEvent const event = server_.take_event();
    switch (event.kind) {
        case ServerEvent::Kind::exited:
            if (event.exit.child != child_) return;
            if (state_ == State::running)
                end_task(event.exit, "", events);
            else
                part_from_child();
            return;
        case ServerEvent::Kind::opened:
            failed_starts_ = 0;
            if (state_ == State::restarting) state_ = State::ready;
            return;
        case ServerEvent::Kind::refused:
            if (state_ == State::running) {
                end_task(std::nullopt, event.refusal.text, events);
            } else {
                restart_server(events, event.refusal.text);
            }
            return;
        case ServerEvent::Kind::hung_up:
            restart_server(events, "it died");
            return;
    }
}

void Supervisor::check_deadlines(SupervisorEvents& events) {
    if (state_ != State::running) return;
    double const now = monotonic_seconds();
    if (killed_ != Killed::no) {
        if (now >= killed_at_ + burial_seconds) restart_server(events, "it does not answer");
    } else if (now >= deadline_) {
        kill_child(said_ || !results_ ? Killed::lingering : Killed::timeout);
    }
}

void Supervisor::end_task(std::optional<ChildExit> const& exit, std::string const& server_problem,
                          SupervisorEvents& events) {
    take_results(events);
    take_output();
    TaskEnd end = judge(exit, server_problem);
    end.task = task_.number;
    end.seconds = monotonic_seconds() - started_;
    end.peak_rss_bytes = exit ? exit->peak_rss_bytes : kept_peak_rss_bytes_.value_or(0);
    if (!end.completed && end.failure != Failure::interrupted)
        end.blamed = begun_.empty() ? unfinished_group() : begun_;
    TaskReport report{std::move(end), std::move(output_tail_)};
    if (task_.items.empty())
        events.plan = PlanReport{std::move(report), std::move(planned_)};
    else
        events.report = std::move(report);
    if (exit || !kept_peak_rss_bytes_) part_from_child();
    state_ = State::ready;
}

std::vector<study::ExperimentIndex> Supervisor::unfinished_group() const {
    std::vector<study::ExperimentIndex> members;
    std::uint64_t group = 0;
    for (auto const& [experiment, attempt] : task_.items) {
        bool const open =
            std::find(unfinished_.begin(), unfinished_.end(), experiment.index) != unfinished_.end();
        if (!open) continue;
        if (members.empty()) group = experiment.group;
        if (experiment.group == group) members.push_back(experiment.index);
    }
    return members;
}

TaskEnd Supervisor::judge(std::optional<ChildExit> const& exit, std::string const& server_problem) const {
    TaskEnd end;
    bool const is_plan = task_.items.empty();
    end.completed = is_plan ? said_ && said_->completed : unfinished_.empty();
    if (end.completed) return end;
    if (said_ && !said_->completed) return *said_;
    if (killed_ == Killed::timeout) {
        end.failure = Failure::timeout;
        end.message = fmt::format("no {} within {}", begun_.size() == 1 ? "result" : "sign of progress",
                                  duration_text(task_.timeout_seconds));
    } else if (killed_ == Killed::interrupt) {
        end.failure = Failure::interrupted;
        end.message = "stopped before its end";
    } else if (exit) {
        end.failure = Failure::crash;
        end.message =
            killed_ == Killed::lingering ? "ended its work without a word" : crash_text(exit->wait_status);
    } else if (!start_problem_.empty()) {
        end.failure = Failure::infrastructure;
        end.message = start_problem_;
    } else {
        end.failure = Failure::infrastructure;
        end.message = fmt::format("the task server failed: {}", server_problem);
    }
    return end;
}

void Supervisor::restart_server(SupervisorEvents& events, std::string const& why) {
    if (state_ == State::running) end_task(std::nullopt, why, events);
    part_from_child();
    events.notices.push_back(fmt::format("the task server is started again: {}", why));
    state_ = State::restarting;
    if (++failed_starts_ > most_failed_starts) {
        state_ = State::broken;
        events.notices.push_back(
            fmt::format("the task server could not be started again {} times in a row", most_failed_starts));
        return;
    }
    try {
        server_.restart();
    } catch (IoError const& error) {
        state_ = State::broken;
        events.notices.emplace_back(error.what());
    }
}

std::vector<study::Experiment> next_experiments(Supervisor& supervisor,
                                                std::vector<study::KnownRow> const& rows,
                                                std::uint64_t memory_bytes, double timeout_seconds) {
    supervisor.plan(rows, memory_bytes, timeout_seconds);
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

// What rank 0 does for each task, with the engine's own code: usage: vaster_bench_engine [RANKS ...]. One
// line for each number of ranks: microseconds of the fastest of some runs for a decision (Dispatcher), and
// for the messages that go with it (as bytes, without the network); the sum, and how many tasks a second that
// makes. Started by `mpirun -n 2`, it also says what rank 0 takes to receive a report and to send a task,
// MPI included.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/support/byte_archive.hpp"
#include "core/engine/messages.hpp"
#include "core/engine/rank0/dispatcher.hpp"
#include "core/mpi/channel.hpp"

using namespace vaster;
using engine::Dispatcher;

namespace {

constexpr std::uint64_t tasks_per_rank = 10;
constexpr std::uint64_t group_size = 3;  // experiments that share a fit
constexpr std::uint64_t n_models = 5;

/// Fit groups of some models, each too long to be handed out with others.
engine::StartingPoint start_for(std::uint64_t ranks) {
    engine::StartingPoint start;
    for (std::uint64_t i = 0; i < ranks * tasks_per_rank * group_size; ++i) {
        study::Experiment one;
        one.index = i;
        one.id = {i};
        one.group = i / group_size;
        one.expected_seconds = 1 + static_cast<double>((one.group * 7919) % 100);
        one.cost_key = "model " + std::to_string(one.group % n_models);
        one.design = {std::string("out_domain"), std::string("Dar"), std::string("UP"), 1.0, std::int64_t{0}};
        start.to_do.push_back(std::move(one));
    }
    return start;
}

template <class Message>
Message there_and_back(Message const& message) {
    return object_of<Message>(bytes_of(message));
}

/// What a worker says of a task: each result, its end, that it is ready for another.
std::vector<engine::Report> reports_of(study::Task const& task) {
    using Kind = engine::Report::Kind;
    std::vector<engine::Report> reports;
    for (auto const& item : task.items) {
        study::Attempt attempt;
        attempt.index = item.experiment.index;
        attempt.host = "node0001";
        attempt.seconds = item.experiment.expected_seconds;
        attempt.outcome = "done";
        reports.push_back({Kind::committed, std::move(attempt), {}, {}, {}});
    }
    study::TaskEnd end;
    end.task = task.number;
    end.completed = true;
    end.seconds = 1;
    reports.push_back({Kind::ended, {}, end, {}, {}});
    reports.push_back({Kind::ready, {}, {}, {}, {}});
    return reports;
}

void hear(Dispatcher& dispatcher, int worker, engine::Report const& report, double now) {
    if (report.kind == engine::Report::Kind::committed)
        dispatcher.on_committed(worker, report.attempt.index, report.attempt.seconds);
    else if (report.kind == engine::Report::Kind::ended)
        (void)dispatcher.on_task_end(worker, report.end, now);
}

enum class Messages { no, yes };

/// Seconds for each task of a run in which the workers take turns.
double seconds_per_task(engine::StartingPoint const& start, int ranks, Messages messages) {
    engine::TaskLimits limits;
    limits.workers = static_cast<unsigned>(ranks);
    Dispatcher dispatcher(start, {}, limits, ranks);
    std::vector<study::Task> running(static_cast<std::size_t>(ranks));
    std::size_t tasks = 0;
    double sum = 0;
    for (bool more = true; more;) {
        more = false;
        for (int worker = 0; worker < ranks; ++worker) {
            auto& task = running[static_cast<std::size_t>(worker)];
            auto const reports = reports_of(task);  // the worker's own time
            auto const begin = std::chrono::steady_clock::now();
            if (!task.items.empty())
                for (auto const& report : reports)
                    hear(dispatcher, worker, messages == Messages::yes ? there_and_back(report) : report, 0);
            auto next = dispatcher.next(worker, 0);
            if (next && messages == Messages::yes)
                next = there_and_back(engine::Order{engine::Order::Kind::task, *next, {}}).task;
            sum += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            task = next ? std::move(*next) : study::Task();
            tasks += next ? 1 : 0;
            more = more || next;
        }
    }
    return sum / static_cast<double>(tasks);
}

double fastest(engine::StartingPoint const& start, int ranks, Messages messages) {
    double best = 1e9;
    for (int run = 0; run < 3; ++run) best = std::min(best, seconds_per_task(start, ranks, messages));
    return best;
}

// ---- the network: the other rank sends reports as fast as it can, and takes tasks

constexpr int n_reports = 100000;

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void send_reports(mpi::Session& session, engine::Report const& report) {
    mpi::Channel<engine::Order> orders(session, mpi::Topic::orders);
    mpi::Channel<engine::Report> reports(session, mpi::Topic::reports);
    for (int sent = 0, orders_left = n_reports; sent < n_reports || orders_left > 0;) {
        if (sent < n_reports) {
            reports.send(0, report);
            ++sent;
        }
        while (orders.try_receive()) --orders_left;
    }
}

/// Looks that found no report do not count.
void measure_messages(mpi::Session& session, study::Task const& task) {
    mpi::Channel<engine::Order> orders(session, mpi::Topic::orders);
    mpi::Channel<engine::Report> reports(session, mpi::Topic::reports);
    double receiving = 0;
    for (int left = n_reports; left > 0;) {
        auto const begin = std::chrono::steady_clock::now();
        if (!reports.try_receive()) continue;
        receiving += seconds_since(begin);
        --left;
    }
    double sending = 0;
    for (int sent = 0; sent < n_reports; ++sent) {
        auto const begin = std::chrono::steady_clock::now();
        orders.send(1, {engine::Order::Kind::task, task, {}, {}});
        sending += seconds_since(begin);
    }
    (void)session.flush(60);
    fmt::print("{:.2f} us to receive a report of another rank, {:.2f} us to send it a task\n",
               1e6 * receiving / n_reports, 1e6 * sending / n_reports);
}

void messages_between(mpi::Session& session) {
    auto const start = start_for(1);
    Dispatcher dispatcher(start, {}, {}, 1);
    auto const task = dispatcher.next(0, 0).value();
    if (session.rank() == 0)
        measure_messages(session, task);
    else
        send_reports(session, reports_of(task).front());
}

void decisions(std::vector<int> const& numbers_of_ranks) {
    for (int const ranks : numbers_of_ranks) {
        auto const start = start_for(static_cast<std::uint64_t>(ranks));
        double const decision = fastest(start, ranks, Messages::no);
        double const both = fastest(start, ranks, Messages::yes);
        fmt::print(
            "{:6} ranks: {:5.1f} us a decision, {:5.1f} us with its messages, both ways: {:7.0f} tasks a "
            "second\n",
            ranks, 1e6 * decision, 1e6 * both, 1 / both);
    }
}

}  // namespace

int main(int argc, char** argv) {
    mpi::Session session(argc, argv);
    std::vector<int> all{1000, 10000};
    if (argc > 1) all.clear();
    for (int i = 1; i < argc; ++i) all.push_back(std::atoi(argv[i]));
    if (session.size() == 2) messages_between(session);
    if (session.rank() == 0) decisions(all);
    return 0;
}

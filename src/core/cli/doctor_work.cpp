// What a run does: tasks in children, rows in a study file.
#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/problem.hpp"
#include "base/support/units.hpp"
#include "core/cli/doctor_exams.hpp"
#include "core/engine/rank/supervisor.hpp"
#include "core/run/study_order.hpp"
#include "core/run/version.hpp"
#include "core/store/create.hpp"
#include "core/store/reader.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "core/study/serialization.hpp"

namespace vaster::cli::doctor {
namespace {

namespace fs = std::filesystem;
using report::Finding;
using report::Health;

study::Task task_of(engine::Description const& description, int rank) {
    constexpr std::uint64_t memory_bytes = std::uint64_t{256} << 20U;
    study::Task task;
    task.number = 1;
    auto const first = static_cast<std::size_t>(rank) * experiments_per_rank;
    for (std::size_t i = 0; i < experiments_per_rank; ++i)
        task.items.push_back({description.experiments.at(first + i), 1});
    task.memory_bytes = memory_bytes;
    task.timeout_seconds = patience_seconds;
    return task;
}

/// Runs the task to its end. @throws Error when it does not come to one
void run_task(engine::Supervisor& supervisor, study::Task task, std::vector<study::Result>& results) {
    supervisor.start(std::move(task));
    double const deadline = monotonic_seconds() + 2 * patience_seconds;
    while (monotonic_seconds() < deadline) {
        auto events = supervisor.step(1);
        for (auto& result : events.results) results.push_back(std::move(result));
        if (!events.report) continue;
        require<UnavailableError>(events.report->end.completed, "a child failed: {} {}",
                                  events.report->end.message, events.report->output);
        return;
    }
    throw UnavailableError("a child did not come to an end");
}

store::Header header_of(engine::Description const& description, std::string const& kind) {
    store::Header header;
    header.program_version = run::version();
    header.kind = kind;
    header.plan_hash = description.plan_hash;
    header.created = utc_text(wall_seconds());
    return header;
}

void write_results(fs::path const& path, int rank, std::vector<study::Result> const& results) {
    require<UnavailableError>(!results.empty(), "rank {} has no results to write", rank);
    store::Writer writer(path);
    for (auto const& result : results) writer.commit(result, {rank, host_name(), 1});
    writer.sync();
}

void read_results(fs::path const& path, std::size_t wanted) {
    auto const bad = store::verify(path);
    require<DataError>(bad.empty(), "of what was written, {} parts are damaged, the first is {}", bad.size(),
                       bad.empty() ? "" : bad.front().text());
    store::Reader const study(path);
    auto const done = study.counts()[static_cast<std::size_t>(study::Status::done)];
    require<DataError>(done == wanted, "host {} sees {} of {} rows that all ranks have written", host_name(),
                       done, wanted);
}

/// What goes wrong when something is tried; empty: nothing.
std::string problem_with(std::function<void()> const& act) {
    try {
        act();
        return {};
    } catch (std::exception const& error) {
        auto problem = problem_of(error);
        if (problem.code == ExitCode::internal) throw;
        return std::move(problem.text);
    }
}

/// Does every rank say that nothing went wrong? Every rank must call it.
bool all_went_well(mpi::Session& session, std::string const& own_problem) {
    auto const problems = session.together([&] { return own_problem; });
    auto const none = [](std::string const& problem) { return problem.empty(); };
    return session.agree([&] {
        return std::all_of(problems.begin(), problems.end(), none) ? std::string("yes") : std::string("no");
    }) == "yes";
}

Finding unusable(std::string const& why) {
    return {"study file", Health::fail, why, "choose a directory that all hosts can write to with --output"};
}

/// The finding of a rank for which it went well, while it did not for others.
Finding usable_here(fs::path const& path) {
    return {"study file", Health::ok, fmt::format("{} can be used here", path.parent_path().string()), ""};
}

/// All ranks write, then all read. Every rank must call it.
Finding written_and_read(mpi::Session& session, fs::path const& path, std::size_t n_rows,
                         std::vector<study::Result> const& results) {
    constexpr double slow_seconds = 0.25;
    double const start = monotonic_seconds();
    auto problem = problem_with([&] { write_results(path, session.rank(), results); });
    bool well = all_went_well(session, problem);
    double const written = monotonic_seconds() - start;
    if (well) {
        problem = problem_with([&] { read_results(path, n_rows); });
        well = all_went_well(session, problem);
    }
    if (!well) return problem.empty() ? usable_here(path) : unusable(problem);
    Finding finding{"study file", Health::ok,
                    fmt::format("{} rows written to {} by all ranks and read back by all, {}", n_rows,
                                path.parent_path().string(), duration_text(written)),
                    ""};
    if (written > slow_seconds) {
        finding.health = Health::warn;
        finding.advice =
            "the disk is slow to sync; a local or parallel file system is better, or --durability none";
    }
    return finding;
}

}  // namespace

Finding examine_task_server(engine::TaskServer server, int rank, TrialStudy const& trial,
                            engine::Description& description, std::vector<study::Result>& results) {
    try {
        double const start = monotonic_seconds();
        description = server.open(study::pack(run::StudyOrder{trial.config}), patience_seconds);
        engine::Supervisor supervisor(std::move(server));
        double const opened = monotonic_seconds();
        run_task(supervisor, task_of(description, rank), results);
        double const ended = monotonic_seconds();
        return {"task server", Health::ok,
                fmt::format("opens a study in {}, a child computes and answers in {}",
                            duration_text(opened - start), duration_text(ended - opened)),
                ""};
    } catch (Error const& error) {
        return {"task server", Health::fail, error.what(),
                "experiments cannot be computed; look at limits on processes (ulimit -u) and memory"};
    }
}

Finding examine_study_file(mpi::Session& session, fs::path const& folder, TrialStudy const& trial,
                           engine::Description const& description,
                           std::vector<study::Result> const& results) {
    fs::path path;
    Finding finding;
    try {
        path = session.agree([&] {
            auto const name = folder / fmt::format(".vaster-doctor-{}.h5", ::getpid());
            store::create(name, header_of(description, trial.kind), description.schema,
                          description.experiments, {description.experiments.size(), 0},
                          store::OnExisting::replace);
            return name.string();
        });
        finding = written_and_read(session, path, description.experiments.size(), results);
    } catch (Error const& error) {  // rank 0 alone has tried, or does not hear all
        finding = unusable(session.rank() == 0 ? error.what() : "");
    }
    std::error_code ignored;
    if (session.rank() == 0 && !path.empty()) fs::remove(path, ignored);
    return finding;
}

}  // namespace vaster::cli::doctor

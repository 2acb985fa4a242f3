// What a run does: tasks in children, rows in a study file.
#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
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
    header.plan_hash = study::hash_of(description.experiments);
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
    constexpr double slow_seconds = 0.25;
    fs::path path;
    Finding finding{"study file", Health::ok, "", ""};
    try {
        path = session.agree([&] {
            auto const name = folder / fmt::format(".vaster-doctor-{}.h5", ::getpid());
            store::create(name, header_of(description, trial.kind), description.schema,
                          std::span(description.experiments), {description.experiments.size(), 0},
                          store::OnExisting::replace);
            return name.string();
        });
        double const start = monotonic_seconds();
        session.together([&] {
            write_results(path, session.rank(), results);
            return std::string();
        });
        double const written = monotonic_seconds() - start;
        session.together([&] {
            read_results(path, description.experiments.size());
            return std::string();
        });
        finding.seen = fmt::format("{} rows written to {} by all ranks and read back by all, {}",
                                   description.experiments.size(), folder.string(), duration_text(written));
        if (written > slow_seconds) {
            finding.health = Health::warn;
            finding.advice =
                "the disk is slow to sync; a local or parallel file system is better, or --durability none";
        }
    } catch (Error const& error) {
        finding = {"study file", Health::fail, error.what(),
                   "choose a directory that all hosts can write to with --output"};
    }
    std::error_code ignored;
    if (session.rank() == 0 && !path.empty()) fs::remove(path, ignored);
    return finding;
}

}  // namespace vaster::cli::doctor

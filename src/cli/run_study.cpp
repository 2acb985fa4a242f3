#include "vaster/cli/run_study.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "run_file.hpp"
#include "study_order.hpp"
#include "vaster/cli/study_flags.hpp"
#include "vaster/cli/version.hpp"
#include "vaster/engine/cost_memory.hpp"
#include "vaster/engine/run.hpp"
#include "vaster/engine/signals.hpp"
#include "vaster/engine/supervisor.hpp"
#include "vaster/engine/task_server.hpp"
#include "vaster/monitor/alerts.hpp"
#include "vaster/monitor/log.hpp"
#include "vaster/monitor/progress.hpp"
#include "vaster/monitor/status_publisher.hpp"
#include "vaster/monitor/status_server.hpp"
#include "vaster/mpi/session.hpp"
#include "vaster/store/kept_data.hpp"
#include "vaster/store/lock.hpp"
#include "vaster/store/reader.hpp"
#include "vaster/store/writer.hpp"
#include "vaster/study/serialization.hpp"
#include "vaster/support/clock.hpp"
#include "vaster/support/files.hpp"
#include "vaster/workloads/catalogue.hpp"

namespace vaster::cli {

namespace {

namespace fs = std::filesystem;

double const program_start = monotonic_seconds();

constexpr double opening_seconds = 3600;  // at most, for a study that is opened

fs::path output_of(study::Config const& config) {
    return fs::absolute(config.get<std::string>("study.output"));
}

void check_existing(fs::path const& path, Existing existing) {
    require<UsageError>(
        existing != Existing::refuse || !fs::exists(path),
        "{} exists already, and nothing is overwritten unasked: go on with it by --resume, replace it by "
        "--overwrite, or choose another name with --output",
        path.string());
}

/// What all ranks must agree on before they work together.
std::string fingerprint_of(engine::Description const& description) {
    return description.data_hash + " " + study::hash_of(description.experiments);
}

/// A line for each reason why servers have a copy of the data of their own.
/// @param problems  by rank; empty where there is none
std::vector<std::string> notices_of_copies(std::vector<std::string> const& problems) {
    std::map<std::string, std::size_t> counts;
    for (auto const& problem : problems)
        if (!problem.empty()) ++counts[problem];
    std::vector<std::string> notices;
    notices.reserve(counts.size());
    for (auto const& [problem, count] : counts)
        notices.push_back(
            fmt::format("{} cannot share the data with the other ranks of its host and has read them by "
                        "itself: {}",
                        count == 1 ? "a rank" : fmt::format("each of {} ranks", count), problem));
    return notices;
}

/// Until the end of the Slurm job, less a moment for leaving; infinite without one.
double seconds_until_job_ends() {
    constexpr double moment = 10;
    char const* const text = std::getenv("SLURM_JOB_END_TIME");  // seconds since 1970
    char* end = nullptr;
    double const at = text == nullptr ? 0 : std::strtod(text, &end);
    double const left = at - wall_seconds() - moment;
    return text != nullptr && end != text && left > 0 ? left : std::numeric_limits<double>::infinity();
}

/// What of the time for this run is left.
double seconds_to_run(study::Config const& config) {
    double const limit = config.seconds("run.max_time");
    double const left = limit - (monotonic_seconds() - program_start);
    return std::min(limit > 0 ? std::max(left, 0.0) : std::numeric_limits<double>::infinity(),
                    seconds_until_job_ends());
}

engine::EngineOptions engine_options(study::Config const& config, engine::Description const& description) {
    engine::EngineOptions options;
    options.growth = description.growth();
    options.retry.retries = static_cast<unsigned>(config.get<std::int64_t>("run.retries"));
    options.retry.delay_seconds = config.seconds("run.retry_delay");
    options.retry.seed = static_cast<std::uint64_t>(config.get<std::int64_t>("study.seed"));
    options.silence_seconds = config.seconds("run.silence");
    options.time_limit_seconds = seconds_to_run(config);
    options.limits.memory_bytes = config.bytes("run.memory");
    options.limits.timeout_seconds = config.seconds("run.timeout");
    return options;
}

/// The pages that show the state of the run, where they are asked for.
std::unique_ptr<monitor::StatusPublisher> make_publisher(LoadedConfig const& loaded, fs::path const& path,
                                                         RunOptions const& options,
                                                         std::vector<std::string>& notices) {
    monitor::RunFacts facts{loaded.config.get<std::string>("study.name"), loaded.kind->name(), path.string(),
                            std::string(version())};
    auto publisher = std::make_unique<monitor::StatusPublisher>(std::move(facts), path, [loaded, path] {
        store::Reader const reader(path);
        return loaded.kind->summary(loaded.config, reader.schema(), reader);
    });
    if (!options.status_directory.empty())
        publisher->add(std::make_unique<monitor::StatusDirectory>(options.status_directory));
    if (!options.serve_at.empty()) {
        auto const address = monitor::parse_address(options.serve_at);
        auto server = std::make_unique<monitor::StatusServer>(address);
        notices.push_back(fmt::format("status at http://{}:{}/", address.host, server->port()));
        publisher->add(std::move(server));
    }
    return publisher;
}

void add_listeners(monitor::Listeners& listeners, LoadedConfig const& loaded, fs::path const& path,
                   RunOptions const& options, std::vector<std::string>& notices) {
    if (!options.status_directory.empty() || !options.serve_at.empty())
        listeners.add(make_publisher(loaded, path, options, notices));
    listeners.add(std::make_unique<monitor::Alerts>(
        monitor::alert_options(loaded.config), loaded.config.get<std::string>("study.name"), path.string()));
    if (!options.quiet)
        listeners.add(std::make_unique<monitor::ProgressDisplay>(stderr, monitor::display_for(stderr)));
    if (!options.log_file.empty())
        listeners.add(
            std::make_unique<monitor::LogListener>(options.log_file, options.log_level, options.log_format));
}

void print_summary(LoadedConfig const& loaded, fs::path const& path) {
    store::Reader const reader(path);
    for (auto const& table : loaded.kind->summary(loaded.config, reader.schema(), reader))
        fmt::print("\n{}", to_text(table));
    std::fflush(stdout);
}

void print_ending(engine::Totals const& totals, fs::path const& path) {
    if (totals.lost_ranks > 0)
        fmt::print("\n{} lost on the way; the others went on without.\n",
                   totals.lost_ranks == 1 ? "A rank was" : fmt::format("{} ranks were", totals.lost_ranks));
    if (totals.complete())
        fmt::print("\nAll {} experiments have their result, in {}\n", totals.done, path.string());
    else
        fmt::print(
            "\n{}: {} done, {} failed, {} left{}, in {}\nGo on with the same command and --resume; 'vaster "
            "status' says more.\n",
            totals.drained ? "Stopped early" : "Finished with failures", totals.done, totals.failed,
            totals.left, totals.unplanned ? " and more to be planned" : "", path.string());
    std::fflush(stdout);
}

/// Shows other hosts that the holder of the lock is alive.
class Heartbeat final : public study::Listener {
  public:
    explicit Heartbeat(store::StudyLock const& lock) : lock_(lock) {}

    void on_tick(study::Progress const&) override {
        double const now = monotonic_seconds();
        if (now < next_) return;
        next_ = now + store::beat_seconds;
        lock_.beat();
    }

  private:
    store::StudyLock const& lock_;
    double next_ = 0;
};

ExitCode code_of(engine::Totals const& totals) {
    if (!totals.complete()) return ExitCode::partial;
    return totals.lost_ranks > 0 ? ExitCode::rank_lost : ExitCode::success;
}

/// Tells scripts what mpirun --enable-recovery, which always ends with 0, does not.
void write_ending(std::string const& file, ExitCode code, engine::Totals const& totals) {
    if (file.empty()) return;
    bool const more = totals.left > 0 || totals.unplanned || totals.orphaned;
    char const* const word = totals.complete() ? "complete" : more ? "unfinished" : "failed";
    write_file_atomically(file, fmt::format("{} {}\n", static_cast<int>(code), word));
}

/// One run, on every rank.
class Run {
  public:
    Run(mpi::Session& session, engine::TaskServer server, RunOptions const& options)
        : session_(session), server_(std::move(server)), options_(options) {}

    ExitCode operator()(std::function<study::ConfigSource()> const& source) {
        LoadedConfig const loaded = agree_on_config(source);
        std::optional<store::StudyLock> lock;  // rank 0's, until the end
        std::string const kept_in =
            loaded.kind->keeps_inputs(loaded.config) ? file_with_data(loaded, lock) : std::string();
        engine::Description const description = open_everywhere(loaded, kept_in);
        engine::Supervisor supervisor(std::move(server_));
        engine::StartingPoint start;
        monitor::Listeners listeners;  // rank 0 hears
        fs::path const path = session_.agree([&] {
            fs::path const output = output_of(loaded.config);
            if (!lock) lock.emplace(output);
            add_listeners(listeners, loaded, output, options_, notices_);
            start = prepare_file(loaded, description, output, supervisor);
            start.remembered_costs = recalled_costs(loaded);
            return output.string();
        });
        std::optional<store::Writer> writer;
        session_.together([&] {
            writer.emplace(path, store::durability_of(loaded.config.get<std::string>("run.durability")));
            return std::string();
        });
        if (first()) listeners.add(std::make_unique<Heartbeat>(*lock));
        for (auto const& notice : notices_) listeners.on_notice(notice);
        auto options = engine_options(loaded.config, description);
        options.on_costs = [&](auto const& costs) { remember(loaded, costs, listeners); };
        engine::Totals const totals =
            engine::run_study(session_, supervisor, *writer, *writer, listeners, start, options,
                              {engine::stop_requested, engine::take_status_request});
        writer.reset();
        if (totals.orphaned) leave_as_orphan(path);
        if (first() && !options_.quiet) {
            print_summary(loaded, path);
            print_ending(totals, path);
        }
        ExitCode const code = code_of(totals);
        if (first()) write_ending(options_.ending_file, code, totals);
        lock.reset();
        if (totals.lost_ranks > 0) leave_without_the_lost(code);
        constexpr unsigned finalize_seconds = 10;
        mpi::Session::leave_within(finalize_seconds, code);
        return code;
    }

  private:
    [[nodiscard]] bool first() const { return session_.rank() == 0; }

    /// Rank 0 reads and checks; the others get the whole config as text.
    LoadedConfig agree_on_config(std::function<study::ConfigSource()> const& source) {
        std::string const text = session_.agree([&] {
            LoadedConfig const loaded = load_config(source());
            check_existing(output_of(loaded.config), options_.existing);
            return study::to_toml(loaded.config);
        });
        return load_config({"", text, {}});
    }

    /// Of a study whose file keeps its data: rank 0 makes the file, unless it is there to be gone on with.
    /// @return its path; empty when it is of a run that kept no data
    std::string file_with_data(LoadedConfig const& loaded, std::optional<store::StudyLock>& lock) {
        return session_.agree([&] {
            fs::path const path = output_of(loaded.config);
            lock.emplace(path);
            if (options_.existing == Existing::resume && fs::exists(path)) {
                check_same_config(store::read_header(path), config_header(loaded), path);
                return store::keeps_data(path) ? path.string() : std::string();
            }
            engine::Description const source =
                server_.open(study::pack(StudyOrder{study::to_toml(loaded.config)}));
            create_file(path, header_of(loaded, source, options_.command_line), source, options_.existing);
            file_is_new_ = true;
            return path.string();
        });
    }

    /// Every rank's task server opens the study: the first one of each host reads the data and the others
    /// share what it has read, where they can. All must have the same.
    /// @param kept_in  the study file that keeps them; empty: from their source
    engine::Description open_everywhere(LoadedConfig const& loaded, std::string const& kept_in) {
        engine::Description description;
        auto const problems = session_.together([&] {
            description = open_on_host({study::to_toml(loaded.config), kept_in});
            return description.block_problem;
        });
        std::string fingerprint = fingerprint_of(description);
        std::string const expected = session_.agree([&] { return fingerprint; });
        session_.together([&] {
            require<DataError>(
                fingerprint == expected,
                "host {} reads other data than the first rank; all hosts must see the same file",
                host_name());
            return std::string();
        });
        if (first()) notices_ = description.notes;
        for (auto& notice : notices_of_copies(problems)) notices_.push_back(std::move(notice));
        if (first() && !kept_in.empty() && !file_is_new_)
            notices_.push_back(fmt::format("the data are those that {} keeps", kept_in));
        return description;
    }

    engine::Description open_on_host(StudyOrder order) {
        std::optional<engine::Description> description;
        std::string const offer = session_.once_per_host([&] {
            if (session_.host().size() > 1) order.keeping = Keeping::shared;
            description = server_.open(study::pack(order));
            return study::pack(server_.offer());
        });
        if (description) return *description;
        return server_.open(study::pack(order), opening_seconds, study::unpack<engine::BlockOffer>(offer));
    }

    engine::StartingPoint prepare_file(LoadedConfig const& loaded, engine::Description const& description,
                                       fs::path const& path, engine::Supervisor& supervisor) {
        store::Header const header = header_of(loaded, description, options_.command_line);
        auto const limits = engine_options(loaded.config, description).limits;
        auto const next_stage = [&](std::vector<study::KnownRow> const& rows) {
            return engine::next_experiments(supervisor, rows, limits.memory_bytes, limits.timeout_seconds);
        };
        if (file_is_new_) {
            check_same_study(store::read_header(path), header, path);
            return fresh_start(description);
        }
        if (options_.existing == Existing::resume && fs::exists(path))
            return resumed_start(path, header, {description.experiments}, next_stage, notices_);
        create_file(path, header, description, options_.existing);
        return fresh_start(description);
    }

    static fs::path memory_of(LoadedConfig const& loaded) {
        return engine::cost_memory(loaded.config.get<std::string>("run.cost_cache"), loaded.kind->name());
    }

    /// Of other studies of the kind; a memory that does not hold is no reason to stop.
    std::vector<study::MeasuredCost> recalled_costs(LoadedConfig const& loaded) {
        try {
            return engine::recall_costs(memory_of(loaded));
        } catch (Error const& error) {
            notices_.push_back(fmt::format("costs of earlier studies are not known: {}", error.what()));
            return {};
        }
    }

    static void remember(LoadedConfig const& loaded, std::vector<study::MeasuredCost> const& costs,
                         study::Listener& listener) {
        fs::path const memory = memory_of(loaded);
        if (memory.empty() || costs.empty()) return;
        try {
            engine::remember_costs(memory, costs);
        } catch (Error const& error) {
            listener.on_notice(fmt::format("what was learned about costs is not kept: {}", error.what()));
        }
    }

    /// Without rank 0 nobody knows how far the study is; what this rank finished is in the file.
    [[noreturn]] void leave_as_orphan(std::string const& path) {
        fmt::print(stderr,
                   "vaster: rank {}: rank 0 is lost; what was finished is in {}, go on with the same command "
                   "and --resume\n",
                   session_.rank(), path);
        engine::Totals totals;
        totals.orphaned = true;
        write_ending(options_.ending_file, ExitCode::partial, totals);
        leave_without_the_lost(ExitCode::partial);
    }

    /// MPI_Finalize would wait for the ranks that are gone.
    [[noreturn]] static void leave_without_the_lost(ExitCode code) {
        std::fflush(nullptr);
        ::_exit(static_cast<int>(code));
    }

    mpi::Session& session_;
    engine::TaskServer server_;
    RunOptions const& options_;
    std::vector<std::string> notices_;
    bool file_is_new_ = false;  ///< made by file_with_data()
};

}  // namespace

void prefer_mpi_settings() {
    ::setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
    ::setenv("OMPI_MCA_io", "romio321", 0);
}

ExitCode run_study(std::function<study::ConfigSource()> const& source, RunOptions const& options,
                   Invocation invocation) {
    engine::install_stop_handlers();
    prefer_mpi_settings();
    engine::TaskServer server({program_path().string(), "task-server"});
    mpi::Session session(invocation.argc, invocation.argv);  // outlives the try block on purpose
    auto const report = [&](ExitCode code) {
        if (!options.ending_file.empty())
            write_file_atomically(options.ending_file, fmt::format("{} refused\n", static_cast<int>(code)));
    };
    try {
        return Run(session, std::move(server), options)(source);
    } catch (Refusal const& refusal) {  // every rank has it: leave in step
        if (session.rank() == 0) {
            fmt::print(stderr, "vaster: {}\n", refusal.what());
            report(refusal.code());
        }
        return refusal.code();
    } catch (Error const& error) {  // perhaps only this rank: say it, then stop all
        fmt::print(stderr, "vaster: rank {}: {}\n", session.rank(), error.what());
        report(error.code());
        session.abort(error.code());
    } catch (std::exception const& error) {
        fmt::print(stderr, "vaster: rank {}: bug: {}\n", session.rank(), error.what());
        report(ExitCode::internal);
        session.abort(ExitCode::internal);
    }
}

}  // namespace vaster::cli

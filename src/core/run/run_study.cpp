#include "core/run/run_study.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include <fmt/core.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/problem.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/engine/rank/supervisor.hpp"
#include "core/engine/rank/task_server.hpp"
#include "core/engine/rank0/cost_memory.hpp"
#include "core/engine/run.hpp"
#include "core/engine/signals.hpp"
#include "core/monitor/alerts.hpp"
#include "core/monitor/log.hpp"
#include "core/monitor/progress.hpp"
#include "core/monitor/status_publisher.hpp"
#include "core/monitor/status_server.hpp"
#include "core/mpi/backoff.hpp"
#include "core/mpi/session.hpp"
#include "core/run/cancel_file.hpp"
#include "core/run/check.hpp"
#include "core/run/ending.hpp"
#include "core/run/in_sight.hpp"
#include "core/run/launcher.hpp"
#include "core/run/own_cores.hpp"
#include "core/run/run_keys.hpp"
#include "core/run/start_ranks.hpp"
#include "core/run/study_file.hpp"
#include "core/run/study_order.hpp"
#include "core/run/time_limit.hpp"
#include "core/run/version.hpp"
#include "core/store/kept_data.hpp"
#include "core/store/lock.hpp"
#include "core/store/reader.hpp"
#include "core/store/writer.hpp"
#include "core/study/serialization.hpp"
#include "vaster/study/label.hpp"
#include "vaster/study/own_limits.hpp"
#include "vaster/study/own_words.hpp"
#include "vaster/study/renamed_keys.hpp"

namespace vaster::run {

namespace {

namespace fs = std::filesystem;

constexpr double opening_seconds = 3600;   // at most, for a study that is opened
constexpr unsigned finalize_seconds = 30;  // for MPI_Finalize, which waits for all ranks
constexpr auto unfinished = "unfinished";  // the word of an ending

/// What all ranks must agree on before they work together.
std::string fingerprint_of(engine::Description const& description) {
    return description.data_hash + " " + description.plan_hash;
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

engine::EngineOptions engine_options(study::LoadedConfig const& loaded, RunKeys const& keys,
                                     engine::Description const& description, double started) {
    engine::EngineOptions options;
    options.growth = description.growth();
    options.retry.retries = keys.retries;
    options.retry.delay_seconds = keys.retry_delay_seconds;
    options.retry.seed = keys.seed;
    options.silence_seconds = keys.silence_seconds;
    options.time_limit_seconds =
        seconds_to_run(keys.max_seconds, monotonic_seconds() - started,
                       seconds_until_job_ends(std::getenv("SLURM_JOB_END_TIME"), wall_seconds()));
    options.limits.memory_bytes = keys.memory_bytes;
    options.limits.timeout_seconds = keys.timeout_seconds;
    if (auto const* const kind = dynamic_cast<study::HasOwnLimits const*>(loaded.kind)) {
        options.limits.own = [kind, config = loaded.config](study::Experiment const& experiment) {
            return kind->limits(config, experiment);
        };
        options.most_failures = kind->most_failures(loaded.config);
    }
    return options;
}

/// @param cores  what each rank said of its own; nothing on other ranks than the first
engine::TaskThreads threads_of(RunKeys const& keys, std::vector<std::string> const& cores) {
    engine::TaskThreads threads;
    if (keys.threads > 0) {
        threads.of_each = keys.threads;
        return threads;
    }
    std::vector<RankCores> ranks;
    ranks.reserve(cores.size());
    for (auto const& packed : cores) ranks.push_back(study::unpack<RankCores>(packed));
    threads.of_each.reset();
    threads.cores = shares_of_cores(ranks);
    return threads;
}

/// What readers of the status must know. Of one's own where programs ask again and again.
std::string serve_token() {
    char const* const given = std::getenv("VASTER_SERVE_TOKEN");
    if (given == nullptr || *given == '\0') return monitor::new_token();
    return std::string_view(given) == "none" ? "" : given;
}

/// The pages that show the state of the run, where they are asked for.
std::unique_ptr<monitor::StatusPublisher> make_publisher(study::LoadedConfig const& loaded,
                                                         RunKeys const& keys, RunOptions const& options,
                                                         std::vector<std::string>& notices) {
    monitor::RunFacts facts{keys.name, loaded.kind->name(), keys.output.string(), std::string(version())};
    auto publisher = std::make_unique<monitor::StatusPublisher>(
        std::move(facts), keys.output, [loaded, path = keys.output] {
            store::Reader const reader(path);
            return loaded.kind->summary(loaded.config, reader.schema(), reader);
        });
    if (!options.status_directory.empty())
        publisher->add(std::make_unique<monitor::StatusDirectory>(options.status_directory));
    if (!options.serve_at.empty()) {
        auto const address = monitor::parse_address(options.serve_at);
        std::string const token = serve_token();
        auto server = std::make_unique<monitor::StatusServer>(address, token);
        notices.push_back(fmt::format("status at http://{}:{}/{}{}", address.host, server->port(),
                                      token.empty() ? "" : "?token=", token));
        publisher->add(std::move(server));
    }
    return publisher;
}

void add_listeners(monitor::Listeners& listeners, study::LoadedConfig const& loaded, RunKeys const& keys,
                   RunOptions const& options, std::vector<std::string>& notices) {
    if (!options.status_directory.empty() || !options.serve_at.empty())
        listeners.add(make_publisher(loaded, keys, options, notices));
    listeners.add(std::make_unique<monitor::Alerts>(monitor::alert_options(loaded.config), keys.name,
                                                    keys.output.string()));
    if (options.quiet)
        listeners.add(std::make_unique<monitor::FirstFailure>());
    else
        listeners.add(std::make_unique<monitor::ProgressDisplay>(stderr, monitor::display_for(stderr)));
    if (!options.log_file.empty())
        listeners.add(
            std::make_unique<monitor::LogListener>(options.log_file, options.log_level, options.log_format));
}

/// Beside the tables: the results are there and sound, whatever can be said of them.
std::string verdict_text(VerdictOf const& verdict, store::Reader const& reader) {
    std::string text;
    try {
        for (auto const& table : verdict(reader)) text += "\n" + to_text(table);
    } catch (Error const& error) {
        text += fmt::format("\nThere is no verdict: {}\n", error.what());
    }
    return text;
}

std::string summary_text(study::LoadedConfig const& loaded, fs::path const& path, RunOptions const& options) {
    store::Reader const reader(path);
    std::string text;
    for (auto const& table : loaded.kind->summary(loaded.config, reader.schema(), reader))
        text += "\n" + to_text(table);
    auto const verdict = options.verdicts.find(loaded.kind->name());
    return verdict == options.verdicts.end() ? text : text + verdict_text(verdict->second, reader);
}

/// Ends a run whose lock somebody has taken over, as from a host that was stopped for a while.
class LockWatch final : public study::Listener {
  public:
    explicit LockWatch(store::StudyLock const& lock) : lock_(lock) {}

    void on_tick(study::Progress const&) override { lock_.require_held(); }

  private:
    store::StudyLock const& lock_;
};

/// What the command makes of the study file; then the ending is known.
/// @param where  "on host node7: " where others take part
ExitCode conclude(RunOptions const& options, Ending const& ending, fs::path const& path, ExitCode code,
                  std::string_view words, std::string_view where) {
    ExitCode last = code;
    try {
        last = options.afterwards(path, code);
    } catch (std::exception const& error) {
        auto const problem = problem_of(error);
        say("{}: {}{}", program_name(), where, problem.text);
        last = problem.code;
    }
    ending.write(last, last == code ? words : "failed");
    return last;
}

/// One run, on every rank.
class Run {
  public:
    Run(study::Kinds const& kinds, mpi::Session& session, engine::TaskServer server,
        RunOptions const& options, Ending& ending)
        : kinds_(kinds), session_(session), server_(std::move(server)), options_(options), ending_(ending) {}

    ExitCode operator()(std::function<study::ConfigSource()> const& source) {
        study::LoadedConfig const loaded = agree_on_config(source);
        RunKeys const keys = run_keys(loaded.config);
        session_.set_silence_limit(keys.silence_seconds);
        std::optional<store::StudyLock> lock;  // rank 0's, until the end
        std::string const kept_in = loaded.kind->keeps_inputs(loaded.config)
                                        ? file_with_data(loaded, keys.output, lock)
                                        : std::string();
        engine::Description description;
        try {
            description = open_everywhere(loaded, kept_in);
        } catch (Refusal const& refusal) {  // every rank has it
            if (refusal.code() != ExitCode::io || !nothing_is_left(loaded, keys)) throw;
            return leave_as_done(refusal, loaded, keys);
        }
        engine::Supervisor supervisor(std::move(server_));
        engine::StartingPoint start;
        monitor::Listeners listeners;  // rank 0 hears
        fs::path const path = session_.agree([&] {
            if (!lock) lock.emplace(keys.output);
            add_listeners(listeners, loaded, keys, options_, notices_);
            start = prepare_file(loaded, description, keys, supervisor, *lock);
            start.remembered_costs = recalled_costs(memory_of(loaded, keys));
            description.experiments = {};  // what is left of them to do is in `start`
            return keys.output.string();
        });
        std::optional<store::Writer> writer;
        auto const cores = session_.together([&] {
            open_writer(writer, path, keys.durability);
            writer->take_results_with(description.schema.results);
            return study::pack(cores_of_this_rank());
        });
        if (first()) listeners.add(std::make_unique<LockWatch>(*lock));
        for (auto const& notice : notices_) listeners.on_notice(notice);
        auto options = engine_options(loaded, keys, description, options_.started);
        options.label_of = [labels = study::Labels(description.schema)](study::Cells const& design) {
            return labels.of(design);
        };
        options.limits.threads = threads_of(keys, cores);
        options.on_costs = [&](auto const& costs) { remember(memory_of(loaded, keys), costs, listeners); };
        session_.survive_losses();
        engine::Totals const totals = engine::run_study(
            session_, supervisor, *writer, *writer, listeners, start, options,
            {engine::stop_requested, engine::take_status_request, [&path] { return cancelled_in(path); }});
        writer.reset();
        if (totals.orphaned) leave_as_orphan(path, totals);
        ExitCode const code = first() ? tell_ending(totals, loaded, path) : code_of(totals);
        lock.reset();
        if (totals.lost_ranks > 0) leave_without_the_lost(left_to_do_ ? left_to_do_() : code);
        mpi::Session::leave_within(finalize_seconds, code);
        return code;
    }

    /// What the first rank does when MPI is gone, so that nobody waits for it; empty: nothing. Outlives this
    /// object.
    [[nodiscard]] std::function<ExitCode()> const& left_to_do() const { return left_to_do_; }

  private:
    [[nodiscard]] bool first() const { return session_.rank() == 0; }

    /// Rank 0 reads and checks; the others get the whole config as text.
    study::LoadedConfig agree_on_config(std::function<study::ConfigSource()> const& source) {
        std::string const text = session_.agree([&] {
            study::ConfigSource const given = source();
            study::LoadedConfig const loaded = kinds_.load(given);
            notices_ = study::notes_on_renamed_keys(*loaded.kind, given);
            check_names(run_keys(loaded.config).output, options_);
            check_files(loaded, given.files, options_.existing);
            ending_.prepare();
            return study::to_toml(loaded.config);
        });
        return kinds_.load({"", text, {}});
    }

    /// Of a study whose file keeps its data: rank 0 makes the file, unless it is there to be resumed.
    /// @return its path; empty when it is of a run that kept no data
    std::string file_with_data(study::LoadedConfig const& loaded, fs::path const& path,
                               std::optional<store::StudyLock>& lock) {
        return session_.agree([&] {
            lock.emplace(path);
            if (options_.existing == Existing::resume && fs::exists(path)) {
                check_same_config(store::read_header(path), loaded, path, options_.study_flag);
                return store::keeps_data(path) ? path.string() : std::string();
            }
            engine::Description const source =
                server_.open(study::pack(StudyOrder{study::to_toml(loaded.config)}));
            create_file(path, header_of(loaded, source, options_.command_line), source, options_.existing);
            file_is_new_ = true;
            lock->cover_new_file();
            return path.string();
        });
    }

    /// Every rank's task server opens the study: the first one of each host reads the data and the others
    /// share what it has read, where they can. All must have the same.
    /// @param kept_in  the study file that keeps them; empty: from their source
    engine::Description open_everywhere(study::LoadedConfig const& loaded, std::string const& kept_in) {
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
        if (first())
            for (auto& line : study::lines_of(description.inventory)) notices_.push_back(std::move(line));
        if (first()) notices_.insert(notices_.end(), description.notes.begin(), description.notes.end());
        for (auto& notice : notices_of_copies(problems)) notices_.push_back(std::move(notice));
        if (first() && !kept_in.empty() && !file_is_new_)
            notices_.push_back(fmt::format("the data are those that {} keeps", kept_in));
        return description;
    }

    /// The data cannot be read: does it matter? Not where the study is to be resumed and each experiment has
    /// its result, with all files that it has left. The same on all ranks.
    [[nodiscard]] bool nothing_is_left(study::LoadedConfig const& loaded, RunKeys const& keys) {
        if (options_.existing != Existing::resume) return false;
        constexpr auto yes = "yes";
        return session_.agree([&] {
            return std::string(
                fs::exists(keys.output) && is_complete(keys.output, loaded, options_.study_flag) ? yes : "");
        }) == yes;
    }

    /// Shows what is there, as at the end of a run that had nothing to do.
    ExitCode leave_as_done(Refusal const& refusal, study::LoadedConfig const& loaded, RunKeys const& keys) {
        ExitCode code = ExitCode::success;
        if (first()) {
            store::StudyLock const lock(keys.output);
            say("{}: {}; all experiments of {} have their results, so that nobody needs the data any more "
                "(whether they are still the same was not looked at)",
                program_name(), refusal.what(), keys.output.string());
            code = tell_ending(totals_of(keys.output), loaded, keys.output);
        }
        mpi::Session::leave_within(finalize_seconds, code);
        return code;
    }

    /// The first rank alone lays out the file and hands out the work.
    [[nodiscard]] engine::PlanWanted plan_wanted() const {
        return first() ? engine::PlanWanted::yes : engine::PlanWanted::no;
    }

    engine::Description open_on_host(StudyOrder order) {
        std::optional<engine::Description> description;
        std::string const offer = session_.once_per_host([&] {
            if (session_.host().size() > 1) {
                order.keeping = Keeping::shared;
                order.n_waiting = session_.host().size() - 1;
                order.processors = session_.host_processors();
            }
            description = server_.open(study::pack(order), opening_seconds, {}, plan_wanted());
            return study::pack(server_.offer());
        });
        if (description) return std::move(*description);
        return server_.open(study::pack(order), opening_seconds, study::unpack<engine::BlockOffer>(offer),
                            plan_wanted());
    }

    engine::StartingPoint prepare_file(study::LoadedConfig const& loaded,
                                       engine::Description const& description, RunKeys const& keys,
                                       engine::Supervisor& supervisor, store::StudyLock& lock) {
        store::Header const header = header_of(loaded, description, options_.command_line);
        fs::path const& path = keys.output;
        auto const next_stage = [&](std::vector<study::KnownRow> const& rows, std::uint64_t capacity) {
            return engine::next_experiments(supervisor, rows, capacity, keys.memory_bytes,
                                            keys.timeout_seconds);
        };
        if (file_is_new_) {
            check_same_study(store::read_header(path), loaded, header, path, options_.study_flag);
            return fresh_start(description);
        }
        if (options_.existing == Existing::resume && fs::exists(path))
            return resumed_start(path, loaded, header, description.experiments, next_stage, notices_,
                                 options_.study_flag);
        create_file(path, header, description, options_.existing);
        lock.cover_new_file();
        return fresh_start(description);
    }

    /// Another host may show for a while what it remembers of an older file of this name, or of none (20 s
    /// are the default of sshfs).
    void open_writer(std::optional<store::Writer>& writer, fs::path const& path,
                     store::Durability durability) const {
        constexpr double patience_seconds = 25;
        auto const& host = session_.host();
        bool const is_elsewhere = host.front() != 0;
        double const deadline = monotonic_seconds() + (is_elsewhere ? patience_seconds : 0);
        for (;;) {
            try {
                writer.emplace(path, durability);
                return;
            } catch (Error const&) {
                if (monotonic_seconds() >= deadline) throw;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
        }
    }

    static fs::path memory_of(study::LoadedConfig const& loaded, RunKeys const& keys) {
        return engine::cost_memory(keys.cost_cache, loaded.kind->name());
    }

    /// Of other studies of the kind; a memory that does not hold is not a reason to stop.
    std::vector<study::MeasuredCost> recalled_costs(fs::path const& memory) {
        try {
            return engine::recall_costs(memory);
        } catch (Error const& error) {
            notices_.push_back(fmt::format("on host {}: costs of earlier studies are not known: {}",
                                           host_name(), error.what()));
            return {};
        }
    }

    static void remember(fs::path const& memory, std::vector<study::MeasuredCost> const& costs,
                         study::Listener& listener) {
        if (memory.empty() || costs.empty()) return;
        try {
            engine::remember_costs(memory, costs);
        } catch (Error const& error) {
            listener.on_notice(fmt::format("on host {}: what was learned about costs is not kept: {}",
                                           host_name(), error.what()));
        }
    }

    /// Rank 0 shows what came out, and tells the launcher unless something is left to do. @return the exit
    /// code
    ExitCode tell_ending(engine::Totals const& totals, study::LoadedConfig const& loaded,
                         fs::path const& path) {
        constexpr double patience_seconds = 6;  // the other ranks wait in MPI_Finalize
        auto const seen = results_in_sight(path, totals.done, patience_seconds);
        if (seen < totals.done) return tell_of_missing(totals, seen, path);
        auto how = options_.how_to_continue;  // of the script that has started the run
        auto const* const kind = dynamic_cast<study::HasOwnWords const*>(loaded.kind);
        if (how.empty() && kind != nullptr) how = kind->how_to_continue(path);
        if (!options_.quiet)
            show(summary_text(loaded, path, options_) + ending_text(totals, path, how), path);
        ExitCode const code = code_of(totals);
        if (options_.quiet && code != ExitCode::success) say_ending(totals, path, how);
        if (options_.afterwards)
            left_to_do_ = [&options = options_, &ending = ending_, path, code, words = words_of(totals),
                           where = session_.spans_hosts() ? fmt::format("on host {}: ", host_name()) : ""] {
                return conclude(options, ending, path, code, words, where);
            };
        else
            ending_.write(code, words_of(totals));
        return code;
    }

    /// No table is made of a part of the results as if it were all.
    ExitCode tell_of_missing(engine::Totals const& totals, std::uint64_t seen, fs::path const& path) const {
        say("{}: host {} sees {} of {} results that the ranks have committed to {}, so no table is shown: "
            "{}; "
            "'{} status' on any host says what is there, and a run with --resume computes what is not",
            program_name(), host_name(), seen, totals.done, path.string(),
            totals.lost_ranks > 0 ? "a host that was lost had not written them to disk"
                                  : "the file system shows this host old pages, or has lost what was written",
            program_name());
        ExitCode const code = totals.lost_ranks > 0 ? ExitCode::partial : ExitCode::io;
        ending_.write(code, unfinished);
        return code;
    }

    /// Without rank 0 nobody knows how far the study is; what this rank finished is in the file.
    [[noreturn]] void leave_as_orphan(std::string const& path, engine::Totals const& totals) {
        say("{}: rank {}: rank 0 is lost; what was finished is in {}, run the same command and --resume",
            program_name(), session_.rank(), path);
        ending_.write(ExitCode::partial, words_of(totals));
        leave_without_the_lost(ExitCode::partial);
    }

    /// A launcher without --enable-recovery ends all ranks when one leaves with another code than 0: rank 0
    /// is to have its say before.
    void wait_for_rank_zero() const {
        constexpr double patience_seconds = 3;
        double const deadline = monotonic_seconds() + patience_seconds;
        mpi::Backoff backoff;
        while (monotonic_seconds() < deadline) {
            auto const gone = session_.gone();
            if (std::find(gone.begin(), gone.end(), 0) != gone.end()) return;
            backoff.wait();
        }
    }

    /// MPI_Finalize would wait for the ranks that are gone.
    [[noreturn]] void leave_without_the_lost(ExitCode code) const {
        std::fflush(nullptr);
        if (!first()) wait_for_rank_zero();
        end_launcher_if_it_stays(Others::finalize);
        ::_exit(static_cast<int>(code));
    }

    study::Kinds const& kinds_;
    mpi::Session& session_;
    engine::TaskServer server_;
    RunOptions const& options_;
    Ending& ending_;
    std::vector<std::string> notices_;
    bool file_is_new_ = false;  ///< made by file_with_data()
    std::function<ExitCode()> left_to_do_;
};

}  // namespace

void prefer_mpi_settings() {
    ::setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
    ::setenv("OMPI_MCA_io", "romio321", 0);
    // A rank that no launcher has started would start a daemon, which only those need who start more ranks.
    ::setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    if (!launcher_of_this_rank()) be_the_only_rank();
    if (all_ranks_are_here()) look_for_no_network();
}

namespace {

/// The part of a run that needs MPI. @return the exit code, or what the first rank has still to do for it
std::variant<ExitCode, std::function<ExitCode()>> run_in_session(
    study::Kinds const& kinds, std::function<study::ConfigSource()> const& source, RunOptions const& options,
    Ending& ending, Invocation invocation) {
    engine::TaskServer server({program_path().string(), "task-server"});
    auto const ends_early = [&ending] {
        ending.write(ExitCode::partial, unfinished);
        end_launcher_if_it_stays(Others::leave);
    };
    // Outlives the try block on purpose.
    mpi::Session session(invocation.argc, invocation.argv, ends_early);
    try {
        Run run(kinds, session, std::move(server), options, ending);
        ExitCode const code = run(source);
        if (run.left_to_do()) return run.left_to_do();
        return code;
    } catch (Refusal const& refusal) {  // every rank has it: leave in step
        if (session.rank() == 0) {
            say("{}: {}", program_name(), refusal.what());
            ending.write(refusal.code(), "refused");
        }
        mpi::Session::leave_within(finalize_seconds, refusal.code());
        return refusal.code();
    } catch (std::exception const& error) {  // perhaps only this rank: say it, then stop all
        auto const problem = problem_of(error);
        say("{}: rank {}: {}", program_name(), session.rank(), session.with_host(problem.text, problem.code));
        ending.write(problem.code, problem.code == ExitCode::partial ? unfinished : "refused");
        session.abort(problem.code);
    }
}

}  // namespace

ExitCode run_study(study::Kinds const& kinds, std::function<study::ConfigSource()> const& source,
                   RunOptions const& options, Invocation invocation) {
    engine::install_stop_handlers();
    prefer_mpi_settings();
    Ending ending(options.ending);
    auto const end = run_in_session(kinds, source, options, ending, invocation);
    if (auto const* code = std::get_if<ExitCode>(&end)) return *code;
    mpi::Session::has_left();
    return std::get<std::function<ExitCode()>>(end)();
}

}  // namespace vaster::run

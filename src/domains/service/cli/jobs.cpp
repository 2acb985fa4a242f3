// vaster jobs: commands and table operations over the ranks.
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "base/support/texts.hpp"
#include "core/cli/output.hpp"
#include "core/cli/run_flags.hpp"
#include "core/cli/study_flags.hpp"
#include "core/run/cancel_file.hpp"
#include "core/store/kept_data.hpp"
#include "core/store/lock.hpp"
#include "core/store/reader.hpp"
#include "domains/service/cli/commands.hpp"
#include "domains/service/jobs/graph.hpp"
#include "domains/service/jobs/job_file.hpp"
#include "domains/service/jobs/job_results.hpp"
#include "domains/service/jobs/job_states.hpp"
#include "domains/service/jobs/jobs_study.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::service {
namespace {

namespace fs = std::filesystem;

// ---- run

struct RunFlags {
    cli::StudyFlags keys;
    cli::RunFlags run;
    std::string file;
};

std::string value_of(study::ConfigSource const& source, std::string_view key) {
    std::string value;
    for (auto const& one : source.overrides)
        if (one.key == key) value = one.text;
    return value;
}

void set(study::ConfigSource& source, std::string key, std::string const& value, std::string origin) {
    source.overrides.push_back({std::move(key), to_toml(Value(value)), std::move(origin)});
}

/// A limit on the command line is meant, whatever [defaults] say.
void let_flags_go_over_defaults(study::ConfigSource& source) {
    for (std::size_t i = source.overrides.size(); i-- > 0;) {
        auto one = source.overrides[i];
        for (auto const* const name : {"timeout", "memory", "retries", "retry_delay"})
            if (one.key == fmt::format("run.{}", name)) {
                one.key = fmt::format("defaults.{}", name);
                source.overrides.push_back(one);
            }
    }
}

/// Lines from standard input or another pipe, such as <(ls), become a file beside the study file: another
/// process reads them, and the study can go on without them.
void keep_piped_lines(study::ConfigSource& source, std::string const& output, bool goes_on) {
    auto const list = value_of(source, "jobs.list");
    std::error_code unknown;
    if (list != "-" && !fs::is_fifo(list, unknown) && !fs::is_character_file(list, unknown)) return;
    std::string const file = output + ".list";
    if (!goes_on || !fs::exists(file)) {
        std::string const lines =
            list == "-" ? std::string{std::istreambuf_iterator<char>(std::cin), {}} : read_file(list);
        write_file_atomically(file, lines);
    }
    set(source, "jobs.list", file, fmt::format("--list {}", list));
}

/// What was asked for, with the name of the study file.
study::ConfigSource source_of(cli::StudyFlags const& keys, std::string const& file, bool goes_on) {
    auto source = keys.source();
    std::string output = value_of(source, "study.output");
    if (!file.empty()) {
        source.path = file;
        std::error_code unknown;
        require<IoError>(
            fs::exists(file, unknown),
            "there is no file {}: what stands here is a TOML file with [[job]] tables; a command "
            "for each line of a list is --command '...' --list FILE, or --list - for standard input",
            file);
        source.text = read_file(file);
        set(source, "jobs.file", file, "JOBS.toml");
        auto const named = output_in(source.text, file);
        if (output.empty()) output = named;
    }
    if (output.empty()) {
        output = file.empty() ? "jobs.h5" : fs::path(file).stem().string() + ".h5";
        set(source, "study.output", output, "the default");
    }
    let_flags_go_over_defaults(source);
    keep_piped_lines(source, output, goes_on && fs::exists(output));
    source.overrides.push_back({"study.kind", jobs_kind_name, "jobs"});
    return source;
}

/// The command line with this file as its list, if it has one.
class Arguments {
  public:
    Arguments(Invocation given, std::string const& list) {
        constexpr std::string_view flag = "--list";
        for (int i = 0; i < given.argc; ++i) {
            std::string text = given.argv[i];
            if (i > 0 && texts_.back() == flag)
                text = list;
            else if (text.starts_with(fmt::format("{}=", flag)))
                text = fmt::format("{}={}", flag, list);
            texts_.push_back(std::move(text));
        }
        for (auto& text : texts_) pointers_.push_back(text.data());
        pointers_.push_back(nullptr);
        argc_ = given.argc;
        argv_ = pointers_.data();
    }

    [[nodiscard]] Invocation invocation() { return {argc_, argv_}; }

  private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
    int argc_ = 0;
    char** argv_ = nullptr;
};

JobList kept_in(fs::path const& study) {
    auto const kind = store::read_header(study).kind;
    require<DataError>(kind == jobs_kind_name, "{} holds a study of kind {}, not of jobs", study.string(),
                       kind);
    return kept_jobs(store::read_kept_data(study));
}

/// A study goes on with the jobs that it keeps: they must be those that are asked for.
void check_same_jobs(study::ConfigSource const& source, study::Kinds const& kinds) {
    auto const options = jobs_options(kinds.load(source).config);
    if (!fs::exists(options.study)) return;
    auto const kept = kept_in(options.study);
    auto const now = jobs_named_in(options);
    if (to_lines(kept) == to_lines(now)) return;
    std::string what = "another number of jobs";
    if (kept.directory != now.directory)
        what = fmt::format("they are to run in {}, not in {}", kept.directory, now.directory);
    for (std::size_t i = 0; i < std::min(kept.jobs.size(), now.jobs.size()); ++i) {
        if (to_lines({"", {kept.jobs[i]}}) == to_lines({"", {now.jobs[i]}})) continue;
        what = fmt::format("job {} ({}, now {}) is another one, or what it reads has changed", i + 1,
                           kept.jobs[i].name, now.jobs[i].name);
        break;
    }
    throw ConfigError(
        fmt::format("{0} was made from other jobs: {1}; '{2} jobs retry {0}' goes on with those that it "
                    "keeps, --output or "
                    "--overwrite starts a new study",
                    options.study.string(), what, program_name()));
}

void add_run_to(cli::Command& jobs, cli::Program& program, study::Kind const& kind) {
    auto const flags = std::make_shared<RunFlags>();
    auto* command = jobs.add_subcommand("run", "Run jobs: alone, or on every rank of mpirun or srun");
    command->add_option("jobs", flags->file, "TOML file with [[job]] tables; or give --command and --list")
        ->option_text("[JOBS.toml]");
    flags->keys.add_keys_to(*command, kind, {"--kind", "--seed"});
    flags->run.add_to(*command);
    command->footer(
        "'jobs run --command \"gzip {}\" --list FILES.txt' makes a job of each line of the list (-: of "
        "standard "
        "input), with {} for the line, {.} without its extension, {/} without folders, {//} for the folder, "
        "{#} for "
        "the number. Exit code 0 when every job is done, 75 when some are not.");
    command->callback([flags, command, &program] {
        program.action = [flags, command, &program](Invocation invocation) {
            auto const made = std::make_shared<std::optional<study::ConfigSource>>();
            auto const source = [flags, &program, made] {  // once: nobody has the lines of a pipe twice
                if (*made) return **made;
                made->emplace(source_of(flags->keys, flags->file, flags->run.resume()));
                if (flags->run.resume()) check_same_jobs(**made, program.kinds);
                return **made;
            };
            if (command->count("--ranks") == 0) return flags->run.run(program, source, invocation);
            // What comes through a pipe is read before the ranks start, which do not have it.
            Arguments arguments(invocation, value_of(source(), "jobs.list"));
            return flags->run.run(program, source, arguments.invocation());
        };
    });
}

// ---- plan

void write_plan(JobList const& list, std::ostream& out) {
    auto const levels = levels_of(list.jobs).of_job;
    out << csv_line({"job", "name", "level", "after", "outputs", "command"}) << '\n';
    for (std::size_t i = 0; i < list.jobs.size(); ++i) {
        auto const& job = list.jobs[i];
        out << csv_line({std::to_string(job.number), job.name, std::to_string(levels[i]),
                         fmt::format("{}", fmt::join(job.after, " ")),
                         fmt::format("{}", fmt::join(job.outputs, " ")), text_of(job)})
            << '\n';
    }
}

void add_plan_to(cli::Command& jobs, cli::Program& program, study::Kind const& kind) {
    struct Flags {
        cli::StudyFlags keys;
        std::string file;
    };

    auto const flags = std::make_shared<Flags>();
    auto* command = jobs.add_subcommand("plan", "The jobs, with their commands, as CSV; runs nothing");
    command->add_option("jobs", flags->file, "as of 'jobs run'")->option_text("[JOBS.toml]");
    flags->keys.add_keys_to(*command, kind, {"--kind", "--seed"});
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) {
            auto const source = source_of(flags->keys, flags->file, false);
            write_plan(jobs_named_in(jobs_options(program.kinds.load(source).config)), std::cout);
            return ExitCode::success;
        };
    });
}

// ---- status and results

/// A study of jobs as it stands.
struct Standing {
    explicit Standing(std::string const& path)
        : list(kept_in(path)),
          holder(store::holder_of(path)),
          study(path),
          records(states_of(list, study, holder.has_value())) {}

    JobList list;
    std::optional<store::Holder> holder;  ///< whose run goes on; looked up before the study is read
    store::Reader study;
    std::vector<JobRecord> records;
};

cli::Option* add_study(cli::Command& command, std::string& path) {
    return command.add_option("study", path, "the study file")->required()->option_text("STUDY.h5");
}

bool has_no_result(JobState state) {
    return state == JobState::failed || state == JobState::cancelled || state == JobState::skipped;
}

/// Whether work that is left is being done.
std::string line_of_run(Standing const& now) {
    auto const counts = counts_of(now.records);
    if (counts[static_cast<std::size_t>(JobState::done)] == now.records.size()) return "";
    if (now.holder) return fmt::format("being run by {}\n", now.holder->text());
    return fmt::format("the run has ended; '{} jobs retry {}' goes on\n", program_name(),
                       now.study.path().string());
}

bool is_worth_a_line(JobState state) {
    return has_no_result(state) || state == JobState::running || state == JobState::cut_off;
}

/// Where the study's jobs have left what they printed.
fs::path folder_of(Standing const& now, study::Kinds const& kinds) {
    auto options = jobs_options(kinds.load({"", now.study.header().config, {}}).config);
    options.study = absolute_path(now.study.path());
    return output_folder(options, now.list);
}

/// What somebody wants to know next of jobs that failed, or that run.
std::string lines_about(Standing const& now, fs::path const& folder) {
    auto const counts = counts_of(now.records);
    std::string lines;
    if (counts[static_cast<std::size_t>(JobState::running)] > 1)
        lines += "a rank runs one job at a time; of those that are running some are its next ones\n";
    if (counts[static_cast<std::size_t>(JobState::failed)] > 0 && fs::exists(folder))
        lines += fmt::format("what jobs printed: {}/NUMBER.ATTEMPT.out and .err\n",
                             folder.lexically_proximate(absolute_path(".")).string());
    return lines;
}

void print_status(Standing const& now, fs::path const& folder, bool all) {
    constexpr std::size_t most_lines = 20;
    auto const counts = counts_of(now.records);
    std::string line = fmt::format("{}:", counted(now.records.size(), "job"));
    for (std::size_t state = 0; state < n_job_states; ++state)
        if (counts[state] > 0)
            line += fmt::format("{} {} {}", line.back() == ':' ? "" : ",", counts[state],
                                name_of(static_cast<JobState>(state)));
    fmt::print("{}\n{}", line, line_of_run(now));
    std::size_t lines = 0;
    for (std::size_t i = 0; i < now.records.size(); ++i) {
        auto const& record = now.records[i];
        if (!is_worth_a_line(record.state) || (!all && lines++ >= most_lines)) continue;
        fmt::print("  {} {}: {}{}{}\n", now.list.jobs[i].number, now.list.jobs[i].name, name_of(record.state),
                   record.reason.empty() ? "" : ": ", record.reason);
    }
    if (!all && lines > most_lines) fmt::print("  and {} more; --all shows them\n", lines - most_lines);
    fmt::print("{}", lines_about(now, folder));
}

void add_status_to(cli::Command& jobs, cli::Program& program) {
    struct Flags {
        std::string path;
        bool all = false;
    };

    auto const flags = std::make_shared<Flags>();
    auto* command =
        jobs.add_subcommand("status", "How many jobs are done, and what failed; also while they run");
    add_study(*command, flags->path);
    command->add_flag("--all", flags->all, "show all that failed, not only the first");
    command->footer("Exit code 0 when every job is done, 75 otherwise.");
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) {
            Standing const now(flags->path);
            print_status(now, folder_of(now, program.kinds), flags->all);
            bool const done =
                counts_of(now.records)[static_cast<std::size_t>(JobState::done)] == now.records.size();
            return done ? ExitCode::success : ExitCode::partial;
        };
    });
}

/// A cell of the results of a job that is done; else nothing.
std::string cell_of(Standing const& now, JobRecord const& record, ResultColumn column) {
    if (record.state != JobState::done) return "";
    return store::cell_text(now.study.cells(*record.row)[static_cast<std::size_t>(column)]);
}

void write_results(Standing const& now, std::vector<bool> const& wanted, fs::path const& folder,
                   std::ostream& out) {
    out << csv_line({"job", "name", "state", "attempt", "rank", "host", "job_seconds", "cpu_seconds",
                     "outputs_hash", "output_bytes", "log", "reason"})
        << '\n';
    for (std::size_t i = 0; i < now.records.size(); ++i) {
        if (!wanted[i]) continue;
        auto const& job = now.list.jobs[i];
        auto const& record = now.records[i];
        std::array<std::string, 3> who;
        if (record.state == JobState::done || record.state == JobState::failed) {
            auto const& origin = now.study.info(*record.row).origin;
            who = {std::to_string(origin.attempt), std::to_string(origin.rank), origin.host};
        }
        std::string log = cell_of(now, record, ResultColumn::log);
        if (record.state == JobState::failed) log = last_log(folder, job);
        out << csv_line({std::to_string(job.number), job.name, name_of(record.state), who[0], who[1], who[2],
                         cell_of(now, record, ResultColumn::seconds),
                         cell_of(now, record, ResultColumn::cpu_seconds),
                         cell_of(now, record, ResultColumn::outputs_hash),
                         cell_of(now, record, ResultColumn::output_bytes),
                         log.empty() ? "" : (folder / log).string(), record.reason})
            << '\n';
    }
}

void write_tables(Standing const& now, std::vector<bool> const& wanted, cli::OutputFlags const& output) {
    std::size_t missing = 0;
    output.write([&](std::ostream& out) {
        missing = write_kept_tables(now.list, now.records, now.study, wanted, out);
    });
    if (missing > 0)
        say("{}: {}", program_name(),
            missing == 1 ? std::string("the table of 1 job is missing: it is not done")
                         : fmt::format("the tables of {} jobs are missing: they are not done", missing));
}

void add_results_to(cli::Command& jobs, cli::Program& program) {
    struct Flags {
        std::string path;
        std::vector<std::string> called;
        bool tables = false;
        cli::OutputFlags output;
    };

    auto const flags = std::make_shared<Flags>();
    auto* command = jobs.add_subcommand("results", "What became of each job, in order of the jobs, as CSV");
    add_study(*command, flags->path);
    command
        ->add_option("job", flags->called,
                     "numbers, names or patterns of names (*, ?, [...]); none: all jobs")
        ->option_text("[JOB...]");
    command->add_flag("--tables", flags->tables,
                      "the tables that operations without an output have made, one below the other, behind "
                      "number and name of the job");
    flags->output.add_to(*command);
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation) {
            Standing const now(flags->path);
            auto const wanted = jobs_called(now.list, flags->called);
            if (flags->tables) {
                write_tables(now, wanted, flags->output);
            } else {
                auto const folder = folder_of(now, program.kinds);
                flags->output.write([&](std::ostream& out) { write_results(now, wanted, folder, out); });
            }
            return ExitCode::success;
        };
    });
}

// ---- cancel and retry

void add_cancel_to(cli::Command& jobs, cli::Program& program) {
    struct Flags {
        std::string path;
        std::vector<std::string> called;
        bool all = false;
    };

    auto const flags = std::make_shared<Flags>();
    auto* command = jobs.add_subcommand(
        "cancel",
        "Do not run some jobs: those that run are killed, the others not begun; also while they run");
    add_study(*command, flags->path);
    command->add_option("job", flags->called, "numbers or names of jobs")->option_text("JOB...");
    command->add_flag("--all", flags->all, "all jobs that are not done");
    command->footer("They stay cancelled when the study is resumed, until 'jobs retry --cancelled'.");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            require<UsageError>(flags->all != !flags->called.empty(),
                                "which jobs? Give numbers or names, or --all");
            Standing const now(flags->path);
            engine::CancelList list{flags->all, {}};
            for (auto const& called : flags->called) {
                auto const& job = job_called(now.list, called);
                bool const done = now.records[job.number - 1].state == JobState::done;
                if (done)
                    say("{}: job {} ({}) is done already", program_name(), job.number, job.name);
                else
                    list.some.insert(id_of(job));
            }
            if (!list.empty()) run::cancel_in(flags->path, list);
            fmt::print("{}{}\n",
                       flags->all ? "all jobs that are not done are cancelled"
                                  : fmt::format("{} cancelled", list.some.size()),
                       now.holder && !list.empty() ? "; the run takes notice within a second" : "");
            return ExitCode::success;
        };
    });
}

/// The study's own configuration, with what the command line changes.
study::ConfigSource source_of_study(cli::StudyFlags const& keys, std::string const& path) {
    auto source = keys.source();
    source.path = path;
    source.text = store::read_header(path).config;
    let_flags_go_over_defaults(source);
    set(source, "study.output", absolute_path(path).string(), "STUDY.h5");
    return source;
}

void add_retry_to(cli::Command& jobs, cli::Program& program, study::Kind const& kind) {
    struct Flags {
        std::string path;
        bool failed = false;
        bool cancelled = false;
        cli::StudyFlags keys;
        cli::RunFlags run;
    };

    auto const flags = std::make_shared<Flags>();
    auto* command = jobs.add_subcommand(
        "retry", "Go on with jobs that have not been done: those that failed are tried again");
    add_study(*command, flags->path);
    command->add_flag("--failed", flags->failed, "those that failed; so it is without this flag, too");
    command->add_flag("--cancelled", flags->cancelled, "those that were cancelled, too");
    flags->keys.add_keys_to(*command, kind, {"--kind", "--seed", "--output", "--command", "--list"});
    flags->run.add_to(*command);
    command->footer(
        "A job that is done is run again only where a file that it made is gone or is another one.");
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation invocation) {
            require<UsageError>(!flags->run.overwrite(),
                                "jobs retry goes on with a study; --overwrite would lose it");
            flags->run.set_resume();
            auto const source = [flags] {
                (void)kept_in(flags->path);
                if (flags->cancelled) run::forget_cancelled(flags->path);
                return source_of_study(flags->keys, flags->path);
            };
            return flags->run.run(program, source, invocation);
        };
    });
}

}  // namespace

void add_jobs(cli::Command& app, cli::Program& program, std::shared_ptr<study::Kind const> const& kind) {
    auto* jobs = app.add_subcommand("jobs", "Run commands or table operations over the ranks");
    jobs->require_subcommand();
    add_run_to(*jobs, program, *kind);
    add_plan_to(*jobs, program, *kind);
    add_status_to(*jobs, program);
    add_results_to(*jobs, program);
    add_cancel_to(*jobs, program);
    add_retry_to(*jobs, program, *kind);
}

}  // namespace vaster::service

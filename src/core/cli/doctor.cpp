// vaster doctor: does everything that a run needs work here?
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "base/support/problem.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "core/cli/doctor_exams.hpp"
#include "core/cli/study_flags.hpp"
#include "core/mpi/backoff.hpp"
#include "core/mpi/channel.hpp"
#include "core/run/ending.hpp"
#include "core/run/own_cores.hpp"
#include "core/run/run_keys.hpp"
#include "core/run/run_study.hpp"
#include "core/run/start_ranks.hpp"
#include "core/study/serialization.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/cli/domain.hpp"

namespace vaster::cli {
namespace {

namespace fs = std::filesystem;
using report::Finding;
using report::Health;
using report::RankFindings;

struct Flags {
    StudyFlags study;
    bool json = false;
};

/// Does an override tell what is to be studied, rather than how it is run?
bool names_a_study(study::Override const& given) {
    return given.key == "study.kind" || !(given.key.starts_with("study.") || given.key.starts_with("run."));
}

/// A study that is done in no time, of the first domain that has one; nothing where none has.
std::optional<doctor::TrialStudy> trial_of(Program const& program, int n_ranks) {
    auto const n = static_cast<std::size_t>(n_ranks) * doctor::experiments_per_rank;
    for (auto const& domain : program.domains)
        if (domain.trial) {
            std::string const config = domain.trial(n);
            return doctor::TrialStudy{config, program.kinds.of({"", config, {}}).name()};
        }
    return std::nullopt;
}

/// The user's configuration; where there is none, that of the trial study.
study::ConfigSource source_of(StudyFlags const& flags, std::optional<doctor::TrialStudy> const& trial) {
    auto source = flags.source();
    bool const is_named =
        !source.path.empty() || std::any_of(source.overrides.begin(), source.overrides.end(), names_a_study);
    if (!is_named && trial) source.text = trial->config;
    return source;
}

/// Processes and the study file, tried out with the trial study.
void examine_work(mpi::Session& session, engine::TaskServer server, fs::path const& folder,
                  std::optional<doctor::TrialStudy> const& trial, std::vector<Finding>& findings) {
    if (!trial) {
        findings.push_back({"task server", Health::warn,
                            "not tried: no kind of study here can do without data",
                            "give a domain a trial study"});
        return;
    }
    engine::Description description;
    std::vector<study::Result> results;
    findings.push_back(
        doctor::examine_task_server(std::move(server), session.rank(), *trial, description, results));
    findings.push_back(doctor::examine_study_file(session, folder, *trial, description, results));
}

/// All examinations of this rank; every rank must call it.
RankFindings examine(mpi::Session& session, engine::TaskServer server, Program const& program,
                     study::LoadedConfig const& loaded, std::optional<doctor::TrialStudy> const& trial) {
    run::RunKeys const keys = run::run_keys(loaded.config);
    auto const folder = keys.output.parent_path();
    RankFindings own{session.rank(), host_name(), "", {}};
    std::vector<std::string> hosts;
    own.findings.push_back(doctor::examine_messages(session, hosts));
    auto const& messages = own.findings.back();
    require<UnavailableError>(messages.health != Health::fail, "{} {}: {}", messages.check, messages.seen,
                              messages.advice);
    own.findings.push_back(doctor::examine_clocks(session, hosts));
    examine_work(session, std::move(server), folder, trial, own.findings);
    for (auto const& domain : program.domains)
        for (auto const& exam : domain.exams)
            for (auto& finding : exam({session, loaded, folder, own.fingerprint}))
                own.findings.push_back(std::move(finding));
    own.findings.push_back(doctor::examine_disk(folder));
    auto const ranks_here = static_cast<std::size_t>(std::count(hosts.begin(), hosts.end(), own.host));
    own.findings.push_back(doctor::examine_memory(keys.memory_bytes, ranks_here));
    own.findings.push_back(doctor::examine_limits(keys.memory_bytes));
    own.findings.push_back(doctor::examine_shared_memory());
    own.findings.push_back(doctor::examine_memory_nodes(run::usable_cpus()));
    own.findings.push_back(doctor::examine_slurm(session.size()));
    own.cores = run::names_of_cores();
    return own;
}

/// Rank 0 hears what all have found.
std::vector<Finding> collect(mpi::Session& session, RankFindings own) {
    mpi::Channel<RankFindings> channel(session, mpi::Topic::reports);
    std::set<int> missing;
    for (int other = 1; other < session.size(); ++other) missing.insert(other);
    std::vector<RankFindings> all{std::move(own)};
    mpi::Backoff backoff;
    double const deadline = monotonic_seconds() + 2 * doctor::patience_seconds;
    while (!missing.empty() && monotonic_seconds() < deadline) {
        auto received = channel.try_receive();
        if (!received) {
            backoff.wait();
            continue;
        }
        missing.erase(received->from);
        all.push_back(std::move(received->message));
    }
    auto findings = merged(all);
    findings.push_back(doctor::examine_cores(all));
    if (!missing.empty()) {
        std::vector<std::string> places;
        places.reserve(missing.size());
        for (int const rank : missing)
            places.push_back(fmt::format("{} on host {}", rank, session.host_of(rank)));
        findings.push_back({"ranks", Health::fail,
                            fmt::format("no findings from rank {}", fmt::join(places, ", ")),
                            "look at what mpirun prints of these ranks"});
    }
    return findings;
}

ExitCode print(std::vector<Finding> const& findings, bool json) {
    fmt::print("{}", json ? report::checkup_json(findings) : report::checkup_text(findings));
    bool const works = report::health_of(findings) != Health::fail;
    if (!json) fmt::print("{}\n", works ? "Studies can be run here." : "Studies cannot be run here.");
    return works ? ExitCode::success : ExitCode::unavailable;
}

[[noreturn]] void stop_all(mpi::Session& session, std::exception const& error, ExitCode code) {
    say("{}: rank {} on host {}: {}", program_name(), session.rank(), host_name(), problem_of(error).text);
    session.abort(code);
}

ExitCode run_doctor(Flags const& flags, Program const& program, Invocation invocation) {
    run::prefer_mpi_settings();
    engine::TaskServer server({program_path().string(), "task-server"});
    mpi::Session session(invocation.argc, invocation.argv);  // outlives the try block on purpose
    try {
        auto const trial = trial_of(program, session.size());
        auto const& kinds = program.kinds;
        auto const text =
            session.agree([&] { return study::to_toml(kinds.load(source_of(flags.study, trial)).config); },
                          doctor::patience_seconds);
        auto own = examine(session, std::move(server), program, kinds.load({"", text, {}}), trial);
        if (session.rank() != 0) {
            mpi::Channel<RankFindings>(session, mpi::Topic::reports).send(0, own);
            return static_cast<ExitCode>(
                std::stoi(session.agree([] { return std::string(); }, 4 * doctor::patience_seconds)));
        }
        auto const code = print(collect(session, std::move(own)), flags.json);
        (void)session.agree([&] { return std::to_string(static_cast<int>(code)); }, doctor::patience_seconds);
        run::Ending(run::launchers_places()).write(code, code == ExitCode::success ? "complete" : "failed");
        return code;
    } catch (Refusal const& refusal) {
        if (session.rank() == 0) {
            say("{}: {}", program_name(), refusal.what());
            run::Ending(run::launchers_places()).write(refusal.code(), "refused");
        }
        return refusal.code();
    } catch (std::system_error const& error) {
        if (std::ferror(stdout) != 0)
            return ExitCode::success;  // the end of the program tells of lost output
        stop_all(session, error, problem_of(error).code);
    } catch (Error const& error) {
        stop_all(session, error, ExitCode::unavailable);
    }
}

}  // namespace

void add_doctor(Command& app, Program& program) {
    auto const flags = std::make_shared<Flags>();
    Command* command = app.add_subcommand(
        "doctor", "Try out everything that a run needs: alone, or on every rank of mpirun or srun");
    flags->study.add_to(*command, program.kind);
    command->add_flag("--json", flags->json, "for machines");
    command->footer(
        "Exit code 0 when studies can be run here, 69 when not. Give it the same study and flags as run: it "
        "looks at the output's directory, at the memory limit, and at what the kind of study needs beside.");
    command->callback([flags, &program] {
        program.action = [flags, &program](Invocation invocation) {
            return run_doctor(*flags, program, invocation);
        };
    });
}

}  // namespace vaster::cli

// vaster doctor: does everything that a run needs work here?
#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include <CLI/CLI.hpp>

#include "doctor_exams.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/cli/run_study.hpp"
#include "vaster/cli/study_flags.hpp"
#include "vaster/mpi/backoff.hpp"
#include "vaster/mpi/channel.hpp"
#include "vaster/study/serialization.hpp"
#include "vaster/support/clock.hpp"
#include "vaster/support/files.hpp"

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

/// The user's configuration; where there is none, that of a drill, which needs no data.
study::ConfigSource source_of(StudyFlags const& flags) {
    auto source = flags.source();
    bool const names_a_study =
        !source.path.empty() ||
        std::any_of(source.overrides.begin(), source.overrides.end(),
                    [](auto const& one) { return one.key == "data.path" || one.key == "study.kind"; });
    if (!names_a_study) source.overrides.push_back({"study.kind", "drill", "doctor"});
    return source;
}

/// All examinations of this rank; every rank must call it.
RankFindings examine(mpi::Session& session, engine::TaskServer server, study::Config const& config) {
    auto const folder = fs::absolute(config.get<std::string>("study.output")).parent_path();
    RankFindings own{session.rank(), host_name(), "", {}};
    std::vector<std::string> hosts;
    own.findings.push_back(doctor::examine_messages(session, hosts));
    auto const& messages = own.findings.back();
    require<UnavailableError>(messages.health != Health::fail, "{} {}: {}", messages.check, messages.seen,
                              messages.advice);
    own.findings.push_back(doctor::examine_clocks(session, hosts));
    engine::Description description;
    std::vector<study::Result> results;
    own.findings.push_back(
        doctor::examine_task_server(std::move(server), session.rank(), session.size(), description, results));
    own.findings.push_back(doctor::examine_xgboost(own.fingerprint));
    own.findings.push_back(doctor::examine_study_file(session, folder, description, results));
    for (auto const backend : {market::Backend::local, market::Backend::shared})
        own.findings.push_back(doctor::examine_storage(backend, folder, session.rank()));
    if (doctor::has_market_file(config)) own.findings.push_back(doctor::examine_market_file(session, config));
    own.findings.push_back(doctor::examine_disk(folder));
    auto const ranks_here = static_cast<std::size_t>(std::count(hosts.begin(), hosts.end(), own.host));
    own.findings.push_back(doctor::examine_memory(config, ranks_here));
    own.findings.push_back(doctor::examine_limits(config));
    own.findings.push_back(doctor::examine_shared_memory());
    own.findings.push_back(doctor::examine_slurm(session.size()));
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
    if (!missing.empty())
        findings.push_back({"ranks", Health::fail,
                            fmt::format("no findings from rank {}", fmt::join(missing, ", ")),
                            "look at what mpirun prints of these ranks"});
    return findings;
}

ExitCode print(std::vector<Finding> const& findings, bool json) {
    fmt::print("{}", json ? report::checkup_json(findings) : report::checkup_text(findings));
    bool const works = report::health_of(findings) != Health::fail;
    if (!json) fmt::print("{}\n", works ? "Studies can be run here." : "Studies cannot be run here.");
    std::fflush(stdout);
    return works ? ExitCode::success : ExitCode::unavailable;
}

ExitCode run_doctor(Flags const& flags, Invocation invocation) {
    prefer_mpi_settings();
    engine::TaskServer server({program_path().string(), "task-server"});
    mpi::Session session(invocation.argc, invocation.argv);  // outlives the try block on purpose
    try {
        auto const text =
            session.agree([&] { return study::to_toml(load_config(source_of(flags.study)).config); },
                          doctor::patience_seconds);
        auto own = examine(session, std::move(server), load_config({"", text, {}}).config);
        if (session.rank() != 0) {
            mpi::Channel<RankFindings>(session, mpi::Topic::reports).send(0, own);
            return static_cast<ExitCode>(
                std::stoi(session.agree([] { return std::string(); }, 4 * doctor::patience_seconds)));
        }
        auto const code = print(collect(session, std::move(own)), flags.json);
        (void)session.agree([&] { return std::to_string(static_cast<int>(code)); }, doctor::patience_seconds);
        return code;
    } catch (Refusal const& refusal) {
        if (session.rank() == 0) fmt::print(stderr, "vaster: {}\n", refusal.what());
        return refusal.code();
    } catch (Error const& error) {
        fmt::print(stderr, "vaster: rank {}: {}\n", session.rank(), error.what());
        session.abort(ExitCode::unavailable);
    }
}

}  // namespace

void add_doctor(CLI::App& app, Action& chosen) {
    auto const flags = std::make_shared<Flags>();
    CLI::App* command = app.add_subcommand(
        "doctor", "Try out everything that a run needs: alone, or on every rank of mpirun or srun");
    flags->study.add_to(*command);
    command->add_flag("--json", flags->json, "for machines");
    command->footer(
        "Exit code 0 when studies can be run here, 69 when not. Give it the same study and flags as run: it "
        "looks "
        "at the output's directory, at the memory limit, and at the market file of a study of kind evolve.");
    command->callback([flags, &chosen] {
        chosen = [flags](Invocation invocation) { return run_doctor(*flags, invocation); };
    });
}

}  // namespace vaster::cli

#include "core/run/study_file.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "core/mpi/session.hpp"
#include "core/run/cancel_file.hpp"
#include "core/run/run_keys.hpp"
#include "core/run/version.hpp"
#include "core/store/create.hpp"
#include "core/store/reader.hpp"
#include "core/store/resume.hpp"
#include "vaster/study/left_files.hpp"
#include "vaster/study/own_limits.hpp"

namespace vaster::run {

namespace fs = std::filesystem;

namespace {

/// All rows of a plan that may grow.
std::vector<study::KnownRow> known_rows(store::Reader const& study, store::Resumed const& resumed) {
    std::vector<study::KnownRow> rows;
    rows.reserve(study.size());
    auto pending = resumed.pending.begin();
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const& experiment = study.experiment(row);
        auto& known = rows.emplace_back(study::KnownRow{experiment, study::Status::pending, {}});
        if (pending != resumed.pending.end() && *pending == row) {
            ++pending;
            continue;
        }
        known.status = experiment.skip_reason.empty() ? study.status(row) : study::Status::skipped;
        if (study.done(row)) known.cells = study.cells(row);
    }
    return rows;
}

/// What a study file's configuration is to this version: keys that are new since have their defaults, and
/// those that were renamed their names of today. As the file has it where this version does not take it any
/// more.
std::string result_lines_today(study::Kind const& kind, store::Header const& there) {
    try {
        return study::result_lines(kind, study::load(kind, {"", there.config, {}}));
    } catch (ConfigError const&) {
        return there.result_config;
    }
}

/// Rows whose files are lost, with a line for each.
std::vector<study::ExperimentIndex> rows_without_file(study::LoadedConfig const& loaded,
                                                      store::Reader const& study,
                                                      std::vector<std::string>& notices) {
    auto const* const kind = dynamic_cast<study::LeavesFiles const*>(loaded.kind);
    if (kind == nullptr) return {};
    auto rows = kind->rows_without_file(loaded.config, study.schema(), study);
    for (auto const row : rows)
        notices.push_back(fmt::format(
            "experiment {} was done, but the file that it left is gone or damaged; it will be computed again",
            row));
    return rows;
}

store::FailedRows failed_rows(study::Kind const& kind) {
    auto const* const with_limits = dynamic_cast<study::HasOwnLimits const*>(&kind);
    bool const of_all_stages = with_limits != nullptr && with_limits->plans_from_results_alone();
    return of_all_stages ? store::FailedRows::retry_all_stages : store::FailedRows::retry;
}

/// Rows of later stages that do not hold cannot be planned again from what is done by now, if rows that had
/// failed then have been tried again since.
store::NextStage next_stage_of(study::Kind const& kind, store::NextStage const& ask, fs::path const& path) {
    if (failed_rows(kind) != store::FailedRows::retry_all_stages) return ask;
    return [path](std::vector<study::KnownRow> const&, std::uint64_t) -> std::vector<study::Experiment> {
        throw DataError(
            fmt::format("{}: a row of the plan does not hold that was planned while the study ran; what is "
                        "done can be exported, "
                        "but it cannot be resumed: use an intact copy, or start a new study",
                        path.string()));
    };
}

study::PackedPlan without_skipped(study::PackedPlan const& plan) {
    study::PackedPlan rest;
    for (auto const& experiment : plan)
        if (experiment.skip_reason.empty()) rest.push_back(experiment);
    return rest;
}

/// What was said of the data then and is not any more, and the other way round: a line each.
std::string differing_facts(study::Inventory const& there, study::Inventory const& now) {
    std::string text;
    auto const add = [&](std::string_view when, auto const& facts, auto const& others) {
        for (auto const& fact : facts)
            if (std::find(others.begin(), others.end(), fact) == others.end())
                text += fmt::format("\n  {} {}", when, fact);
    };
    add("then:", there.facts, now.facts);
    add("now: ", now.facts, there.facts);
    return text;
}

}  // namespace

store::Header config_header(study::LoadedConfig const& loaded) {
    store::Header header;
    header.program_version = version();
    header.kind = loaded.kind->name();
    header.config = study::to_toml(loaded.config);
    header.config_hash = study::config_hash(*loaded.kind, loaded.config);
    header.result_config = study::result_lines(*loaded.kind, loaded.config);
    header.seed = run_keys(loaded.config).seed;
    return header;
}

store::Header header_of(study::LoadedConfig const& loaded, engine::Description const& description,
                        std::string const& command_line) {
    store::Header header = config_header(loaded);
    header.data_hash = description.data_hash;
    header.inventory = description.inventory;
    header.plan_hash = description.plan_hash;
    header.created = utc_text(wall_seconds());
    header.provenance = store::provenance_of(command_line, mpi::Session::library());
    return header;
}

void check_same_config(store::Header const& there, study::LoadedConfig const& wanted_config,
                       fs::path const& path, std::string_view flag) {
    store::Header const wanted = config_header(wanted_config);
    require<ConfigError>(there.kind == wanted.kind,
                         "{} holds a study of kind {}, not {}; choose another name with {}", path.string(),
                         there.kind, wanted.kind, flag);
    if (there.config_hash == wanted.config_hash) return;
    auto const differing =
        study::differences(result_lines_today(*wanted_config.kind, there), wanted.result_config);
    require<ConfigError>(
        differing.empty(),
        "{} was made with another configuration, so it cannot be resumed with this one:\n  {}\n"
        "Set these keys as they were, or start a new study with {} or --overwrite.",
        path.string(), fmt::join(differing, "\n  "), flag);
}

void check_same_study(store::Header const& there, study::LoadedConfig const& wanted_config,
                      store::Header const& wanted, fs::path const& path, std::string_view flag) {
    check_same_config(there, wanted_config, path, flag);
    require<DataError>(
        there.data_hash == wanted.data_hash,
        "{} was made from other data (content hash {}, now {}); give the same file as before, or start a "
        "new study with {} or --overwrite{}",
        path.string(), there.data_hash, wanted.data_hash, flag,
        differing_facts(there.inventory, wanted.inventory));
    require<DataError>(
        there.plan_hash == wanted.plan_hash,
        "{} was planned by version {}, which plans this study in another way than version {}; finish it with "
        "that version, or start a new study with {} or --overwrite",
        path.string(), there.program_version, wanted.program_version, flag);
}

std::string note_on_versions(store::Header const& there, store::Header const& now, fs::path const& path) {
    if (there.program_version == now.program_version) return "";
    return fmt::format(
        "{} was begun by version {} and goes on with {}: where the changelog names other results for the "
        "same "
        "seed, those of both do not belong together",
        path.string(), there.program_version, now.program_version);
}

engine::StartingPoint resumed_start(fs::path const& path, study::LoadedConfig const& loaded,
                                    store::Header const& wanted, study::PackedPlan const& plan,
                                    store::NextStage const& next_stage, std::vector<std::string>& notices,
                                    std::string_view flag) {
    for (auto const row :
         store::mend_plan(path, plan, wanted.plan_hash, next_stage_of(*loaded.kind, next_stage, path)))
        notices.push_back(fmt::format("row {} of the plan did not hold; it was written again", row));
    store::Reader const before(path);
    check_same_study(before.header(), loaded, wanted, path, flag);
    store::Resumed const resumed =
        store::prepare_resume(path, failed_rows(*loaded.kind), rows_without_file(loaded, before, notices));
    engine::StartingPoint start;
    start.resumed = resumed.done;
    start.skipped = resumed.skipped;
    start.known_costs = before.costs();
    start.failed = resumed.failed;
    for (auto const index : resumed.pending) start.to_do.push_back(before.experiment(index));
    if (before.capacity() > before.size()) {
        start.rows = known_rows(before, resumed);
        start.capacity = before.capacity();
    }
    notices.push_back(fmt::format(
        "resuming {}: {} done before, {} to do{}", path.string(), resumed.done, start.to_do.size(),
        resumed.retried > 0 ? fmt::format(" ({} of them failed before)", resumed.retried) : ""));
    if (auto note = note_on_versions(before.header(), wanted, path);
        !note.empty() && resumed.done > 0 && !start.to_do.empty())
        notices.push_back(std::move(note));
    if (resumed.closed > 0)
        notices.push_back(fmt::format(
            "not tried again, since later experiments were planned from their failure: {}", resumed.closed));
    for (auto const& row : resumed.torn)
        notices.push_back(fmt::format("{}; it will be computed again", row.text()));
    return start;
}

void create_file(fs::path const& path, store::Header const& header, engine::Description const& description,
                 Existing existing) {
    auto const on_existing =
        existing == Existing::overwrite ? store::OnExisting::replace : store::OnExisting::refuse;
    forget_cancelled(path);  // of an earlier study of this name
    store::create(path, header, description.schema, description.experiments,
                  {description.capacity, description.row_capacity}, on_existing, description.inputs);
}

engine::StartingPoint fresh_start(engine::Description const& description) {
    engine::StartingPoint start;
    bool const may_grow = description.growth() == study::Growth::staged;
    if (may_grow) start.capacity = description.capacity;
    for (auto const& experiment : description.experiments) {
        bool const skipped = !experiment.skip_reason.empty();
        if (skipped) ++start.skipped;
        if (may_grow)
            start.rows.push_back({experiment, skipped ? study::Status::skipped : study::Status::pending, {}});
    }
    start.to_do = start.skipped == 0 ? description.experiments : without_skipped(description.experiments);
    return start;
}

bool is_complete(fs::path const& path, study::LoadedConfig const& loaded, std::string_view flag) {
    check_same_config(store::read_header(path), loaded, path, flag);
    store::Reader const study(path);
    if (study.size() < study.capacity()) return false;
    for (std::size_t row = 0; row < study.size(); ++row)
        if (!study.done(row) && !study.skipped(row)) return false;
    std::vector<std::string> notices;
    return rows_without_file(loaded, study, notices).empty();
}

engine::Totals totals_of(fs::path const& path) {
    store::Reader const study(path);
    engine::Totals totals;
    for (std::size_t row = 0; row < study.size(); ++row) ++(study.done(row) ? totals.done : totals.skipped);
    return totals;
}

}  // namespace vaster::run

// vaster checkpoint: what of a study is safely in its file.
#include <memory>

#include <fmt/format.h>

#include "base/support/program_name.hpp"
#include "base/support/texts.hpp"
#include "core/store/reader.hpp"
#include "core/store/salvage.hpp"
#include "vaster/cli/command.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::cli {

namespace {

std::string outcome_of(store::RowInfo const& info) {
    if (info.torn) return "torn: will be computed again";
    return info.error;
}

ExitCode list(std::string const& path) {
    store::Reader const reader(path);
    TextTable table;
    table.header = {"index", "id", "experiment", "status", "attempt", "rank", "host", "error"};
    for (std::size_t row = 0; row < reader.size(); ++row) {
        auto const& experiment = reader.experiment(row);
        auto const& info = reader.info(row);
        std::vector<std::string> design;
        for (auto const& cell : experiment.design) design.push_back(store::cell_text(cell));
        bool const tried = info.status == study::Status::done || info.status == study::Status::failed;
        table.rows.push_back({std::to_string(experiment.index), to_text(experiment.id),
                              fmt::format("{}", fmt::join(design, " ")), to_text(info.status),
                              tried ? std::to_string(info.origin.attempt) : "",
                              tried ? std::to_string(info.origin.rank) : "", tried ? info.origin.host : "",
                              outcome_of(info)});
    }
    fmt::print("{}", to_text(table));
    return ExitCode::success;
}

ExitCode salvage(std::string const& path, std::string const& output) {
    auto const salvaged = store::salvage(path, output);
    fmt::print("{}: {} saved to {}\n", path, counted(salvaged.done, "result"), output);
    if (!salvaged.lost.empty())
        fmt::print("{} of /records did not hold, pending now: {}\n", counted(salvaged.lost.size(), "row"),
                   fmt::join(salvaged.lost, " "));
    if (!salvaged.plan_damage.empty())
        fmt::print("{} of /plan damaged, which --resume mends: {}\n",
                   counted(salvaged.plan_damage.size(), "row"), fmt::join(salvaged.plan_damage, " "));
    if (salvaged.lost_notes > 0)
        fmt::print("{} notes about attempts and costs were lost; no result depends on them\n",
                   salvaged.lost_notes);
    if (salvaged.lost_inputs.empty())
        fmt::print("Go on with: {} run STUDY.toml --resume --output {}\n", program_name(), output);
    else
        fmt::print("{} did not hold: the results can be exported, but the study cannot be resumed\n",
                   fmt::join(salvaged.lost_inputs, ", "));
    return ExitCode::success;
}

}  // namespace

void add_checkpoint(Command& app, Program& program) {
    auto const path = std::make_shared<std::string>();
    Command* command = app.add_subcommand("checkpoint", "What of a study is safely in its file");
    command->require_subcommand();
    Command* list_command =
        command->add_subcommand("list", "One line per experiment: is its result committed?");
    Command* verify_command = command->add_subcommand(
        "verify", fmt::format("The same as '{} verify --study-file-only'", app.name()));
    Command* salvage_command = command->add_subcommand(
        "salvage", "Save every result whose checksum holds out of a damaged file, into a new one");
    auto const output = std::make_shared<std::string>();
    salvage_command->add_option("--output", *output, "the new study file")->required()->option_text("NEW.h5");
    for (auto* each : {list_command, verify_command, salvage_command})
        each->add_option("study", *path, "the study file")->required()->option_text("STUDY.h5");
    list_command->callback([path, &program] { program.action = [path](Invocation) { return list(*path); }; });
    verify_command->callback(
        [path, &program] { program.action = [path](Invocation) { return print_verification(*path); }; });
    salvage_command->callback([path, output, &program] {
        program.action = [path, output](Invocation) { return salvage(*path, *output); };
    });
}

}  // namespace vaster::cli

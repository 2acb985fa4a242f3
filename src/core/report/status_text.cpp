#include <array>
#include <sstream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/support/texts.hpp"
#include "base/support/units.hpp"
#include "core/report/status.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::report {
namespace {

using Json = nlohmann::ordered_json;
using study::Status;

constexpr std::array all_statuses{Status::pending, Status::running, Status::done, Status::failed,
                                  Status::skipped};

/// A run that was killed has told nobody that what it was running no longer runs.
std::string word_of(Status state, std::uint64_t count, StatusReport const& status) {
    bool const runs = state != Status::running || count == 0 || status.holder.has_value();
    return runs ? std::string(to_text(state)) : "cut off";
}

std::string counts_line(StatusReport const& status) {
    std::string line = fmt::format("{}:", counted(status.total, "experiment"));
    for (auto const state : all_statuses) {
        auto const count = status.counts.at(static_cast<std::size_t>(state));
        line += fmt::format("{} {} {}", state == Status::pending ? "" : ",", count,
                            word_of(state, count, status));
    }
    return line + "\n";
}

std::string pace_line(StatusReport const& status) {
    if (status.total > 0 && status.counts.at(static_cast<std::size_t>(Status::skipped)) == status.total)
        return "nothing could be run: all experiments are skipped\n";
    if (status.finished()) return "finished\n";
    std::string line = status.holder ? "being written by " + status.holder->text()
                                     : "nobody is writing it; `--resume` continues it";
    if (status.per_hour) line += fmt::format("; {:.3g} experiments per hour", *status.per_hour);
    if (status.seconds_left) line += "; about " + duration_text(*status.seconds_left) + " left";
    return line + "\n";
}

std::string indented(std::string const& text) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);) result += "  " + line + "\n";
    return result;
}

}  // namespace

std::string status_text(store::Reader const& study, StatusReport const& status) {
    std::string text = fmt::format("{}: {}, created {}\n", study.path().string(), study.header().kind,
                                   study.header().created);
    for (auto const& line : study::lines_of(study.header().inventory)) text += line + "\n";
    text += counts_line(status) + pace_line(status);
    if (status.torn > 0)
        text += status.torn == 1
                    ? std::string("1 row was cut off while it was written and will be computed again\n")
                    : fmt::format("{} rows were cut off while they were written and will be computed again\n",
                                  status.torn);
    for (auto const& [reason, count] : status.skips) text += fmt::format("{} skipped: {}\n", count, reason);
    if (status.failures.empty()) return text;
    TextTable table{"failures", {"index", "id", "experiment", "attempts", "outcome", "reason"}, {}, {}};
    for (auto const& failure : status.failures)
        table.rows.push_back({std::to_string(failure.row), failure.id, failure.label,
                              std::to_string(failure.attempts), failure.outcome, failure.reason});
    text += to_text(table);
    for (auto const& failure : status.failures)
        if (!failure.output.empty())
            text += fmt::format("last output of experiment {}:\n{}", failure.row, indented(failure.output));
    return text;
}

std::string status_json(store::Reader const& study, StatusReport const& status) {
    Json counts;
    for (auto const state : all_statuses)
        counts[to_text(state)] = status.counts.at(static_cast<std::size_t>(state));
    Json failures = Json::array();
    for (auto const& failure : status.failures)
        failures.push_back({{"index", failure.row},
                            {"id", failure.id},
                            {"experiment", failure.label},
                            {"attempts", failure.attempts},
                            {"outcome", failure.outcome},
                            {"reason", failure.reason},
                            {"output", failure.output}});
    Json json{{"study", study.path().string()},
              {"kind", study.header().kind},
              {"total", status.total},
              {"counts", counts},
              {"torn", status.torn},
              {"finished", status.finished()}};
    json["inventory"] = study.header().inventory.facts;
    json["warnings"] = study.header().inventory.warnings;
    json["holder"] = status.holder ? Json{{"host", status.holder->host},
                                          {"pid", status.holder->pid},
                                          {"since", status.holder->since}}
                                   : Json(nullptr);
    json["per_hour"] = status.per_hour ? Json(*status.per_hour) : Json(nullptr);
    json["seconds_left"] = status.seconds_left ? Json(*status.seconds_left) : Json(nullptr);
    json["failures"] = failures;
    json["skips"] = Json::array();
    for (auto const& [reason, count] : status.skips)
        json["skips"].push_back({{"reason", reason}, {"count", count}});
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vaster::report

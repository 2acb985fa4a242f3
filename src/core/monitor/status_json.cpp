#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/support/clock.hpp"
#include "core/monitor/progress.hpp"
#include "core/monitor/status_text.hpp"

namespace vaster::monitor {
namespace {

using Json = nlohmann::ordered_json;

/// A number, or null where there is none.
Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json experiments(study::Progress const& progress) {
    return {{"total", progress.total},
            {"done", progress.done},
            {"resumed", progress.resumed},
            {"failed", progress.failed},
            {"running", progress.running},
            {"skipped", progress.skipped},
            {"left", progress.total - progress.done - progress.failed}};
}

Json ranks(RunState const& state) {
    Json list = Json::array();
    for (auto const& [number_of_rank, rank] : state.ranks) {
        Json item = {{"rank", number_of_rank},
                     {"state", rank.lost           ? "lost"
                               : rank.what.empty() ? "idle"
                                                   : "running"},
                     {"tasks", rank.tasks},
                     {"done", rank.done},
                     {"utilisation", utilisation(state, rank)},
                     {"peak_rss_bytes", rank.peak_rss_bytes}};
        if (!rank.what.empty()) {
            item["task"] = rank.what;
            item["experiments"] = rank.running;
            item["since"] = utc_text(rank.since);
        }
        list.push_back(std::move(item));
    }
    return list;
}

Json failures(RunState const& state) {
    Json list = Json::array();
    for (auto const& [attempt, final, label] : state.troubles)
        list.push_back({{"experiment", attempt.index},
                        {"label", label},
                        {"attempt", attempt.attempt},
                        {"rank", attempt.rank},
                        {"host", attempt.host},
                        {"started", utc_text(attempt.started)},
                        {"seconds", number(attempt.seconds)},
                        {"outcome", attempt.outcome},
                        {"message", attempt.message},
                        {"final", final}});
    return list;
}

}  // namespace

std::string status_json(RunState const& state) {
    double const elapsed = state.now - state.started;
    auto const here = static_cast<double>(state.progress.done - state.progress.resumed);
    Json const json = {{"study", state.facts.name},
                       {"kind", state.facts.kind},
                       {"file", state.facts.file},
                       {"file_bytes", state.file_bytes},
                       {"version", state.facts.version},
                       {"phase", to_text(state.phase)},
                       {"started", utc_text(state.started)},
                       {"updated", utc_text(state.now)},
                       {"elapsed_seconds", number(elapsed)},
                       {"seconds_left", number(seconds_left(state.progress))},
                       {"experiments_per_second", number(elapsed > 0 ? here / elapsed : 0)},
                       {"experiments", experiments(state.progress)},
                       {"attempts", state.attempts},
                       {"ranks", ranks(state)},
                       {"failures", failures(state)},
                       {"notices", state.notices}};
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vaster::monitor

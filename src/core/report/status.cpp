#include "core/report/status.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "vaster/study/label.hpp"

namespace vaster::report {
namespace {

using study::Status;

constexpr std::size_t recent_attempts = 400;

/// How fast attempts went by lately, in the time in which any was running: pauses between runs do not count.
struct Pace {
    double busy_seconds = 0;  ///< in which at least one attempt was running
    double work_seconds = 0;  ///< of all attempts together
    std::uint64_t done = 0;
};

Pace pace_of(std::vector<study::Attempt> attempts) {
    if (attempts.size() > recent_attempts) attempts.erase(attempts.begin(), attempts.end() - recent_attempts);
    std::sort(attempts.begin(), attempts.end(),
              [](auto const& a, auto const& b) { return a.started < b.started; });
    Pace pace;
    double busy_until = 0;
    for (auto const& attempt : attempts) {
        double const end = attempt.started + attempt.seconds;
        pace.busy_seconds += std::max(0.0, end - std::max(attempt.started, busy_until));
        busy_until = std::max(busy_until, end);
        pace.work_seconds += attempt.seconds;
        if (attempt.outcome == "done") ++pace.done;
    }
    return pace;
}

/// Expected seconds of work that is left, by what was measured so far; 0 when nothing was expected.
double work_left(store::Reader const& study) {
    std::map<std::string, double> measured_per_expected;
    for (auto const& cost : study.costs())
        if (cost.expected_seconds > 0)
            measured_per_expected[cost.cost_key] = cost.measured_seconds / cost.expected_seconds;
    double seconds = 0;
    for (auto const& [cost_key, expected] : study.seconds_left()) {
        auto const ratio = measured_per_expected.find(cost_key);
        seconds += expected * (ratio == measured_per_expected.end() ? 1.0 : ratio->second);
    }
    return seconds;
}

/// The first line of an attempt's message is the reason, the others are what the process printed.
std::pair<std::string, std::string> parts_of(std::string const& message) {
    std::size_t const line = message.find('\n');
    if (line == std::string::npos) return {message, ""};
    return {message.substr(0, line), message.substr(line + 1)};
}

std::vector<FailedRow> failures_of(store::Reader const& study, std::vector<study::Attempt> const& attempts) {
    std::map<study::ExperimentIndex, study::Attempt const*> last;
    for (auto const& attempt : attempts) last[attempt.index] = &attempt;
    std::vector<FailedRow> failures;
    study::Labels const labels(study.schema());
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const status = study.status(row);
        bool const failed = status == Status::failed;
        if (!failed && status > Status::running) continue;
        auto const found = last.find(row);
        auto const* const attempt = found == last.end() ? nullptr : found->second;
        bool const to_be_retried =
            !failed && attempt != nullptr && attempt->outcome != "done" && attempt->outcome != "interrupted";
        if (!failed && !to_be_retried) continue;
        auto const& info = study.info(row);
        FailedRow failure;
        failure.row = row;
        failure.id = to_text(study.experiment(row).id);
        failure.label = labels.of(study.experiment(row).design);
        failure.attempts = static_cast<std::uint64_t>(failed ? info.origin.attempt : attempt->attempt);
        failure.outcome = attempt != nullptr ? attempt->outcome : "failed";
        auto const [message, output] = parts_of(attempt != nullptr ? attempt->message : "");
        failure.reason = failed || message.empty() ? info.error : message;
        failure.output = output;
        failures.push_back(std::move(failure));
    }
    return failures;
}

std::vector<std::pair<std::string, std::uint64_t>> skips_of(store::Reader const& study) {
    std::map<std::string, std::uint64_t> counts;
    for (std::size_t row = 0; row < study.size(); ++row)
        if (study.status(row) == Status::skipped) ++counts[study.experiment(row).skip_reason];
    std::vector<std::pair<std::string, std::uint64_t>> skips(counts.begin(), counts.end());
    std::stable_sort(skips.begin(), skips.end(),
                     [](auto const& a, auto const& b) { return a.second > b.second; });
    return skips;
}

}  // namespace

bool StatusReport::finished() const {
    auto const count = [&](Status status) { return counts.at(static_cast<std::size_t>(status)); };
    return count(Status::pending) + count(Status::running) + count(Status::failed) == 0;
}

StatusReport status_of(store::Reader const& study) {
    StatusReport status;
    status.counts = study.counts();
    status.total = study.size();
    for (std::size_t row = 0; row < study.size(); ++row) status.torn += study.torn(row) ? 1 : 0;
    status.holder = store::holder_of(study.path());
    auto const attempts = study.attempts();
    status.failures = failures_of(study, attempts);
    status.skips = skips_of(study);
    auto const pace = pace_of(attempts);
    if (pace.busy_seconds <= 0 || pace.done == 0) return status;
    double const per_second = static_cast<double>(pace.done) / pace.busy_seconds;
    status.per_hour = 3600 * per_second;
    auto const left = status.counts[0] + status.counts[1];
    double const work = work_left(study);
    status.seconds_left =
        work > 0 ? work * pace.busy_seconds / pace.work_seconds : static_cast<double>(left) / per_second;
    return status;
}

}  // namespace vaster::report

#include "domains/service/jobs/job_states.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <variant>

#include <fmt/core.h>

#include "core/engine/rank/supervisor.hpp"
#include "domains/service/jobs/graph.hpp"
#include "domains/service/jobs/jobs_study.hpp"

namespace vaster::service {
namespace {

/// Of a job it is enough to know what happened: "exit code 3", not "crash: exit code 3".
std::string reason_of(std::string const& error) {
    for (std::string_view const kind : {"crash: ", "error: "})
        if (error.starts_with(kind)) return error.substr(kind.size());
    return error;
}

bool is_cancelled(std::string const& error) {
    return error.starts_with(fmt::format("error: {}", engine::cancelled_text));
}

JobRecord record_of(store::Reader const& study, std::size_t row, bool is_written) {
    JobRecord record;
    record.row = row;
    switch (study.status(row)) {
        case study::Status::done:
            record.state = JobState::done;
            break;
        case study::Status::running:
            record.state = is_written ? JobState::running : JobState::cut_off;
            break;
        case study::Status::failed:
            record.reason = reason_of(study.info(row).error);
            record.state = is_cancelled(study.info(row).error) ? JobState::cancelled : JobState::failed;
            break;
        case study::Status::pending:
        case study::Status::skipped:
            break;
    }
    return record;
}

bool ended_without_result(JobState state) {
    return state == JobState::failed || state == JobState::cancelled || state == JobState::skipped;
}

/// Of a job that is not planned.
JobRecord waiting_record(JobList const& list, Job const& job, std::vector<JobRecord> const& records) {
    JobRecord record;
    record.state = JobState::waiting;
    auto const blocking = std::find_if(job.after.begin(), job.after.end(), [&](std::uint64_t number) {
        return ended_without_result(records[number - 1].state);
    });
    if (blocking == job.after.end()) return record;
    auto const state = records[*blocking - 1].state;
    record.state = JobState::skipped;
    record.reason = fmt::format("after {}, which {} {}", list.jobs[*blocking - 1].name,
                                state == JobState::failed ? "has" : "was", name_of(state));
    return record;
}

}  // namespace

std::string const& name_of(JobState state) {
    static std::array<std::string, n_job_states> const names{"done",    "running", "cut off",   "pending",
                                                             "waiting", "failed",  "cancelled", "skipped"};
    return names[static_cast<std::size_t>(state)];
}

std::vector<JobRecord> states_of(JobList const& list, store::Reader const& study, bool is_written) {
    std::vector<JobRecord> records(list.jobs.size());
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const number = std::get<std::int64_t>(study.experiment(row).design.at(number_column));
        records.at(static_cast<std::size_t>(number - 1)) = record_of(study, row, is_written);
    }
    auto const levels = levels_of(list.jobs).of_job;
    std::vector<std::size_t> order(list.jobs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return levels[a] < levels[b]; });
    for (auto const i : order)
        if (!records[i].row && !list.jobs[i].after.empty())
            records[i] = waiting_record(list, list.jobs[i], records);
    return records;
}

std::array<std::size_t, n_job_states> counts_of(std::vector<JobRecord> const& records) {
    std::array<std::size_t, n_job_states> counts{};
    for (auto const& record : records) ++counts[static_cast<std::size_t>(record.state)];
    return counts;
}

std::string last_log(std::filesystem::path const& folder, Job const& job) {
    std::string last;
    for (unsigned attempt = 1;; ++attempt) {
        auto const name = fmt::format("{:06}.{}", job.number, attempt);
        if (!std::filesystem::exists(folder / (name + ".out"))) return last;
        last = name;
    }
}

}  // namespace vaster::service

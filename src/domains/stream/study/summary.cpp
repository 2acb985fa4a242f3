#include "domains/stream/study/summary.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "domains/stream/study/schema.hpp"

namespace vaster::stream {
namespace {

/// Sums over the partitions of a job.
struct JobSums {
    std::string job;
    Outcomes sums;
    std::size_t n_open = 0;  ///< without a result, and not skipped
    bool merged = false;
    std::string first_error;
};

void add(JobSums& job, Outcomes const& row) {
    job.sums.records_in += row.records_in;
    job.sums.good += row.good;
    job.sums.inputs += row.inputs;
    job.sums.none += row.none;
    job.sums.filtered += row.filtered;
    job.sums.errors += row.errors;
    job.sums.unmatched += row.unmatched;
    job.sums.records_out += row.records_out;
    job.sums.seconds += row.seconds;
    if (job.first_error.empty()) job.first_error = row.first_error;
}

JobSums& of_job(std::vector<JobSums>& jobs, std::string const& name) {
    for (auto& job : jobs)
        if (job.job == name) return job;
    return jobs.emplace_back(JobSums{name, {}, 0, false, {}});
}

std::vector<JobSums> sums_of(study::Records const& records) {
    std::vector<JobSums> jobs;
    for (std::size_t row = 0; row < records.size(); ++row) {
        Design const design = design_of(records.experiment(row).design);
        if (design.step == step_split || design.step == step_piece) continue;
        auto& job = of_job(jobs, design.job);
        if (design.step == step_merge) {
            job.merged = records.done(row);
        } else if (records.done(row)) {
            if (design.repeat == 0) add(job, outcomes_of(records.cells(row)));
        } else if (!records.skipped(row)) {
            ++job.n_open;
        }
    }
    return jobs;
}

std::string rate_text(Outcomes const& sums) {
    return sums.seconds > 0 ? fmt::format("{:.0f}", static_cast<double>(sums.good) / sums.seconds) : "";
}

std::string selectivity_text(Outcomes const& sums) {
    if (sums.inputs == 0) return "";
    return fmt::format("{:.4g}", static_cast<double>(sums.records_out) / static_cast<double>(sums.inputs));
}

}  // namespace

TextTable summary_of(study::Records const& records) {
    TextTable table;
    table.title = "Stream";
    table.header = {"job",  "records",    "inputs",
                    "none", "filtered",   "errors",
                    "rows", "rows/input", "records/s of a worker"};
    for (auto const& job : sums_of(records)) {
        auto const& sums = job.sums;
        table.rows.push_back({job.job, std::to_string(sums.records_in), std::to_string(sums.inputs),
                              std::to_string(sums.none), std::to_string(sums.filtered),
                              std::to_string(sums.errors), std::to_string(sums.records_out),
                              selectivity_text(sums), rate_text(sums)});
        if (job.n_open > 0)
            table.notes.push_back(
                fmt::format("{}: {} partitions have no result, so that no output was brought together; "
                            "--resume tries them again",
                            job.job, job.n_open));
        if (sums.unmatched > 0 && job.job == "PRED")
            table.notes.push_back(
                fmt::format("PRED: no model for {} of {} records, which have no rows (column "
                            "unmatched)",
                            sums.unmatched, sums.good));
        if (!job.first_error.empty())
            table.notes.push_back(fmt::format("{}: the first error is {}", job.job, job.first_error));
    }
    return table;
}

}  // namespace vaster::stream

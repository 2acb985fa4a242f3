#include "domains/stream/cli/metrics.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/support/units.hpp"
#include "core/store/reader.hpp"
#include "domains/stream/study/schema.hpp"

namespace vaster::stream {
namespace {

void append(study::Cells& row, Metrics::Counts const& counts) {
    for (auto const count : {counts.total_records, counts.processed_records, counts.valid_results,
                             counts.none_filtered, counts.errors})
        row.emplace_back(count);
    row.emplace_back(counts.total_time);
    row.emplace_back(counts.throughput());
}

}  // namespace

void Metrics::Counts::add(Outcomes const& outcomes) {
    total_records += outcomes.records_in;
    processed_records += outcomes.good;
    valid_results += outcomes.records_out;
    none_filtered += outcomes.none + outcomes.filtered + outcomes.missing;
    errors += outcomes.errors;
    total_time += outcomes.seconds;
}

double Metrics::Counts::throughput() const {
    return total_time > 0 ? static_cast<double>(total_records) / total_time : 0;
}

void Metrics::add(std::int64_t rank, Outcomes const& outcomes) {
    auto& own = ranks[rank];
    own.add(outcomes);
    double const longest = std::max(all.total_time, own.total_time);
    all.add(outcomes);
    all.total_time = longest;
}

std::map<std::string, Metrics> metrics_of(store::Reader const& study) {
    std::map<std::string, Metrics> jobs;
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const design = design_of(study.experiment(row).design);
        if (design.step != step_run || design.repeat > 0 || !study.done(row)) continue;
        auto& metrics = jobs[design.job];
        metrics.stream = design.stream;
        metrics.add(study.info(row).origin.rank, outcomes_of(study.cells(row)));
    }
    return jobs;
}

TextTable table_of(std::string const& job, Metrics const& metrics) {
    auto const& all = metrics.all;
    TextTable table;
    table.title = fmt::format("{} over {}", job, metrics.stream);
    table.header = {"", ""};
    auto const count = [&](char const* name, std::int64_t value) {
        table.rows.push_back({name, fmt::format("{}", value)});
    };
    count("total records", all.total_records);
    count("processed", all.processed_records);
    count("valid results", all.valid_results);
    count("none or filtered", all.none_filtered);
    count("errors", all.errors);
    table.rows.push_back({"total time", duration_text(all.total_time)});
    table.rows.push_back({"throughput [records/s]", fmt::format("{:.0f}", all.throughput())});
    count("workers", static_cast<std::int64_t>(metrics.ranks.size()));
    if (all.total_records > 0 && all.errors >= all.total_records)
        table.notes.emplace_back("every record has a fault: is input.format the right one?");
    if (all.valid_results == 0 && all.none_filtered > 0)
        table.notes.emplace_back(
            job == "PRED"
                ? "no record gave a row: those do that have all fields of the models, and come after the end "
                  "of the "
                  "first window that there is a model of (column unmatched counts those without a model)"
                : "no input gave a row: a task with a window gives one when the window is full, a filter "
                  "only what "
                  "passes; 'vaster stream list --verbose' has the parameters");
    if (all.total_records == 0) table.notes.emplace_back("there is no record in the input");
    return table;
}

report::Document document_of(std::map<std::string, Metrics> const& jobs) {
    std::vector<std::string> const counts{
        "total_records", "processed_records", "valid_results", "none_filtered",
        "errors",        "total_time",        "throughput"};
    report::Table all{"jobs", "a job over its stream", {"task", "stream"}, {}, {}};
    report::Table ranks{"actor_metrics", "a rank that had a partition of a job", {"task", "actor"}, {}, {}};
    for (auto* const table : {&all, &ranks})
        table->columns.insert(table->columns.end(), counts.begin(), counts.end());
    all.columns.emplace_back("num_actors");
    for (auto const& [job, metrics] : jobs) {
        auto& row = all.rows.emplace_back(study::Cells{job, metrics.stream});
        append(row, metrics.all);
        row.emplace_back(static_cast<std::int64_t>(metrics.ranks.size()));
        for (auto const& [rank, own] : metrics.ranks)
            append(ranks.rows.emplace_back(study::Cells{job, rank}), own);
    }
    report::Document document;
    if (jobs.size() == 1)
        for (std::size_t i = 0; i < all.columns.size(); ++i)
            document.facts.push_back({all.columns[i], all.rows.front()[i]});
    document.tables = {std::move(all), std::move(ranks)};
    return document;
}

}  // namespace vaster::stream

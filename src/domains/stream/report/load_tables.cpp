#include "domains/stream/report/load_tables.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "domains/stream/study/load_schema.hpp"

namespace vaster::stream {
namespace {

using report::Table;

/// A done row of a load.
struct Part {
    Design design;
    LoadDesign load;
    Outcomes outcomes;
    LoadMeasures measures;
    LoadArrays arrays;
    std::int64_t rank = 0;
};

/// The parts of a job at a rate, or a search.
using Load = std::vector<Part>;

bool is_same_load(Part const& a, Part const& b) {
    auto const key = [](Part const& part) {
        double const rate = std::isnan(part.load.offered_rate) ? -1 : part.load.offered_rate;
        return std::tuple(part.design.job, rate, part.load.workers, part.design.repeat);
    };
    return key(a) == key(b);
}

std::vector<Load> loads_of(store::Reader const& study) {
    std::vector<Load> loads;
    if (!has_load(study.schema())) return loads;
    for (std::size_t row = 0; row < study.size(); ++row) {
        if (!study.done(row)) continue;
        auto const& cells = study.experiment(row).design;
        Part part{design_of(cells),
                  load_design_of(cells),
                  outcomes_of(study.cells(row)),
                  load_measures_of(study.cells(row)),
                  {},
                  study.info(row).origin.rank};
        part.arrays = load_arrays_of(study.schema(), study.arrays(row), part.measures);
        auto const same = std::find_if(loads.begin(), loads.end(),
                                       [&](Load const& load) { return is_same_load(load.front(), part); });
        if (same == loads.end())
            loads.push_back({std::move(part)});
        else
            same->push_back(std::move(part));
    }
    return loads;
}

/// Cells that say which load it is.
std::vector<std::string> const load_columns{"job", "mode", "offered_rate", "arrivals", "workers", "repeat"};

study::Cells identity_of(Part const& part) {
    return {part.design.job,    part.design.mode,  part.load.offered_rate,
            part.load.arrivals, part.load.workers, part.design.repeat};
}

Table with_columns(std::string name, std::string doc, std::vector<std::string> const& more) {
    Table table{std::move(name), std::move(doc), load_columns, {}, {}};
    table.columns.insert(table.columns.end(), more.begin(), more.end());
    return table;
}

Histogram sum_of(Load const& load, Histogram LoadArrays::*histogram) {
    Histogram sum;
    for (auto const& part : load) sum.merge(part.arrays.*histogram);
    return sum;
}

template <class T>
T total_of(Load const& load, T LoadMeasures::*member) {
    T sum{};
    for (auto const& part : load) sum += part.measures.*member;
    return sum;
}

/// NaN where none has one.
double largest_of(Load const& load, double LoadMeasures::*member) {
    double largest = std::nan("");
    for (auto const& part : load)
        if (std::isnan(largest) || part.measures.*member > largest) largest = part.measures.*member;
    return largest;
}

/// The first that is not "sustained".
std::string verdict_of(Load const& load) {
    for (auto const& part : load)
        if (part.measures.sustained == 0) return part.measures.verdict;
    return load.front().measures.verdict;
}

study::Cells row_of(Load const& load) {
    auto row = identity_of(load.front());
    std::int64_t records = 0;
    std::set<std::int64_t> ranks;
    for (auto const& part : load) {
        records += part.outcomes.records_in;
        ranks.insert(part.rank);
    }
    auto const latency = sum_of(load, &LoadArrays::latency);
    auto const service = sum_of(load, &LoadArrays::service);
    bool const is_sustained =
        std::all_of(load.begin(), load.end(), [](Part const& part) { return part.measures.sustained == 1; });
    for (auto const count : {static_cast<std::int64_t>(load.size()), static_cast<std::int64_t>(ranks.size()),
                             records, total_of(load, &LoadMeasures::left_out),
                             static_cast<std::int64_t>(latency.total()), std::int64_t{is_sustained ? 1 : 0}})
        row.emplace_back(count);
    for (auto const value :
         {total_of(load, &LoadMeasures::achieved_rate), load.front().measures.peak_rate,
          load.front().measures.peak_failed_rate, load.front().measures.closed_rate, latency.percentile(0.5),
          latency.percentile(0.95), latency.percentile(0.99), latency.percentile(0.999),
          latency.percentile(1), service.percentile(0.5), service.percentile(0.95), service.percentile(0.99),
          total_of(load, &LoadMeasures::backlog_end), largest_of(load, &LoadMeasures::jitter_mean),
          largest_of(load, &LoadMeasures::jitter_max), largest_of(load, &LoadMeasures::drain_seconds)})
        row.emplace_back(value);
    row.emplace_back(total_of(load, &LoadMeasures::late_starts));
    row.emplace_back(load.front().measures.processors);
    row.emplace_back(load.front().measures.largest_part_share);
    row.emplace_back(verdict_of(load));
    return row;
}

}  // namespace

Table loads_table(store::Reader const& study) {
    Table table =
        with_columns("loads", "a job at a rate, or the search for its peak",
                     {"parts",       "ranks",         "records",     "left_out",         "measured",
                      "sustained",   "achieved_rate", "peak_rate",   "peak_failed_rate", "closed_rate",
                      "latency_p50", "latency_p95",   "latency_p99", "latency_p999",     "latency_max",
                      "service_p50", "service_p95",   "service_p99", "backlog_end",      "jitter_mean",
                      "jitter_max",  "drain_seconds", "late_starts", "processors",       "largest_part_share",
                      "verdict"});
    for (auto const& load : loads_of(study)) table.rows.push_back(row_of(load));
    return table;
}

Table trials_table(store::Reader const& study) {
    Table table =
        with_columns("trials", "a load that was tried",
                     {"partition", "trial", "rate", "trial_repeat", "verdict", "backlog_slope", "backlog_end",
                      "latency_p50", "latency_p99", "latency_max", "offered", "left_out", "late_starts"});
    for (auto const& load : loads_of(study))
        for (auto const& part : load)
            for (std::size_t i = 0; i < part.arrays.trials.size(); ++i) {
                auto const& trial = part.arrays.trials[i];
                auto& row = table.rows.emplace_back(identity_of(part));
                row.emplace_back(part.design.partition);
                row.emplace_back(static_cast<std::int64_t>(i));
                row.emplace_back(trial.rate);
                row.emplace_back(static_cast<std::int64_t>(trial.repeat));
                row.emplace_back(std::string(name_of(trial.verdict)));
                for (auto const value : {trial.slope, trial.backlog_end, trial.p50, trial.p99, trial.largest})
                    row.emplace_back(value);
                for (auto const count : {trial.offered, trial.left_out, trial.late_starts})
                    row.emplace_back(static_cast<std::int64_t>(count));
            }
    return table;
}

Table latencies_table(store::Reader const& study) {
    Table table = with_columns("latencies", "durations between two ends, and how many there were",
                               {"from", "to", "latency", "service"});
    for (auto const& load : loads_of(study)) {
        auto const latency = sum_of(load, &LoadArrays::latency);
        auto const service = sum_of(load, &LoadArrays::service);
        for (std::size_t i = 0; i < Histogram::n_counts; ++i) {
            if (latency.counts()[i] + service.counts()[i] == 0) continue;
            bool const is_last = i + 1 == Histogram::n_counts;
            auto& row = table.rows.emplace_back(identity_of(load.front()));
            row.emplace_back(i == 0 ? 0 : Histogram::begin_of(i));
            row.emplace_back(is_last ? std::nan("") : Histogram::begin_of(i + 1));
            row.emplace_back(static_cast<std::int64_t>(latency.counts()[i]));
            row.emplace_back(static_cast<std::int64_t>(service.counts()[i]));
        }
    }
    return table;
}

Table backlog_table(store::Reader const& study) {
    Table table = with_columns(
        "backlog", "a moment of a trial",
        {"partition", "trial", "rate", "verdict", "line", "second", "arrived", "done", "backlog"});
    for (auto const& load : loads_of(study))
        for (auto const& part : load)
            for (std::size_t i = 0; i < part.arrays.samples.size(); ++i) {
                auto const& trial = part.arrays.trials[i];
                auto const line = fmt::format("{} {:.4g}/s", part.design.job, trial.rate);
                for (std::size_t k = 0; k < part.arrays.samples[i].size(); ++k) {
                    auto const& sample = part.arrays.samples[i][k];
                    auto& row = table.rows.emplace_back(identity_of(part));
                    row.emplace_back(part.design.partition);
                    row.emplace_back(static_cast<std::int64_t>(i));
                    row.emplace_back(trial.rate);
                    row.emplace_back(std::string(name_of(trial.verdict)));
                    row.emplace_back(line);
                    row.emplace_back(sample_seconds * static_cast<double>(k + 1));
                    row.emplace_back(static_cast<std::int64_t>(sample.arrived));
                    row.emplace_back(static_cast<std::int64_t>(sample.done));
                    row.emplace_back(sample.backlog());
                }
            }
    return table;
}

}  // namespace vaster::stream

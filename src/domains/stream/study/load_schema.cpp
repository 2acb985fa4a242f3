#include "domains/stream/study/load_schema.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/study/timed_arrays.hpp"
#include "domains/stream/study/shown_columns.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

using study::ElementType;
using study::Nature;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint32_t name_width = 32;
constexpr std::uint32_t verdict_width = 120;

std::vector<Shown<LoadDesign>> const& design_columns() {
    static std::vector<Shown<LoadDesign>> const columns{
        {&LoadDesign::offered_rate, "offered_rate",
         "rate at which records are offered to each worker [1/s]; empty: the data's own, or searched for"},
        {&LoadDesign::arrivals, "arrivals", "constant, poisson, or the data's own", Nature::result,
         name_width},
        {&LoadDesign::workers, "workers", "threads that take parts of the stream at once"},
    };
    return columns;
}

/// A column that is measured.
template <class Member>
Shown<LoadMeasures> measured(Member member, char const* name, char const* doc, std::uint32_t width = 0) {
    return {member, name, doc, Nature::timing, width};
}

std::vector<Shown<LoadMeasures>> const& measure_columns() {
    static std::vector<Shown<LoadMeasures>> const columns{
        measured(&LoadMeasures::latency_p50, "latency_p50",
                 "median of end - arrival, of all records that arrived after the warm-up [s]"),
        measured(&LoadMeasures::latency_p95, "latency_p95", "95th percentile of the same [s]"),
        measured(&LoadMeasures::latency_p99, "latency_p99", "99th percentile [s]"),
        measured(&LoadMeasures::latency_p999, "latency_p999", "99.9th percentile [s]"),
        measured(&LoadMeasures::latency_max, "latency_max", "the longest [s]"),
        measured(&LoadMeasures::service_p50, "service_p50",
                 "median of end - start: without the wait for records before it [s]"),
        measured(&LoadMeasures::service_p95, "service_p95", "95th percentile of the same [s]"),
        measured(&LoadMeasures::service_p99, "service_p99", "99th percentile [s]"),
        measured(&LoadMeasures::service_max, "service_max", "the longest [s]"),
        measured(&LoadMeasures::achieved_rate, "achieved_rate",
                 "records a second done in the time that is measured [1/s]"),
        measured(&LoadMeasures::busy_seconds, "busy_seconds", "in which records were taken [s]"),
        measured(&LoadMeasures::backlog_end, "backlog_end",
                 "records that had arrived and were not done when the time was over"),
        measured(&LoadMeasures::backlog_slope, "backlog_slope",
                 "growth of the backlog in the second half of the time, by least squares [1/s]"),
        measured(
            &LoadMeasures::jitter_mean, "jitter_mean",
            "mean over seconds of |rows - sigma arrivals| / (sigma arrivals), sigma = rows for each record"),
        measured(&LoadMeasures::jitter_max, "jitter_max", "the largest of the same"),
        measured(&LoadMeasures::drain_seconds, "drain_seconds",
                 "until the last record was done, after the time was over [s]"),
        measured(&LoadMeasures::peak_rate, "peak_rate",
                 "highest rate of all workers together that was sustained [1/s]; 0: none"),
        measured(&LoadMeasures::peak_failed_rate, "peak_failed_rate",
                 "lowest rate that was not [1/s]; empty: none failed"),
        measured(&LoadMeasures::closed_rate, "closed_rate", "rate of workers that never wait [1/s]"),
        measured(&LoadMeasures::sustained, "sustained", "1: the load was sustained; mode peak: some was"),
        measured(&LoadMeasures::left_out, "left_out", "records that arrived in the warm-up"),
        measured(&LoadMeasures::late_starts, "late_starts",
                 "times that a worker woke up more than 50 us after the arrival that it waited for"),
        measured(&LoadMeasures::processors, "processors", "that the workers could use"),
        measured(&LoadMeasures::verdict, "verdict",
                 "sustained; behind: too little was done at the end; growing: so was the backlog; slow: the "
                 "99th percentile is over peak.latency; or why the search has no interval",
                 verdict_width),
    };
    return columns;
}

/// Behind these; older files lack it.
std::vector<Shown<LoadMeasures>> const& late_columns() {
    static std::vector<Shown<LoadMeasures>> const columns{
        {&LoadMeasures::largest_part_share, "largest_part_share",
         "share of the records that the part with most of them has, of the parts that are taken at once"},
    };
    return columns;
}

std::vector<study::ArraySpec> arrays_of(LoadPlan const& load) {
    std::vector<study::ArraySpec> arrays;
    arrays.push_back({.name = "latency",
                      .fields = {{"latency", ElementType::int64}, {"service", ElementType::int64}},
                      .extent = study::Extent::fixed,
                      .shape = {Histogram::n_counts},
                      .doc = "records by latency and by service: below 100 ns, in each bucket (128 for each "
                             "doubling of 100 ns), and from 1000 s on"});
    arrays.push_back({.name = "trials",
                      .fields = {{"rate", ElementType::float64},
                                 {"repeat", ElementType::int32},
                                 {"verdict", ElementType::int32, "verdicts"},
                                 {"slope", ElementType::float64},
                                 {"p50", ElementType::float64},
                                 {"p99", ElementType::float64},
                                 {"largest", ElementType::float64},
                                 {"backlog_end", ElementType::float64},
                                 {"offered", ElementType::int64},
                                 {"left_out", ElementType::int64},
                                 {"late_starts", ElementType::int64}},
                      .extent = study::Extent::fixed,
                      .shape = {load.n_trials()},
                      .doc = "loads that were tried, in order; rates and counts are of all workers together; "
                             "rate missing: no more"});
    arrays.push_back({.name = "backlog",
                      .fields = {{"arrived", ElementType::int64},
                                 {"done", ElementType::int64},
                                 {"rows", ElementType::int64}},
                      .extent = study::Extent::fixed,
                      .shape = {load.n_trials(), n_samples_of(load.window())},
                      .doc = "of each trial, each 100 ms from its start with the warm-up: records that had "
                             "arrived, that were done, and rows that had come out"});
    return arrays;
}

/// Takes numbers off the bytes of an array.
class Elements {
  public:
    explicit Elements(std::vector<std::uint8_t> const& bytes) : bytes_(bytes) {}

    template <class T>
    [[nodiscard]] T next() {
        T value{};
        require<DataError>(at_ + sizeof value <= bytes_.size(),
                           "an array of a load ends after {} bytes, in the middle of an element; the study "
                           "file is damaged ('verify' says more)",
                           bytes_.size());
        std::memcpy(&value, bytes_.data() + at_, sizeof value);
        at_ += sizeof value;
        return value;
    }

    [[nodiscard]] std::uint64_t count() { return static_cast<std::uint64_t>(next<std::int64_t>()); }

    [[nodiscard]] bool at_end() const { return at_ >= bytes_.size(); }

  private:
    std::vector<std::uint8_t> const& bytes_;
    std::size_t at_ = 0;
};

void append_count(std::vector<std::uint8_t>& bytes, std::uint64_t count) {
    append(bytes, static_cast<std::int64_t>(count));
}

void append_trial(std::vector<std::uint8_t>& bytes, LoadTrial const& trial) {
    append(bytes, trial.rate);
    append(bytes, static_cast<std::int32_t>(trial.repeat));
    append(bytes, static_cast<std::int32_t>(trial.verdict));
    for (auto const value : {trial.slope, trial.p50, trial.p99, trial.largest, trial.backlog_end})
        append(bytes, value);
    for (auto const count : {trial.offered, trial.left_out, trial.late_starts}) append_count(bytes, count);
}

LoadTrial next_trial(Elements& elements) {
    LoadTrial trial;
    trial.rate = elements.next<double>();
    trial.repeat = static_cast<std::uint32_t>(elements.next<std::int32_t>());
    auto const verdict = elements.next<std::int32_t>();
    require<DataError>(verdict >= 0 && verdict < static_cast<std::int32_t>(verdict_names().size()),
                       "a trial has the verdict {}, which there is not; the study file is damaged", verdict);
    trial.verdict = static_cast<LoadVerdict>(verdict);
    for (auto* const value : {&trial.slope, &trial.p50, &trial.p99, &trial.largest, &trial.backlog_end})
        *value = elements.next<double>();
    for (auto* const count : {&trial.offered, &trial.left_out, &trial.late_starts}) *count = elements.count();
    return trial;
}

std::vector<std::uint8_t> const& array_named(study::Schema const& schema,
                                             std::span<std::vector<std::uint8_t> const> arrays,
                                             std::string_view name) {
    for (std::size_t i = 0; i < schema.arrays.size() && i < arrays.size(); ++i)
        if (schema.arrays[i].name == name) return arrays[i];
    throw DataError(fmt::format("the study has no array '{}', which studies of rates have", name));
}

}  // namespace

study::Schema load_schema(LoadPlan const& load, bool is_scaled) {
    auto schema = stream_schema(is_scaled);
    for (auto& column : columns_of(design_columns())) schema.design.push_back(std::move(column));
    for (auto const* const columns : {&measure_columns(), &late_columns()})
        for (auto& column : columns_of(*columns)) schema.results.push_back(std::move(column));
    study::LabelList timed{study::timed_arrays, {}};
    for (auto& array : arrays_of(load)) {
        timed.labels.push_back(array.name);
        schema.arrays.push_back(std::move(array));
    }
    schema.labels.push_back(std::move(timed));
    schema.labels.push_back({"verdicts", verdict_names()});
    return schema;
}

bool has_load(study::Schema const& schema) {
    return std::any_of(schema.design.begin(), schema.design.end(),
                       [](auto const& column) { return column.name == "offered_rate"; });
}

study::Cells cells_of(Design const& design, LoadDesign const& load) {
    auto cells = cells_of(design);
    append_cells(cells, design_columns(), load);
    return cells;
}

LoadDesign load_design_of(study::Cells const& cells) {
    LoadDesign design;
    read_row(design, design_columns(), cells, n_design_cells(cells));
    return design;
}

study::Cells cells_of(Outcomes const& outcomes, LoadMeasures const& measures) {
    auto cells = cells_of(outcomes);
    append_cells(cells, measure_columns(), measures);
    append_cells(cells, late_columns(), measures);
    return cells;
}

LoadMeasures load_measures_of(study::Cells const& cells) {
    LoadMeasures measures;
    auto const first = n_outcome_cells(cells);
    auto const n = first + measure_columns().size();
    read_row(measures, measure_columns(), cells, first);
    if (cells.size() > n) read_row(measures, late_columns(), cells, n);
    return measures;
}

std::vector<std::vector<std::uint8_t>> packed(LoadArrays const& arrays, LoadPlan const& load) {
    std::vector<std::vector<std::uint8_t>> bytes(3);
    for (std::size_t i = 0; i < Histogram::n_counts; ++i) {
        append_count(bytes[0], arrays.latency.counts()[i]);
        append_count(bytes[0], arrays.service.counts()[i]);
    }
    LoadTrial none;
    none.rate = none.slope = none.p50 = none.p99 = none.largest = none.backlog_end = nan;
    auto const n_samples = n_samples_of(load.window());
    for (std::size_t trial = 0; trial < load.n_trials(); ++trial) {
        append_trial(bytes[1], trial < arrays.trials.size() ? arrays.trials[trial] : none);
        for (std::size_t i = 0; i < n_samples; ++i) {
            bool const is_there = trial < arrays.samples.size() && i < arrays.samples[trial].size();
            auto const sample = is_there ? arrays.samples[trial][i] : LoadSample();
            for (auto const count : {sample.arrived, sample.done, sample.rows}) append_count(bytes[2], count);
        }
    }
    return bytes;
}

LoadArrays load_arrays_of(study::Schema const& schema, std::span<std::vector<std::uint8_t> const> arrays,
                          LoadMeasures const& measures) {
    LoadArrays load;
    Elements counts(array_named(schema, arrays, "latency"));
    std::vector<std::uint64_t> latency;
    std::vector<std::uint64_t> service;
    latency.reserve(Histogram::n_counts);
    service.reserve(Histogram::n_counts);
    while (!counts.at_end()) {
        latency.push_back(counts.count());
        service.push_back(counts.count());
    }
    auto const or_none = [](double largest) { return std::isnan(largest) ? 0 : largest; };
    load.latency = Histogram(std::move(latency), or_none(measures.latency_max));
    load.service = Histogram(std::move(service), or_none(measures.service_max));
    auto const& trials = array_named(schema, arrays, "trials");
    auto const& backlog = array_named(schema, arrays, "backlog");
    Elements trial_elements(trials);
    Elements samples(backlog);
    constexpr std::size_t sample_bytes = 3 * sizeof(std::int64_t);
    std::vector<LoadTrial> all;
    while (!trial_elements.at_end()) all.push_back(next_trial(trial_elements));
    auto const n_samples = all.empty() ? 0 : backlog.size() / sample_bytes / all.size();
    for (auto const& trial : all) {
        if (std::isnan(trial.rate)) break;
        load.trials.push_back(trial);
        auto& own = load.samples.emplace_back();
        for (std::size_t i = 0; i < n_samples; ++i) {
            LoadSample sample;
            for (auto* const count : {&sample.arrived, &sample.done, &sample.rows}) *count = samples.count();
            own.push_back(sample);
        }
    }
    return load;
}

}  // namespace vaster::stream

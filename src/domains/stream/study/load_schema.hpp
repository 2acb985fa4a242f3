#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "domains/stream/load/peak_search.hpp"
#include "domains/stream/study/load_options.hpp"
#include "domains/stream/study/schema.hpp"

namespace vaster::stream {

/// What tells experiments of modes rate and peak apart, beside Design.
struct LoadDesign {
    double offered_rate = 0;  ///< of each worker [1/s]; NaN: the data's own, or searched for
    std::string arrivals;     ///< "constant", ...
    std::int64_t workers = 1;
};

/// What they yield, beside Outcomes. All of it but largest_part_share is measured.
struct LoadMeasures {
    double latency_p50 = 0, latency_p95 = 0, latency_p99 = 0, latency_p999 = 0, latency_max = 0;
    double service_p50 = 0, service_p95 = 0, service_p99 = 0, service_max = 0;
    double achieved_rate = 0;
    double busy_seconds = 0;
    double backlog_end = 0;
    double backlog_slope = 0;
    double jitter_mean = 0;
    double jitter_max = 0;
    double drain_seconds = 0;
    double peak_rate = 0;
    double peak_failed_rate = 0;
    double closed_rate = 0;
    std::int64_t sustained = 0;
    std::int64_t left_out = 0;
    std::int64_t late_starts = 0;
    std::int64_t processors = 0;
    std::string verdict;
    double largest_part_share = std::numeric_limits<double>::quiet_NaN();
};

/// What an experiment keeps in arrays.
struct LoadArrays {
    Histogram latency;  ///< peak: of all trials at the peak rate
    Histogram service;
    std::vector<LoadTrial> trials;
    std::vector<std::vector<LoadSample>> samples;  ///< by trial
};

/// The schema of mode results, with the columns and arrays of a load behind it. @param is_scaled  as of that
[[nodiscard]] study::Schema load_schema(LoadPlan const& load, bool is_scaled);

/// Is it the schema of a load?
[[nodiscard]] bool has_load(study::Schema const& schema);

[[nodiscard]] study::Cells cells_of(Design const& design, LoadDesign const& load);
[[nodiscard]] LoadDesign load_design_of(study::Cells const& cells);

[[nodiscard]] study::Cells cells_of(Outcomes const& outcomes, LoadMeasures const& measures);
/// What older files lack is as in LoadMeasures of its own.
[[nodiscard]] LoadMeasures load_measures_of(study::Cells const& cells);

/// As the last arrays of load_schema().
[[nodiscard]] std::vector<std::vector<std::uint8_t>> packed(LoadArrays const& arrays, LoadPlan const& load);

/// The same from all arrays of a row. @param measures  of the row: histograms have its largest durations
[[nodiscard]] LoadArrays load_arrays_of(study::Schema const& schema,
                                        std::span<std::vector<std::uint8_t> const> arrays,
                                        LoadMeasures const& measures);

}  // namespace vaster::stream

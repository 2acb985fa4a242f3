// What the report says about streams.
#include "domains/stream/report/chapter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/report/elements.hpp"
#include "core/report/sections.hpp"
#include "domains/stream/report/load_tables.hpp"
#include "domains/stream/study/load_schema.hpp"

namespace vaster::stream {
namespace {

using report::bar_chart;
using report::Chapter;
using report::line_plot;
using report::position_of;
using report::Section;
using report::Table;
using report::text_table;

/// Peak rates of RIoTBench on Storm, one core of a Xeon E5-2660 for the task (arXiv:1701.08530, figure 5a)
/// [records/s].
constexpr std::array<std::pair<std::string_view, double>, 25> published_peaks{
    {{"ABD", 4},     {"ABU", 2},     {"ACC", 60000}, {"ANN", 60000}, {"ATI", 4},
     {"ATL", 3},     {"AVG", 12000}, {"BLF", 63000}, {"C2S", 10000}, {"DAC", 63000},
     {"DTC", 15000}, {"DTT", 50},    {"INP", 50000}, {"KAL", 68000}, {"LZP", 3000},
     {"MLR", 15000}, {"MLT", 70},    {"MQP", 8400},  {"MQS", 7000},  {"PLT", 25},
     {"RGF", 60000}, {"RZP", 300},   {"SLR", 34000}, {"SML", 3000},  {"SOM", 3000}}};

double real_in(Table const& table, study::Cells const& row, std::string const& column) {
    return std::get<double>(row[position_of(table, column)]);
}

std::int64_t integer_in(Table const& table, study::Cells const& row, std::string const& column) {
    return std::get<std::int64_t>(row[position_of(table, column)]);
}

std::string const& text_in(Table const& table, study::Cells const& row, std::string const& column) {
    return std::get<std::string>(row[position_of(table, column)]);
}

/// Sums over the parts of a job; of mode rate and of repeats over all of them.
Table jobs_table(store::Reader const& study) {
    Table table{"stream_jobs",
                "a job over its stream, all parts, rates and repeats together",
                {"job", "stream", "mode", "records", "inputs", "rows", "rows_per_input", "unmatched",
                 "errors", "seconds", "records_per_second", "most_speed_up"},
                {},
                {}};

    struct Sums {
        Design design;
        Outcomes outcomes;
        double work = 0;          ///< of all parts, the first time that each was run [s]
        double largest_part = 0;  ///< of the part that took longest [s]
    };

    std::map<std::string, Sums> jobs;
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const design = design_of(study.experiment(row).design);
        if (design.step != step_run || !study.done(row)) continue;
        auto& sums = jobs[design.job];
        sums.design = design;
        auto const own = outcomes_of(study.cells(row));
        for (auto const member : {&Outcomes::records_in, &Outcomes::good, &Outcomes::inputs,
                                  &Outcomes::records_out, &Outcomes::unmatched, &Outcomes::errors})
            sums.outcomes.*member += own.*member;
        if (design.repeat == 0) {
            sums.work += own.seconds;
            sums.largest_part = std::max(sums.largest_part, own.seconds);
        }
        // With the rate of its work, so that waiting does not count.
        if (own.throughput > 0) sums.outcomes.seconds += static_cast<double>(own.good) / own.throughput;
    }
    auto const ratio = [](std::int64_t a, double b) {
        return b > 0 ? static_cast<double>(a) / b : std::nan("");
    };
    for (auto const& [job, sums] : jobs) {
        auto const& own = sums.outcomes;
        table.rows.push_back({job, sums.design.stream, sums.design.mode, own.records_in, own.inputs,
                              own.records_out, ratio(own.records_out, static_cast<double>(own.inputs)),
                              own.unmatched, own.errors, own.seconds, ratio(own.good, own.seconds),
                              sums.design.mode == "results" && sums.largest_part > 0
                                  ? sums.work / sums.largest_part
                                  : std::nan("")});
    }
    return table;
}

/// The highest peak of each job with one worker, and the published one behind it.
Table peaks_table(Table const& loads) {
    Table table{"peaks",
                "the peak rate of a job: of this study with one worker, or published",
                {"bar", "job", "source", "rate"},
                {},
                {}};
    std::map<std::string, double> peaks;
    for (auto const& row : loads.rows) {
        double const peak = real_in(loads, row, "peak_rate");
        if (integer_in(loads, row, "workers") != 1 || std::isnan(peak)) continue;
        auto& best = peaks[text_in(loads, row, "job")];
        best = std::max(best, peak);
    }
    for (auto const& [job, rate] : peaks) {
        table.rows.push_back({job + ", here", job, std::string("this study"), rate});
        auto const* const theirs = std::find_if(published_peaks.begin(), published_peaks.end(),
                                                [&job = job](auto const& one) { return one.first == job; });
        if (theirs != published_peaks.end())
            table.rows.push_back({job + ", Fig. 5a", job,
                                  std::string("RIoTBench on Storm: another machine, another framework"),
                                  theirs->second});
    }
    return table;
}

/// Latency percentiles by rate, a row a point.
Table curves_table(Table const& loads) {
    Table table{"latency_curves",
                "a percentile of latency at a rate",
                {"line", "job", "percentile", "rate", "milliseconds"},
                {},
                {}};
    constexpr double milli = 1e-3;
    for (auto const& row : loads.rows) {
        double const rate = real_in(loads, row, "offered_rate");
        if (std::isnan(rate) || integer_in(loads, row, "repeat") != 0) continue;
        auto const& job = text_in(loads, row, "job");
        for (std::string const name : {"p50", "p99", "p999"})
            table.rows.push_back({fmt::format("{} {}", job, name), job, name, rate,
                                  real_in(loads, row, "latency_" + name) / milli});
    }
    return table;
}

/// Peaks by the number of workers, beside one worker.
Table scaling_table(Table const& loads) {
    Table table{"scaling",
                "the peak of a job with several workers",
                {"job", "workers", "processors", "rate", "speed_up", "efficiency", "most_speed_up"},
                {},
                {}};
    std::map<std::string, double> alone;
    for (auto const& row : loads.rows)
        if (integer_in(loads, row, "workers") == 1 && integer_in(loads, row, "repeat") == 0)
            alone[text_in(loads, row, "job")] = real_in(loads, row, "peak_rate");
    for (auto const& row : loads.rows) {
        if (integer_in(loads, row, "repeat") != 0 || text_in(loads, row, "mode") != "peak") continue;
        auto const workers = integer_in(loads, row, "workers");
        double const rate = real_in(loads, row, "peak_rate");
        auto const one = alone.find(text_in(loads, row, "job"));
        double const speed_up = one != alone.end() && one->second > 0 ? rate / one->second : std::nan("");
        table.rows.push_back({text_in(loads, row, "job"), workers, integer_in(loads, row, "processors"), rate,
                              speed_up, speed_up / static_cast<double>(workers),
                              1 / real_in(loads, row, "largest_part_share")});
    }
    return table;
}

/// How far a job is from what is known of a made-up stream, all parts together.
Table accuracy_table(store::Reader const& study) {
    Table table{"accuracy",
                "a job against what is known of a made-up stream",
                {"job", "against", "rows", "error"},
                {},
                {}};

    struct Sums {
        std::int64_t rows = 0;
        double squares = 0;
    };

    std::map<std::string, Sums> jobs;
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const design = design_of(study.experiment(row).design);
        if (design.step != step_run || !study.done(row) || design.repeat > 0) continue;
        auto const own = outcomes_of(study.cells(row));
        if (own.truth_rows == 0) continue;
        auto& sums = jobs[design.job];
        sums.rows += own.truth_rows;
        sums.squares += static_cast<double>(own.truth_rows) * own.truth_error * own.truth_error;
    }
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> truths{
        {{"DAC", "the number of sensors so far"},
         {"KAL", "the values without noise and faults"},
         {"MLT", "the coefficients that the target is made with"}}};
    for (auto const& [job, sums] : jobs) {
        auto const* const truth = std::find_if(truths.begin(), truths.end(),
                                               [&job = job](auto const& one) { return one.first == job; });
        table.rows.push_back({job, std::string(truth == truths.end() ? "" : truth->second), sums.rows,
                              std::sqrt(sums.squares / static_cast<double>(sums.rows))});
    }
    return table;
}

/// Kinds of errors among those that are kept, with the first one.
Table errors_table(store::Reader const& study) {
    Table table{"error_examples",
                "a kind of error of a job, of those that are kept",
                {"job", "kind", "kept", "first_record", "first_byte"},
                {},
                {}};
    auto const& schema = study.schema();
    auto const array = std::find_if(schema.arrays.begin(), schema.arrays.end(),
                                    [](auto const& one) { return one.name == "faults"; });
    auto const labels = std::find_if(schema.labels.begin(), schema.labels.end(),
                                     [](auto const& one) { return one.name == "fault_kinds"; });
    if (array == schema.arrays.end() || labels == schema.labels.end()) return table;
    auto const stride = study::element_bytes(*array);
    auto const record = report::find_integers(*array, "record");
    auto const offset = report::find_integers(*array, "offset");
    auto const kind = report::find_integers(*array, "kind");

    struct Seen {
        std::int64_t n = 0, record = 0, offset = 0;
    };

    std::map<std::pair<std::string, std::int64_t>, Seen> seen;
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const design = design_of(study.experiment(row).design);
        if (!study.done(row) || design.step != step_run || design.repeat > 0) continue;
        auto const arrays = study.arrays(row);
        std::span<std::uint8_t const> const bytes(
            arrays[static_cast<std::size_t>(array - schema.arrays.begin())]);
        for (std::size_t at = 0; at < bytes.size(); at += stride) {
            auto const element = bytes.subspan(at, stride);
            if (record.integer(element) < 0) break;
            auto& one = seen[{design.job, kind.integer(element)}];
            bool const is_first = one.n++ == 0 || record.integer(element) < one.record;
            if (is_first) one = {one.n, record.integer(element), offset.integer(element)};
        }
    }
    for (auto const& [key, one] : seen) {
        auto const place = static_cast<std::size_t>(key.second);
        table.rows.push_back({key.first, place < labels->labels.size() ? labels->labels[place] : "", one.n,
                              one.record, one.offset});
    }
    return table;
}

class StreamSections {
  public:
    StreamSections(Chapter& chapter, store::Reader const& study)
        : chapter_(chapter),
          jobs_(jobs_table(study)),
          loads_(loads_table(study)),
          trials_(trials_table(study)),
          backlog_(backlog_table(study)),
          peaks_(peaks_table(loads_)),
          curves_(curves_table(loads_)),
          scaling_(scaling_table(loads_)),
          accuracy_(accuracy_table(study)),
          errors_(errors_table(study)) {}

    void add() {
        jobs();
        if (!peaks_.rows.empty()) peaks();
        if (!curves_.rows.empty()) latencies();
        if (!loads_.rows.empty()) loads();
        if (scaling_.rows.size() > 1) scaling();
        if (!accuracy_.rows.empty()) accuracy();
        errors();
        for (auto* table :
             {&jobs_, &loads_, &trials_, &backlog_, &peaks_, &curves_, &scaling_, &accuracy_, &errors_})
            if (!table->rows.empty()) chapter_.tables.push_back(std::move(*table));
    }

  private:
    void jobs() {
        Section section{"jobs", "Jobs and their streams"};
        section.text.emplace_back(
            "What each job took in and gave, over all parts of the stream. Records a second are those of one "
            "worker, in the time in which it worked: waiting for records does not count. most_speed_up is "
            "the work "
            "of all parts by that of the largest one: no number of ranks makes the job more times as fast. "
            "unmatched are inputs for which a table had nothing, or PRED no model.");
        if (!jobs_.rows.empty()) {
            section.figures.push_back(
                bar_chart({"job-rates", "Records a second of a worker", jobs_, {}, jobs_.columns},
                          {{"records_per_second", "records/s", "~s"}, "job", "job", ""}));
            section.tables.push_back(text_table(jobs_, "Jobs"));
        } else {
            section.text = {"No part of the stream has a result yet."};
        }
        chapter_.sections.push_back(std::move(section));
    }

    void peaks() {
        Section section{"peaks", "Peak rates"};
        section.text.emplace_back(
            "The highest rate that one worker sustained. The bars beside them are those of RIoTBench's "
            "authors "
            "(arXiv:1701.08530, figure 5a): Storm on one core of a Xeon E5-2660, so another machine and "
            "another "
            "framework; they say how far apart such systems are, not which code is better.");
        section.figures.push_back(bar_chart({"peak-bars", "Peak rates", peaks_, {}, peaks_.columns},
                                            {{"rate", "records/s", "~s"}, "bar", "", "source"}));
        section.tables.push_back(text_table(peaks_, "Peak rates"));
        chapter_.sections.push_back(std::move(section));
    }

    void latencies() {
        Section section{"latencies", "Latency by rate"};
        section.text.emplace_back(
            "Latency is the end of a record's work less the moment at which it was to arrive, which was "
            "fixed "
            "before the start: a record that waits behind a stall counts its wait. Percentiles are those of "
            "all "
            "parts together. Rates are those of a worker.");
        section.figures.push_back(line_plot(
            {"latency-curves", "Latency by rate", curves_, {}, curves_.columns},
            {{"rate", "records/s offered", "~s"}, {"milliseconds", "latency [ms]", "~g"}, "line", "", ""}));
        section.tables.push_back(text_table(curves_, "Latency by rate"));
        chapter_.sections.push_back(std::move(section));
    }

    void loads() {
        Section section{"loads", "Sustained or not"};
        section.text.emplace_back(
            "A load is sustained when 99.9 % of what came is done at the end, the backlog does not grow by "
            "more "
            "than 0.1 % of the rate in a second, and the 99th percentile of latency is within peak.latency. "
            "Records of the warm-up are left out; what is done after the end still counts its latency.");
        std::vector<report::Where> const failed{
            {"verdict", {std::string("behind"), std::string("growing"), std::string("slow")}}};
        bool const any = std::any_of(backlog_.rows.begin(), backlog_.rows.end(),
                                     [&](auto const& row) { return report::matches(backlog_, row, failed); });
        if (any)
            section.figures.push_back(
                line_plot({"backlog",
                           "Backlog of loads that were not sustained",
                           backlog_,
                           failed,
                           {"line", "trial", "second", "backlog"}},
                          {{"second", "s", ""}, {"backlog", "records", "~s"}, "line", "", ""}));
        else
            section.text.emplace_back("Every load that was tried was sustained.");
        section.tables.push_back(text_table(loads_, "Loads"));
        section.tables.push_back(text_table(trials_, "Trials"));
        chapter_.sections.push_back(std::move(section));
    }

    void scaling() {
        Section section{"scaling", "More workers"};
        section.text.emplace_back(
            "Peaks of several workers together, each with its part of the stream, as multiples of one "
            "worker's. "
            "Workers that outnumber the processors take turns. most_speed_up is what the part with most "
            "records "
            "leaves possible: all records by those of it.");
        section.figures.push_back(
            line_plot({"peaks-by-workers", "Peak by workers", scaling_, {}, scaling_.columns},
                      {{"workers", "workers", "d"}, {"rate", "records/s", "~s"}, "job", "", ""}));
        section.tables.push_back(text_table(scaling_, "Peak by workers"));
        chapter_.sections.push_back(std::move(section));
    }

    void accuracy() {
        Section section{"accuracy", "Accuracy"};
        section.text.emplace_back(
            "The stream is made up, so that the truth is known. The error is a root mean square, relative to "
            "the "
            "truth: of DAC over its estimates (1.04 / sqrt(2^bits) is expected of many sensors), of KAL over "
            "its values, part by part, of MLT over its models. What the generator has put out of range "
            "(generator.faults) is in the records that these tasks take, and spoils KAL and MLT.");
        section.tables.push_back(text_table(accuracy_, "Errors against the truth"));
        chapter_.sections.push_back(std::move(section));
    }

    void errors() {
        Section section{"stream-errors", "Errors"};
        if (errors_.rows.empty()) {
            section.text.emplace_back("No record and no observation was in error.");
        } else {
            section.text.emplace_back(
                "Of each part of the stream the first 32 errors are kept; the jobs' table has all of them by "
                "number. Records are numbered from 0 over the stream.");
            section.tables.push_back(
                text_table(errors_, "Errors that are kept, by kind, with the first one"));
        }
        chapter_.sections.push_back(std::move(section));
    }

    Chapter& chapter_;
    Table jobs_, loads_, trials_, backlog_, peaks_, curves_, scaling_, accuracy_, errors_;
};

}  // namespace

void add_stream_sections(Chapter& chapter, store::Reader const& study) {
    StreamSections(chapter, study).add();
}

}  // namespace vaster::stream

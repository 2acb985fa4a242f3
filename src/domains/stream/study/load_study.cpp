#include "domains/stream/study/load_study.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/study/jobs.hpp"
#include "domains/stream/study/load_run.hpp"
#include "domains/stream/study/load_schema.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

using study::Experiment;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double guessed_trials = 12;  ///< of a search, with those that fail
constexpr double seconds_of_record = 2e-6;

class LoadStudy final : public study::Study {
  public:
    LoadStudy(Options options, Source source)
        : options_(std::move(options)),
          source_(std::move(source)),
          schema_(load_schema(options_.load, is_scaled(options_.source))) {
        require<DataError>(!source_.input().is_large(),
                           "stream.mode = \"{}\" reads its records from memory, and the files have {} bytes, "
                           "more than input.memory; raise it, or take a part of the stream",
                           is_peak() ? "peak" : "rate", source_.input().bytes());
        for (std::size_t job = 0; job < options_.jobs.size(); ++job) {
            auto const& kind = *options_.jobs[job].kind;
            // Made here, too, so that a file that it cannot use is told before anything is computed.
            auto const task = kind.make(source_.setup(options_, job, 0));
            n_edges_.push_back(edges_of(*task, kind, Yield()).size());
        }
        plan();
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override { return source_.content_hash(); }

    [[nodiscard]] study::Inventory inventory() const override { return source_.inventory(); }

    [[nodiscard]] std::size_t capacity() const override { return plan_.size(); }

    [[nodiscard]] std::vector<Experiment> next_experiments(study::Records const& so_far) const override {
        return so_far.size() == 0 ? plan_ : std::vector<Experiment>();
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& /*watcher*/) const override {
        for (auto const& item : task.items) {
            sink.begin(item.experiment.index);
            sink.finish(ran(item.experiment));
        }
    }

  private:
    [[nodiscard]] bool is_peak() const { return options_.load.mode == Mode::peak; }

    void plan() {
        for (std::size_t job = 0; job < options_.jobs.size(); ++job) {
            for (std::uint64_t repeat = 0; repeat < options_.repeats; ++repeat) {
                if (is_peak())
                    for (auto const workers : options_.load.workers)
                        add({job, 0, static_cast<std::uint64_t>(workers), nan, repeat, {}});
                else if (options_.load.arrivals == Arrivals::data)
                    add_parts(job, nan, repeat);
                else
                    for (auto const rate : options_.load.rates) add_parts(job, rate, repeat);
            }
        }
    }

    void add_parts(std::size_t job, double rate, std::uint64_t repeat) {
        auto const parts = partitions_of(options_, options_.jobs[job]);
        for (std::uint64_t part = 0; part < parts; ++part) add({job, part, parts, rate, repeat, {}});
    }

    void add(LoadQuestion const& question) {
        auto const& job = options_.jobs[question.job];
        auto const& load = options_.load;
        Experiment experiment;
        experiment.index = plan_.size();
        experiment.group = experiment.index;
        experiment.id = {hash64(fmt::format(
            "{} mode={} rate={} arrivals={} part={} of {} repeat={}", description_of(options_, job),
            mode_name(), question.rate, arrivals_name(), question.part, question.parts, question.repeat))};
        experiment.cost_key = fmt::format("{} {}", job.kind->code, mode_name());
        experiment.expected_seconds = load.window().end();
        if (is_peak()) experiment.expected_seconds *= guessed_trials * load.peak.repeats;
        experiment.expected_seconds +=
            seconds_of_record * static_cast<double>(source_.index().records().size());
        experiment.design =
            cells_of(design_of_question(question),
                     {question.rate, arrivals_name(),
                      is_peak() ? static_cast<std::int64_t>(question.parts) : std::int64_t{1}});
        experiment.n_rows = n_edges_[question.job];
        experiment.first_row = n_rows_;
        n_rows_ += experiment.n_rows;
        experiment.skip_reason = skip_reason(question);
        plan_.push_back(std::move(experiment));
    }

    [[nodiscard]] std::string mode_name() const {
        return mode_names()[static_cast<std::size_t>(options_.load.mode)];
    }

    [[nodiscard]] std::string arrivals_name() const {
        return is_peak() ? arrival_names().front()
                         : arrival_names()[static_cast<std::size_t>(options_.load.arrivals)];
    }

    [[nodiscard]] Design design_of_question(LoadQuestion const& question) const {
        Design design;
        design.job = options_.jobs[question.job].kind->code;
        design.step = step_run;
        design.stream = source_.name();
        design.partition = is_peak() ? -1 : static_cast<std::int64_t>(question.part);
        design.partitions = static_cast<std::int64_t>(question.parts);
        if (is_scaled(options_.source)) design.scale_time = options_.load.time_scale;
        design.scale_space = static_cast<std::int64_t>(options_.source.copies);
        design.mode = mode_name();
        design.repeat = static_cast<std::int64_t>(question.repeat);
        design.profile = profile_of(options_.jobs[question.job]);
        return design;
    }

    /// The first part always is run, so that a stream without records has a row of results, too.
    [[nodiscard]] std::string skip_reason(LoadQuestion const& question) const {
        auto const& job = options_.jobs[question.job];
        if (!is_peak()) {
            bool const has_some = question.part == 0 || source_.n_records(job, question.part) > 0;
            return has_some ? "" : "no records";
        }
        if (question.parts == 1) return "";
        if (keying_of(job) == Keying::stream)
            return fmt::format("{} has one state for the whole stream, which only one worker can keep",
                               job.kind->code);
        if (keying_of(job) == Keying::record) return "";
        std::set<std::uint64_t> parts;
        auto const& sensors = source_.index().sensors();
        for (std::uint32_t i = 0; i < sensors.size(); ++i)
            parts.insert(partition_of(sensors.id(i), question.parts));
        if (parts.size() == question.parts) return "";
        return fmt::format("{} sensors fall to {} of {} workers: the others would have nothing to do",
                           sensors.size(), parts.size(), question.parts);
    }

    [[nodiscard]] LoadQuestion question_of(Experiment const& experiment) const {
        Design const design = design_of(experiment.design);
        auto const load = load_design_of(experiment.design);
        auto const& jobs = options_.jobs;
        LoadQuestion question;
        question.job = static_cast<std::size_t>(
            std::find_if(jobs.begin(), jobs.end(),
                         [&](auto const& job) { return job.kind->code == design.job; }) -
            jobs.begin());
        question.part = is_peak() ? 0 : static_cast<std::uint64_t>(design.partition);
        question.parts = static_cast<std::uint64_t>(design.partitions);
        question.rate = load.offered_rate;
        question.repeat = static_cast<std::uint64_t>(design.repeat);
        question.folder = fmt::format("{}-{}", design.mode, experiment.index);
        return question;
    }

    [[nodiscard]] study::Result ran(Experiment const& experiment) const {
        double const start = monotonic_seconds();
        double const processor = processor_seconds();
        auto const question = question_of(experiment);
        auto answer =
            is_peak() ? run_peak(options_, source_, question) : run_rate(options_, source_, question);
        auto& outcomes = answer.counts.outcomes;
        constexpr double mega = 1e6;
        outcomes.cpu_seconds = processor_seconds() - processor;
        outcomes.seconds = monotonic_seconds() - start;
        outcomes.parse_seconds = outcomes.task_seconds = outcomes.write_seconds = nan;
        outcomes.throughput = is_peak() ? answer.measures.closed_rate
                                        : static_cast<double>(outcomes.good) / answer.measures.busy_seconds;
        outcomes.input_rate = outcomes.throughput * static_cast<double>(outcomes.bytes_in) / mega /
                              static_cast<double>(std::max(std::int64_t{1}, outcomes.good));
        study::Result result{experiment.index, cells_of(outcomes, answer.measures), {}};
        result.arrays = {packed(answer.counts.faults), packed(answer.counts.edges)};
        for (auto& array : packed(answer.arrays, options_.load)) result.arrays.push_back(std::move(array));
        return result;
    }

    Options options_;
    Source source_;
    study::Schema schema_;
    std::vector<std::size_t> n_edges_;  ///< by job
    std::vector<Experiment> plan_;
    std::uint64_t n_rows_ = 0;  ///< of edges
};

std::string seconds_text(double seconds) {
    if (std::isnan(seconds)) return "";
    constexpr double milli = 1e-3;
    constexpr double micro = 1e-6;
    if (seconds >= 1) return fmt::format("{:.3g} s", seconds);
    if (seconds >= milli) return fmt::format("{:.3g} ms", seconds / milli);
    return fmt::format("{:.3g} us", seconds / micro);
}

std::string rate_text(double rate) {
    return std::isnan(rate) ? "" : fmt::format("{:.0f}", rate);
}

}  // namespace

std::unique_ptr<study::Study> make_load_study(Options options, Source source) {
    return std::make_unique<LoadStudy>(std::move(options), std::move(source));
}

TextTable load_summary_of(study::Records const& records) {
    TextTable table;
    table.header = {"job",    "repeat", "part", "offered/s", "workers", "sustained",
                    "peak/s", "done/s", "p50",  "p99",       "max"};
    table.title = "Rates and latencies";
    std::set<std::string> notes;
    for (std::size_t row = 0; row < records.size(); ++row) {
        if (!records.done(row)) continue;
        Design const design = design_of(records.experiment(row).design);
        auto const load = load_design_of(records.experiment(row).design);
        auto const measures = load_measures_of(records.cells(row));
        table.rows.push_back({design.job, std::to_string(design.repeat),
                              design.partition < 0 ? "all" : std::to_string(design.partition),
                              rate_text(load.offered_rate), std::to_string(load.workers),
                              measures.sustained == 1 ? "yes" : "no", rate_text(measures.peak_rate),
                              rate_text(measures.achieved_rate), seconds_text(measures.latency_p50),
                              seconds_text(measures.latency_p99), seconds_text(measures.latency_max)});
        if (!measures.verdict.empty() && measures.verdict != name_of(LoadVerdict::sustained))
            notes.insert(
                fmt::format("{}{}: {}", design.job,
                            std::isnan(load.offered_rate)
                                ? fmt::format(" with {} worker{}", load.workers, load.workers > 1 ? "s" : "")
                                : fmt::format(" at {:.0f}/s", load.offered_rate),
                            measures.verdict));
        if (load.workers > measures.processors)
            notes.insert(fmt::format("{} workers had {} processors: they took turns", load.workers,
                                     measures.processors));
    }
    table.notes.assign(notes.begin(), notes.end());
    return table;
}

}  // namespace vaster::stream

#include "domains/stream/study/partition.hpp"

#include <algorithm>
#include <ctime>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/dataflows/model_list.hpp"
#include "domains/stream/records/parser.hpp"
#include "domains/stream/study/partition_records.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::int64_t as_cell(std::uint64_t n) {
    return static_cast<std::int64_t>(n);
}

/// Time in two places, measured at one record of so many: a clock costs as much as some tasks do.
class SampledTime {
  public:
    static constexpr std::uint64_t every = 16;

    [[nodiscard]] bool begin(std::uint64_t record) {
        bool const sampled = record % every == 0;
        if (sampled) last_ = monotonic_seconds();
        return sampled;
    }

    void end(double& sum) {
        double const now = monotonic_seconds();
        sum += (now - last_) * static_cast<double>(every);
        last_ = now;
    }

  private:
    double last_ = 0;
};

class PartitionRun {
  public:
    PartitionRun(Options const& options, Source const& source, std::size_t job, std::uint64_t partition,
                 std::uint64_t repeat, Watcher& watcher, std::string_view models,
                 std::optional<Output> memory = {})
        : job_(options.jobs[job]),
          source_(source),
          partition_(partition),
          watcher_(watcher),
          parser_(source.input().parser(source.layout(job))),
          records_(records_of(options, source, job_, partition, watcher)) {
        TaskSetup setup = source.setup(options, job, partition);
        if (setup.models) setup.models->origin = models;
        if (repeat > 0) {
            setup.folder /= fmt::format("repeat-{}", repeat);
            setup.remote_folder /= fmt::format("repeat-{}", repeat);
        }
        task_ = job_.kind->make(setup);
        yield_.output =
            memory ? std::move(*memory) : Output(options.output.form, job_.kind->columns(setup).n_context);
        yield_.output.clear();
        load(source.states(job, partition));
    }

    PartitionResult run() {
        auto const n = source_.n_records(job_, partition_);
        constexpr std::uint64_t between_looks = 1024;
        std::uint64_t i = 0;
        for (Line line; records_->next(line); ++i) {
            if (i % between_looks == 0) {
                if (watcher_.stop_requested()) throw Cancelled{};
                watcher_.on_progress(std::min(1.0, static_cast<double>(i) / static_cast<double>(n)));
            }
            take(line);
        }
        PartitionResult result;
        result.states = states();
        task_->finish(yield_);
        double const start = monotonic_seconds();
        yield_.output.sort();
        outcomes_.write_seconds = monotonic_seconds() - start;
        count();
        outcomes_.state_bytes = 0;
        for (auto const& state : result.states) outcomes_.state_bytes += as_cell(state.bytes.size());
        result.faults = first_faults();
        if (!result.faults.empty()) outcomes_.first_error = text_of(result.faults.front());
        check_balance(*job_.kind, yield_.tally);
        result.edges = edges_of(*task_, *job_.kind, yield_);
        result.outcomes = std::move(outcomes_);
        result.output = std::move(yield_.output);
        return result;
    }

  private:
    [[nodiscard]] bool by_stream() const { return keying_of(job_) == Keying::stream; }

    void take(Line const& line) {
        bool const sampled = time_.begin(n_taken_);
        Record record;
        auto const fault = parser_->parse(line.text, record);
        if (fault && records_->has_broken()) return;
        if (fault)
            throw std::logic_error(
                fmt::format("record {} was good, and now has {}", line.number, name_of(*fault)));
        record.number = source_.first_record() + line.number;
        record.offset = source_.first_offset() + line.offset;
        if (sampled) time_.end(outcomes_.parse_seconds);
        auto const owner = records_->owner(record);
        record.sensor_index = owner.index;
        if (owner.is_late) ++outcomes_.out_of_order;
        note(record);
        task_->take(record, yield_);
        if (sampled) time_.end(outcomes_.task_seconds);
    }

    void note(Record const& record) {
        ++n_taken_;
        outcomes_.bytes_in += as_cell(record.line.size());
        ++at_key(n_records_, record.sensor_index);
    }

    void load(std::vector<KeptState> const& states) {
        for (auto const& state : states) {
            StateReader reader(state.bytes);
            task_->load(by_stream() ? 0 : records_->index_of(state.sensor), reader);
            require<DataError>(reader.left() == 0,
                               "the state of sensor '{}' that {} is to go on from has {} bytes too many",
                               state.sensor, job_.kind->code, reader.left());
        }
    }

    [[nodiscard]] std::vector<KeptState> states() {
        std::vector<KeptState> states;
        auto const add = [&](std::string_view sensor, std::uint32_t index) {
            StateWriter state;
            task_->save(index, state);
            if (!state.bytes().empty()) states.push_back({std::string(sensor), state.bytes()});
        };
        if (by_stream()) {
            add("", 0);
            return states;
        }
        if (keying_of(job_) == Keying::record) return states;
        for (std::uint32_t index = 0; index < records_->n_sensors(); ++index)
            add(records_->sensor(index), index);
        std::sort(states.begin(), states.end(),
                  [](auto const& a, auto const& b) { return a.sensor < b.sensor; });
        return states;
    }

    /// Broken records have no sensor: the first partition has them all.
    [[nodiscard]] bool has_broken() const { return partition_ == 0; }

    void count() {
        auto const& tally = yield_.tally;
        auto& out = outcomes_;
        check_complete();
        out.good = as_cell(n_taken_);
        out.broken = has_broken() ? as_cell(source_.index().faults().total()) : 0;
        out.records_in = out.good + out.broken;
        put(tally, out);
        out.errors = out.broken + as_cell(yield_.faults.total());
        out.records_out = as_cell(yield_.output.n_rows());
        out.selectivity =
            out.inputs > 0 ? static_cast<double>(out.records_out) / static_cast<double>(out.inputs) : nan;
        out.keys = std::count_if(n_records_.begin(), n_records_.end(), [](auto n) { return n > 0; });
        auto const most = std::max_element(n_records_.begin(), n_records_.end());
        out.largest_key_share =
            out.good > 0 ? static_cast<double>(*most) / static_cast<double>(out.good) : nan;
        out.bytes_out = as_cell(yield_.output.text().size());
        out.output_hash = hash_text(yield_.output.text());
    }

    /// The first of broken records and bad observations, by their numbers.
    [[nodiscard]] std::vector<FaultLog::Entry> first_faults() const {
        std::vector<FaultLog::Entry> faults;
        if (has_broken()) {
            for (auto entry : source_.index().faults().first()) {
                entry.record += source_.first_record();
                entry.offset += source_.first_offset();
                faults.push_back(entry);
            }
        }
        auto const& own = yield_.faults.first();
        faults.insert(faults.end(), own.begin(), own.end());
        std::stable_sort(faults.begin(), faults.end(),
                         [](auto const& a, auto const& b) { return a.record < b.record; });
        faults.resize(std::min(faults.size(), FaultLog::n_kept));
        return faults;
    }

    /// Where it is known how many records the partition has.
    void check_complete() const {
        auto const n = source_.n_records(job_, partition_);
        if (n_taken_ == n || records_->has_broken()) return;
        throw std::logic_error(
            fmt::format("partition {} had {} records, and now has {}", partition_, n, n_taken_));
    }

    JobOptions const& job_;
    Source const& source_;
    std::uint64_t partition_;
    Watcher& watcher_;
    std::unique_ptr<RecordParser> parser_;
    std::unique_ptr<PartitionRecords> records_;
    std::unique_ptr<Task> task_;
    Yield yield_;
    std::uint64_t n_taken_ = 0;
    std::vector<std::uint64_t> n_records_;  ///< by Record::sensor_index
    SampledTime time_;
    Outcomes outcomes_;
};

/// Folders of tasks may be lost, or lie on another host.
void train_again_if_lost(Options const& options, Source const& source, JobOptions const& trainer,
                         std::string_view models, Watcher& watcher) {
    if (has_models(setup_of(options, trainer, 0).folder, models)) return;
    auto const place = static_cast<std::size_t>(&trainer - options.jobs.data());
    PartitionRun(options, source, place, 0, 0, watcher, {}).run();
}

}  // namespace

double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    constexpr double nano = 1e-9;
    return static_cast<double>(now.tv_sec) + nano * static_cast<double>(now.tv_nsec);
}

void put(Tally const& tally, Outcomes& outcomes) {
    outcomes.inputs = as_cell(tally.inputs);
    outcomes.gave = as_cell(tally.gave);
    outcomes.none = as_cell(tally.none);
    outcomes.filtered = as_cell(tally.filtered);
    outcomes.missing = as_cell(tally.missing);
    outcomes.bad = as_cell(tally.bad);
    outcomes.absent = as_cell(tally.absent);
    outcomes.unmatched = as_cell(tally.unmatched);
    outcomes.unfilled = as_cell(tally.unfilled);
    outcomes.pending = as_cell(tally.pending);
}

void check_balance(TaskKind const& kind, Tally const& tally) {
    if (!tally.balanced())
        throw std::logic_error(fmt::format(
            "{} took {} inputs in, of which {} gave output, {} none, {} were filtered, {} "
            "missing and {} bad",
            kind.code, tally.inputs, tally.gave, tally.none, tally.filtered, tally.missing, tally.bad));
}

std::string text_of(FaultLog::Entry const& fault) {
    return fmt::format("{}: record {}, byte {}", name_of(fault.fault), fault.record, fault.offset);
}

std::vector<Edge> edges_of(Task const& task, TaskKind const& kind, Yield const& yield) {
    if (auto const* const flow = dynamic_cast<Dataflow const*>(&task)) return flow->edges();
    auto const& tally = yield.tally;
    return {{"source", kind.code, tally.inputs, yield.output.n_rows(),
             tally.none + tally.filtered + tally.missing, tally.bad}};
}

PartitionResult run_partition(Options const& options, Source const& source, std::size_t job,
                              std::uint64_t partition, std::uint64_t repeat, Watcher& watcher,
                              std::string_view models, std::optional<Output> memory) {
    if (auto const* const trainer = trainer_of(options, options.jobs[job]))
        train_again_if_lost(options, source, *trainer, models, watcher);
    return PartitionRun(options, source, job, partition, repeat, watcher, models, std::move(memory)).run();
}

}  // namespace vaster::stream

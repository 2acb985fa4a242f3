#include "domains/stream/study/partition.hpp"

#include <algorithm>
#include <ctime>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/support/clock.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/dataflows/model_list.hpp"
#include "domains/stream/records/parser.hpp"
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
                 std::uint64_t repeat, std::string_view models)
        : job_(options.jobs[job]),
          source_(source),
          partition_(static_cast<std::uint32_t>(partition)),
          keying_(keying_of(job_)),
          parser_(source.input().parser(source.layout(job))) {
        TaskSetup setup = source.setup(options, job, partition);
        if (setup.models) setup.models->origin = models;
        if (repeat > 0) {
            setup.folder /= fmt::format("repeat-{}", repeat);
            setup.remote_folder /= fmt::format("repeat-{}", repeat);
        }
        task_ = job_.kind->make(setup);
        yield_.output = Output(options.output.form, job_.kind->columns(setup).n_context);
        if (keying_ == Keying::sensor) n_sensors_ = source.index().n_sensors(partition_);
        if (keying_ == Keying::stream) n_sensors_ = n_known_sensors();
        if (keying_ == Keying::record) number_sensors();
        n_records_.resize(n_sensors_, 0);
        load(source.states(job, partition));
    }

    PartitionResult run(Watcher& watcher) {
        auto const n = source_.n_records(job_, partition_);
        constexpr std::uint64_t between_looks = 1024;
        for (std::uint64_t i = 0; i < n; ++i) {
            if (i % between_looks == 0) {
                if (watcher.stop_requested()) throw Cancelled{};
                watcher.on_progress(static_cast<double>(i) / static_cast<double>(n));
            }
            take(place_of(i), i);
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
    static constexpr auto unnumbered = std::numeric_limits<std::uint32_t>::max();

    [[nodiscard]] bool by_stream() const { return keying_ == Keying::stream; }

    [[nodiscard]] std::uint32_t n_known_sensors() const {
        return static_cast<std::uint32_t>(source_.index().sensors().size());
    }

    /// Gives the sensors of a block of records numbers of their own, by first appearance.
    void number_sensors() {
        numbers_.resize(n_known_sensors(), unnumbered);
        auto const places = source_.range(job_, partition_);
        first_place_ = places.begin;
        for (auto place = places.begin; place < places.end; ++place) {
            auto& number = numbers_[source_.index().records()[place].sensor];
            if (number == unnumbered) number = n_sensors_++;
        }
    }

    /// Record::sensor_index of a sensor in the index.
    [[nodiscard]] std::uint32_t number_of(std::uint32_t sensor) const {
        if (by_stream()) return sensor;
        return keying_ == Keying::record ? numbers_[sensor] : source_.index().index_in_partition(sensor);
    }

    /// Place in the index of the i-th record.
    [[nodiscard]] std::uint64_t place_of(std::uint64_t i) const {
        if (keying_ == Keying::sensor) return source_.index().partition(partition_)[i];
        return first_place_ + i;
    }

    /// @param place  of the record in the index. @param i  how many the partition has had before
    void take(std::uint64_t place, std::uint64_t i) {
        IndexedRecord const& where = source_.index().records()[place];
        auto const line = source_.input().text(where.offset, where.length);
        bool const sampled = time_.begin(i);
        Record record;
        auto const fault = parser_->parse(line, record);
        record.number = source_.first_record() + where.number;
        record.offset = source_.first_offset() + where.offset;
        if (fault)
            throw std::logic_error(
                fmt::format("record {} was good, and now has {}", record.number, name_of(*fault)));
        if (sampled) time_.end(outcomes_.parse_seconds);
        record.sensor_index = number_of(where.sensor);
        if (source_.index().is_late(place)) ++outcomes_.out_of_order;
        note(record, where.sensor);
        task_->take(record, yield_);
        if (sampled) time_.end(outcomes_.task_seconds);
    }

    /// @param sensor  in the index
    void note(Record const& record, std::uint32_t sensor) {
        outcomes_.bytes_in += as_cell(record.line.size());
        if (n_records_[record.sensor_index]++ == 0) seen_.push_back(sensor);
    }

    /// Number of a sensor in this partition. One that has no records here comes after those that have.
    std::uint32_t index_of(std::string const& sensor) {
        if (known_.empty()) {
            auto const& sensors = source_.index().sensors();
            for (std::uint32_t i = 0; i < sensors.size(); ++i)
                if (by_stream() || source_.index().partition_of(i) == partition_)
                    known_.emplace(sensors.id(i), number_of(i));
        }
        auto const [found, is_new] = known_.emplace(sensor, n_sensors_ + n_carried_);
        if (is_new) ++n_carried_;
        return found->second;
    }

    void load(std::vector<KeptState> const& states) {
        for (auto const& state : states) {
            StateReader reader(state.bytes);
            task_->load(by_stream() ? 0 : index_of(state.sensor), reader);
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
        if (keying_ == Keying::record) return states;
        auto const& sensors = source_.index().sensors();
        for (auto const sensor : seen_) add(sensors.id(sensor), number_of(sensor));
        for (auto const& [sensor, index] : known_)
            if (index >= n_sensors_) add(sensor, index);
        std::sort(states.begin(), states.end(),
                  [](auto const& a, auto const& b) { return a.sensor < b.sensor; });
        return states;
    }

    /// Broken records have no sensor: the first partition has them all.
    [[nodiscard]] bool has_broken() const { return partition_ == 0; }

    void count() {
        auto const& tally = yield_.tally;
        auto& out = outcomes_;
        out.good = as_cell(source_.n_records(job_, partition_));
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

    JobOptions const& job_;
    Source const& source_;
    std::uint32_t partition_;
    Keying keying_;
    std::uint64_t first_place_ = 0;  ///< in the index, where the records follow one another
    std::unique_ptr<RecordParser> parser_;
    std::unique_ptr<Task> task_;
    Yield yield_;
    std::uint32_t n_sensors_ = 0;         ///< with records here
    std::vector<std::uint32_t> numbers_;  ///< Record::sensor_index by sensor; only of a block
    std::uint32_t n_carried_ = 0;         ///< whose states came from before, without records here
    std::map<std::string, std::uint32_t, std::less<>> known_;  ///< numbers; empty: not needed so far
    std::vector<std::uint32_t> seen_;  ///< sensors in the index, by first appearance in this partition
    std::vector<std::uint64_t> n_records_;
    SampledTime time_;
    Outcomes outcomes_;
};

/// Folders of tasks may be lost, or lie on another host.
void train_again_if_lost(Options const& options, Source const& source, JobOptions const& trainer,
                         std::string_view models, Watcher& watcher) {
    if (has_models(setup_of(options, trainer, 0).folder, models)) return;
    auto const place = static_cast<std::size_t>(&trainer - options.jobs.data());
    PartitionRun(options, source, place, 0, 0, {}).run(watcher);
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
                              std::string_view models) {
    if (auto const* const trainer = trainer_of(options, options.jobs[job]))
        train_again_if_lost(options, source, *trainer, models, watcher);
    return PartitionRun(options, source, job, partition, repeat, models).run(watcher);
}

}  // namespace vaster::stream

#include "domains/stream/study/partition_records.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "domains/stream/records/line_reader.hpp"
#include "domains/stream/records/sensor_table.hpp"
#include "domains/stream/study/jobs.hpp"
#include "domains/stream/study/spill.hpp"

namespace vaster::stream {
namespace {

/// By the index of a stream in memory.
class IndexedRecords final : public PartitionRecords {
  public:
    IndexedRecords(Source const& source, JobOptions const& job, std::uint64_t partition)
        : input_(source.input()),
          index_(source.index()),
          partition_(static_cast<std::uint32_t>(partition)),
          keying_(keying_of(job)),
          n_(source.n_records(job, partition)) {
        if (keying_ == Keying::sensor) n_sensors_ = index_.n_sensors(partition_);
        if (keying_ == Keying::stream) n_sensors_ = static_cast<std::uint32_t>(index_.sensors().size());
        if (keying_ == Keying::record)
            number_sensors(source.range(job, partition));
        else
            input_.map_pages();
    }

    bool next(Line& line) override {
        if (i_ == n_) return false;
        place_ = place_of(i_);
        auto const& where = index_.records()[place_];
        ++i_;
        if (keying_ == Keying::sensor) fetch_next();
        line.number = where.number;
        line.offset = where.offset;
        line.text = input_.text(where.offset, where.length);
        line.too_long = false;
        return true;
    }

    [[nodiscard]] bool has_broken() const override { return false; }

    [[nodiscard]] Owner owner(Record const& record) override {
        (void)record;
        auto const sensor = index_.records()[place_].sensor;
        auto const index = number_of(sensor);
        if (index == seen_.size()) seen_.push_back(sensor);
        return {index, index_.is_late(place_)};
    }

    [[nodiscard]] std::uint32_t index_of(std::string_view sensor) override {
        if (known_.empty())
            for (std::uint32_t i = 0; i < index_.sensors().size(); ++i)
                if (keying_ == Keying::stream || index_.partition_of(i) == partition_)
                    known_.emplace(index_.sensors().id(i), number_of(i));
        auto const after = n_sensors_ + static_cast<std::uint32_t>(carried_.size());
        auto const [found, is_new] = known_.emplace(sensor, after);
        if (is_new) carried_.emplace_back(sensor);
        return found->second;
    }

    [[nodiscard]] std::uint32_t n_sensors() const override {
        return n_sensors_ + static_cast<std::uint32_t>(carried_.size());
    }

    [[nodiscard]] std::string_view sensor(std::uint32_t index) const override {
        return index < n_sensors_ ? index_.sensors().id(seen_[index])
                                  : std::string_view(carried_[index - n_sensors_]);
    }

  private:
    [[nodiscard]] std::uint64_t place_of(std::uint64_t i) const {
        return keying_ == Keying::sensor ? index_.partition(partition_)[i] : first_place_ + i;
    }

    /// Records of a partition lie far from each other: what comes next is on its way from memory while this
    /// record is taken.
    void fetch_next() const {
        constexpr std::uint64_t ahead = 4;
        constexpr std::size_t line = 64;
        constexpr std::size_t most = 16 * line;
        if (i_ + ahead < n_) __builtin_prefetch(&index_.records()[place_of(i_ + ahead)]);
        if (i_ + 1 >= n_) return;
        auto const& where = index_.records()[place_of(i_ + 1)];
        auto const text = input_.text(where.offset, where.length);
        for (std::size_t at = 0; at < std::min(text.size(), most); at += line)
            __builtin_prefetch(text.data() + at);
    }

    static constexpr auto unnumbered = std::numeric_limits<std::uint32_t>::max();

    /// Gives the sensors of a block of records numbers of their own, by first appearance.
    void number_sensors(PlaceRange places) {
        numbers_.resize(index_.sensors().size(), unnumbered);
        first_place_ = places.begin;
        for (auto place = places.begin; place < places.end; ++place) {
            auto& number = numbers_[index_.records()[place].sensor];
            if (number == unnumbered) number = n_sensors_++;
        }
    }

    [[nodiscard]] std::uint32_t number_of(std::uint32_t sensor) const {
        if (keying_ == Keying::stream) return sensor;
        return keying_ == Keying::record ? numbers_[sensor] : index_.index_in_partition(sensor);
    }

    Input const& input_;
    InputIndex const& index_;
    std::uint32_t partition_;
    Keying keying_;
    std::uint64_t n_;
    std::uint64_t i_ = 0;  ///< of the record that comes next
    std::uint64_t place_ = 0;
    std::uint64_t first_place_ = 0;
    std::uint32_t n_sensors_ = 0;                              ///< with records here
    std::vector<std::uint32_t> numbers_;                       ///< by sensor; only of a block
    std::vector<std::uint32_t> seen_;                          ///< sensors in the index, by number
    std::map<std::string, std::uint32_t, std::less<>> known_;  ///< numbers; empty: not needed so far
    std::vector<std::string> carried_;  ///< sensors whose states come from before, without records here
};

/// Numbers sensors as they come.
class CountedSensors : public PartitionRecords {
  public:
    [[nodiscard]] Owner owner(Record const& record) final {
        auto const index = sensors_.add(record.sensor);
        auto& latest = latest_of(index);
        bool const is_late = record.time < latest;
        latest = record.time;
        return {index, is_late};
    }

    [[nodiscard]] std::uint32_t index_of(std::string_view sensor) final { return sensors_.add(sensor); }

    [[nodiscard]] std::uint32_t n_sensors() const final {
        return static_cast<std::uint32_t>(sensors_.size());
    }

    [[nodiscard]] std::string_view sensor(std::uint32_t index) const final { return sensors_.id(index); }

  private:
    std::int64_t& latest_of(std::uint32_t index) {
        if (index >= latest_.size()) latest_.resize(index + 1, std::numeric_limits<std::int64_t>::min());
        return latest_[index];
    }

    SensorTable sensors_;
    std::vector<std::int64_t> latest_;  ///< by number
};

/// Lines of the files that follow one another.
class LinesOfFiles final : public CountedSensors {
  public:
    LinesOfFiles(Source const& source, ByteRange const& bytes)
        : begin_(bytes.begin), lines_(source.input(), source.index().start_before(bytes.begin), bytes.end) {}

    bool next(Line& line) override {
        while (lines_.next(line))
            if (line.offset >= begin_ && !line.too_long) return true;
        return false;
    }

    [[nodiscard]] bool has_broken() const override { return true; }

  private:
    std::uint64_t begin_;
    LineReader lines_;
};

/// Lines that were spilled.
class SpilledLines final : public CountedSensors {
  public:
    SpilledLines(Options const& options, Source const& source, std::uint64_t partition, Watcher& watcher)
        : lines_(options, source, partition, watcher) {}

    bool next(Line& line) override { return lines_.next(line); }

    [[nodiscard]] bool has_broken() const override { return false; }

  private:
    SpillReader lines_;
};

}  // namespace

std::unique_ptr<PartitionRecords> records_of(Options const& options, Source const& source,
                                             JobOptions const& job, std::uint64_t partition,
                                             Watcher& watcher) {
    if (!source.input().is_large()) return std::make_unique<IndexedRecords>(source, job, partition);
    if (keying_of(job) == Keying::sensor)
        return std::make_unique<SpilledLines>(options, source, partition, watcher);
    return std::make_unique<LinesOfFiles>(source, source.bytes(job, partition));
}

}  // namespace vaster::stream

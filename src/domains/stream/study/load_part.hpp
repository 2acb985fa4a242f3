#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/support/hash.hpp"
#include "domains/stream/load/open_loop.hpp"
#include "domains/stream/study/partition.hpp"
#include "domains/stream/study/schema.hpp"
#include "domains/stream/study/source.hpp"

namespace vaster::stream {

/// The records of one worker: a part of the stream by its sensors, or a block of it, as in mode results. They
/// are offered again and again; each time their numbers and times go on from the last ones.
class LoadPart {
  public:
    /// @param job  place in Options::jobs. @param part  of so many parts
    LoadPart(Options const& options, Source const& source, std::size_t job, std::uint64_t part,
             std::uint64_t parts);

    /// Records of one pass.
    [[nodiscard]] std::uint64_t size() const noexcept { return places_.size(); }

    [[nodiscard]] std::uint32_t n_sensors() const noexcept { return n_sensors_; }

    /// Seconds from the stream's first record until it begins again.
    [[nodiscard]] double period() const;

    /// The records' own times since the stream's first one [s].
    [[nodiscard]] std::vector<double> times() const;

    /// Records of the sensor that has most of them.
    [[nodiscard]] std::uint64_t most_of_a_sensor() const;

  private:
    friend class LoadWorker;

    /// Records that were taken apart before the start, with the texts that they point into.
    struct Parsed {
        std::vector<Record> records;
        std::vector<FieldValue> fields;
        std::deque<std::string> texts;
    };

    void number_sensors();
    void parse_all();
    void check_good(std::optional<Fault> fault, IndexedRecord const& where) const;
    [[nodiscard]] std::string_view line_of(IndexedRecord const& where) const;

    Options const& options_;
    Source const& source_;
    std::size_t job_;
    std::uint64_t part_;
    std::uint64_t parts_;
    std::int64_t period_ms_ = 0;
    std::vector<std::uint32_t> places_;   ///< in the index
    std::vector<std::uint32_t> numbers_;  ///< Record::sensor_index by sensor
    std::uint32_t n_sensors_ = 0;
    std::vector<std::uint64_t> n_records_;  ///< by Record::sensor_index
    Parsed parsed_;                         ///< empty: each worker takes records apart itself
    std::vector<Stall> stalls_;
};

/// What a worker has made of the records that it took.
struct LoadCounts {
    Outcomes outcomes;  ///< counts and hashes, no timings
    std::vector<FaultLog::Entry> faults;
    std::vector<Edge> edges;
};

/// Takes the records of a part through a job of its own, fresh from its beginning. Rows are counted and
/// hashed in the order in which they are emitted, and not kept.
class LoadWorker final : public LoadTarget {
  public:
    /// @param folder  for what the task writes beside its output; of no other worker
    LoadWorker(LoadPart const& part, std::filesystem::path const& folder);

    void take(std::uint64_t record) override;

    [[nodiscard]] std::uint64_t rows() const override { return n_rows_ + yield_.output.n_rows(); }

    /// Ends the stream. @throws std::logic_error when the task's counts are not balanced
    [[nodiscard]] LoadCounts finish();

  private:
    void keep_out(std::uint64_t number) const;
    void hash_rows();
    [[nodiscard]] std::int64_t state_bytes() const;

    LoadPart const& part_;
    TaskKind const& kind_;
    std::unique_ptr<RecordParser> parser_;
    std::unique_ptr<Task> task_;
    Yield yield_;
    ContentHash hash_;
    Record record_;
    std::uint64_t place_ = 0;  ///< of the next record in the pass
    std::uint64_t passes_ = 0;
    std::uint64_t n_taken_ = 0;
    std::uint64_t n_rows_ = 0;  ///< hashed
    std::int64_t bytes_in_ = 0;
    std::int64_t bytes_out_ = 0;
};

}  // namespace vaster::stream

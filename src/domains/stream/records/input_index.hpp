#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/support/block_parts.hpp"
#include "base/support/processors.hpp"
#include "domains/stream/records/index_piece.hpp"
#include "domains/stream/records/input.hpp"
#include "domains/stream/records/line_reader.hpp"
#include "domains/stream/records/record.hpp"
#include "domains/stream/records/sensor_table.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/shared_array.hpp"

namespace vaster::stream {

/// Places in InputIndex::records() that follow one another.
struct PlaceRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  ///< after the last one
};

/// Bytes of a stream that follow one another; of a line, the first byte decides.
struct ByteRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  ///< after the last one
};

/// What one look at a whole stream tells of it: where each good record is and whose, what was wrong with the
/// others, and which partition takes what. It depends on the files, the layout and the number of partitions
/// alone. Of a large stream (Input::is_large()), it does not keep where each record is, but what there is
/// before each block of Input::block() bytes: its memory is bounded by the number of sensors.
class InputIndex {
  public:
    /// Looks at each record once, and reads files that are mapped for it; Input::note_hashes() may need
    /// hashes() then.
    /// @param layout        sensor and fields, as the records will be taken apart later
    /// @param n_partitions  at least 1
    /// @param threads       that look at the stream; what they find does not depend on their number
    /// @throws DataError where more than 2^32 good records are to be kept (input.memory is too large)
    InputIndex(Input const& input, Layout const& layout, std::uint32_t n_partitions,
               Threads const& threads = {});

    /// The same for another process of the host, without a look at the stream: what put() has put there.
    /// @throws DataError when the block is not whole
    explicit InputIndex(BlockReader& block);

    /// @throws IoError when there is no memory left
    void put(BlockWriter& block) const;

    /// Good records, by number. Not of a large stream.
    [[nodiscard]] SharedArray<IndexedRecord> const& records() const {
        VASTER_EXPECTS(block_bytes_ == 0);
        return records_;
    }

    /// How many good records there are.
    [[nodiscard]] std::uint64_t n_good() const noexcept { return n_good_; }

    /// Lines that are not blank: good records and broken ones.
    [[nodiscard]] std::uint64_t n_lines() const noexcept { return n_good_ + faults_.total(); }

    /// As LineReader::hashes(); only where the constructor has looked at the stream.
    [[nodiscard]] std::vector<std::string> const& hashes() const noexcept { return hashes_; }

    /// What was wrong, by kind, and the first ones.
    [[nodiscard]] FaultLog const& faults() const noexcept { return faults_; }

    /// All sensors, by first appearance.
    [[nodiscard]] SensorTable const& sensors() const noexcept { return sensors_; }

    /// @returns n_partitions of the constructor
    [[nodiscard]] std::uint32_t n_partitions() const noexcept {
        return static_cast<std::uint32_t>(partition_begins_.size() - 1);
    }

    /// How many records the sensors of a partition have.
    [[nodiscard]] std::uint64_t n_records(std::uint32_t partition) const {
        return partition_begins_[partition + 1] - partition_begins_[partition];
    }

    /// The records of the sensors that a partition has, by number, as places in records(). A sensor is in the
    /// partition hash64(its ID) modulo n_partitions (XXH3, 64 bits), whoever else there is.
    [[nodiscard]] std::span<std::uint32_t const> partition(std::uint32_t partition) const {
        return {by_partition_.data() + partition_begins_[partition],
                partition_begins_[partition + 1] - partition_begins_[partition]};
    }

    /// One of so many blocks of records that follow one another, which have about as many bytes each,
    /// whosever they are. All of them have each record once.
    [[nodiscard]] PlaceRange block(std::uint64_t block, std::uint64_t n_blocks) const;

    /// The bytes in which the records of that block begin.
    [[nodiscard]] ByteRange block_bytes(std::uint64_t block, std::uint64_t n_blocks) const;

    /// About how many good records of a large stream begin in these bytes: 0 only where none does.
    [[nodiscard]] std::uint64_t about_how_many(ByteRange const& bytes) const;

    /// Of a large stream: what there is before each multiple of Input::block() bytes, and before its end.
    [[nodiscard]] SharedArray<BlockStart> const& block_starts() const noexcept { return block_starts_; }

    /// The last of these starts that is not after the byte.
    [[nodiscard]] LineStart start_before(std::uint64_t offset) const;

    [[nodiscard]] std::uint32_t partition_of(std::uint32_t sensor) const { return partition_of_[sensor]; }

    /// Record::sensor_index of a sensor: within its partition, by first appearance.
    [[nodiscard]] std::uint32_t index_in_partition(std::uint32_t sensor) const { return place_of_[sensor]; }

    /// How many sensors a partition has.
    [[nodiscard]] std::uint32_t n_sensors(std::uint32_t partition) const { return n_sensors_[partition]; }

    /// Records of the sensor that has most of them.
    [[nodiscard]] std::uint64_t most_records_of_a_sensor() const;

    /// By the layout's fields.
    [[nodiscard]] std::vector<FieldCounts> const& fields() const noexcept { return fields_; }

    /// Good records that are older than the good record before them.
    [[nodiscard]] std::uint64_t n_out_of_order() const noexcept { return n_out_of_order_; }

    /// Is a record older than the good record before it of its sensor? @param place  in records()
    [[nodiscard]] bool is_late(std::uint64_t place) const;

    /// Time of the first and of the last moment in good records [ms]; first > last when there are none.
    [[nodiscard]] std::int64_t first_time() const noexcept { return first_time_; }

    [[nodiscard]] std::int64_t last_time() const noexcept { return last_time_; }

  private:
    InputIndex(std::uint64_t block_bytes, IndexPiece&& all);
    void divide(std::uint32_t n_partitions);

    [[nodiscard]] std::uint64_t first_place_from(std::uint64_t offset) const;

    std::uint64_t block_bytes_ = 0;  ///< 0: the stream is not large
    std::uint64_t n_good_ = 0;
    std::uint64_t good_end_ = 0;  ///< offset after the last good record
    SharedArray<IndexedRecord> records_;
    SharedArray<BlockStart> block_starts_;
    std::vector<std::string> hashes_;
    FaultLog faults_;
    SensorTable sensors_;
    SharedArray<std::uint64_t> records_of_;        ///< by sensor
    SharedArray<std::uint32_t> partition_of_;      ///< by sensor
    SharedArray<std::uint32_t> place_of_;          ///< by sensor
    SharedArray<std::uint32_t> by_partition_;      ///< places in records_
    SharedArray<std::uint64_t> partition_begins_;  ///< in by_partition_; one more than there are partitions
    SharedArray<std::uint32_t> n_sensors_;         ///< by partition
    SharedArray<std::uint32_t> late_;              ///< places in records_ of those that is_late()
    std::vector<FieldCounts> fields_;
    std::uint64_t n_out_of_order_ = 0;
    std::int64_t first_time_ = std::numeric_limits<std::int64_t>::max();
    std::int64_t last_time_ = std::numeric_limits<std::int64_t>::min();
};

/// Names of all fields in the first records that are good, or lack a sensor alone, sorted: for whoever has
/// asked for one that never comes.
[[nodiscard]] std::vector<std::string> names_in(Input const& input, Layout const& layout,
                                                std::uint64_t n_records = 10000);

}  // namespace vaster::stream

#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/support/processors.hpp"
#include "domains/stream/records/input.hpp"
#include "domains/stream/records/line_reader.hpp"
#include "domains/stream/records/record.hpp"
#include "domains/stream/records/sensor_table.hpp"

namespace vaster::stream {

/// Where a good record is.
struct IndexedRecord {
    std::uint64_t number = 0;  ///< over the whole stream; numbers of broken records are missing
    std::uint64_t offset = 0;  ///< as Line::offset
    std::uint32_t length = 0;  ///< of its text [bytes]
    std::uint32_t sensor = 0;  ///< in the table of sensors
};

/// What the fields of a stream hold, in all of its good records.
struct FieldCounts {
    std::uint64_t present = 0;
    std::uint64_t missing = 0;
    std::uint64_t absent = 0;
};

/// What there is before a line of a large stream.
struct BlockStart {
    LineStart line;          ///< the first that begins in the block, or in a later one
    std::uint64_t good = 0;  ///< good records before it
};

/// What one look at lines that follow one another tells of them. Numbers, places and sensors are counted from
/// the first of these lines; a piece that is appended goes on from the one before.
struct IndexPiece {
    /// Looks at them. Of a large stream (Input::is_large()), where its records are is not kept, but where its
    /// blocks begin.
    /// @param layout  sensor and fields, as the records will be taken apart later
    /// @param begin   the byte where the first line begins. @param end  no line that begins there is looked
    /// at
    /// @throws DataError where more than 2^32 good records are to be kept
    IndexPiece(Input const& input, Layout const& layout, std::uint64_t begin = 0,
               std::uint64_t end = std::numeric_limits<std::uint64_t>::max());

    /// What two looks tell, as if it had been one. @throws as the constructor
    void append(IndexPiece&& next);

    [[nodiscard]] std::uint64_t n_lines() const { return n_good + faults.total(); }

    /// Of the first and the last of some records, in their order [ms].
    struct Times {
        std::int64_t first = 0;
        std::int64_t last = 0;
    };

    std::uint64_t n_good = 0;
    std::uint64_t good_end = 0;  ///< offset after the last good record
    std::vector<IndexedRecord> records;
    std::vector<BlockStart> block_starts;
    std::vector<std::string> hashes;  ///< as LineReader::hashes()
    FaultLog faults;
    SensorTable sensors;
    std::vector<std::uint64_t> records_of;  ///< by sensor
    std::vector<Times> times_of;            ///< by sensor
    std::vector<std::uint32_t> late;        ///< places of records that are older than the one of their sensor
                                            ///< before
    std::vector<FieldCounts> fields;        ///< by the layout's fields
    std::uint64_t n_out_of_order = 0;
    Times times;  ///< where there are good records
    std::int64_t first_time = std::numeric_limits<std::int64_t>::max();
    std::int64_t last_time = std::numeric_limits<std::int64_t>::min();

  private:
    void take(Line const& line, Record const& record, bool keeps_places);
    void note_blocks(Line const& line, std::uint64_t block_bytes);
    void append_records(IndexPiece const& next, std::vector<std::uint32_t> const& sensor_of);
    [[nodiscard]] std::vector<std::uint32_t> append_sensors(IndexPiece const& next);
};

/// Looks at a stream in several threads at a time, each at lines that follow one another.
/// What it tells does not depend on their number. @throws as IndexPiece
[[nodiscard]] IndexPiece look_at_lines(Input const& input, Layout const& layout, Threads const& threads);

}  // namespace vaster::stream

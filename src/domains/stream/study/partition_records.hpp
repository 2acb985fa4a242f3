#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "domains/stream/records/input.hpp"
#include "domains/stream/records/record.hpp"
#include "domains/stream/study/options.hpp"
#include "domains/stream/study/source.hpp"
#include "vaster/support/watcher.hpp"

namespace vaster::stream {

/// The records of a partition, one after the other, wherever they come from, and the numbers of its sensors.
class PartitionRecords {
  public:
    PartitionRecords() = default;
    virtual ~PartitionRecords() = default;
    PartitionRecords(PartitionRecords const&) = delete;
    PartitionRecords& operator=(PartitionRecords const&) = delete;

    /// The next line. @returns whether there was one
    virtual bool next(Line& line) = 0;

    /// May there be broken lines among them? They are to be passed over.
    [[nodiscard]] virtual bool has_broken() const = 0;

    /// Whose a record is, and when.
    struct Owner {
        std::uint32_t index = 0;  ///< Record::sensor_index
        bool is_late = false;     ///< older than the record before it of the sensor
    };

    /// @param record  the line of the last next(), taken apart
    [[nodiscard]] virtual Owner owner(Record const& record) = 0;

    /// The number of a sensor whose state comes from before; before the first record is taken.
    [[nodiscard]] virtual std::uint32_t index_of(std::string_view sensor) = 0;

    /// Sensors with numbers so far.
    [[nodiscard]] virtual std::uint32_t n_sensors() const = 0;

    /// ID of the sensor with a number.
    [[nodiscard]] virtual std::string_view sensor(std::uint32_t index) const = 0;
};

/// The records that a partition of a job has: from the index of a stream in memory; of a large one from the
/// files themselves, or from the lines that were spilled for it. All arguments are kept by reference.
[[nodiscard]] std::unique_ptr<PartitionRecords> records_of(Options const& options, Source const& source,
                                                           JobOptions const& job, std::uint64_t partition,
                                                           Watcher& watcher);

}  // namespace vaster::stream

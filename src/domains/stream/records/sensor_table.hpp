#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/support/block_parts.hpp"
#include "vaster/support/shared_array.hpp"

namespace vaster::stream {

/// Numbers for the IDs of sensors, by first appearance.
class SensorTable {
  public:
    SensorTable() = default;

    /// What put() has put there; nothing can be added to it. @throws DataError when it is not whole
    explicit SensorTable(BlockReader& block);

    /// @throws IoError when there is no memory left
    void put(BlockWriter& block) const;

    /// The sensor's number; a new one for an ID that is new. @throws DataError for more than 2^32 - 2 sensors
    std::uint32_t add(std::string_view id);

    /// IDs so far.
    [[nodiscard]] std::size_t size() const noexcept { return hashes_.size(); }

    [[nodiscard]] std::string_view id(std::uint32_t sensor) const {
        return {text_.data() + begins_[sensor], begins_[sensor + 1] - begins_[sensor]};
    }

    /// hash64() of the ID.
    [[nodiscard]] std::uint64_t hash(std::uint32_t sensor) const { return hashes_[sensor]; }

  private:
    void grow();

    SharedArray<char> text_;  ///< all IDs
    SharedArray<std::uint64_t> begins_{std::vector<std::uint64_t>{0}};
    SharedArray<std::uint64_t> hashes_;
    std::vector<std::uint32_t> slots_;  ///< 1 + number of the sensor, or 0: open addressing by hash
};

}  // namespace vaster::stream

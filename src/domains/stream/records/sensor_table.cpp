#include "domains/stream/records/sensor_table.hpp"

#include <limits>

#include "base/support/hash.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {

SensorTable::SensorTable(BlockReader& block)
    : text_(block.array<char>()),
      begins_(block.array<std::uint64_t>()),
      hashes_(block.array<std::uint64_t>()) {
    require<DataError>(begins_.size() == hashes_.size() + 1 && begins_.back() == text_.size(),
                       "a block of memory holds no sensors");
}

void SensorTable::put(BlockWriter& block) const {
    block.put(text_);
    block.put(begins_);
    block.put(hashes_);
}

std::uint32_t SensorTable::add(std::string_view id) {
    if (hashes_.size() * 2 >= slots_.size()) grow();
    auto const hash = hash64(id);
    auto const mask = slots_.size() - 1;
    auto slot = hash & mask;
    for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
        auto const sensor = slots_[slot] - 1;
        if (hashes_[sensor] == hash && this->id(sensor) == id) return sensor;
    }
    require<DataError>(hashes_.size() + 1 < std::numeric_limits<std::uint32_t>::max(),
                       "more than {} sensors: is the sensor's field the right one?", hashes_.size());
    text_.own().insert(text_.own().end(), id.begin(), id.end());
    begins_.own().push_back(text_.size());
    hashes_.own().push_back(hash);
    slots_[slot] = static_cast<std::uint32_t>(hashes_.size());
    return slots_[slot] - 1;
}

void SensorTable::grow() {
    std::size_t const n_slots = slots_.empty() ? 64 : slots_.size() * 2;
    slots_.assign(n_slots, 0);
    for (std::uint32_t sensor = 0; sensor < hashes_.size(); ++sensor) {
        auto slot = hashes_[sensor] & (n_slots - 1);
        while (slots_[slot] != 0) slot = (slot + 1) & (n_slots - 1);
        slots_[slot] = sensor + 1;
    }
}

}  // namespace vaster::stream

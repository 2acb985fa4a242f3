#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/records/record.hpp"

namespace vaster::stream {

/// Names of sensors that a task holds on to longer than for a record: each is copied once.
class SensorNames {
  public:
    /// Where the name of the record's sensor is kept.
    std::size_t slot_of(Record const& record) {
        if (record.sensor_index >= slots_.size()) slots_.resize(2 * record.sensor_index + 1, none);
        std::size_t& slot = slots_[record.sensor_index];
        if (slot == none) slot = add(record.sensor);
        return slot;
    }

    /// Of a name that no record has brought, but a kept state.
    std::size_t add(std::string_view name) {
        names_.emplace_back(name);
        return names_.size() - 1;
    }

    [[nodiscard]] std::string_view operator[](std::size_t slot) const { return names_[slot]; }

  private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::vector<std::size_t> slots_;  ///< by sensor_index
    std::vector<std::string> names_;
};

}  // namespace vaster::stream

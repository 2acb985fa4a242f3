#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/records/input.hpp"

// A stream with more sensors than it has: the spatial scaling of RIoTBench (arXiv:1701.08530).
namespace vaster::stream {

/// "ID~c": the sensor that has the records of copy c of another one. @param copy  from 1
[[nodiscard]] std::string id_of_copy(std::string_view sensor, std::uint64_t copy);

/// The texts of an input's files in which each record is followed by its copies 1, ..., n - 1: the same line,
/// but for the sensor, which is id_of_copy(). Records that are broken are repeated as they stand, so that
/// their share stays; blank lines are left out; all lines end with LF.
/// @param input    not on the disk
/// @param sensor   Layout::sensor
/// @param copies   n
/// @param most     bytes that all texts may have together
/// @throws DataError when they have more, when a sensor has the ID of another one's copy, when a line would
/// get longer than Input::longest(), or where it does not name its sensor word for word (JSON with escapes)
[[nodiscard]] std::vector<std::string> texts_with_copies(Input const& input, std::string const& sensor,
                                                         std::uint64_t copies, std::uint64_t most);

}  // namespace vaster::stream

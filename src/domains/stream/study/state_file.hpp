#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "domains/stream/study/part_file.hpp"

namespace vaster::stream {

/// Where a stream ended.
struct StreamEnd {
    std::string description;        ///< of the job: description_of()
    std::uint64_t next_record = 0;  ///< number of the record that comes next
    std::uint64_t next_offset = 0;  ///< of its first byte over the whole stream
};

/// The same, and the states that a job ended with there.
struct StreamState : StreamEnd {
    std::vector<KeptState> states;  ///< in byte order of the sensors
};

/// Under a temporary name, which is synced and renamed; equal states make equal bytes.
/// @param states  in byte order of the sensors
/// @returns content hash of the file. @throws IoError
std::string write_state(std::filesystem::path const& path, StreamEnd const& end,
                        std::span<StateView const> states);

/// @throws IoError when it cannot be read; DataError that names it when it is not whole
[[nodiscard]] StreamState read_state(std::filesystem::path const& path);

}  // namespace vaster::stream

#pragma once

#include <filesystem>

#include "vaster/study/input.hpp"

namespace vaster::store {

/// Does the study file keep the study's data? @throws IoError, DataError as Reader does
[[nodiscard]] bool keeps_data(std::filesystem::path const& path);

/// The data that a study file keeps, for study::FromFile; no inputs where it keeps none. Reads neither
/// plan nor records, and may be called while ranks write. @throws IoError, DataError as Reader does, and
/// DataError naming the input whose checksum does not hold
[[nodiscard]] study::KeptData read_kept_data(std::filesystem::path const& path);

}  // namespace vaster::store

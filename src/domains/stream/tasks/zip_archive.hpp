#pragma once

#include <span>
#include <string>

namespace vaster::stream {

struct ZipEntry {
    std::string name;
    std::string bytes;
};

/// A ZIP file with these entries. Equal entries give equal bytes: all times are 1980-01-01. @throws IoError
[[nodiscard]] std::string zip_archive(std::span<ZipEntry const> entries);

}  // namespace vaster::stream

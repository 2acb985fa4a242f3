#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/support/hash.hpp"
#include "base/support/temporary_file.hpp"
#include "vaster/support/descriptor.hpp"

namespace vaster::stream {

/// When a file is to be on the disk.
enum class Sync : std::uint8_t {
    now,    ///< before anything else is done
    later,  ///< when the system gets round to it: of what can be made again
};

/// A file that is written in pieces, hashed on the way, and seen by others only when it is whole.
class HashedFile {
  public:
    /// Makes the folder where it is not there. @throws IoError
    explicit HashedFile(std::filesystem::path const& path);

    /// @throws IoError naming the file and the system's reason
    void write(std::string_view bytes);

    [[nodiscard]] std::uint64_t n_bytes() const noexcept { return n_bytes_; }

    /// Of all that was written so far.
    [[nodiscard]] std::string hash();

    /// Gives it its name, after it was synced where it is to be now. @throws IoError
    void keep(Sync sync = Sync::now);

  private:
    void flush();

    std::filesystem::path path_;
    TemporaryFile file_;
    Descriptor descriptor_;
    std::string buffer_;
    ContentHash hash_;
    std::uint64_t n_bytes_ = 0;
};

/// The path, after its folder was made. @throws IoError
std::filesystem::path const& with_folder(std::filesystem::path const& path);

/// Writes all bytes to that place of a file. @param path  for messages. @throws IoError
void write_at(int file, std::uint64_t at, std::string_view bytes, std::filesystem::path const& path);

/// Content hash of a file; "" where it cannot be read.
[[nodiscard]] std::string hash_of_file(std::filesystem::path const& path);

}  // namespace vaster::stream

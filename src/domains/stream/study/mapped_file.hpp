#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

namespace vaster::stream {

/// Bytes of a file that are read where they lie.
class MappedFile {
  public:
    /// @throws IoError when it cannot be read
    explicit MappedFile(std::filesystem::path const& path);
    ~MappedFile();

    MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

    MappedFile& operator=(MappedFile&&) = delete;
    MappedFile(MappedFile const&) = delete;
    MappedFile& operator=(MappedFile const&) = delete;

    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

  private:
    std::string_view bytes_;
};

}  // namespace vaster::stream

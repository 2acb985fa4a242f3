#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace vaster {

/// A file descriptor that is closed when it goes.
class Descriptor {
  public:
    Descriptor() = default;

    explicit Descriptor(int fd) noexcept : fd_(fd) {}

    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

    Descriptor& operator=(Descriptor&& other) noexcept {
        reset(std::exchange(other.fd_, -1));
        return *this;
    }

    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;

    ~Descriptor() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

    int release() noexcept { return std::exchange(fd_, -1); }

    void reset(int fd = -1) noexcept;

  private:
    int fd_ = -1;
};

/// The whole file. @throws IoError when it cannot be read.
[[nodiscard]] std::string read_file(std::filesystem::path const& path);

/// Writes a temporary file beside `path`, syncs it and renames it: readers see the old file or the whole new
/// one.
/// @throws IoError naming the path and the system's reason; `path` is then untouched.
void write_file_atomically(std::filesystem::path const& path, std::string_view text);

/// The same without syncing, for files that are written often and may be lost with the power. @throws IoError
void replace_file(std::filesystem::path const& path, std::string_view text);

/// Renames and syncs the directory, so that the name survives a power loss. @throws IoError
void rename_durably(std::filesystem::path const& from, std::filesystem::path const& to);

/// "No such file or directory" for an errno value.
[[nodiscard]] std::string system_reason(int error_number);

/// Name of this host.
[[nodiscard]] std::string host_name();

/// Path of the running program.
[[nodiscard]] std::filesystem::path program_path();

}  // namespace vaster

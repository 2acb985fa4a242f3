#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "temporary_folder.hpp"
#include "vaster/support/descriptor.hpp"

namespace vaster::testing {

/// What this process writes to standard error goes to a file for as long as this lives.
class StandardError {
  public:
    StandardError() : before_(::dup(STDERR_FILENO)) {
        Descriptor const file(::open(path().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        if (!before_ || !file || ::dup2(file.get(), STDERR_FILENO) < 0)
            throw std::runtime_error("standard error cannot be kept");
    }

    ~StandardError() { ::dup2(before_.get(), STDERR_FILENO); }

    StandardError(StandardError const&) = delete;
    StandardError& operator=(StandardError const&) = delete;

    [[nodiscard]] std::string text() const { return read_file(path()); }

  private:
    [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "stderr"; }

    TemporaryFolder folder_;
    Descriptor before_;
};

}  // namespace vaster::testing

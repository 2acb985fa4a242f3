#pragma once

#include <filesystem>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/types.h>

namespace vaster::engine {

/// While it lives, a process can open so many more file descriptors and no more.
class FewDescriptors {
  public:
    /// @param process  0: this one
    explicit FewDescriptors(unsigned spare, pid_t process = 0) : process_(process) {
        ::prlimit(process_, RLIMIT_NOFILE, nullptr, &before_);
        rlimit few = before_;
        few.rlim_cur = 0;
        for (unsigned free = 0; free < spare || is_open(few.rlim_cur); ++few.rlim_cur)
            free += is_open(few.rlim_cur) ? 0 : 1;
        ::prlimit(process_, RLIMIT_NOFILE, &few, nullptr);
    }

    ~FewDescriptors() { ::prlimit(process_, RLIMIT_NOFILE, &before_, nullptr); }

    FewDescriptors(FewDescriptors const&) = delete;
    FewDescriptors& operator=(FewDescriptors const&) = delete;

  private:
    [[nodiscard]] bool is_open(rlim_t fd) const {
        auto const process = process_ == 0 ? "self" : std::to_string(process_);
        return std::filesystem::is_symlink(fmt::format("/proc/{}/fd/{}", process, fd));
    }

    pid_t process_;
    rlimit before_{};
};

}  // namespace vaster::engine

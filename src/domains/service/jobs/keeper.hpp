#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "vaster/support/descriptor.hpp"

namespace vaster::service {

/// A program that is to be run.
struct Launch {
    std::vector<std::string> arguments;    ///< with the program, which is looked for in PATH
    std::string directory;                 ///< where it runs
    std::vector<std::string> environment;  ///< "NAME=value", beside what this process has
    std::uint64_t memory_bytes = 0;        ///< most data of each of its processes (RLIMIT_DATA)

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& arguments& directory& environment& memory_bytes;
    }
};

/// How it ended.
struct Ended {
    int start_error = 0;     ///< errno where it could not be started; the rest is then nothing
    std::string start_step;  ///< what failed then
    int wait_status = 0;     ///< as waitpid() has it
    double cpu_seconds = 0;  ///< of it and of those of its processes for which it waited
    std::uint64_t peak_rss_bytes = 0;
    std::vector<std::string> left_behind;  ///< names of processes that went on without it, and were killed

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& start_error& start_step& wait_status& cpu_seconds& peak_rss_bytes& left_behind;
    }
};

/// A process beside the one that has made it, which runs programs for it and never leaves anything of theirs
/// behind: whatever they start and forget is killed when they end, and all of it when the other process is
/// gone, even by SIGKILL.
class Keeper {
  public:
    /// @throws IoError where there can be no more processes
    Keeper();
    ~Keeper();
    Keeper(Keeper const&) = delete;
    Keeper& operator=(Keeper const&) = delete;

    /// Runs the program to its end. Its standard input is empty. @throws IoError when the keeper is gone
    [[nodiscard]] Ended run(Launch const& launch, Descriptor const& output, Descriptor const& error);

  private:
    Descriptor socket_;
    pid_t process_ = -1;
};

}  // namespace vaster::service

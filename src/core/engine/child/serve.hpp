#pragma once

#include <functional>
#include <memory>
#include <string>

#include "vaster/study/study.hpp"
#include "vaster/support/sealed_block.hpp"

namespace vaster::engine {

/// What a server's environment tells its allocator, unless the user has told it something: to ask for huge
/// pages, which the system gives to who asks (transparent_hugepage/enabled = madvise) or to everybody. A page
/// costs a fault, and where the host is a virtual machine that is 10 us for each 4 KiB of fresh memory.
struct MallocSetting {
    static constexpr char const* name = "GLIBC_TUNABLES";
    static constexpr char const* value = "glibc.malloc.hugetlb=1";
};

/// Makes the study that a text describes: a configuration, or whatever else the caller of TaskServer::open()
/// and this agree on.
/// @param block  that another server, or this one's predecessor, has opened the study from; null: none
/// @throws Error
using Opener = std::function<study::Opened(std::string const& config_text,
                                           std::shared_ptr<SealedBlock const> const& block)>;

/// The task server's side of the conversation, and all that its process does: loads the study once, then
/// forks a child for each task, which shares the loaded data by copy-on-write. Call it in a process of its
/// own that never touches MPI and has no threads (see TaskServer). Returns the process's exit code when the
/// rank has hung up.
///
/// A child has its memory limited (RLIMIT_DATA: everything it can write to, the study's data among it unless
/// they lie in a block), writes no core file, dies with the server, and leaves SIGTERM, SIGINT and SIGUSR1 to
/// its rank.
///
/// @param fd  the socket that TaskServer passes
int serve(int fd, Opener const& opener);

}  // namespace vaster::engine

#include "core/engine/rank/pipes.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {
namespace {

/// A child that takes nothing for so long in the middle of a task's description is dead to us.
constexpr timeval task_limit{10, 0};

}  // namespace

Pipe make_pipe() {
    std::array<int, 2> ends{};
    bool const made = ::pipe2(ends.data(), O_CLOEXEC) == 0;
    require<IoError>(made, "cannot make a pipe for a task: {}", system_reason(errno));
    Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    bool const set = ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) == 0;
    require<IoError>(set, "cannot make a pipe for a task: {}", system_reason(errno));
    return pipe;
}

SocketPair make_task_socket() {
    std::array<int, 2> ends{};
    bool const made = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0;
    require<IoError>(made, "cannot make a socket for a task: {}", system_reason(errno));
    SocketPair pair{Descriptor(ends[0]), Descriptor(ends[1])};
    ::setsockopt(pair.ours.get(), SOL_SOCKET, SO_SNDTIMEO, &task_limit, sizeof task_limit);
    return pair;
}

void read_available(Descriptor& from, std::string& to) {
    std::array<char, 1 << 16> buffer;
    while (from) {
        ssize_t const got = ::read(from.get(), buffer.data(), buffer.size());
        if (got > 0) {
            to.append(buffer.data(), static_cast<std::size_t>(got));
            if (static_cast<std::size_t>(got) < buffer.size()) return;  // what came since is polled for
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            from.reset();
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

}  // namespace vaster::engine

#pragma once

#include <string>

#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"

/// What a rank and the children of its task server talk over.
namespace vaster::engine {

struct Pipe {
    Descriptor read;  ///< reading from it never waits
    Descriptor write;
};

/// @throws IoError when the system has none left
[[nodiscard]] Pipe make_pipe();

struct SocketPair {
    Descriptor ours;  ///< gives up when the other side takes nothing for 10 s
    Descriptor theirs;
};

/// @throws IoError when the system has none left
[[nodiscard]] SocketPair make_task_socket();

/// Appends what is there to be read; closes the descriptor at the end of the stream.
void read_available(Descriptor& from, std::string& to);

}  // namespace vaster::engine

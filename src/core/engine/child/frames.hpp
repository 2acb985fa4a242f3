#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/support/files.hpp"
#include "vaster/support/descriptor.hpp"

/// Messages over sockets and pipes: what it is, how long, the bytes. Between processes of the same program
/// only.
namespace vaster::engine {

/// What the rank asks of its server, what the server answers, and what a child says over its pipe.
enum class FrameKind : std::uint64_t {
    open = 1,   ///< rank to server: config text
    fork,       ///< rank to server: the child's number, with its descriptors: results, output, tasks
    plan,       ///< rank to server: PlanRequest, with the first two
    run,        ///< rank to child: Task
    kill,       ///< rank to server
    opened,     ///< server to rank: Description
    plan_part,  ///< server to rank: as PackedPlan::part(), after the description
    refused,    ///< server to rank: ServerRefusal
    exited,     ///< server to rank: ChildExit
    began,      ///< child: ExperimentIndices
    result,     ///< child: Result
    planned,    ///< child: the next Experiments
    failed,     ///< child: why, as text
    no_memory,  ///< child: the memory limit was reached
    ended,      ///< child: the task is through: TaskThrough
    stumbled,   ///< child: why it failed, as text; it may go well the next time
};

struct Frame {
    FrameKind kind = FrameKind::ended;
    std::string payload;
    std::vector<Descriptor> descriptors;
};

/// The frame as bytes.
[[nodiscard]] std::string to_bytes(FrameKind kind, std::string_view payload);

/// Takes the first frame from the front of what is left of the bytes; nothing while it is not complete.
/// @throws DataError when the bytes are not a frame: somebody else has written them
[[nodiscard]] std::optional<Frame> take_frame(std::string_view& left);

/// Sends a frame over a Unix socket, with descriptors if given; the receiver gets copies. False: the other
/// side is gone, or takes nothing within the socket's time limit.
[[nodiscard]] bool send_frame(int socket, FrameKind kind, std::string_view payload,
                              std::vector<int> const& descriptors = {});

/// The next frame, waiting for it; nothing when the other side is gone, stops in the middle or sends what is
/// not a frame.
[[nodiscard]] std::optional<Frame> receive_frame(int socket);

/// Writes all of it to a pipe. False: nobody reads it any more.
bool write_all(int fd, std::string_view bytes);

}  // namespace vaster::engine

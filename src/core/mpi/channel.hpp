#pragma once

#include <optional>

#include "base/support/byte_archive.hpp"
#include "core/mpi/session.hpp"

namespace vaster::mpi {

/// Messages of one type between the ranks of a session. A Message has a serialize(); ranks run the same
/// program on the same kind of machine.
template <class Message>
class Channel {
  public:
    struct Received {
        int from = 0;
        Message message;
    };

    Channel(Session& session, Topic topic) : session_(session), topic_(topic) {}

    /// Returns at once.
    void send(int to, Message const& message) { session_.post(to, topic_, bytes_of(message)); }

    /// The next message, if one has arrived.
    [[nodiscard]] std::optional<Received> try_receive() {
        auto const letter = session_.take(topic_);
        if (!letter) return std::nullopt;
        return Received{letter->from, object_of<Message>(letter->bytes)};
    }

  private:
    Session& session_;
    Topic topic_;
};

}  // namespace vaster::mpi

#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>

#include "core/mpi/session.hpp"

namespace vaster::mpi {

/// Messages of one type between the ranks of a session. A Message has a Boost.Serialization serialize();
/// ranks run the same program on the same kind of machine, so the bytes are those of a binary archive.
template <class Message>
class Channel {
  public:
    struct Received {
        int from = 0;
        Message message;
    };

    Channel(Session& session, Topic topic) : session_(session), topic_(topic) {}

    /// Returns at once.
    void send(int to, Message const& message) {
        std::ostringstream out;
        {
            boost::archive::binary_oarchive archive(out, boost::archive::no_header);
            archive << message;
        }
        session_.post(to, topic_, std::move(out).str());
    }

    /// The next message, if one has arrived.
    [[nodiscard]] std::optional<Received> try_receive() {
        auto const letter = session_.take(topic_);
        if (!letter) return std::nullopt;
        std::istringstream in(letter->bytes);
        boost::archive::binary_iarchive archive(in, boost::archive::no_header);
        Received received{letter->from, {}};
        archive >> received.message;
        return received;
    }

  private:
    Session& session_;
    Topic topic_;
};

}  // namespace vaster::mpi

#include "core/engine/child/frames.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {
namespace {

struct Header {
    std::uint64_t kind = 0;
    std::uint64_t length = 0;
};

constexpr std::size_t most_descriptors = 3;

bool send_all(int socket, char const* bytes, std::size_t length) {
    while (length > 0) {
        ssize_t const sent = ::send(socket, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes += sent;
        length -= static_cast<std::size_t>(sent);
    }
    return true;
}

bool receive_all(int socket, char* bytes, std::size_t length) {
    while (length > 0) {
        ssize_t const got = ::recv(socket, bytes, length, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes += got;
        length -= static_cast<std::size_t>(got);
    }
    return true;
}

/// sendmsg with the descriptors attached to the first byte.
ssize_t send_header(int socket, Header& header, std::vector<int> const& descriptors) {
    iovec piece{&header, sizeof header};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        std::size_t const bytes = descriptors.size() * sizeof(int);
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(bytes);
        cmsghdr* const first = CMSG_FIRSTHDR(&message);
        first->cmsg_level = SOL_SOCKET;
        first->cmsg_type = SCM_RIGHTS;
        first->cmsg_len = CMSG_LEN(bytes);
        std::memcpy(CMSG_DATA(first), descriptors.data(), bytes);
    }
    for (;;) {
        ssize_t const sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
        if (sent >= 0 || errno != EINTR) return sent;
    }
}

ssize_t receive_header(int socket, Header& header, std::vector<Descriptor>& descriptors) {
    iovec piece{&header, sizeof header};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t got = 0;
    do got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return got;
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        for (std::size_t i = 0; i < (part->cmsg_len - CMSG_LEN(0)) / sizeof(int); ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
            descriptors.emplace_back(fd);
        }
    }
    return got;
}

bool is_sane(Header const& header) {
    constexpr std::uint64_t longest = std::uint64_t{1} << 40U;
    return header.kind >= static_cast<std::uint64_t>(FrameKind::open) &&
           header.kind <= static_cast<std::uint64_t>(FrameKind::stumbled) && header.length <= longest;
}

}  // namespace

std::string to_bytes(FrameKind kind, std::string_view payload) {
    Header const header{static_cast<std::uint64_t>(kind), payload.size()};
    std::string bytes(sizeof header, '\0');
    std::memcpy(bytes.data(), &header, sizeof header);
    bytes.append(payload);
    return bytes;
}

std::optional<Frame> take_frame(std::string_view& left) {
    Header header;
    if (left.size() < sizeof header) return std::nullopt;
    std::memcpy(&header, left.data(), sizeof header);
    require<DataError>(is_sane(header), "message of kind {} with {} bytes", header.kind, header.length);
    if (left.size() - sizeof header < header.length) return std::nullopt;
    Frame frame{
        static_cast<FrameKind>(header.kind), std::string(left.substr(sizeof header, header.length)), {}};
    left.remove_prefix(sizeof header + header.length);
    return frame;
}

bool send_frame(int socket, FrameKind kind, std::string_view payload, std::vector<int> const& descriptors) {
    Header header{static_cast<std::uint64_t>(kind), payload.size()};
    ssize_t const sent = send_header(socket, header, descriptors);
    if (sent < 0) return false;
    auto const done = static_cast<std::size_t>(sent);
    return send_all(socket, reinterpret_cast<char const*>(&header) + done, sizeof header - done) &&
           send_all(socket, payload.data(), payload.size());
}

std::optional<Frame> receive_frame(int socket) {
    Header header;
    Frame frame;
    ssize_t const got = receive_header(socket, header, frame.descriptors);
    if (got <= 0) return std::nullopt;
    auto const done = static_cast<std::size_t>(got);
    if (!receive_all(socket, reinterpret_cast<char*>(&header) + done, sizeof header - done))
        return std::nullopt;
    if (!is_sane(header)) return std::nullopt;
    frame.kind = static_cast<FrameKind>(header.kind);
    frame.payload.resize(header.length);
    if (!receive_all(socket, frame.payload.data(), frame.payload.size())) return std::nullopt;
    return frame;
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t const written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace vaster::engine

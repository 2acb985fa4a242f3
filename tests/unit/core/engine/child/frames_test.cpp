#include "core/engine/child/frames.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::engine;

namespace {

constexpr std::size_t header_size = 2 * sizeof(std::uint64_t);

struct Sockets {
    Sockets() {
        std::array<int, 2> ends{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
        here.reset(ends[0]);
        there.reset(ends[1]);
    }

    Descriptor here;
    Descriptor there;
};

std::string header_of(std::uint64_t kind, std::uint64_t length) {
    std::array<std::uint64_t, 2> const numbers{kind, length};
    std::string bytes(sizeof numbers, '\0');
    std::memcpy(bytes.data(), numbers.data(), sizeof numbers);
    return bytes;
}

}  // namespace

TEST_CASE("frames are taken from bytes one after the other, wherever these are cut", "[engine][frames]") {
    std::string const payload("a\0b\n", 4);
    std::string const bytes = to_bytes(FrameKind::result, payload) + to_bytes(FrameKind::ended, "");
    for (std::size_t n = 0; n <= bytes.size(); ++n) {
        CAPTURE(n);
        std::string_view left = std::string_view(bytes).substr(0, n);
        auto const first = take_frame(left);
        REQUIRE(first.has_value() == (n >= header_size + payload.size()));
        if (!first) {
            CHECK(left.size() == n);  // nothing is taken of what is not complete
            continue;
        }
        CHECK(first->kind == FrameKind::result);
        CHECK(first->payload == payload);
        auto const second = take_frame(left);
        CHECK(second.has_value() == (n == bytes.size()));
        if (second) CHECK((second->kind == FrameKind::ended && second->payload.empty() && left.empty()));
    }
}

TEST_CASE("bytes that are not a frame are refused before memory is asked for", "[engine][frames]") {
    auto const most = std::uint64_t{1} << 40U;
    for (auto const& bytes :
         {header_of(0, 0), header_of(static_cast<std::uint64_t>(FrameKind::stumbled) + 1, 0),
          header_of(static_cast<std::uint64_t>(FrameKind::result), most + 1),
          std::string("Segmentation fault\n")}) {
        std::string_view left = bytes;
        CHECK_THROWS_AS(take_frame(left), DataError);
        Sockets const sockets;
        REQUIRE(write_all(sockets.there.get(), bytes));
        CHECK_FALSE(receive_frame(sockets.here.get()));
    }
}

TEST_CASE("a frame goes over a socket with its descriptors", "[engine][frames]") {
    Sockets const sockets;
    std::string const payload(1 << 20, 'x');  // more than a socket holds
    Descriptor const zero(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
    bool sent = false;
    std::thread sender(
        [&] { sent = send_frame(sockets.there.get(), FrameKind::fork, payload, {zero.get()}); });
    auto const frame = receive_frame(sockets.here.get());
    sender.join();
    CHECK(sent);
    REQUIRE(frame);
    CHECK(frame->kind == FrameKind::fork);
    CHECK(frame->payload == payload);
    REQUIRE(frame->descriptors.size() == 1);
    char byte = 'x';
    CHECK(::read(frame->descriptors[0].get(), &byte, 1) == 1);
    CHECK(byte == '\0');
}

TEST_CASE("a frame whose sender is gone in the middle is none", "[engine][frames]") {
    std::string const bytes = to_bytes(FrameKind::opened, "a description");
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        CAPTURE(n);
        Sockets sockets;
        REQUIRE(write_all(sockets.there.get(), std::string_view(bytes).substr(0, n)));
        sockets.there.reset();
        CHECK_FALSE(receive_frame(sockets.here.get()));
    }
    Sockets sockets;
    sockets.there.reset();
    CHECK_FALSE(send_frame(sockets.here.get(), FrameKind::kill, ""));
    CHECK_FALSE(write_all(-1, "text"));
}

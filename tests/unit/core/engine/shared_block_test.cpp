// One block of data for several servers.
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include "core/engine/rank/task_server.hpp"
#include "rank/few_descriptors.hpp"
#include "toy_study.hpp"

using namespace vaster;
using namespace vaster::engine;

namespace {

constexpr double patience_seconds = 60;

TaskServer new_server() {
    return TaskServer({VASTER_TOY_SERVER});
}

std::vector<std::string> read_by(pid_t process) {
    return {fmt::format("read by process {}", process)};
}

/// Inodes of the blocks that the process has mapped.
std::set<std::string> mapped_blocks(pid_t process) {
    std::set<std::string> inodes;
    std::ifstream maps(fmt::format("/proc/{}/maps", process));
    for (std::string line; std::getline(maps, line);) {
        auto const name = line.find("/memfd:vaster");
        if (name == std::string::npos) continue;
        auto const end = line.find_last_not_of(' ', name - 1);
        auto const begin = line.find_last_of(' ', end);
        inodes.insert(line.substr(begin + 1, end - begin));
    }
    return inodes;
}

/// What a server says that has been started again.
ServerEvent next_event(TaskServer& server) {
    pollfd waiting{server.fd(), POLLIN, 0};
    REQUIRE(::poll(&waiting, 1, static_cast<int>(patience_seconds * 1000)) == 1);
    return server.take_event();
}

}  // namespace

TEST_CASE("servers of a host open a study from what the first has read", "[engine][server][block]") {
    auto leader = new_server();
    auto const first = leader.open("share", patience_seconds);
    CHECK(first.notes == read_by(leader.process()));
    CHECK(first.block.size > 0);
    CHECK(leader.offer().process == ::getpid());
    auto neighbour = new_server();
    auto const second = neighbour.open("share", patience_seconds, leader.offer());
    CHECK(second.notes == read_by(leader.process()));
    CHECK(second.block == first.block);
    CHECK(second.block_problem.empty());
    CHECK(mapped_blocks(leader.process()).size() == 1);
    CHECK(mapped_blocks(neighbour.process()) == mapped_blocks(leader.process()));
}

#ifndef VASTER_SANITIZED  // which needs a descriptor itself to look at an object
TEST_CASE("a block for whose descriptor there is no room is not offered, and the reason is told",
          "[engine][server][block]") {
    auto leader = new_server();
    FewDescriptors const few(0);
    auto const description = leader.open("share", patience_seconds);
    CHECK(description.notes == read_by(leader.process()));
    CHECK(description.block.size == 0);
    CHECK_THAT(description.block_problem, Catch::EndsWith("Too many open files"));
    CHECK(leader.offer().identity.size == 0);
}
#endif

TEST_CASE("a server that is started again goes on with the block, though the first is gone",
          "[engine][server][block]") {
    std::optional<TaskServer> leader(new_server());
    (void)leader->open("share", patience_seconds);
    auto const reader = leader->process();
    auto neighbour = new_server();
    auto const opened = neighbour.open("share", patience_seconds, leader->offer());
    auto const blocks = mapped_blocks(neighbour.process());
    SECTION("its own server is killed") {}
    SECTION("the first rank's is killed, too") {
        ::kill(reader, SIGKILL);
    }
    SECTION("the first rank is gone with its server") {
        leader.reset();
    }
    auto const killed = neighbour.process();
    ::kill(killed, SIGKILL);
    neighbour.restart();
    CHECK(neighbour.process() != killed);
    auto const event = next_event(neighbour);
    REQUIRE(event.kind == ServerEvent::Kind::opened);
    CHECK(event.description.notes == read_by(reader));
    CHECK(event.description.block == opened.block);
    CHECK(mapped_blocks(neighbour.process()) == blocks);
}

TEST_CASE("the first server is started again with its own block", "[engine][server][block]") {
    auto leader = new_server();
    (void)leader.open("share", patience_seconds);
    auto const reader = leader.process();
    leader.restart();
    auto const event = next_event(leader);
    REQUIRE(event.kind == ServerEvent::Kind::opened);
    CHECK(event.description.notes == read_by(reader));
    CHECK(leader.process() != reader);
}

TEST_CASE("a block that cannot be had costs a word of why, and the server reads for itself",
          "[engine][server][block]") {
    auto leader = new_server();
    (void)leader.open("share", patience_seconds);
    auto offer = leader.offer();
    std::string problem;
    SECTION("the process is gone") {
        offer.process = 0;  // nobody's number
        problem = fmt::format("cannot open /proc/0/fd/{}: No such file or directory", offer.fd);
    }
    SECTION("the descriptor is something else by now") {
        offer.fd = STDERR_FILENO;
        offer.process = leader.process();
        problem = "the block of memory is not sealed";
    }
    SECTION("another size was announced") {
        problem = fmt::format("the block of memory has {} bytes, not 7", offer.identity.size);
        offer.identity.size = 7;
    }
    SECTION("another content was announced") {
        offer.identity.hash = "of something else";
        problem = "the block of memory is another one";
    }
    auto neighbour = new_server();
    auto const description = neighbour.open("count=4", patience_seconds, offer);
    CHECK(description.block_problem == problem);
    CHECK(description.block.size == 0);
    CHECK(description.experiments.size() == 4);
    CHECK(neighbour.offer().identity.size == 0);
    neighbour.restart();
    CHECK(next_event(neighbour).kind == ServerEvent::Kind::opened);
}

TEST_CASE("a study without a block opens as ever", "[engine][server][block]") {
    auto server = new_server();
    auto const description = server.open("count=4", patience_seconds);
    CHECK(description.block.size == 0);
    CHECK(server.offer().identity.size == 0);
    auto neighbour = new_server();
    CHECK(neighbour.open("count=4", patience_seconds, server.offer()).block_problem.empty());
    CHECK(mapped_blocks(neighbour.process()).empty());
}

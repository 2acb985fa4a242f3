// Processors and threads.
#include "base/support/processors.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

using namespace vaster;

TEST_CASE("each of several calls has a thread of its own, where it may run", "[support][processors]") {
    auto const processors = usable_processors();
    REQUIRE_FALSE(processors.empty());
    std::vector<std::thread::id> threads(4);
    std::vector<std::vector<std::size_t>> seen(4);
    in_threads(4, {processors.front()}, [&](std::size_t i) {
        threads[i] = std::this_thread::get_id();
        seen[i] = usable_processors();
    });
    CHECK(threads[0] == std::this_thread::get_id());
    CHECK(seen[0] == processors);  // the calling thread stays where it was
    for (std::size_t i = 1; i < 4; ++i) {
        CHECK(threads[i] != threads[0]);
        CHECK(seen[i] == std::vector<std::size_t>{processors.front()});
    }
    CHECK(usable_processors() == processors);
}

TEST_CASE("what a thread throws comes out when all have ended", "[support][processors]") {
    std::atomic<int> n_ended = 0;
    auto const throwing = [&](std::size_t i) {
        ++n_ended;
        if (i > 0) throw std::runtime_error(fmt::format("thread {}", i));
    };
    CHECK_THROWS_WITH(in_threads(3, {}, throwing), "thread 1");
    CHECK(n_ended == 3);
    in_threads(0, {}, throwing);
    CHECK(n_ended == 3);
}

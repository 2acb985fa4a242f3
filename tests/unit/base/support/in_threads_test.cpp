#include "base/support/in_threads.hpp"

#include <atomic>
#include <barrier>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster;

namespace {

/// What is thrown out of 100 pieces of work, of which these fail.
std::string thrown(std::size_t n_threads, std::vector<std::size_t> const& failing) {
    try {
        for_each_in_threads({n_threads}, 100, [&](std::size_t i) {
            for (std::size_t const bad : failing)
                if (i == bad) throw std::runtime_error(std::to_string(i));
        });
    } catch (std::runtime_error const& error) {
        return error.what();
    }
    return "nothing";
}

}  // namespace

TEST_CASE("each piece is done once, whatever the number of threads", "[support][threads]") {
    for (std::size_t const n_threads : {1U, 2U, 8U, 300U}) {
        std::vector<std::atomic<int>> times(100);
        for_each_in_threads({n_threads}, times.size(), [&](std::size_t i) { ++times[i]; });
        for (auto const& time : times) CHECK(time == 1);
    }
    for_each_in_threads({4}, 0, [](std::size_t) { FAIL("there is nothing to do"); });
}

TEST_CASE("what is thrown does not depend on the number of threads", "[support][threads]") {
    for (std::size_t const n_threads : {1U, 2U, 8U}) {
        CHECK(thrown(n_threads, {}) == "nothing");
        CHECK(thrown(n_threads, {60, 17, 18}) == "17");
        CHECK(thrown(n_threads, {99}) == "99");
    }
}

TEST_CASE("other threads run on the processors that they are told, this one stays", "[support][threads]") {
    auto const processors = usable_processors();
    REQUIRE_FALSE(processors.empty());
    constexpr std::size_t n = 4;
    std::vector<std::thread::id> threads(n);
    std::vector<std::vector<std::size_t>> seen(n);
    std::barrier all_here(n);  // so that each has one piece
    for_each_in_threads({n, {processors.front()}}, n, [&](std::size_t i) {
        all_here.arrive_and_wait();
        threads[i] = std::this_thread::get_id();
        seen[i] = usable_processors();
    });
    std::size_t n_here = 0;
    for (std::size_t i = 0; i < n; ++i) {
        bool const here = threads[i] == std::this_thread::get_id();
        n_here += here ? 1 : 0;
        CHECK(seen[i] == (here ? processors : std::vector<std::size_t>{processors.front()}));
    }
    CHECK(n_here == 1);
    CHECK(usable_processors() == processors);
}

TEST_CASE("whoever looks up may end all", "[support][threads]") {
    for (std::size_t const n_threads : {1U, 3U}) {
        std::size_t looks = 0;
        auto const look_up = [&] {
            if (++looks == 3) throw std::logic_error("enough");
        };
        std::atomic<std::size_t> done = 0;
        CHECK_THROWS_AS(for_each_in_threads(
                            {n_threads}, 1'000'000, [&](std::size_t) { ++done; }, look_up),
                        std::logic_error);
        CHECK(looks == 3);
        if (n_threads == 1) CHECK(done == 2);
    }
}

#include "base/support/in_threads.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster;

namespace {

/// What is thrown out of 100 pieces of work, of which these fail.
std::string thrown(std::size_t n_threads, std::vector<std::size_t> const& failing) {
    try {
        for_each_in_threads(n_threads, 100, [&](std::size_t i) {
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
        for_each_in_threads(n_threads, times.size(), [&](std::size_t i) { ++times[i]; });
        for (auto const& time : times) CHECK(time == 1);
    }
    for_each_in_threads(4, 0, [](std::size_t) { FAIL("there is nothing to do"); });
}

TEST_CASE("what is thrown does not hang on the number of threads", "[support][threads]") {
    for (std::size_t const n_threads : {1U, 2U, 8U}) {
        CHECK(thrown(n_threads, {}) == "nothing");
        CHECK(thrown(n_threads, {60, 17, 18}) == "17");
        CHECK(thrown(n_threads, {99}) == "99");
    }
}

TEST_CASE("whoever looks up may end all", "[support][threads]") {
    for (std::size_t const n_threads : {1U, 3U}) {
        std::size_t looks = 0;
        auto const look_up = [&] {
            if (++looks == 3) throw std::logic_error("enough");
        };
        std::atomic<std::size_t> done = 0;
        CHECK_THROWS_AS(for_each_in_threads(
                            n_threads, 1'000'000, [&](std::size_t) { ++done; }, look_up),
                        std::logic_error);
        CHECK(looks == 3);
        if (n_threads == 1) CHECK(done == 2);
    }
}

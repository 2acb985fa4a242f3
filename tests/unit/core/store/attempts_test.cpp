// Attempts that went well are noted many at a time.
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "core/store/reader.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"
#include "processes.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

constexpr std::int64_t most_waiting = 64;
constexpr std::size_t ring = 1024;

/// The number is the attempt's.
study::Attempt attempt(std::int64_t number, std::string outcome = "done") {
    return {1, number, 0, "node7", 1000.0, 0.5, std::move(outcome), "attempt " + std::to_string(number)};
}

/// Numbers of all attempts that a file shows; each must follow the one before and have its own message.
std::vector<std::int64_t> shown(std::filesystem::path const& path) {
    std::vector<std::int64_t> numbers;
    for (auto const& one : Reader(path).attempts()) {
        if (!numbers.empty()) REQUIRE(one.attempt == numbers.back() + 1);
        REQUIRE(one.message == "attempt " + std::to_string(one.attempt));
        numbers.push_back(one.attempt);
    }
    return numbers;
}

}  // namespace

TEST_CASE("a failed attempt is in the file at once, with all that waited before it", "[store][attempts]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    Writer writer(path);
    for (int i = 1; i <= 3; ++i) writer.log_attempt(attempt(i));
    writer.log_attempt(attempt(4, "timeout"));
    CHECK(shown(path) == std::vector<std::int64_t>{1, 2, 3, 4});
}

TEST_CASE("never more than a few attempts wait, and none once costs are noted or the file is synced",
          "[store][attempts]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    Writer writer(path);
    for (std::int64_t i = 1; i <= 200; ++i) {
        writer.log_attempt(attempt(i));
        auto const numbers = shown(path);
        REQUIRE(static_cast<std::int64_t>(numbers.size()) > i - most_waiting);
    }
    writer.sync();
    CHECK(shown(path).size() == 200);
    writer.log_attempt(attempt(201));
    writer.log_cost({});
    CHECK(shown(path).size() == 201);
    writer.log_attempt(attempt(202));
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    writer.idle();
    CHECK(shown(path).size() == 202);
}

TEST_CASE("attempts that wait for each other go round the ring, over several runs", "[store][attempts]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    std::int64_t number = 0;
    for (int run = 0; run < 3; ++run) {
        Writer writer(path);
        for (int i = 0; i < 999; ++i) writer.log_attempt(attempt(++number, i % 100 == 7 ? "error" : "done"));
    }
    auto const numbers = shown(path);
    CHECK(numbers.size() == ring);
    CHECK(numbers.back() == number);
    CHECK(verify(path).empty());
}

TEST_CASE("a kill at any moment loses the attempts that waited, and leaves no bad row",
          "[store][attempts][kill]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    auto random = random_stream(1, "attempts kill test", Purpose::simulate);
    std::int64_t known = 0;
    auto const has_wrapped = [&] { return known > static_cast<std::int64_t>(ring); };  // later if it is busy
    for (int round = 0; round < 40 || (round < 2000 && !has_wrapped()); ++round) {
        example::Process child([&](auto tell) {
            Writer writer(path);
            tell(-1);
            for (auto number = known + 1;; ++number) {
                writer.log_attempt(attempt(number));
                tell(static_cast<int>(number));
            }
        });
        REQUIRE(child.hear() == -1);
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(10000)));
        child.kill();
        auto acknowledged = known;
        for (int const number : child.hear_all()) acknowledged = number;

        auto const bad = verify(path);
        INFO("round " << round << (bad.empty() ? "" : ": " + bad.front().text()));
        REQUIRE(bad.empty());
        auto const numbers = shown(path);
        auto const newest = numbers.empty() ? 0 : numbers.back();
        REQUIRE(newest > acknowledged - most_waiting);
        REQUIRE(newest >= known);
        known = newest;
    }
    CHECK(has_wrapped());
}

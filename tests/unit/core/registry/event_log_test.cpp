#include "core/registry/event_log.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "core/registry/json.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::registry;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

Author const author{"ann", "h", "2026-01-01T00:00:00Z", "1"};

/// A log with a version, and somewhere for temporary files.
struct Example {
    testing::TemporaryFolder folder;
    fs::path tmp = folder.path() / "tmp";
    EventLog log{folder.path() / "m", "m"};

    Example() {
        fs::create_directories(folder.path() / "m" / "events");
        fs::create_directories(tmp);
        log.add(
            [](State const&) {
                Change change{What::add, 1};
                change.kept = Kept{"c", "f", 10, "0.1"};
                return std::vector<Change>{change};
            },
            author, tmp);
    }

    void note(std::string const& text) const {
        log.add([&](State const&) { return std::vector<Change>{{What::note, 1, "", text}}; }, author, tmp);
    }

    [[nodiscard]] fs::path event(int revision) const {
        return folder.path() / "m" / "events" / fmt::format("{:06}.json", revision);
    }
};

std::vector<std::string> notes_in(State const& state) {
    std::vector<std::string> notes;
    for (auto const& note : state.versions.front().notes) notes.push_back(note.text);
    return notes;
}

void replace_text(fs::path const& path, std::string const& text) {
    fs::remove(path);
    std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("what events come to is the same with the cache and without", "[registry]") {
    Example const example;
    for (auto const* text : {"a", "b", "c"}) example.note(text);
    auto const state = example.log.state();
    CHECK(state.revision == 4);
    CHECK(notes_in(state) == std::vector<std::string>{"a", "b", "c"});
    CHECK(example.log.cached() == state);
    CHECK(example.log.replay([](Event const&) { return true; }) == state);
    fs::remove(example.folder.path() / "m" / "state.json");
    CHECK(example.log.state() == state);
    replace_text(example.folder.path() / "m" / "state.json", "{\"revision\": 99}");
    CHECK(example.log.state() == state);
    CHECK(example.log.replay([](Event const& event) { return event.revision <= 2; }).revision == 2);
}

TEST_CASE("a cache that is behind its events, or ahead of them, does no harm", "[registry]") {
    Example const example;
    example.note("a");
    auto const early = read_file(example.folder.path() / "m" / "state.json");
    example.note("b");
    auto const late = read_file(example.folder.path() / "m" / "state.json");
    replace_text(example.folder.path() / "m" / "state.json", early);
    CHECK(notes_in(example.log.state()) == std::vector<std::string>{"a", "b"});
    fs::remove(example.event(3));
    replace_text(example.folder.path() / "m" / "state.json", late);
    CHECK(notes_in(example.log.state()) == std::vector<std::string>{"a"});
}

TEST_CASE("events that are missing or were changed are an error that names the file", "[registry]") {
    Example const example;
    for (auto const* text : {"a", "b", "c"}) example.note(text);
    fs::remove(example.folder.path() / "m" / "state.json");
    auto const second = read_file(example.event(2));

    fs::remove(example.event(2));
    CHECK_THROWS_WITH(example.log.state(), Contains("000002.json is missing, though there are later events"));
    CHECK_THROWS_AS(example.note("d"), DataError);

    auto changed = second;
    changed[changed.find("\"a\"") + 1] = 'x';
    replace_text(example.event(2), changed);
    CHECK_THROWS_WITH(example.log.state(), Contains("000002.json was changed after it was written"));

    Event other;
    other.revision = 2;
    other.changes = {{What::note, 1, "", "z"}};
    other.before = "somebody else";
    replace_text(example.event(2), to_json(other));
    CHECK_THROWS_WITH(example.log.state(), Contains("000002.json does not follow the event before it"));

    replace_text(example.event(2), second.substr(0, second.size() / 2));
    CHECK_THROWS_WITH(example.log.state(), Contains("000003.json does not follow the event before it"));
    replace_text(example.event(2), read_file(example.event(3)));
    CHECK_THROWS_WITH(example.log.state(), Contains("000002.json says that it is event 3"));
    replace_text(example.event(2), second);
    CHECK(example.log.state().revision == 4);
}

TEST_CASE("an event that somebody is writing is not there yet, and if he dies it never will be",
          "[registry]") {
    Example const example;
    example.note("a");
    auto const whole = read_file(example.event(2));
    std::ofstream(example.event(3)) << whole.substr(0, 40);
    CHECK(example.log.state().revision == 2);
    auto const long_ago = fs::file_time_type::clock::now() - std::chrono::minutes(1);
    fs::last_write_time(example.event(3), long_ago);
    CHECK(example.log.state().revision == 3);
    example.note("b");
    CHECK(example.log.state().revision == 4);
    CHECK(notes_in(example.log.state()) == std::vector<std::string>{"a", "b"});
    CHECK(example.log.replay([](Event const&) { return true; }) == example.log.state());
}

TEST_CASE("an event for which there is no room leaves nothing behind", "[registry]") {
    Example const example;
    example.note("a");
    auto const before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit usual{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &usual) == 0);
    rlimit const small{100, usual.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_THROWS_AS(example.note("b"), IoError);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &usual) == 0);
    std::signal(SIGXFSZ, before);
    CHECK(fs::is_empty(example.tmp));
    CHECK(notes_in(example.log.state()) == std::vector<std::string>{"a"});
}

TEST_CASE("a request is looked at again when somebody was quicker", "[registry]") {
    Example const example;
    bool first = true;
    std::vector<std::uint64_t> seen;
    example.log.add(
        [&](State const& state) {
            seen.push_back(state.revision);
            if (std::exchange(first, false)) example.note("in between");
            return std::vector<Change>{{What::note, 1, "", "mine"}};
        },
        author, example.tmp);
    CHECK(seen == std::vector<std::uint64_t>{1, 2});
    CHECK(notes_in(example.log.state()) == std::vector<std::string>{"in between", "mine"});
    CHECK(fs::is_empty(example.tmp));
}

TEST_CASE("eight writers of whom some are killed lose nothing, leave no gap and never share a number",
          "[registry]") {
    Example const example;
    constexpr int n_writers = 8;
    constexpr int n_notes = 25;
    int promised[2] = {-1, -1};
    REQUIRE(::pipe(promised) == 0);
    std::vector<pid_t> writers;
    for (int writer = 0; writer < n_writers; ++writer) {
        auto const pid = ::fork();
        REQUIRE(pid >= 0);
        if (pid == 0) {
            for (int i = 0; i < n_notes; ++i) {
                example.note(fmt::format("{}.{}", writer, i));
                auto const line = fmt::format("{}.{}\n", writer, i);
                if (::write(promised[1], line.data(), line.size()) < 0) ::_exit(1);
                // Some die of it, in the middle of whatever comes next.
                if (writer % 2 == 1 && i == n_notes / 2) ::alarm(0), ::raise(SIGKILL);
            }
            ::_exit(0);
        }
        writers.push_back(pid);
    }
    ::close(promised[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(promised[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(n));
    ::close(promised[0]);
    for (auto const pid : writers) ::waitpid(pid, nullptr, 0);

    auto const state = example.log.replay([](Event const&) { return true; });
    CHECK(state == example.log.state());
    auto const notes = notes_in(state);
    std::set<std::string> const distinct(notes.begin(), notes.end());
    CHECK(distinct.size() == notes.size());
    CHECK(state.revision == notes.size() + 1);
    std::istringstream lines(text);
    std::size_t n_promised = 0;
    for (std::string line; std::getline(lines, line); ++n_promised) CHECK(distinct.contains(line));
    CHECK(n_promised == n_writers / 2 * n_notes + n_writers / 2 * (n_notes / 2 + 1));
    CHECK(notes.size() == n_promised);
}

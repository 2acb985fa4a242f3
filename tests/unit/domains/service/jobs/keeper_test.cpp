#include "domains/service/jobs/keeper.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace vaster;
using namespace vaster::service;

namespace fs = std::filesystem;

namespace {

struct Run {
    Ended ended;
    std::string output;
};

std::string text_in(fs::path const& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

Run run(Keeper& keeper, std::vector<std::string> arguments, std::string const& directory = "/") {
    auto const path = fs::temp_directory_path() / fmt::format("keeper_{}", ::getpid());
    Descriptor const output(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    Run one;
    one.ended = keeper.run({std::move(arguments), directory, {"SEEN=yes"}, 0}, output, output);
    one.output = text_in(path);
    fs::remove(path);
    return one;
}

Run shell(Keeper& keeper, std::string const& text) {
    return run(keeper, {"/bin/sh", "-c", text});
}

bool is_alive(pid_t process) {
    std::string const stat = text_in(fmt::format("/proc/{}/stat", process));
    auto const end = stat.rfind(')');
    return end != std::string::npos && stat.at(end + 2) != 'Z';
}

void wait_until_gone(pid_t process) {
    for (int i = 0; i < 3000 && is_alive(process); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK_FALSE(is_alive(process));
}

}  // namespace

TEST_CASE("a program runs where it is told, with its environment and without input", "[jobs]") {
    Keeper keeper;
    auto const one = shell(keeper, "pwd; echo $SEEN; cat; echo wrong >&2; exit 3");
    CHECK(one.ended.start_error == 0);
    CHECK(WEXITSTATUS(one.ended.wait_status) == 3);
    CHECK(one.output == "/\nyes\nwrong\n");
    CHECK(one.ended.left_behind.empty());
    CHECK(one.ended.peak_rss_bytes > 0);
    CHECK(WTERMSIG(shell(keeper, "kill -9 $$").ended.wait_status) == SIGKILL);
}

TEST_CASE("what the launcher of ranks has said is not passed on", "[jobs]") {
    for (auto const* const name : {"OMPI_COMM_WORLD_RANK", "VASTER_ENDING_PIPE", "VASTER_ENDING_FILE"}) {
        ::setenv(name, "3", 1);
        Keeper keeper;
        CHECK(shell(keeper, fmt::format("echo ${{{}-none}}", name)).output == "none\n");
        ::unsetenv(name);
    }
}

TEST_CASE("a program that cannot be started is told from one that fails", "[jobs]") {
    Keeper keeper;
    auto const missing = run(keeper, {"no-such-program-anywhere"});
    CHECK(missing.ended.start_error == ENOENT);
    CHECK(missing.ended.start_step == "cannot run 'no-such-program-anywhere'");
    auto const nowhere = run(keeper, {"true"}, "/no-such-folder");
    CHECK(nowhere.ended.start_step == "cannot go to the folder /no-such-folder");
    CHECK(shell(keeper, "true").ended.wait_status == 0);
}

TEST_CASE("processes that a program leaves are found and killed, whatever they have made of themselves",
          "[jobs]") {
    Keeper keeper;
    auto const one =
        shell(keeper, "setsid sh -c 'setsid sleep 1000 & echo $!; exec sleep 1000' & sleep 0.1; echo $!");
    CHECK(WEXITSTATUS(one.ended.wait_status) == 0);
    CHECK_FALSE(one.ended.left_behind.empty());
    std::istringstream numbers(one.output);
    int n = 0;
    for (pid_t process = 0; numbers >> process; ++n) wait_until_gone(process);
    CHECK(n == 2);
    CHECK(shell(keeper, "sleep 0.05 &").ended.left_behind.empty());  // it ends by itself
}

TEST_CASE("when the process that has made the keeper is killed, all that it runs is killed", "[jobs]") {
    auto const path = fs::temp_directory_path() / fmt::format("keeper_victims_{}", ::getpid());
    pid_t const owner = ::fork();
    if (owner == 0) {
        Keeper keeper;
        (void)shell(keeper, fmt::format("sh -c 'sleep 1000; :' & echo $! $$ > {0}.new; mv {0}.new {0}; wait",
                                        path.string()));
        ::_exit(0);
    }
    for (int i = 0; i < 3000 && !fs::exists(path); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::istringstream numbers(text_in(path));
    fs::remove(path);
    ::kill(owner, SIGKILL);
    ::waitpid(owner, nullptr, 0);
    int n = 0;
    for (pid_t process = 0; numbers >> process; ++n) wait_until_gone(process);
    CHECK(n == 2);
}

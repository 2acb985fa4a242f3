#include "base/support/problem.hpp"

#include <filesystem>
#include <new>
#include <stdexcept>
#include <system_error>

#include <catch2/catch.hpp>

using namespace vaster;

TEST_CASE("only what nobody outside of the program can cause is called a bug", "[support][problem]") {
    CHECK(problem_of(DataError("wrong data")).code == ExitCode::data);
    CHECK(problem_of(DataError("wrong data")).text == "wrong data");
    CHECK(problem_of(std::bad_alloc()).code == ExitCode::unavailable);
    CHECK(problem_of(std::system_error(ENOSPC, std::generic_category(), "cannot write")).code ==
          ExitCode::io);
    CHECK(problem_of(std::logic_error("a broken promise")).code == ExitCode::internal);
    CHECK(problem_of(std::logic_error("a broken promise")).text == "bug: a broken promise");
}

TEST_CASE("an error of the file system names the path and the system's reason", "[support][problem]") {
    try {
        (void)std::filesystem::file_size("/no/such/file");
        FAIL("there is one");
    } catch (std::exception const& error) {
        auto const problem = problem_of(error);
        CHECK(problem.code == ExitCode::io);
        CHECK(problem.text == "/no/such/file: No such file or directory");
    }
}

TEST_CASE("control characters in an error are shown by their numbers", "[support][problem]") {
    CHECK(problem_of(DataError("unknown answer '1\x1A'\nand more")).text ==
          "unknown answer '1\\x1A'\nand more");
}

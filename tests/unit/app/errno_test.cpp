// The arguments of a call are evaluated in any order: what reads errno must not stand beside the call that
// sets it, or a message gives the reason of another failure.
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
namespace fs = std::filesystem;

namespace {

/// The conditions of require<...>(CONDITION, "...", ..., system_reason(errno)) that make a system call.
std::vector<std::string> hasty_conditions(std::string const& text) {
    static std::regex const statement(R"(require<\w+>\(([^;"]*),\s*"[^;]*system_reason\(errno\))");
    static std::regex const call(R"(::[a-z]\w*\()");
    std::vector<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), statement), end; at != end; ++at)
        if (std::string const condition = (*at)[1]; std::regex_search(condition, call))
            found.push_back(condition);
    return found;
}

}  // namespace

TEST_CASE("no condition makes the system call whose errno its message reads", "[app][errno]") {
    for (auto const& entry : fs::recursive_directory_iterator(VASTER_SOURCE_DIR "/src"))
        if (entry.path().extension() == ".cpp")
            for (auto const& condition : hasty_conditions(read_file(entry.path())))
                FAIL_CHECK(entry.path().string() << ": " << condition);
}

TEST_CASE("a condition that makes a system call beside errno is found", "[app][errno]") {
    CHECK(hasty_conditions("require<IoError>(::fsync(fd) == 0, \"cannot sync {}\", system_reason(errno));")
              .size() == 1);
    CHECK(hasty_conditions("require<IoError>(done, \"cannot sync {}\", system_reason(errno));").empty());
    CHECK(hasty_conditions("require<IoError>(::fsync(fd) == 0, \"cannot sync\");").empty());
}

TEST_CASE("a file that cannot be put in its place is refused with the reason for that", "[app][errno]") {
    testing::TemporaryFolder const folder;
    fs::create_directories(folder.path() / "taken" / "inside");
    errno = ENOTTY;
    CHECK_THROWS_WITH(write_file_atomically(folder.path() / "taken", "text"),
                      Catch::Contains("Is a directory") || Catch::Contains("Directory not empty"));
}

#include "core/run/cancel_file.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <fmt/core.h>
#include <unistd.h>

using namespace vaster;
using namespace vaster::run;

namespace fs = std::filesystem;

TEST_CASE("what is cancelled adds up in the file beside the study, until it is forgotten", "[run]") {
    auto const study = fs::temp_directory_path() / fmt::format("cancel_{}.h5", ::getpid());
    CHECK(cancelled_in(study).empty());
    cancel_in(study, {false, {{3}, {0xabcdef}}});
    cancel_in(study, {false, {{3}, {7}}});
    auto const some = cancelled_in(study);
    CHECK_FALSE(some.all);
    CHECK(some.some == std::set<ExperimentId>{{3}, {7}, {0xabcdef}});
    CHECK(some.has({7}));
    CHECK_FALSE(some.has({8}));
    std::ofstream(cancel_file(study), std::ios::app) << "neither word nor number\n";
    CHECK(cancelled_in(study).some.size() == 3);
    cancel_in(study, {true, {}});
    CHECK(cancelled_in(study).has({8}));
    forget_cancelled(study);
    CHECK(cancelled_in(study).empty());
    CHECK_NOTHROW(forget_cancelled(study));
}

#define CATCH_CONFIG_RUNNER
#include "catch.hpp"

#include <catch2/catch.hpp>

namespace vaster::testing {

int run_catch(int argc, char** argv, std::string const& output) {
    Catch::Session session;
    if (int const problem = session.applyCommandLine(argc, argv)) return problem;
    if (!output.empty()) session.configData().outputFilename = output;
    return session.run();
}

}  // namespace vaster::testing

#pragma once

#include <string>

namespace vaster::testing {

/// Runs the Catch2 tests of this program as its arguments say. @param output  file for what is said; empty:
/// standard output
int run_catch(int argc, char** argv, std::string const& output = {});

}  // namespace vaster::testing

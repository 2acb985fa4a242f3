#pragma once  // Stable.

namespace vaster {

/// What main() was given; MPI_Init may take arguments out.
struct Invocation {
    int& argc;
    char**& argv;
};

}  // namespace vaster

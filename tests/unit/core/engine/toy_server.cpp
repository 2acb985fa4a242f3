// The task server of the tests: what `vaster task-server` is for real studies.
#include <cstdlib>

#include "toy_study.hpp"

int main(int argc, char** argv) {
    return vaster::engine::serve(std::atoi(argv[argc - 1]), vaster::engine::open_toy);
}

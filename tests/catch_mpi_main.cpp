// Runs the Catch2 tests of a program on every rank; the worst verdict counts, ranks but the first log to a
// file each.
#include <string>

#include <boost/mpi/collectives.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <fmt/core.h>

#include "catch.hpp"

int main(int argc, char** argv) {
    boost::mpi::environment const mpi(argc, argv);
    boost::mpi::communicator const world;
    std::string const output =
        world.rank() == 0 ? "" : fmt::format("{}-rank{}of{}.log", argv[0], world.rank(), world.size());
    return boost::mpi::all_reduce(world, vaster::testing::run_catch(argc, argv, output),
                                  boost::mpi::maximum<int>());
}

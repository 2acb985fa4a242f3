// Runs the Catch2 tests of a program on every rank; the worst verdict counts, ranks but the first log to a
// file each.
#define CATCH_CONFIG_RUNNER
#include <boost/mpi/collectives.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <catch2/catch.hpp>
#include <fmt/core.h>

int main(int argc, char** argv) {
    boost::mpi::environment const mpi(argc, argv);
    boost::mpi::communicator const world;
    Catch::Session session;
    if (int const problem = session.applyCommandLine(argc, argv)) return problem;
    if (world.rank() != 0)
        session.configData().outputFilename =
            fmt::format("{}-rank{}of{}.log", argv[0], world.rank(), world.size());
    return boost::mpi::all_reduce(world, session.run(), boost::mpi::maximum<int>());
}

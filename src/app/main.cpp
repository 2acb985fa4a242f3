#include "app/domains.hpp"
#include "vaster/cli/program.hpp"

int main(int argc, char** argv) {
    return vaster::cli::run_program(argc, argv, vaster::app::domains());
}

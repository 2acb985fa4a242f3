#include "catch.hpp"

int main(int argc, char** argv) {
    return vaster::testing::run_catch(argc, argv);
}

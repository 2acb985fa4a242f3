#include "vaster/study/identity.hpp"

#include <set>

#include <catch2/catch.hpp>
#include <fmt/core.h>

using namespace vaster;
using study::identity_of;

TEST_CASE("the identity of a text is its XXH3, the same for ever", "[study][identity]") {
    // numbers: XXH3_64bits of libxxhash 0.8.1, called from Python
    CHECK(identity_of("").value == 0x2D06800538D394C2);
    CHECK(identity_of("n=50 p=0.1").value == 0x644A4E3C1FB65851);
}

TEST_CASE("designs that differ in a letter have different identities", "[study][identity]") {
    std::set<ExperimentId> seen;
    for (int n = 0; n < 1000; ++n) {
        seen.insert(identity_of(fmt::format("n={} p=0.1", n)));
        seen.insert(identity_of(fmt::format("n={} p=0.1 ", n)));
    }
    CHECK(seen.size() == 2000);
}

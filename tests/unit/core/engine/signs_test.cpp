#include "core/engine/signs.hpp"

#include <catch2/catch.hpp>

using namespace vaster::engine;

TEST_CASE("a rank that is silent with its process is lost after the limit", "[engine][signs]") {
    CHECK(judge({9.9, 9.9}, 10) == Alive::yes);
    CHECK(judge({10.1, 10.1}, 10) == Alive::silent);
}

TEST_CASE("a rank whose process gives signs may be silent for six times the limit", "[engine][signs]") {
    CHECK(judge({59, 0.5}, 10) == Alive::yes);
    CHECK(judge({61, 0.5}, 10) == Alive::stuck);
    CHECK(judge({61, 11}, 10) == Alive::silent);
}

TEST_CASE("a rank that still sends messages lives, whatever became of the other signs", "[engine][signs]") {
    CHECK(judge({1, 500}, 10) == Alive::yes);
}

TEST_CASE("where signs of processes never came a rank is lost after three times the limit",
          "[engine][signs]") {
    CHECK(judge({29, {}}, 10) == Alive::yes);
    CHECK(judge({31, {}}, 10) == Alive::silent);
    CHECK(judge({61, {}}, 10) == Alive::silent);
}

TEST_CASE("a rank takes itself for lost before the others can have done so, and not much sooner",
          "[engine][signs]") {
    constexpr double between_signs = 0.5;
    for (double const limit : {2.0, 3.0, 10.0, 600.0}) {
        CHECK(longest_stop(limit) < limit - between_signs);
        CHECK(longest_stop(limit) >= limit / 2);
        CHECK(longest_stop(limit) >= limit - 2 * between_signs);
    }
    CHECK(longest_stop(0.5) > 0);
}

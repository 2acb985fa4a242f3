#include "core/engine/crew.hpp"

#include <catch2/catch.hpp>

using namespace vaster::engine;

namespace {

/// Ranks 0 and 1 on one host, 2 on another.
Crew two_hosts() {
    Crew crew(3);
    crew.set_host(0, "node1");
    crew.set_host(1, "node1");
    crew.set_host(2, "node2");
    return crew;
}

}  // namespace

TEST_CASE("a rank is silent when nothing was heard of it for too long, but never rank 0", "[engine][crew]") {
    Crew crew(4);
    crew.heard(1, 10);
    crew.heard(2, 35);
    CHECK(crew.silent(40, 30) == std::vector<int>{3});
    CHECK(crew.silent(40.5, 30) == std::vector<int>{1, 3});
    crew.remove(3);
    CHECK(crew.silent(40.5, 30) == std::vector<int>{1});
    CHECK(crew.others() == std::vector<int>{1, 2});
}

TEST_CASE("a host on which three different experiments fail in a row gets no more", "[engine][crew]") {
    Crew crew = two_hosts();
    CHECK_FALSE(crew.on_failure(0, 7));
    CHECK_FALSE(crew.on_failure(1, 7));
    CHECK_FALSE(crew.on_failure(1, 8));
    CHECK(crew.trusted(0));
    CHECK(crew.on_failure(0, 9));
    CHECK_FALSE(crew.on_failure(0, 10));
    CHECK_FALSE(crew.trusted(0));
    CHECK_FALSE(crew.trusted(1));
    CHECK(crew.trusted(2));
}

TEST_CASE("a result between failures speaks for the host", "[engine][crew]") {
    Crew crew = two_hosts();
    for (int round = 0; round < 5; ++round) {
        CHECK_FALSE(crew.on_failure(0, 1));
        CHECK_FALSE(crew.on_failure(0, 2));
        crew.on_result(1);
    }
    CHECK(crew.trusted(0));
}

TEST_CASE("without another host a bad one must do", "[engine][crew]") {
    Crew crew = two_hosts();
    for (unsigned index = 0; index < 3; ++index) crew.on_failure(0, index);
    CHECK_FALSE(crew.trusted(0));
    crew.remove(2);
    CHECK(crew.trusted(0));
    Crew all_bad = two_hosts();
    for (unsigned index = 0; index < 3; ++index) {
        all_bad.on_failure(0, index);
        all_bad.on_failure(2, index);
    }
    CHECK(all_bad.trusted(0));
    CHECK(all_bad.trusted(2));
}

#include "core/engine/rank0/ranks.hpp"

#include <optional>
#include <stdexcept>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster::engine;

namespace {

/// Ranks 0 and 1 on one host, 2 on another.
Ranks two_hosts() {
    Ranks ranks(3);
    ranks.set_host(0, "node1");
    ranks.set_host(1, "node1");
    ranks.set_host(2, "node2");
    return ranks;
}

}  // namespace

TEST_CASE("a rank is silent when nothing was heard of it for too long, but never rank 0", "[engine][ranks]") {
    Ranks ranks(4);
    ranks.heard(1, 10);
    ranks.heard(2, 35);
    CHECK(ranks.silent(40, 30) == std::vector<int>{3});
    CHECK(ranks.silent(40.5, 30) == std::vector<int>{1, 3});
    ranks.leave(3, PeerState::lost);
    CHECK(ranks.silent(40.5, 30) == std::vector<int>{1});
    CHECK(ranks.others() == std::vector<int>{1, 2});
}

TEST_CASE("a host on which three different experiments fail in a row gets no more", "[engine][ranks]") {
    Ranks ranks = two_hosts();
    CHECK_FALSE(ranks.on_failure(0, 7));
    CHECK_FALSE(ranks.on_failure(1, 7));
    CHECK_FALSE(ranks.on_failure(1, 8));
    CHECK(ranks.trusted(0));
    CHECK(ranks.on_failure(0, 9));
    CHECK_FALSE(ranks.on_failure(0, 10));
    CHECK_FALSE(ranks.trusted(0));
    CHECK_FALSE(ranks.trusted(1));
    CHECK(ranks.trusted(2));
}

TEST_CASE("a result between failures speaks for the host", "[engine][ranks]") {
    Ranks ranks = two_hosts();
    for (int round = 0; round < 5; ++round) {
        CHECK_FALSE(ranks.on_failure(0, 1));
        CHECK_FALSE(ranks.on_failure(0, 2));
        ranks.on_result(1);
    }
    CHECK(ranks.trusted(0));
}

TEST_CASE("without another host a bad one must do", "[engine][ranks]") {
    Ranks ranks = two_hosts();
    for (unsigned index = 0; index < 3; ++index) ranks.on_failure(0, index);
    CHECK_FALSE(ranks.trusted(0));
    ranks.leave(2, PeerState::retired);
    CHECK(ranks.trusted(0));
    Ranks all_bad = two_hosts();
    for (unsigned index = 0; index < 3; ++index) {
        all_bad.on_failure(0, index);
        all_bad.on_failure(2, index);
    }
    CHECK(all_bad.trusted(0));
    CHECK(all_bad.trusted(2));
}

namespace {

Assignment task_number(std::uint64_t number) {
    Assignment assignment;
    assignment.number = number;
    assignment.open.emplace_back();
    return assignment;
}

}  // namespace

TEST_CASE("a rank begins its task, may get another one to follow it, and goes on with that",
          "[engine][ranks]") {
    Ranks ranks(2);
    CHECK(ranks[1].state == PeerState::unready);
    ranks.ready(1);
    CHECK(ranks.in(PeerState::idle) == std::vector<int>{1});
    ranks.begin(1, task_number(7));
    CHECK(ranks[1].state == PeerState::begun);
    ranks.ready(1);  // asked before the task came
    CHECK(ranks[1].state == PeerState::begun);
    CHECK(ranks.n_busy() == 1);
    CHECK(ranks.n_running() == 1);
    ranks.set_prefetched(1, HandedOut{{}, task_number(8)});
    CHECK(ranks[1].state == PeerState::working);
    CHECK(ranks.in(PeerState::begun).empty());
    CHECK(ranks.n_running() == 1);
    CHECK(ranks.end_task(1, 5).number == 7);
    CHECK(ranks[1].state == PeerState::begun);
    CHECK(ranks[1].task->since == 5);
    CHECK_FALSE(ranks[1].prefetched);
    ranks.set_prefetched(1, std::nullopt);
    CHECK(ranks.end_task(1, 6).number == 8);
    CHECK(ranks[1].state == PeerState::unready);
    CHECK(ranks.n_busy() == 0);
    CHECK(ranks.task_of(1) == nullptr);
}

TEST_CASE("a rank that has left takes no part, whatever it says", "[engine][ranks]") {
    Ranks ranks(3);
    ranks.leave(1, PeerState::retired);
    ranks.leave(2, PeerState::lost);
    for (int const rank : {1, 2}) {
        ranks.ready(rank);
        CHECK_FALSE(ranks.takes_part(rank));
    }
    CHECK(ranks.n_taking_part() == 1);
    CHECK(ranks.others().empty());
    ranks.leave(1, PeerState::lost);
    CHECK(ranks.count(PeerState::lost) == 2);
    CHECK(ranks.count(PeerState::retired) == 0);
    CHECK_THROWS_AS(ranks.begin(1, task_number(1)), std::logic_error);
}

#include "core/run/own_cores.hpp"

#include <catch2/catch.hpp>

using namespace vaster::run;

using Shares = std::vector<std::uint32_t>;

TEST_CASE("ranks of a host share its cores evenly", "[run][cores]") {
    std::vector<std::string> const four{"0:0", "0:1", "1:0", "1:1"};
    CHECK(shares_of_cores({{"a", four}}) == Shares{4});
    CHECK(shares_of_cores({{"a", four}, {"a", four}}) == Shares{2, 2});
    CHECK(shares_of_cores({{"a", four}, {"a", four}, {"a", four}}) == Shares{1, 1, 1});
    CHECK(shares_of_cores({{"a", four}, {"b", four}, {"b", four}}) == Shares{4, 2, 2});
}

TEST_CASE("a rank that is bound has no more cores than it may use", "[run][cores]") {
    CHECK(shares_of_cores({{"a", {"0:0"}}, {"a", {"0:1"}}}) == Shares{1, 1});
    CHECK(shares_of_cores({{"a", {"0:0", "0:1"}}, {"a", {"1:0", "1:1"}}}) == Shares{2, 2});
    CHECK(shares_of_cores({{"a", {"0:0"}}, {"a", {"0:0", "0:1", "0:2", "0:3"}}}) == Shares{1, 2});
}

TEST_CASE("more ranks than cores, or cores that nobody knows, leave one for each", "[run][cores]") {
    CHECK(shares_of_cores({{"a", {"0:0"}}, {"a", {"0:0"}}, {"a", {"0:0"}}}) == Shares{1, 1, 1});
    CHECK(shares_of_cores({{"a"}, {"b"}}) == Shares{1, 1});
    CHECK(shares_of_cores({}).empty());
}

TEST_CASE("this rank has a core", "[run][cores]") {
    auto const own = cores_of_this_rank();
    CHECK_FALSE(own.host.empty());
    CHECK(own.cores == names_of_cores());
    CHECK_FALSE(own.cores.empty());
}

#include "core/report/checkup.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace vaster::report;

namespace {

RankFindings rank(int number, std::string const& host, Health memory, std::string const& fingerprint = "f") {
    return {number,
            host,
            fingerprint,
            {{"MPI", Health::ok, "2 ranks", ""},
             {"memory", memory, "little", memory == Health::ok ? "" : "use less"}}};
}

}  // namespace

TEST_CASE("what is not well is told with the hosts that have it", "[report][doctor]") {
    auto const findings =
        merged({rank(0, "a", Health::ok), rank(1, "b", Health::warn), rank(2, "c", Health::warn)});
    REQUIRE(findings.size() == 3);
    CHECK(findings[0].seen == "2 ranks");
    CHECK(findings[1].health == Health::warn);
    CHECK(findings[1].seen == "little (on hosts b, c only)");
    CHECK(findings[2].check == "same bytes");
    CHECK(health_of(findings) == Health::warn);
    CHECK(checkup_text(findings) ==
          "ok   MPI           2 ranks\n"
          "warn memory        little (on hosts b, c only): use less\n"
          "ok   same bytes    every rank computes the same results\n");
    auto const everywhere = merged({rank(0, "a", Health::fail), rank(1, "b", Health::fail)});
    CHECK(everywhere[1].seen == "little (on every rank)");
    CHECK(health_of(everywhere) == Health::fail);
}

TEST_CASE("one host of several is named, and single ranks where their host is not affected as a whole",
          "[report][doctor]") {
    auto seen = [](std::vector<RankFindings> const& ranks) { return merged(ranks).at(1).seen; };
    auto const ok = Health::ok;
    auto const bad = Health::fail;
    CHECK(seen({rank(0, "a", ok), rank(1, "a", ok), rank(2, "b", bad), rank(3, "b", bad)}) ==
          "little (on host b only)");
    CHECK(seen({rank(0, "a", bad), rank(1, "b", ok)}) == "little (on host a only)");
    CHECK(seen({rank(0, "a", ok), rank(1, "a", ok), rank(2, "b", ok), rank(3, "b", bad)}) ==
          "little (on rank 3 on host b only)");
    CHECK(seen({rank(0, "a", ok), rank(1, "a", bad), rank(2, "a", bad)}) == "little (on ranks 1, 2 only)");
    CHECK(seen({rank(0, "a", bad)}) == "little");
}

TEST_CASE("of many hosts the first are named and the others counted", "[report][doctor]") {
    std::vector<RankFindings> ranks{rank(0, "a", Health::ok)};
    for (int i = 1; i <= 12; ++i) ranks.push_back(rank(i, "b" + std::to_string(10 + i), Health::fail));
    CHECK(merged(ranks).at(1).seen ==
          "little (on hosts b11, b12, b13, b14, b15, b16, b17, b18 and 4 more only)");
}

TEST_CASE("different troubles of one check are told one by one, the worst first", "[report][doctor]") {
    auto third = rank(2, "c", Health::fail);
    third.findings[1].seen = "none";
    third.findings[1].advice = "buy some";
    auto const findings = merged({rank(0, "a", Health::ok), rank(1, "b", Health::warn), third});
    REQUIRE(findings.size() == 4);
    CHECK(findings[1].seen == "none (on host c only)");
    CHECK(findings[2].seen == "little (on host b only)");
}

TEST_CASE("where rank 0 alone tells of all ranks no host is added", "[report][doctor]") {
    auto first = rank(0, "a", Health::warn);
    auto second = rank(1, "b", Health::ok);
    second.findings[1].seen = "";
    auto const findings = merged({first, second});
    CHECK(findings[1].seen == "little");
    CHECK(findings[1].health == Health::warn);
}

TEST_CASE("a host that computes other bytes is a failure", "[report][doctor]") {
    auto const findings = merged({rank(0, "a", Health::ok), rank(1, "b", Health::ok, "g")});
    CHECK(health_of(findings) == Health::fail);
    CHECK(findings.back().seen == "other results than on rank 0 on host a are computed on host b");
    auto const json = nlohmann::json::parse(checkup_json(findings));
    CHECK(json.size() == 3);
    CHECK(json[2]["health"] == "FAIL");
    CHECK(json[2]["check"] == "same bytes");
}

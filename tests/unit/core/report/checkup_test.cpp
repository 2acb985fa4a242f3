#include "core/report/checkup.hpp"

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

TEST_CASE("of all ranks' findings the worst is told, with where it was found", "[report][doctor]") {
    auto const findings =
        merged({rank(0, "a", Health::ok), rank(1, "b", Health::warn), rank(2, "c", Health::warn)});
    REQUIRE(findings.size() == 3);
    CHECK(findings[0].seen == "2 ranks");
    CHECK(findings[1].health == Health::warn);
    CHECK(findings[1].seen == "little (rank 1 on b, and 1 more)");
    CHECK(findings[2].check == "same bytes");
    CHECK(health_of(findings) == Health::warn);
    CHECK(checkup_text(findings) ==
          "ok   MPI           2 ranks\n"
          "warn memory        little (rank 1 on b, and 1 more): use less\n"
          "ok   same bytes    every rank computes the same results\n");
    auto const everywhere = merged({rank(0, "a", Health::fail), rank(1, "b", Health::fail)});
    CHECK(everywhere[1].seen == "little (on every rank)");
    CHECK(health_of(everywhere) == Health::fail);
}

TEST_CASE("a host that computes other bytes is a failure", "[report][doctor]") {
    auto const findings = merged({rank(0, "a", Health::ok), rank(1, "b", Health::ok, "g")});
    CHECK(health_of(findings) == Health::fail);
    CHECK(findings.back().seen.find("rank 1 on b") != std::string::npos);
    auto const json = nlohmann::json::parse(checkup_json(findings));
    CHECK(json.size() == 3);
    CHECK(json[2]["health"] == "FAIL");
    CHECK(json[2]["check"] == "same bytes");
}

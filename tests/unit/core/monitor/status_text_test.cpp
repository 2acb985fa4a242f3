#include "core/monitor/status_text.hpp"

#include <regex>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sample_run.hpp"

using namespace vaster;
using namespace vaster::monitor;
using Catch::Matchers::Contains;

TEST_CASE("the status as JSON", "[monitor][status]") {
    auto const json = nlohmann::json::parse(status_json(testing::sample_run()));
    CHECK(json["study"] == "a \"study\"");
    CHECK(json["phase"] == "running");
    CHECK(json["experiments"]["done"] == 2);
    CHECK(json["experiments"]["left"] == 7);
    CHECK(json["seconds_left"] == 30);
    CHECK(json["ranks"][1]["experiments"] == std::vector<int>{2, 3});
    CHECK(json["ranks"][0]["state"] == "idle");
    CHECK(json["failures"][0]["final"] == true);
    CHECK(json["file_bytes"] == 12345);
}

TEST_CASE("the metrics are Prometheus text", "[monitor][status]") {
    // https://prometheus.io/docs/instrumenting/exposition_formats: every line is a comment or a sample; HELP
    // and TYPE once before a family's samples; label values with escaped quotes
    std::string const text = metrics_text(testing::sample_run());
    std::regex const sample(
        R"re(([a-z_]+)\{(([a-z]+="([^"\\]|\\.)*")(,[a-z]+="([^"\\]|\\.)*")*)\} (NaN|[-+0-9.e]+))re");
    std::istringstream lines(text);
    std::set<std::string> typed;
    int samples = 0;
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        if (line.starts_with("# TYPE ")) {
            auto const name = line.substr(7, line.find(' ', 7) - 7);
            CHECK(typed.insert(name).second);
            continue;
        }
        if (line.starts_with("# HELP ")) continue;
        std::smatch match;
        REQUIRE(std::regex_match(line, match, sample));
        CHECK(typed.contains(match[1]));
        ++samples;
    }
    CHECK(samples > 20);
    CHECK_THAT(
        text,
        Contains(
            "vaster_experiments{study=\"a \\\"study\\\"\",file=\"/data/study.h5\",status=\"done\"} 2\n"));
    CHECK_THAT(text, Contains("status=\"pending\"} 5\n"));
    CHECK_THAT(text, Contains("outcome=\"crash\"} 1\n"));
    CHECK_THAT(text, Contains("vaster_rank_peak_rss_bytes{study=\"a "
                              "\\\"study\\\"\",file=\"/data/study.h5\",rank=\"0\"} 5242880\n"));
}

TEST_CASE("the status page tells all and escapes what it shows", "[monitor][status]") {
    RunState state = testing::sample_run();
    std::string const page = status_page(state);
    CHECK_THAT(page, Contains("a &quot;study&quot;"));
    CHECK_THAT(page, Contains("out_domain A&lt;P 0.5 and 1 more"));
    CHECK_THAT(page, Contains("killed by &lt;SIGSEGV&gt;"));
    CHECK_THAT(page, Contains("Mean &lt;accuracy&gt;") && Contains("<td>0.467</td>"));
    CHECK_THAT(page, Contains("http-equiv=\"refresh\""));
    CHECK_THAT(page, !Contains("http://") && !Contains("https://") && !Contains("<script"));
    state.phase = RunPhase::finished;
    CHECK_THAT(status_page(state), !Contains("http-equiv=\"refresh\""));
}

TEST_CASE("the status of a run that has not begun can be shown", "[monitor][status]") {
    RunState const state;
    CHECK(nlohmann::json::parse(status_json(state))["experiments"]["total"] == 0);
    CHECK_THAT(metrics_text(state), Contains("vaster_running"));
    CHECK_THAT(status_page(state), Contains("</html>"));
}

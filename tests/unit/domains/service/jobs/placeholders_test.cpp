#include "domains/service/jobs/placeholders.hpp"

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::service;

TEST_CASE("placeholders are filled, and other braces stay", "[jobs]") {
    Placeholders const values{{"site", "AP"}, {"two words", "x"}};
    auto const plain = [&](std::string_view text) { return fill(text, values, Quoting::none); };
    CHECK(plain("clean-{site}/{site}.csv") == "clean-AP/AP.csv");
    CHECK(plain("{two words}") == "x");
    CHECK(plain("{{site}}") == "{site}");
    CHECK(plain("echo ${site} ${HOME}") == "echo ${site} ${HOME}");
    CHECK(plain("awk '{print $1}' a{1,3} {} { } {") == "awk '{print $1}' a{1,3} {} { } {");
    CHECK_THROWS_WITH(plain("{sites}"), Catch::Contains("{sites} stands for nothing") &&
                                            Catch::Contains("did you mean 'site'?") &&
                                            Catch::Contains("{{sites}}"));
    CHECK_THROWS_WITH(fill("{site}", {}, Quoting::none), Catch::Contains("without foreach"));
    CHECK(fill("find -exec {} +", {}, Quoting::none) == "find -exec {} +");
}

TEST_CASE("values are words of the shell where the text is for it", "[jobs]") {
    CHECK(fill("cat {f}", {{"f", "a b"}}, Quoting::shell) == "cat 'a b'");
    CHECK(fill("cat {f}", {{"f", "a b"}}, Quoting::none) == "cat a b");
}

TEST_CASE("the forms of an item are those of GNU parallel", "[jobs]") {
    auto const forms = [](std::string const& item) {
        return fill("{} {.} {/} {/.} {//}", {{"", item}}, Quoting::shell);
    };
    CHECK(forms("in/deaths.csv.gz") == "in/deaths.csv.gz in/deaths.csv deaths.csv.gz deaths.csv in");
    CHECK(forms("deaths") == "deaths deaths deaths deaths .");
    CHECK(fill("{.} {//}", {}, Quoting::none) == "{.} {//}");
}

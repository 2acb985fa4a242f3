#include "core/report/blocks.hpp"

#include <catch2/catch.hpp>

using namespace vaster;

TEST_CASE("lines of a block are broken at blanks, but not within a p value", "[report][verdict]") {
    std::string const sentence =
        "This sentence is so long that a terminal of one hundred characters breaks it right before its (p = "
        "0.123) here.";
    auto const tables = report::text_of({{"Title", {sentence, "Short."}}}, "HEADING");
    REQUIRE(tables.size() == 1);
    CHECK(tables[0].title == "HEADING\nTitle");
    REQUIRE(tables[0].notes.size() == 3);
    for (auto const& line : tables[0].notes) CHECK(line.size() <= 100);
    CHECK_THAT(tables[0].notes[1], Catch::StartsWith("    (p = 0.123)"));
    CHECK(tables[0].notes[2] == "  - Short.");
    CHECK(report::text_of({}, "HEADING").empty());
}

#include "base/support/nearest.hpp"

#include <vector>

#include <catch2/catch.hpp>

using vaster::edit_distance;
using vaster::nearest_name;

TEST_CASE("the edit distance counts letters that are inserted, dropped or changed", "[support][nearest]") {
    CHECK(edit_distance("cause", "cause") == 0);
    CHECK(edit_distance("cause", "causes") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("", "abc") == 3);
}

TEST_CASE("a misspelt name has a nearest one, a strange name has none", "[support][nearest]") {
    std::vector<std::string> const known = {"site", "cause", "injury_confirmed"};
    CHECK(nearest_name("sit", known) == "site");
    CHECK(nearest_name("injury_confirmd", known) == "injury_confirmed");
    CHECK(nearest_name("injuryconfirmed2", known) == "injury_confirmed");
    CHECK(nearest_name("SITE", known) == "site");
    CHECK_FALSE(nearest_name("ID", std::vector<std::string>{"a", "age"}).has_value());
    CHECK_FALSE(nearest_name("village", known).has_value());
    CHECK_FALSE(nearest_name("site", {}).has_value());
}

TEST_CASE("a suggestion is the nearest name, or else all there are", "[support][nearest]") {
    std::vector<std::string> const known = {"site", "cause"};
    CHECK(vaster::did_you_mean("sites", known) == "did you mean 'site'?");
    CHECK(vaster::did_you_mean("weather", known).empty());
    CHECK(vaster::suggestion("CAUSE", known, "there are") == "did you mean 'cause'?");
    CHECK(vaster::suggestion("weather", known, "there are") == "there are: site, cause");
}

#include "base/support/texts.hpp"

#include <cstdlib>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

using namespace vaster;

TEST_CASE("blanks at the ends of a text go, those within stay", "[support][texts]") {
    CHECK(stripped(" \t a b\r\n") == "a b");
    CHECK(stripped("a") == "a");
    CHECK(stripped(" \n\v\f ").empty());
    CHECK(stripped("").empty());
}

TEST_CASE("the shortest text of a number is read back as the same", "[support][texts]") {
    CHECK(ShortestText(0.1).view() == "0.1");
    CHECK(ShortestText(std::int64_t{-7}).view() == "-7");
    CHECK(ShortestText(std::numeric_limits<std::uint64_t>::max()).view() == "18446744073709551615");
    for (double const number : {1.0 / 3, -5e-324, 1.7976931348623157e308, 9496.0}) {
        std::string const text(ShortestText(number).view());
        CHECK(std::strtod(text.c_str(), nullptr) == number);
    }
}

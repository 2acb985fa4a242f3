#include "base/support/texts.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

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

namespace {

std::string by_library(double number) {
    std::string text(64, ' ');
    text.resize(static_cast<std::size_t>(std::to_chars(text.data(), text.data() + text.size(), number).ptr -
                                         text.data()));
    return text;
}

/// Numbers of each size and form, their neighbours and their negatives.
std::vector<double> many_numbers() {
    std::vector<double> numbers{0,
                                -0.0,
                                5e-324,
                                1e-3,
                                0.00099999999999999998,
                                999999999999999.9,
                                1e15,
                                1e22,
                                0.5,
                                std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN()};
    std::mt19937_64 random(12);
    for (int i = 0; i < 20000; ++i) {
        auto const bits = random();
        numbers.push_back(std::bit_cast<double>(bits));
        // Of what sensors say: few digits, or means of such.
        double const few = static_cast<double>(bits % 2000000) * std::pow(10, -static_cast<double>(i % 9));
        numbers.insert(numbers.end(), {few, few / 3, 1 / (few + 1), few * 1e9 + 0.1});
    }
    auto const n = numbers.size();
    for (std::size_t i = 0; i < n; ++i) {
        numbers.push_back(-numbers[i]);
        numbers.push_back(std::nextafter(numbers[i], 1e300));
    }
    return numbers;
}

}  // namespace

TEST_CASE("the shortest text of any number is that of std::to_chars", "[support][texts]") {
    for (double const number : many_numbers()) {
        auto const text = by_library(number);
        if (ShortestText(number).view() != text)
            FAIL_CHECK(text << " became " << ShortestText(number).view());
    }
}

TEST_CASE("a word for a shell is in quotes where it needs them", "[support][texts]") {
    CHECK(shell_word("a-b_c.csv") == "a-b_c.csv");
    CHECK(shell_word("my deaths.csv") == "'my deaths.csv'");
    CHECK(shell_word("Cote d'Ivoire") == R"('Cote d'\''Ivoire')");
    CHECK(shell_word("") == "''");
}

TEST_CASE("a count goes with its noun", "[support]") {
    CHECK(counted(0, "job") == "0 jobs");
    CHECK(counted(1, "job") == "1 job");
    CHECK(counted(20000, "job") == "20000 jobs");
}

#include "base/support/growing_text.hpp"

#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

using namespace vaster;

TEST_CASE("a text grows by what is appended and by what is written into its room", "[support]") {
    GrowingText text;
    std::string expected;
    CHECK(text.view().empty());
    for (int i = 0; i < 20'000; ++i) {
        auto const piece = std::to_string(i);
        if (i % 3 == 0) {
            text.append(piece);
        } else {
            std::memcpy(text.room(piece.size() + 100), piece.data(),
                        piece.size());  // less than there is room for
            text.took(piece.size());
        }
        text.append(';');
        expected += piece;
        expected += ';';
    }
    text.append("");
    CHECK(text.size() == expected.size());
    CHECK(text.view() == expected);
}

TEST_CASE("a text that is cleared keeps its memory", "[support]") {
    GrowingText text;
    text.append(std::string(1'000'000, 'a'));
    auto const* const memory = text.view().data();
    text.clear();
    CHECK(text.view().empty());
    text.append(std::string(1'000'000, 'b'));
    CHECK(text.view().data() == memory);
    CHECK(text.view() == std::string(1'000'000, 'b'));
}

TEST_CASE("a text that was moved away is empty and can be used again", "[support]") {
    GrowingText text;
    text.append("abc");
    GrowingText other(std::move(text));
    CHECK(other.view() == "abc");
    text = GrowingText();
    CHECK(text.view().empty());
    text.append("def");
    other = std::move(text);
    CHECK(other.view() == "def");
}

TEST_CASE("room that no memory has is refused as such, and the text stays", "[support]") {
    GrowingText text;
    text.append("abc");
    CHECK_THROWS_AS(text.room(std::numeric_limits<std::size_t>::max() - 1), std::bad_alloc);
    CHECK(text.view() == "abc");
}

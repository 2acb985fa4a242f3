#include "base/support/byte_text.hpp"

#include <catch2/catch.hpp>

using namespace vaster;

namespace {

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        std::size_t const length = byte_at_front(text) >= 0 ? 4 : length_of_character(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace

TEST_CASE("text that is UTF-8 stays as it is", "[support][bytes]") {
    for (std::string const text :
         {"", "plain", "Bohol \u00e4\u20ac\U0001F600", "line\nand\ttab", "\u07ff\uffff"}) {
        CHECK(bytes_to_text(text) == text);
        CHECK(text_to_bytes(text) == text);
        CHECK(legible(text) == text);
    }
}

TEST_CASE("any bytes become UTF-8 and the same bytes again", "[support][bytes]") {
    for (int first = 0; first < 256; ++first)
        for (int second = 0; second < 256; ++second) {
            std::string const bytes{'a', static_cast<char>(first), static_cast<char>(second), 'z'};
            auto const text = bytes_to_text(bytes);
            if (is_utf8(text) && text_to_bytes(text) == bytes) continue;
            INFO(first << " " << second);
            FAIL("not the same");
        }
    for (std::string const bytes :
         {"\xF4\x8F\xBA\x80", "\xF4\x8F\xBB\xBF", "\xF4\x8F\xBA", "\xF4\x8F\xBC\x80"})
        CHECK(text_to_bytes(bytes_to_text(bytes)) == bytes);
}

TEST_CASE("a byte stands for itself in the last digits of its character", "[support][bytes]") {
    CHECK(bytes_to_text("\xE4.h5") == "\U0010FEE4.h5");
    CHECK(bytes_to_text("\x80") == "\U0010FE80");
    CHECK(bytes_to_text("\xFF") == "\U0010FEFF");
    CHECK(text_to_bytes("\U0010FEBF\U0010FEC0") == "\xBF\xC0");
}

TEST_CASE("what no reader of UTF-8 takes is not taken for it", "[support][bytes]") {
    // too long a form, half of a pair, beyond the last character, cut off
    for (std::string const bytes : {"\xC0\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xED\xA0\x80",
                                    "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xC3"}) {
        INFO(legible(bytes));
        CHECK(length_of_character(bytes) == 0);
    }
}

TEST_CASE("people see the number of a byte that is not a character", "[support][bytes]") {
    CHECK(legible("folder/\xE4\u00e4.h5") == "folder/\\xE4\u00e4.h5");
}

TEST_CASE("control characters are shown by their numbers, tabs and line feeds stay", "[support][bytes]") {
    std::string const text("a\tb\n\x1A\r\x7F\x00z\u00e4", 11);
    CHECK(printable(text) == "a\tb\n\\x1A\\x0D\\x7F\\x00z\u00e4");
    CHECK(legible(text) == printable(text));
    CHECK(printable("\xE4\x1B") == "\xE4\\x1B");
}

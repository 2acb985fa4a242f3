#include "base/csv/utf8.hpp"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

using vaster::csv::first_bad_utf8;

TEST_CASE("well-formed UTF-8 has no bad byte", "[table][utf8]") {
    for (std::string_view const text :
         {"", "plain", "Düsseldorf", "दिल्ली", "\xF0\x9F\x99\x82", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"}) {
        CHECK(first_bad_utf8(text) == std::string_view::npos);
    }
}

// The cases are those of table 3-7 of the Unicode standard, version 15.
TEST_CASE("what RFC 3629 forbids is found at its first byte", "[table][utf8]") {
    for (std::string_view const bad :
         {"\xE9t\xE9",                                     // Latin-1
          "\x80",                                          // continuation without lead
          "\xC0\xAF",                                      // overlong /
          "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF",  // overlong
          "\xED\xA0\x80",                                  // surrogate
          "\xF4\x90\x80\x80",                              // above U+10FFFF
          "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x99", "\xE2\x82z", "\xC3z"}) {
        CHECK(first_bad_utf8(std::string("ab") + std::string(bad)) == 2);
    }
}

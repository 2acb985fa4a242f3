#include "domains/va/data/spellings.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster::va;

TEST_CASE("blanks at the ends and runs of blanks do not count, no-break spaces among them",
          "[va][spellings]") {
    CHECK(tidied("  Lung  cancer\t") == "Lung cancer");
    CHECK(tidied("\u00A0Lung\u202F \u00A0cancer\u2007") == "Lung cancer");
    CHECK(tidied(" \u00A0 ").empty());
    CHECK(trimmed("\u00A0 a  b\r\n") == "a  b");
    CHECK(tidied("caf\u00E9") == "caf\u00E9");
}

TEST_CASE("small letters stand for capital ones, and accents stay", "[va][spellings]") {
    CHECK(folded("PNEUMONIA") == "pneumonia");
    CHECK(folded("\u00C9pilepsie \u0160 \u010C") == "\u00E9pilepsie \u0161 \u010D");
    CHECK(folded("\u0393\u03A1\u0399\u03A0\u0397") == "\u03B3\u03C1\u03B9\u03C0\u03B7");
    CHECK(folded("\u0418\u041D\u0424\u0410\u0420\u041A\u0422") ==
          "\u0438\u043D\u0444\u0430\u0440\u043A\u0442");
    CHECK(folded("S\u1ED0T") == "s\u1ED1t");
    CHECK(folded("epilepsie") != folded("\u00E9pilepsie"));
    CHECK(folded("\u00D7\u00DF\U0001F600") == "\u00D7\u00DF\U0001F600");
}

TEST_CASE("numbers have one spelling, and what has an exponent is none", "[va][spellings]") {
    for (std::string const one : {"1", "1.0", "1.00", "01", "1.", "001.000"}) CHECK(plain_number(one) == "1");
    for (std::string const zero : {"0", "0.0", "-0", "00"}) CHECK(plain_number(zero) == "0");
    CHECK(plain_number("9.50") == "9.5");
    CHECK(plain_number("-1.0") == "-1");
    for (std::string const other : {"", "-", ".", "1e0", "+1", "1,0", "0x1", "1 0", ".5", "nan"})
        CHECK_FALSE(plain_number(other).has_value());
}

TEST_CASE("words for nothing may be written in small and capital letters, and more can be told",
          "[va][spellings]") {
    NothingWords const words({" undetermined "});
    for (std::string const word :
         {"", "NA", "na", "N/A", "n/a", "NaN", "nan", "NULL", "<NA>", "#N/A", ".", "-", "Undetermined"})
        CHECK(words.contains(word));
    for (std::string const word : {"Nausea", "none", "0", "99", "N", "--"}) CHECK_FALSE(words.contains(word));
    CHECK_FALSE(NothingWords().contains("Undetermined"));
}

TEST_CASE("texts are listed with their counts, the most frequent first", "[va][spellings]") {
    CHECK(listed({{"", 15}, {"NA", 4021}}) == "\"NA\" (4,021), empty (15)");
    std::vector<CountedText> many;
    for (int i = 0; i < 11; ++i) many.push_back({std::to_string(i), 1});
    CHECK(listed(many).ends_with("\"7\" (1), and 3 more"));
    CHECK(grouped(999) == "999");
    CHECK(grouped(1234567) == "1,234,567");
}

TEST_CASE("texts of a file are quoted with control characters as numbers", "[va][spellings]") {
    CHECK(quoted("1\x1A") == "\"1\\x1A\"");
    CHECK(listed({{"\x07", 2}}) == "\"\\x07\" (2)");
}

#include "domains/va/data/answer_coding.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "encoded_tables.hpp"

using namespace vaster::va;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using vaster::test::EncodedTable;
using Texts = std::vector<std::string>;

namespace {

/// A table of three symptoms; rows are given as the cells of one death.
EncodedTable table(Texts const& rows) {
    std::string text = "site,cause,a,b,c\n";
    for (std::size_t i = 0; i < rows.size(); ++i) text += (i % 2 == 0 ? "A,x," : "B,y,") + rows[i] + "\n";
    return EncodedTable(text);
}

Texts answers(Texts const& rows) {
    return table(rows).answers();
}

std::string coding(Texts const& rows) {
    return table(rows).read().reading.coding;
}

std::string error(Texts const& rows) {
    return table(rows).error();
}

}  // namespace

TEST_CASE("each coding of encoded tables is known from all cells of the file", "[va][coding]") {
    CHECK(answers({"Y,,.", ",,", "-,y,"}) == Texts{"Y-.", "---", ".Y-"});
    CHECK(answers({"Y,,.", ",,", "-,y,N"}) == Texts{"Y..", "...", ".Y-"});
    CHECK(answers({"y,n,.", "n,NA,y", "-,n,"}) == Texts{"Y-.", "-.Y", ".-."});
    CHECK(answers({"1,0,.", "0.0,1.00,nan", "NA,,01"}) == Texts{"Y-.", "-Y.", "..Y"});
    CHECK(answers({"yes,no,dk", "No,YES,ref", ",NA,Yes"}) == Texts{"Y-.", "-Y.", "..Y"});
    CHECK(answers({"TRUE,FALSE,NA", "True,f,", "T,false,."}) == Texts{"Y-.", "Y-.", "Y-."});
    CHECK(answers({"\" 1\",0\u00A0,<NA>", "#N/A,null,1", "N/A,0,-"}) == Texts{"Y-.", "..Y", ".-."});
}

TEST_CASE("what an empty cell means can turn out in the last row", "[va][coding]") {
    Texts rows(70, ",,");
    rows.front() = "Y,,";
    CHECK(answers(rows)[1] == "---");
    rows.back() = ",,n";
    CHECK(answers(rows)[0] == "Y..");
    CHECK(answers(rows)[1] == "...");
    CHECK(answers(rows)[69] == "..-");
}

TEST_CASE("the coding is told in one line with the spellings and their counts", "[va][coding]") {
    CHECK(coding({"Y,y,n", "N,y,.", "-,n,n", "y,,n"}) ==
          "y|Y/n|N, missing \".\" (1), \"-\" (1), empty (1); empty (1) is missing, since 'n' is used");
    CHECK(coding({"Y,,", ",Y,"}) == "Y/empty; no cell says missing");
    CHECK(coding({"1.0,0.0,nan", "1.0,0.0,0.0"}) == "1.0/0.0, missing \"nan\" (1)");
    CHECK_THAT(table({"Y,,", ",Y,"}).notes(),
               Catch::VectorContains(std::string("coding: Y/empty; no cell says missing")));
}

TEST_CASE("a table in which nothing says absent, or present, is refused with the keys that help",
          "[va][coding]") {
    CHECK(error({"1,,", ",1,"}) ==
          "no cell says absent: empty (4), \"1\" (2); empty may be absent (where only what was ticked is "
          "written down) "
          "or missing: data.absent = [\"\"] or data.missing = [\"\"] says which");
    CHECK_THAT(error({"yes,,", ",Yes,"}),
               StartsWith("no cell says absent: empty (4), \"yes\" (1), \"Yes\" (1); "));
    CHECK_THAT(error({"1,NA,NA", "NA,1,"}),
               StartsWith("no cell says absent: ") &&
                   Contains("data.absent = [\"NA\", \"\"] or data.missing = [\"NA\", \"\"] says which"));
    CHECK_THAT(error({"Y,.,.", ".,Y,."}), StartsWith("no cell says absent: \".\" (4), \"Y\" (2); ."));
    CHECK_THAT(error({"0,,", ",0,"}),
               StartsWith("no cell says present: empty (4), \"0\" (2); data.present names"));
    CHECK_THAT(error({"n,,", ",n,"}), StartsWith("no cell says present: "));
    CHECK(error({",,", ",,"}) == "every symptom cell is empty; there is nothing to learn from");
    CHECK(error({",NA,", ",,"}) == "every symptom cell is empty or missing; there is nothing to learn from");
}

TEST_CASE("keys say what an empty cell means", "[va][coding]") {
    auto ticks = table({"1,,", ",1,"});
    ticks.source.spellings.absent = {""};
    CHECK(ticks.answers() == Texts{"Y--", "-Y-"});
    ticks.source.spellings = {.present = {}, .absent = {}, .missing = {""}};
    CHECK(ticks.answers() == Texts{"Y..", ".Y."});
    CHECK_THAT(ticks.read().reading.coding, StartsWith("1/(nothing says absent), missing empty (4)"));
    auto letters = table({"Y,,.", ",Y,"});
    letters.source.spellings.missing = {""};
    CHECK(letters.answers() == Texts{"Y..", ".Y."});
}

TEST_CASE("a number that is not an answer is never guessed, and told with counts and its first place",
          "[va][coding]") {
    CHECK(error({"1,0,8", "0,1,1", "0,8,0"}) ==
          "value '8' in 2 cells of 2 columns (first: line 2, column 5 (c)); data.missing = [\"8\"] if it "
          "means not "
          "known; data.present and data.absent take other spellings; a table has one coding: Y/N, Y/empty, "
          "1/0, yes/no "
          "or TRUE/FALSE");
    for (std::string const value : {"2", "9", "88", "99", "999", "-1", "9.0", "1e0", "+1"})
        CHECK_THAT(error({"1,0," + value, "0,1,1"}),
                   StartsWith("value '" + value + "' in 1 cell of 1 column"));
    CHECK_THAT(
        error({"1,0,2", "0,1,maybe"}),
        Contains("value '2' in 1 cell") && Contains("value 'maybe' in 1 cell of 1 column (first: line 3, "));
    EncodedTable named("ID,site,cause,a,b\nv7,A,x,1,0\nv8,A,y,0,9\n");
    named.source.id = "ID";
    CHECK_THAT(named.error(), Contains("(first: line 3, ID v8, column 5 (b))"));
    auto told = table({"1,0,9.0", "0,1,8", "1,0,09"});
    told.source.spellings.missing = {"8", "9"};
    CHECK(told.answers() == Texts{"Y-.", "-Y.", "Y-."});
}

TEST_CASE("all that stands against one coding is told at once", "[va][coding]") {
    CHECK_THAT(
        error({"1,0,2", "0,1,2", "1,0,yes"}),
        StartsWith("the answers cannot be read (a table has one coding: ") &&
            Contains(
                "value '2' in 2 cells of 1 column (first: line 2, column 5 (c)); data.missing = [\"2\"]") &&
            Contains("2 codings in one table: ") &&
            Contains("\"yes\" (1) (first: 'yes' on line 4, column 5 (c))"));
}

TEST_CASE("a decimal comma is named", "[va][coding]") {
    EncodedTable file("site;cause;a;b\nA;x;1;0\nA;y;0,0;1\n");
    CHECK_THAT(file.error(), Contains("'0,0' (first: line 3, column 3 (a)) has a decimal comma"));
}

TEST_CASE("two codings are refused with an example of each and the keys that join them", "[va][coding]") {
    auto mixed = table({"Y,0,1", "N,1,0", "Y,0,0"});
    CHECK(mixed.error() ==
          "2 codings in one table: \"Y\" (2), \"N\" (1) (first: 'Y' on line 2, column 3 (a)) and \"0\" (4), "
          "\"1\" (2) "
          "(first: '0' on line 2, column 4 (b)); if they mean the same, data.present = [\"Y\", \"1\"], "
          "data.absent = "
          "[\"N\", \"0\"]; a table has one coding: Y/N, Y/empty, 1/0, yes/no or TRUE/FALSE");
    mixed.source.spellings = {.present = {"1", "Y"}, .absent = {"0", "N"}, .missing = {}};
    CHECK(mixed.answers() == Texts{"Y-Y", "-Y-", "Y--"});
    CHECK_THAT(error({"yes,no,1", "no,yes,yes"}), StartsWith("2 codings in one table: "));
    CHECK_THAT(error({"Y,,dk", ",Y,"}),
               StartsWith("value 'dk' in 1 cell (first: line 2, column 5 (c)) of a table of Y and empty; "));
}

TEST_CASE("a key replaces the built-in meaning of its values only", "[va][coding]") {
    auto file = table({"1,0,.", "0,1,NA"});
    file.source.spellings.absent = {"."};
    CHECK(file.answers() == Texts{"Y--", "-Y."});
    file.source.spellings = {.present = {"no"}, .absent = {}, .missing = {"7"}};
    CHECK_THAT(file.notes(), Catch::VectorContains(std::string("data.present: 'no' occurs nowhere")) &&
                                 Catch::VectorContains(std::string("data.missing: '7' occurs nowhere")));
}

TEST_CASE("a spelling in two lists is a mistake of the keys", "[va][coding]") {
    CHECK(problems_of({.present = {"1"}, .absent = {"0"}, .missing = {"9"}}).empty());
    CHECK(problems_of({.present = {"1"}, .absent = {"0", "1.0"}, .missing = {" 1 "}}) ==
          Texts{"data.absent: \"1.0\" is in data.present already; a spelling means one thing",
                "data.missing: \" 1 \" is in data.present already; a spelling means one thing"});
}

TEST_CASE("ages and sexes are neither a second coding nor answers", "[va][coding]") {
    for (std::string const sexes : {"f,m", "F,M", "female,Male"}) {
        auto const comma = sexes.find(',');
        EncodedTable const file(
            fmt::format("site,cause,age,sex,q1\nA,x,1,{0},yes\nB,y,0,{1},no\nA,x,50,{0},yes\n"
                        "B,y,61,{0},no\nB,y,72,{1},no\n",
                        sexes.substr(0, comma), sexes.substr(comma + 1)));
        auto const error = file.error();
        CHECK_THAT(error, Contains("column 3 (age) has 3 other numbers") && Contains("column 4 (sex) has ") &&
                              Contains("data.label_columns = [\"cause\", \"age\", \"sex\"]"));
        CHECK_THAT(error, !Contains("codings in one table") && !Contains("data.missing ="));
    }
}

TEST_CASE("columns that are hardly symptoms are named, with what would leave them out", "[va][coding]") {
    EncodedTable file(
        "sid,site,cause,age,village,a\nva-1,A,x,61,Upper,1\nva-2,A,y,4,Lower,0\nva-3,B,x,33,Middle,1\n");
    CHECK(file.error() ==
          "the answers cannot be read (a table has one coding: Y/N, Y/empty, 1/0, yes/no or TRUE/FALSE):\n"
          "  column 1 (sid): data.id = \"sid\" if these are the IDs of the deaths\n"
          "  column 4 (age) has 3 other numbers, such as '33': is it a label column, an ID or a number (to "
          "be cut into "
          "groups first)?\n"
          "  column 5 (village) has 3 other values, such as 'Lower': is it a label column, an ID or one of "
          "the site, "
          "the cause or a sub-population?\n"
          "  data.label_columns = [\"cause\", \"age\", \"village\"] leaves them out, data.id takes IDs, "
          "data.weight weights");
    file.source.id = "sid";
    file.source.label_columns = {"cause", "age", "village"};
    CHECK(file.answers() == Texts{"Y", "-", "Y"});
    CHECK(file.read().reading.ignored == Texts{"age", "village"});
}

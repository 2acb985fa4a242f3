// Causes, sites, sub-populations and IDs of deaths, in both formats of tables.
#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "encoded_tables.hpp"

using namespace vaster::va;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using vaster::test::EncodedTable;
using Texts = std::vector<std::string>;

namespace {

/// A table of one symptom with these beginnings of rows: site and cause.
EncodedTable table(Texts const& rows) {
    std::string text = "site,cause,a\n";
    for (std::size_t i = 0; i < rows.size(); ++i) text += rows[i] + (i % 2 == 0 ? ",1\n" : ",0\n");
    return EncodedTable(text);
}

}  // namespace

TEST_CASE("words for nothing are not a cause, and such deaths are counted by spelling", "[va][names]") {
    auto const file =
        table({"A,x", "A,NA", "A, n/a ", "B,y", "B,", "B,.", "B,NA", "A,NULL", "A,\u00A0", "B,-", "A,nan"});
    auto const cohort = file.read();
    CHECK(cohort.causes == Texts{"x", "y"});
    CHECK(cohort.row == std::vector<std::uint32_t>{0, 3});
    CHECK(cohort.reading.rows == 11);
    auto counted = cohort.reading.no_cause;
    std::sort(counted.begin(), counted.end(), [](auto const& a, auto const& b) { return a.text < b.text; });
    CHECK(counted == std::vector<CountedText>{
                         {"", 2}, {"-", 1}, {".", 1}, {"NA", 2}, {"NULL", 1}, {"n/a", 1}, {"nan", 1}});
    CHECK_THAT(file.notes().at(1), Contains("9 of 11 rows left out: no cause in column 'cause': ") &&
                                       Contains("\"NA\" (2)") && Contains("empty (2)") &&
                                       EndsWith("(lines 3, 4, 6, 7, 8, ...)"));
}

TEST_CASE("a name for not knowing is a cause unless data.no_cause says otherwise", "[va][names]") {
    auto file = table({"A,x", "A,Undetermined", "B,undetermined", "B,y"});
    file.source.cause_case = CaseRule::fold;
    CHECK(file.read().causes == Texts{"Undetermined", "x", "y"});
    CHECK_THAT(file.notes().back(),
               Contains("'Undetermined' is a cause like any other (2 rows); data.no_cause = "
                        "[\"Undetermined\"] leaves such deaths out"));
    file.source.no_cause = {"Undetermined", "unk"};
    CHECK(file.read().causes == Texts{"x", "y"});
    CHECK_THAT(file.notes(), Catch::VectorContains(std::string("data.no_cause: 'unk' occurs nowhere")));
}

TEST_CASE("the same file with empty cells and with NA gives the same deaths", "[va][names]") {
    auto const empty = table({"A,x", "A,", "B,y"}).read();
    auto const words = table({"A,x", "A,NA", "B,y"}).read();
    CHECK(words.row == empty.row);
    CHECK(words.causes == empty.causes);
}

TEST_CASE("what older versions read in another way has another hash", "[va][names]") {
    auto const is_hash_of_content = [](EncodedTable const& file) {
        return file.read().data_hash == vaster::hash_text(vaster::read_file(file.source.path));
    };
    CHECK(is_hash_of_content(table({"A,x", "B,y", "B,"})));
    CHECK_FALSE(is_hash_of_content(table({"A,x", "B,y", "B,NA"})));
    CHECK_FALSE(is_hash_of_content(table({"A,x", "B, y", "B,y"})));
    CHECK_FALSE(is_hash_of_content(table({"A ,x", "B,y"})));
}

TEST_CASE("blanks around and inside names do not count, and are told", "[va][names]") {
    auto const file = table({"A,Lung cancer", "A, Lung  cancer", "A ,Lung cancer\u00A0", "B,y"});
    CHECK(file.read().causes == Texts{"Lung cancer", "y"});
    CHECK(file.read().sites == Texts{"A", "B"});
    CHECK_THAT(file.notes().at(1),
               Contains("column 'cause': blanks at the ends, and runs of blanks, do not count: "
                        "\" Lung  cancer\" (1), "));
    CHECK_THAT(file.notes().at(2), Contains("column 'site': blanks at the ends") && Contains("\"A \" (1)"));
}

TEST_CASE("causes that differ in case only are refused with counts, or folded to the most frequent",
          "[va][names]") {
    auto file = table({"A,PNEUMONIA", "A,Pneumonia", "B,Pneumonia", "B,malaria", "B,Malaria", "A,stroke"});
    CHECK(
        file.error() ==
        "column 'cause': causes that differ in small and capital letters only: 'malaria' (1, first on line "
        "5), "
        "'Malaria' (1, first on line 6); 'Pneumonia' (2, first on line 3), 'PNEUMONIA' (1, first on line 2); "
        "data.cause_case = \"fold\" takes the most frequent spelling of each");
    file.source.cause_case = CaseRule::fold;
    auto const cohort = file.read();
    CHECK(cohort.causes == Texts{"Pneumonia", "malaria", "stroke"});
    CHECK(cohort.cause == std::vector<std::uint32_t>{0, 0, 0, 1, 1, 2});
    CHECK_THAT(file.notes().at(1), Contains("causes taken for the same"));
    CHECK(table({"A,\u00C9pilepsie", "A,Epilepsie"}).read().causes.size() == 2);
}

TEST_CASE("sites and sub-populations that differ in case only follow data.site_case", "[va][names]") {
    auto file = table({"AP,x", "ap,x", "AP,y"});
    CHECK_THAT(file.error(),
               Contains("column 'site': sites that differ in small and capital letters only: 'AP' (2, "
                        "first on line 2), 'ap' (1, first on line 3); data.site_case = \"fold\""));
    file.source.site_case = CaseRule::fold;
    CHECK(file.read().sites == Texts{"AP"});
    EncodedTable ages("site,cause,age,a\nA,x,adult,1\nA,y,Adult,0\n");
    ages.source.population = "age";
    CHECK_THAT(ages.error(), Contains("sub-populations that differ"));
}

TEST_CASE("deaths without a site are refused with their count, unless they have no cause either",
          "[va][names]") {
    CHECK(table({"A,x", "NA,x", ",y", "n/a,", "B,y"}).error() ==
          "2 rows with a cause but no site in column 'site': \"NA\" (1), empty (1) (lines 3, 4); fill the "
          "cells in or "
          "take the rows out; data.site = \"\" takes all deaths as of one site");
    CHECK(table({"A,x", ",NA", "B,y"}).read().sites == Texts{"A", "B"});
}

TEST_CASE("words for nothing are the sub-population none", "[va][names]") {
    EncodedTable file("site,cause,age,a\nA,x,adult,1\nA,y,NA,0\nA,x,,0\nA,x, - ,1\n");
    file.source.population = "age";
    CHECK(file.read().populations == Texts{"adult", "none"});
    CHECK(file.read().population == std::vector<std::uint32_t>{0, 1, 1, 1});
}

TEST_CASE("IDs are kept with their deaths and are not symptoms", "[va][ids]") {
    EncodedTable file("ID,site,cause,a\n101,A,x,1\n102,A,NA,0\n\"103 \",B,y,0\n");
    file.source.id = "ID";
    auto const cohort = file.read();
    CHECK(cohort.symptoms == Texts{"a"});
    CHECK(cohort.ids == Texts{"101", "103"});
    CHECK(cohort.first_of_id.empty());
    EncodedTable none("ID,site,cause,a\n101,A,x,1\nNA,A,y,0\n");
    none.source.id = "ID";
    CHECK(none.error() ==
          "line 3, column 1 (ID): the ID is \"NA\"; every death needs one, or data.id = \"\"");
}

TEST_CASE("rows of one ID are refused with their lines, put together, or left to the first", "[va][ids]") {
    EncodedTable file("ID,site,cause,a\nv1,A,x,1\nv2,A,y,0\nv1,A,x,0\nv3,B,y,1\nv2,A,x,1\nv1,A,y,1\n");
    file.source.id = "ID";
    CHECK(file.error() ==
          "2 IDs in column 'ID' are there more than once: 'v1' (lines 2, 4, 7), 'v2' (lines 3, 6); "
          "data.duplicates = "
          "\"together\" takes all rows and keeps those of one ID in one part of every split, \"first\" takes "
          "the first "
          "row of each ID");
    file.source.duplicates = DuplicateRule::first;
    CHECK(file.read().row == std::vector<std::uint32_t>{0, 1, 3});
    CHECK(file.read().first_of_id.empty());
    CHECK(file.read().reading.same_id == 3);
    CHECK_THAT(file.notes().back(), Contains("3 rows left out, the first of each ID is used"));
    file.source.duplicates = DuplicateRule::together;
    CHECK(file.read().n_deaths() == 6);
    CHECK(file.read().first_of_id == std::vector<std::uint32_t>{0, 1, 0, 3, 1, 0});
    CHECK_THAT(file.notes(),
               Catch::VectorContains(std::string(
                   "2 IDs in column 'ID' are there more than once: 'v1' (lines 2, 4, 7), 'v2' (lines 3, "
                   "6); rows of one ID are always in the same part of a split")));
}

TEST_CASE("an ID at two sites cannot be kept together", "[va][ids]") {
    EncodedTable file("ID,site,cause,a\nv1,A,x,1\nv2,A,y,0\nv1,B,x,0\n");
    file.source.id = "ID";
    file.source.duplicates = DuplicateRule::together;
    CHECK_THAT(file.error(), Contains("ID 'v1' is at site 'A' on line 2 and at site 'B' on line 4"));
}

TEST_CASE("rows that are alike are told with their count and never dropped", "[va][ids]") {
    EncodedTable const file("site,cause,a,b\nA,x,1,0\nA,x,1,\nA,x,1,0\nB,x,1,0\nA,x,1,0\nA,y,1,0\n");
    CHECK(file.read().n_deaths() == 6);
    CHECK(file.read().reading.alike == 2);
    CHECK(file.notes().back() ==
          "2 rows are like an earlier one in all symptoms, site and cause (line 4 like line 2); "
          "all are used");
}

TEST_CASE("names with a control character are refused with their place", "[va][names]") {
    EncodedTable sites("site,cause,a\nA,x,1\nA\x07,x,0\nA\x07,x,0\n");
    CHECK_THAT(sites.error(), StartsWith("line 3, column 'site': \"A\\x07\" has a control character") &&
                                  Contains("(2 rows;"));
    EncodedTable causes("site,a,cause\nA,1,y\nA,0,x\x1A\n");
    CHECK_THAT(causes.error(), StartsWith("line 3, column 'cause': \"x\\x1A\" has a control character"));
    EncodedTable populations("site,cause,p,a\nA,x,old\x7F,1\nA,x,b,0\n");
    populations.source.population = "p";
    CHECK_THAT(populations.error(), StartsWith("line 2, column 'p': \"old\\x7F\" has a control character"));
    EncodedTable blanks("site,cause,a\n\"A\tB\",x,1\n\"A\nB\",\"x\r\n\",0\n");
    CHECK(blanks.read().sites == std::vector<std::string>{"A B"});
}

TEST_CASE("IDs with a control character are refused with their place", "[va][ids]") {
    EncodedTable file("site,cause,sid,a\nA,x,d1,1\nA,x,d\x1B[31m,0\n");
    file.source.id = "sid";
    CHECK_THAT(file.error(),
               StartsWith("line 3, column 3 (sid): the ID \"d\\x1B[31m\" has a control character"));
}

TEST_CASE("columns with a control character in their names are refused with their place", "[va][names]") {
    EncodedTable file("site;cause;a\x01;b\nA;x;1;0\n");
    CHECK_THAT(file.error(), StartsWith("line 1, column 3: the name \"a\\x01\" has a control character"));
}

TEST_CASE("a column like IDs that is left out though its values repeat is told", "[va][ids]") {
    EncodedTable file(
        "site,cause,sid,a\nA,x,d1,1\nA,y,d2,0\nA,x,d1,1\nA,y,d3,0\nA,y,d2,0\nA,y,d2,1\nA,y,NA,0\nA,y,NA,0\n");
    file.source.label_columns = {"sid"};
    auto const told = [&] {
        std::string all;
        for (auto const& note : file.notes()) all += note + "\n";
        return all;
    };
    CHECK_THAT(
        told(),
        Contains("column 'sid' is not used, and 2 of its 3 values are there more than once (lines 2 and 4 "
                 "have the same)") &&
            Contains("data.id = \"sid\" with data.duplicates = \"together\""));
    file.source.label_columns = {};
    file.source.id = "sid";
    file.source.duplicates = DuplicateRule::together;
    CHECK_THAT(file.error(), Contains("the ID is"));
}

TEST_CASE("values of a column like IDs that never repeat, or that are few, are not told", "[va][ids]") {
    std::string unique = "site,cause,key,a\n";
    std::string few = unique;
    for (int i = 0; i < 40; ++i) {
        unique += "A,x," + std::to_string(i) + "," + std::to_string(i % 2) + "\n";
        few += "A,x,k" + std::to_string(i % 3) + "," + std::to_string(i % 2) + "\n";
    }
    for (auto const& text : {unique, few}) {
        EncodedTable file(text);
        file.source.label_columns = {"key"};
        for (auto const& note : file.notes()) CHECK_THAT(note, !Contains("data.id"));
    }
}

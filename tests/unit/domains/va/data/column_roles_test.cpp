#include "domains/va/data/column_roles.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "encoded_tables.hpp"

using namespace vaster::va;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using vaster::test::EncodedTable;
using Texts = std::vector<std::string>;

TEST_CASE("columns that keys name and the table lacks are all told, with the nearest names",
          "[va][columns]") {
    EncodedTable file("Site,cause,injury_confirmed,a\nA,x,1,1\nB,y,0,0\n");
    file.source.label = "causes";
    file.source.population = "agegroup";
    file.source.id = "ID";
    file.source.label_columns = {"va34", "injury_confirmd", "cod5"};
    std::string const error = file.error();
    CHECK_THAT(
        error,
        StartsWith("the columns do not fit:\n  line 1: there is no column 'site', which is needed for the "
                   "site (data.site); the columns are: Site, cause, injury_confirmed, a; did you mean "
                   "'Site'?; data.site = \"\" takes all deaths as of one site"));
    CHECK_THAT(error, Contains("no column 'causes', which is needed for the causes (data.label)") &&
                          Contains("did you mean 'cause'?"));
    CHECK_THAT(error,
               Contains("no column 'agegroup', which is needed for sub-populations (data.population)"));
    CHECK_THAT(error, Contains("no column 'ID', which is needed for the IDs of the deaths (data.id)"));
    CHECK_THAT(error,
               Contains("no column 'injury_confirmd'") && Contains("did you mean 'injury_confirmed'?"));
    CHECK_THAT(error, !Contains("va34"));
}

TEST_CASE("where there is no column of sites, those that look like one are named", "[va][columns]") {
    std::string text = "district,sex,cause,a\n";
    for (int i = 0; i < 60; ++i)
        text += fmt::format("{},{},{},{}\n", i % 3 == 0 ? "North" : "South", i % 2, i % 2 == 0 ? "x" : "z",
                            i % 2);
    EncodedTable file(text);
    CHECK_THAT(file.error(), Contains("columns that look like sites: district (2 texts), cause (2 texts)"));
    file.source.site = "district";
    CHECK(file.read().sites == Texts{"North", "South"});
}

TEST_CASE("without a column of sites all deaths are of one site", "[va][columns]") {
    EncodedTable file("cause,a\nx,1\ny,0\n");
    file.source.site = "";
    auto const cohort = file.read();
    CHECK(cohort.sites == Texts{"all"});
    CHECK(cohort.site == std::vector<std::uint32_t>{0, 0});
}

TEST_CASE("symptoms whose names differ in case or blanks only are refused", "[va][columns]") {
    EncodedTable file("site,cause,Fever,fever ,cough\nA,x,1,0,1\n");
    CHECK(file.error() ==
          "line 1: columns 3 ('Fever') and 4 ('fever ') differ in small and capital letters or blanks "
          "only; rename one, or leave one out by data.label_columns");
    file.source.label_columns = {"fever"};
    CHECK(file.read().symptoms == Texts{"Fever", "cough"});
    CHECK_THAT(EncodedTable("site,Site ,cause,a\nA,B,x,1\n").error(),
               Contains("columns 1 ('site') and 2 ('Site ')"));
}

TEST_CASE("blanks around the names of columns do not count", "[va][columns]") {
    EncodedTable const file("site, cause, fever\nA,x,1\nB,y,0\n");
    CHECK(file.read().symptoms == Texts{"fever"});
}

TEST_CASE("a column without a name is taken for row names if its values differ, and refused if not",
          "[va][columns]") {
    std::string const note =
        "column 1 has no name and a different value in every row, as row names have; it is left out";
    EncodedTable const names(",site,cause,a\n1,A,x,1\n2,B,y,0\n3,B,y,0\n");
    CHECK(names.read().symptoms == Texts{"a"});
    CHECK(names.notes().front() == note);
    for (std::string const population : {"", "age"}) {
        EncodedTable file("site,cause,,a,age\nA,x,1,1,old\nB,y,0,0,old\nB,y,0,1,old\n");
        file.source.population = population;
        if (population.empty()) file.source.label_columns = {"age"};
        CHECK(file.error() ==
              "column 3 has no name, and its values are not row names (\"0\" is on line 3 and on line 4); "
              "give it a name in the header; if it is not a symptom, name it in data.label_columns, too");
    }
    CHECK(EncodedTable("site,cause,a,\nA,x,1,\nB,y,0,\n").notes().front() ==
          "column 4 has no name and no values; it is left out");
}

TEST_CASE("cells may be parted by semicolons or tabs where the header is", "[va][columns]") {
    EncodedTable const semicolons("site;cause;a\nA;\"Injuries, other\";1\nB;y;0\n");
    CHECK(semicolons.answers() == Texts{"Y", "-"});
    CHECK(semicolons.read().causes == Texts{"Injuries, other", "y"});
    CHECK(semicolons.notes().front() == "cells are parted by semicolons, as the header is");
    CHECK(EncodedTable("\xEF\xBB\xBFsite\tcause\ta\r\nA\tx\t1\r\nB\ty\t0\r\n").answers() == Texts{"Y", "-"});
    CHECK_THAT(EncodedTable("site;cause;a\nA;x;1\nB;y\n").error(),
               Contains("the row has 2 cells, the header has 3"));
}

TEST_CASE("a WHO questionnaire as it was filled in is refused as such", "[va][columns]") {
    for (std::string const prefix : {"", "consented-deceased-", "data.group.", "a:b/"}) {
        EncodedTable const file(fmt::format(
            "KEY,{0}Id10004,{0}id10019,{0}Id10077_a\nu1,wet,female,yes\nu2,dry,male,no\n", prefix));
        CHECK_THAT(file.error(),
                   StartsWith(fmt::format("line 1: 3 columns are question codes of the WHO questionnaire, "
                                          "such as '{}Id10004'",
                                          prefix)));
    }
}

// Weights of deaths, as surveys have them.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "domains/va/data/cohort_block.hpp"
#include "encoded_tables.hpp"

using namespace vaster::va;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using vaster::test::EncodedTable;
using Texts = std::vector<std::string>;

TEST_CASE("the column of weights is read as numbers and is not a symptom", "[va][weights]") {
    EncodedTable file("w,site,cause,a\n0.5,A,x,1\n 2 ,A,y,0\n1e1,B,x,1\n");
    file.source.weight = "w";
    auto const cohort = file.read();
    CHECK(cohort.symptoms == Texts{"a"});
    CHECK(cohort.weight == vaster::SharedArray<double>(std::vector{0.5, 2.0, 10.0}));
    CHECK(EncodedTable("site,cause,a\nA,x,1\nA,y,0\n").read().weight.empty());
}

TEST_CASE("weights go along when a cohort is shared between processes", "[va][weights]") {
    EncodedTable file("w,site,cause,a\n0.5,A,x,1\n2,A,y,0\n");
    file.source.weight = "w";
    CHECK(cohort_in(to_block(file.read())).weight == vaster::SharedArray<double>(std::vector{0.5, 2.0}));
}

TEST_CASE("a weight that is not a number above 0 is refused with its line", "[va][weights]") {
    auto const bad = GENERATE(as<std::string>(), "0", "-1", "", "NA", "heavy", "inf", "nan", "1 2", "0x1");
    EncodedTable file("w,site,cause,a\n0.5,A,x,1\n" + bad + ",A,y,0\n");
    file.source.weight = "w";
    CHECK_THAT(file.error(),
               StartsWith("line 3, column 1 (w): the weight is ") && Contains("must be a number above 0"));
}

TEST_CASE("a weight with a decimal comma is refused by name, with the ID of its death", "[va][weights]") {
    EncodedTable file("death,w,site,cause,a\nd1,0.5,A,x,1\nd2,\"0,5\",A,y,0\n");
    file.source.weight = "w";
    file.source.id = "death";
    CHECK_THAT(file.error(), StartsWith("line 3, column 2 (w), ID d2: the weight is \"0,5\"") &&
                                 Contains("with a point and no comma"));
}

TEST_CASE("deaths that are left out need no weight", "[va][weights]") {
    EncodedTable file("w,site,cause,a\n0.5,A,x,1\n,A,NA,1\n2,A,y,0\n");
    file.source.weight = "w";
    CHECK(file.read().weight.size() == 2);
}

TEST_CASE("a column of weights that is not there is refused with the nearest name", "[va][weights]") {
    EncodedTable file("weights,site,cause,a\n0.5,A,x,1\n");
    file.source.weight = "weight";
    CHECK_THAT(file.error(), Contains("'weight'") && Contains("data.weight") && Contains("'weights'"));
}

TEST_CASE("numbers of many values that no key names are told of data.weight", "[va][weights]") {
    EncodedTable const file("w,site,cause,a\n0.5,A,x,1\n0.7,A,y,0\n0.9,A,x,1\n1.1,A,y,0\n");
    CHECK_THAT(file.error(), Contains("data.weight"));
}

TEST_CASE("raw answers have weights, too", "[va][weights]") {
    vaster::test::TemporaryFile const rules(
        "symptom,source,also_source,rule,cutoff,present,absent,missing,question\nfever,q1,,yes_no,,yes,no,,"
        "\n");
    EncodedTable file("w,site,cause,q1\n3,A,x,yes\n4,A,y,no\n");
    file.source.format = CohortFormat::rules;
    file.source.rules = rules.path();
    file.source.weight = "w";
    CHECK(file.read().weight == vaster::SharedArray<double>(std::vector{3.0, 4.0}));
}

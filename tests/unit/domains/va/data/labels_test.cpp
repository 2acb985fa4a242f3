#include "domains/va/data/labels.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "../../../base/csv/test_files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster::va;
using vaster::DataError;
using vaster::csv::CsvReader;
using vaster::test::error_of;

namespace {

LabelMapping mapping_in(std::string const& text) {
    return parse_mapping(CsvReader::from_text(text, "m.csv"));
}

Grouping grouping_of(std::vector<std::string> const& causes, std::string const& text) {
    return group_causes("m", causes, mapping_in(text));
}

}  // namespace

TEST_CASE("cod5 groups the 34 causes as published with the data", "[va][labels]") {
    auto const& mapping = cod5_mapping();
    CHECK(mapping.size() == 34);
    std::map<std::string, int> sizes;
    for (auto const& entry : mapping) ++sizes[entry.second];
    CHECK(sizes == std::map<std::string, int>{{"1", 9}, {"2", 3}, {"3", 15}, {"4", 6}, {"5", 1}});
    CHECK(mapping.find("21")->second == "5");
    CHECK(mapping.find("17")->second == "2");
}

TEST_CASE("causes belong to groups in byte order, and probabilities add up over a group", "[va][labels]") {
    auto const grouping = grouping_of({"1", "10", "2"}, "label,group\n2,a\n1,b\n10,a\n99,unused\n");
    CHECK(grouping.groups == std::vector<std::string>{"a", "b"});
    CHECK(grouping.of_cause == std::vector<std::uint32_t>{1, 0, 0});
    CHECK(grouping.of_deaths(std::vector<std::uint32_t>{0, 1, 2, 1}) ==
          std::vector<std::uint32_t>{1, 0, 0, 0});
    CHECK(grouping.sums(std::vector{0.5, 0.25, 0.25, 0.0, 0.125, 0.875}) == std::vector{0.5, 0.5, 1.0, 0.0});
}

TEST_CASE("a grouping's hash follows its name and the groups that are used", "[va][labels]") {
    auto const hash_with = [](std::string const& text) { return hash_of(grouping_of({"1", "2"}, text)); };
    CHECK(hash_with("label,group\n1,a\n2,a\n") == hash_with("group,label\na,2\na,1\nb,3\n"));
    CHECK(hash_with("label,group\n1,a\n2,a\n") != hash_with("label,group\n1,a\n2,b\n"));
    auto renamed = grouping_of({"1", "2"}, "label,group\n1,a\n2,a\n");
    renamed.name = "other";
    CHECK(hash_of(renamed) != hash_with("label,group\n1,a\n2,a\n"));
}

TEST_CASE("faulty mappings are refused with their place", "[va][labels]") {
    CHECK(error_of<DataError>([] { (void)mapping_in("label,group,comment\n1,a,x\n"); }) ==
          "m.csv: line 1: nothing reads column 3 ('comment') of a label mapping (design.groupings); it may "
          "have: "
          "label, group");
    CHECK(error_of<DataError>([] { (void)mapping_in("label,group\n1,a\n1,b\n"); }) ==
          "m.csv: line 3, column 1 (label): label '1' has a group already; a label belongs to one group");
    CHECK(error_of<DataError>([] { (void)mapping_in("label,group\n1,\n"); }) ==
          "m.csv: line 2, column 2 (group): the cell is empty; every label needs a group");
    CHECK(error_of<DataError>([] { (void)mapping_in("label,class\n1,a\n"); }) ==
          "m.csv: line 1: there is no column 'group', which is needed for a label mapping; the columns are: "
          "label, class");
    CHECK(error_of<DataError>([] {
              (void)grouping_of({"1", "2", "3"}, "label,group\n2,a\n");
          }) == "the label mapping m has no group for: 1, 3; add these labels to it");
}

TEST_CASE("blanks around labels and groups do not count", "[va][labels]") {
    auto const mapping =
        parse_mapping(CsvReader::from_text("label,group\n Lung  cancer ,Cancers\u00A0\n", "m.csv"));
    CHECK(mapping.at("Lung cancer") == "Cancers");
}

TEST_CASE("groups that differ in case only are refused with both lines", "[va][labels]") {
    CHECK(
        error_of<DataError>([] { (void)mapping_in("label,group\n1,Infection\n2,Injury\n3,infection\n"); }) ==
        "m.csv: line 4, column 2 (group): the groups 'infection' and 'Infection' (line 2) differ in small "
        "and capital letters only; write them alike, or they count as two");
    CHECK(mapping_in("label,group\n1,Infection\n2, Infection \n").at("2") == "Infection");
}

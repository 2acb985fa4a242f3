#include "domains/va/data/known_deaths.hpp"

#include <cmath>
#include <filesystem>
#include <optional>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "domains/va/data/splits.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Matchers::Contains;

namespace {

/// A file that lasts as long as the object.
class File {
  public:
    explicit File(std::string const& text) : path_(folder_.file("table.csv", text)) {}

    std::filesystem::path const& path() const { return path_; }

  private:
    testing::TemporaryFolder folder_;
    std::filesystem::path path_;
};

va::Cohort cohort_of(std::string const& text, std::string const& population) {
    File const file(text);
    return va::read_cohort(
        {.path = file.path(), .format = va::CohortFormat::encoded, .population = population});
}

std::string const deaths = "site,va34,age,fever\nA,1,child,Y\nA,2,,Y\nB,1,adult,.\nB,,adult,.\nB,2,child,\n";

}  // namespace

TEST_CASE("a population column gives sub-populations and is not a symptom", "[va]") {
    auto const cohort = cohort_of(deaths, "age");
    CHECK(cohort.populations == std::vector<std::string>{"adult", "child", "none"});
    CHECK(cohort.population == std::vector<std::uint32_t>{1, 2, 0, 1});
    CHECK(cohort.symptoms == std::vector<std::string>{"fever"});
    CHECK_THROWS_WITH(cohort_of(deaths, "region"), Contains("region") && Contains("data.population"));
}

TEST_CASE("known deaths are named by their data row", "[va]") {
    auto const cohort = cohort_of(deaths, "age");
    auto const known = [&](std::string const& text) {
        File const file(text);
        return va::read_known_deaths(file.path(), cohort);
    };
    CHECK(known("row\n4\n0\n").is_known == std::vector<bool>{true, false, false, true});
    CHECK(known("row\n1\n").told[1].front().cause == cohort.cause[1]);
    CHECK_THROWS_WITH(known("row\n3\n"), Contains("line 2") && Contains("row 3 is not among the 4 deaths"));
    CHECK_THROWS_WITH(known("row\n1\n1\n"), Contains("line 3") && Contains("listed twice"));
    CHECK_THROWS_WITH(known("row\nx\n"), Contains("'x' is not a row number"));
    CHECK_THROWS_WITH(known("death\n1\n"), Contains("data.known"));
}

namespace {

/// Six deaths of three causes in two groups, with IDs, and what files say of them.
struct Sample {
    va::Cohort cohort = cohort_of(
        "site,va34,fever\nA,Malaria,Y\nA,Injury,Y\nA,Pneumonia,\nB,Malaria,.\nB,Injury,\nB,Malaria,\n", "");
    std::optional<va::Grouping> grouping;

    va::KnownDeaths read(std::string const& text) const {
        File const file(text);
        return va::read_known_deaths(file.path(), cohort, grouping);
    }

    /// "Injury 1, Malaria 0.5" of a death.
    std::string told(std::string const& text, std::size_t death) const {
        std::string line;
        auto const known = read(text);
        for (auto const& [cause, share] : known.told[death]) {
            if (!line.empty()) line += ", ";
            line += cohort.causes[cause] + " " +
                    (share == 1     ? "1"
                     : share == 2   ? "2"
                     : share == 0.5 ? "0.5"
                                    : "?");
        }
        return line;
    }
};

}  // namespace

TEST_CASE("the cause that a file of known deaths gives is told, whatever the label is", "[va]") {
    Sample const sample;
    std::string const text = "row,cause\n0,Injury\n3, Malaria\n4,NA\n";
    CHECK(sample.told(text, 0) == "Injury 1");
    CHECK(sample.told(text, 3) == "Malaria 1");
    auto const known = sample.read(text);
    CHECK(known.is_known == std::vector<bool>{true, false, false, true, false, false});
    REQUIRE(known.notes.size() == 2);
    CHECK_THAT(known.notes[0],
               Contains("2 deaths are known: 2 by one cause, 0 by several, 0 by broad causes") &&
                   Contains("largest share in 1 (50.0 %)"));
    CHECK_THAT(known.notes[1], Contains("1 rows without a cause") && Contains("1 deaths"));
    CHECK_THAT(sample.read("row\n0\n").notes[0], Contains("own label") && Contains("no column 'cause'"));
    CHECK_THROWS_WITH(sample.read("row,cause\n0,Malria\n"), Contains("line 2, column 2 (cause)") &&
                                                                Contains("'Malria'") &&
                                                                Contains("did you mean 'Malaria'?"));
    CHECK_THROWS_WITH(
        sample.read("row,cause\n0,Malaria\n0,Injury\n"),
        Contains("row 0 is listed twice") && Contains("line 2") && Contains("'weight' or 'physician'"));
}

TEST_CASE("several causes of a known death share it by weight or by physician", "[va]") {
    Sample const sample;
    CHECK(sample.told("row,cause,weight\n0,Injury,0.5\n0,Malaria,2\n", 0) == "Injury 0.5, Malaria 2");
    std::string const two =
        "physician,row,cause\nDr A,0,Injury\nDr B,0,Injury\nDr A,1,Malaria\nDr B,1,Injury\nDr B,2,.\n";
    CHECK(sample.told(two, 0) == "Injury 2");
    CHECK(sample.told(two, 1) == "Injury 1, Malaria 1");
    CHECK_FALSE(sample.read(two).is_known[2]);
    CHECK_THROWS_WITH(sample.read("row,cause,weight\n0,Injury,0\n"),
                      Contains("weight '0'") && Contains("above 0"));
    CHECK_THROWS_WITH(sample.read("row,cause,weight\n0,Injury,much\n"), Contains("weight 'much'"));
    CHECK_THROWS_WITH(sample.read("row,cause,weight\n0,Injury,inf\n"), Contains("weight 'inf'"));
    CHECK_THROWS_WITH(sample.read("row,cause,weight\n0,Injury,1\n0,Injury,2\n"),
                      Contains("twice with 'Injury'"));
    CHECK_THROWS_WITH(sample.read("row,cause,physician\n0,Injury,A\n0,Malaria,A\n"),
                      Contains("twice by physician 'A'"));
    CHECK_THROWS_WITH(sample.read("row,cause,physician\n0,Injury,Dr A\n0,Malaria,dr  a\n"),
                      Contains("twice by physician 'dr a'"));
    CHECK_THROWS_WITH(sample.read("row,cause,physician\n0,Injury,\n"), Contains("no physician"));
    CHECK_THROWS_WITH(sample.read("row,cause,physician,weight\n0,Injury,A,1\n"),
                      Contains("each physician weighs 1"));
    CHECK_THROWS_WITH(sample.read("row,weight\n0,1\n"), Contains("without a column 'cause' or 'group'"));
}

TEST_CASE("a broad cause gives its share to each of its causes", "[va]") {
    Sample sample;
    CHECK_THROWS_WITH(sample.read("row,group\n0,Infection\n"), Contains("data.known_grouping"));
    sample.grouping =
        va::group_causes("broad", sample.cohort.causes,
                         {{"Malaria", "Infection"}, {"Pneumonia", "Infection"}, {"Injury", "External"}});
    CHECK(sample.told("row,group\n0,Infection\n", 0) == "Malaria 1, Pneumonia 1");
    CHECK(sample.told("row,group,physician\n0,Infection,A\n0,External,B\n", 0) ==
          "Injury 1, Malaria 1, Pneumonia 1");
    CHECK_THAT(sample.read("row,group\n0,Infection\n1,Infection\n").notes[0],
               Contains("0 by one cause, 0 by several, 2 by broad causes") && Contains("in 1 (50.0 %)"));
    CHECK_THROWS_WITH(sample.read("row,group\n0,Infections\n"), Contains("did you mean 'Infection'?"));
    CHECK_THROWS_WITH(sample.read("row,group,cause\n0,Infection,Malaria\n"), Contains("but not both"));
}

TEST_CASE("known deaths are named by their IDs where the data have them", "[va]") {
    Sample sample;
    CHECK_THROWS_WITH(sample.read("ID\nd1\n"), Contains("data.id"));
    sample.cohort.ids = {"d0", "d1", "d2", "d3", "d4", "d1"};
    CHECK(sample.read("ID\nd1\n").is_known == std::vector<bool>{false, true, false, false, false, true});
    CHECK_THROWS_WITH(sample.read("ID\nd9\n"), Contains("ID 'd9' is not among"));
    CHECK_THROWS_WITH(sample.read("ID\nd1\nd1\n"), Contains("ID d1 is listed twice"));
    CHECK_THROWS_WITH(sample.read("ID,row\nd1,1\n"), Contains("name deaths by one of them"));
}

TEST_CASE("columns of a side file that nothing reads are refused by name, all at once", "[va]") {
    Sample const sample;
    CHECK_THROWS_WITH(sample.read("row,cuase,date\n0,Injury,May\n"),
                      Contains("column 2 ('cuase'): did you mean 'cause'?") &&
                          Contains("column 3 ('date')") && Contains("data.known") &&
                          Contains("row, ID, cause, weight, physician, group"));
    CHECK_THROWS_WITH(
        va::parse_mapping(csv::CsvReader::from_text("label,group,note\n1,2,x\n", "g.csv")),
        Contains("g.csv: line 1") && Contains("column 3 ('note')") && Contains("design.groupings"));
    File const splits("label,site,row,part,fold\nva34,A,0,train,1\n");
    CHECK_THROWS_WITH(va::read_splits(splits.path(), sample.cohort, "va34"),
                      Contains("column 5 ('fold')") && Contains("data.splits"));
}

TEST_CASE("what was told is set beside the labels, and physicians beside each other", "[va][agreement]") {
    Sample const sample;  // labels: Malaria, Injury, Pneumonia, Malaria, Injury, Malaria
    auto const known = sample.read(
        "row,physician,cause\n0,Dr A,Malaria\n0,Dr B,Malaria\n1,Dr A,Injury\n1,dr b,Malaria\n2,Dr A,Injury\n"
        "3,Dr A,Malaria\n3,Dr B,Malaria\n4,Dr A,Injury\n4,Dr B,Injury\n5,Dr B,NA\n2,\"Dr, C\",Pneumonia\n");
    auto const& rows = known.agreement;
    auto const row = [&](std::string const& what, std::string const& first, std::string const& second) {
        for (auto const& one : rows)
            if (one.what == what && one.first == first && one.second == second) return one;
        return va::CauseAgreement{};
    };
    CHECK((row("known", "", "").deaths == 5 && row("known", "", "").agree == 5));
    CHECK((row("one cause", "", "").deaths == 3 && row("one cause", "", "").agree == 3));
    CHECK((row("several causes", "", "").deaths == 2 && row("several causes", "", "").agree == 2));
    CHECK(row("broad cause", "", "").deaths == 0);
    auto const a = row("physician", "Dr A", "");
    CHECK((a.deaths == 5 && a.agree == 4));
    // A says M I I M I of labels M I P M I: p_o = 4/5, p_e = (2/5)(2/5) + (3/5)(2/5) = 2/5.
    CHECK(a.kappa == Approx((0.8 - 0.4) / 0.6));
    auto const both = row("physicians", "Dr A", "Dr B");
    CHECK((both.deaths == 4 && both.agree == 3));
    // A: M I M I, B: M M M I. p_o = 3/4, p_e = (2/4)(3/4) + (2/4)(1/4) = 1/2.
    CHECK(both.kappa == Approx(0.5));
    CHECK(std::isnan(row("physicians", "Dr A", "Dr, C").kappa) == false);
    CHECK(row("physicians", "Dr B", "Dr, C").what.empty());  // no death in common
    std::vector<std::string> labels{va::agreement_header()};
    for (auto const& one : rows) labels.push_back(label_of(one));
    auto const again = va::agreement_in(labels);
    REQUIRE(again.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) CHECK(label_of(again[i]) == label_of(rows[i]));
    labels.push_back("physician\tA");
    CHECK_THROWS_WITH(va::agreement_in(labels), Contains("2 fields (must be 6)"));
    labels.back() = "physician\tA\t\tmany\t1\t";
    CHECK_THROWS_WITH(va::agreement_in(labels), Contains("'many'"));
    CHECK(sample.read("row\n0\n").agreement.empty());
}

TEST_CASE("two physicians are noted with their agreement, and broad causes go by the label's group",
          "[va][agreement]") {
    Sample sample;
    CHECK_THAT(
        sample.read("row,physician,cause\n0,A,Malaria\n0,B,Malaria\n1,A,Injury\n1,B,Malaria\n").notes[1],
        Contains("A and B coded 2 deaths in common, and agree in 1 (50.0 %), kappa 0.00"));
    sample.grouping =
        va::group_causes("broad", sample.cohort.causes,
                         {{"Malaria", "Infection"}, {"Pneumonia", "Infection"}, {"Injury", "External"}});
    auto const known = sample.read("row,physician,group\n0,A,Infection\n1,A,Infection\n2,A,Infection\n");
    REQUIRE(known.agreement.size() == 5);
    CHECK((known.agreement[3].deaths == 3 && known.agreement[3].agree == 2));
    CHECK((known.agreement[4].first == "A" && known.agreement[4].agree == 2));
}

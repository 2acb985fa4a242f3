#include "domains/va/data/known_deaths.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
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

TEST_CASE("a population column gives sub-populations and is no symptom", "[va]") {
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
    CHECK(known("by,row\nDr A,1\n").is_known == std::vector<bool>{false, true, false, false});
    CHECK_THROWS_WITH(known("row\n3\n"), Contains("line 2") && Contains("row 3 is not among the 4 deaths"));
    CHECK_THROWS_WITH(known("row\n1\n1\n"), Contains("line 3") && Contains("listed twice"));
    CHECK_THROWS_WITH(known("row\nx\n"), Contains("'x' is not a row number"));
    CHECK_THROWS_WITH(known("death\n1\n"), Contains("data.known"));
}

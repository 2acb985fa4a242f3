#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "../../../base/csv/test_files.hpp"
#include "domains/va/data/splits.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster::va;
using vaster::DataError;
using vaster::test::error_of;
using vaster::test::TemporaryFile;

namespace {

/// Sites A and B; deaths are rows 0 2 3 5 of A and 1 6 of B; row 4 was left out.
Cohort small_cohort() {
    Cohort cohort;
    cohort.sites = {"A", "B"};
    cohort.causes = {"x"};
    cohort.row.own() = {0, 1, 2, 3, 5, 6};
    cohort.site.own() = {0, 1, 0, 0, 0, 1};
    cohort.cause.own().assign(6, 0);
    return cohort;
}

GivenSplits splits_in(std::string const& rows) {
    TemporaryFile const file("label,site,row,part\n" + rows);
    return read_splits(file.path(), small_cohort(), "va34");
}

/// The message without the name of the file.
std::string error_in(std::string const& rows) {
    auto const message = error_of<DataError>([&] { (void)splits_in(rows); });
    auto const name_end = message.find(".csv: ");
    return name_end == std::string::npos ? message : message.substr(name_end + 6);
}

}  // namespace

TEST_CASE("given splits name deaths by their rows and keep their order", "[va][splits]") {
    auto const splits = splits_in(
        "va34,A,5,train\nva34,A,0,train\nva34,A,2,train\nva34,A,3,test\nva34,A,2,train_0.5\nva34,A,5,train_0."
        "5\n"
        "cod5,Nowhere,77,whatever\nva34,A,0,train_0.25\n");
    REQUIRE(splits.sites.size() == 2);
    CHECK(splits.sites[0].train == DeathList{4, 0, 2});
    CHECK(splits.sites[0].test == DeathList{3});
    CHECK(splits.sites[0].reduced == std::map<double, DeathList>{{0.5, {2, 4}}, {0.25, {0}}});
    CHECK(splits.sites[1].train.empty());
    CHECK(splits.hash.size() == 32);
}

TEST_CASE("faulty splits are refused with their place", "[va][splits]") {
    std::string const good = "va34,A,0,train\nva34,A,2,test\n";
    CHECK(error_in(good) == "(no error)");
    CHECK(error_in(good + "va34,C,3,train\n") ==
          "line 4, column 2 (site): unknown site 'C'; the data has: A, B");
    CHECK(error_in(good + "va34,A,4,train\n") ==
          "line 4, column 3 (row): row 4 is not among the 6 deaths of the data (rows 0 to 6, some may have "
          "been left out)");
    CHECK(error_in(good + "va34,A,7,train\n") ==
          "line 4, column 3 (row): row 7 is not among the 6 deaths of the data (rows 0 to 6, some may have "
          "been left out)");
    CHECK(error_in(good + "va34,A,1,train\n") ==
          "line 4, column 3 (row): row 1 belongs to site 'B', not to 'A'");
    CHECK(error_in(good + "va34,A,0,test\n") ==
          "line 4, column 3 (row): row 0 is in both train and test (the other is on line 2); a model must "
          "not be tested on "
          "deaths that it was trained on");
    CHECK(error_in(good + "va34,A,2,train\n") ==
          "line 4, column 3 (row): row 2 is in both train and test (the other is on line 3); a model must "
          "not be tested on "
          "deaths that it was trained on");
    CHECK(error_in(good + "va34,A,0,train\n") ==
          "line 4, column 3 (row): row 0 is in part 'train' already, since line 2");
    CHECK(error_in(good + "va34,A,0,train_0.5\nva34,A,0,train_0.5\n") ==
          "line 5, column 3 (row): row 0 is in part 'train_0.5' already, since line 4");
    CHECK(error_in(good + "va34,A,3,train_0.5\n") ==
          "line 4: row 3 is in part train_0.5 but not in train; a reduced part is taken from train");
    for (std::string const part :
         {"valid", "train_", "train_0", "train_1.5", "train_nan", "train_0.5x", ""}) {
        CHECK(error_in(good + "va34,A,3," + part + "\n") ==
              "line 4, column 4 (part): unknown part '" + part +
                  "'; known are train, test, and train_F with 0 < F <= 1");
    }
    for (std::string const row : {"-1", "1.5", "x", "", "99999999999"}) {
        CHECK(error_in(good + "va34,A," + row + ",train\n") ==
              "line 4, column 3 (row): '" + row + "' is not a row number; rows are whole numbers from 0");
    }
    CHECK(error_in(good + "va34,B,1,test\n") ==
          "site 'B' has a test part but no train part; give both or neither");
    CHECK(error_in("cod5,A,0,train\n") ==
          "no row has the label 'va34' in column 'label'; the splits are for another label");
}

TEST_CASE("the reference splits fit the encoded reference data", "[va][splits]") {
    std::filesystem::path const shared = VASTER_SHARED_DIR;
    auto const splits_path = shared / "reference/va34/splits.csv";
    if (!std::filesystem::exists(splits_path)) {
        WARN("no reference data at " << splits_path);
        return;
    }
    CohortSource source;
    source.path = shared / "data/phmrc_adult_encoded.csv";
    source.format = CohortFormat::encoded;
    auto const cohort = read_cohort(source);
    auto const splits = read_splits(splits_path, cohort, "va34");
    REQUIRE(splits.sites.size() == 6);
    auto const& ap = splits.sites[0];
    CHECK(cohort.sites[0] == "AP");
    CHECK(ap.train.size() == 1186);
    CHECK(ap.test.size() == 297);
    CHECK(ap.train.front() == 1937);
    CHECK(ap.reduced.at(0.25).size() == 296);
    CHECK(ap.reduced.at(0.5).size() == 593);
    CHECK(ap.reduced.at(0.75).size() == 889);
    std::size_t n = 0;
    for (auto const& site : splits.sites) n += site.train.size() + site.test.size();
    CHECK(n == cohort.n_deaths());
}

TEST_CASE("given splits that part the rows of one ID are refused", "[va][splits]") {
    auto cohort = small_cohort();
    cohort.ids = {"p", "q", "r", "p", "s", "t"};
    cohort.first_of_id.own() = {0, 1, 2, 0, 4, 5};
    TemporaryFile const apart("label,site,row,part\nva34,A,0,train\nva34,A,2,train\nva34,A,3,test\n");
    CHECK_THAT(error_of<DataError>([&] { (void)read_splits(apart.path(), cohort, "va34"); }),
               Catch::Contains("ID 'p' is in train on line 2 and in test on line 4"));
    TemporaryFile const together("label,site,row,part\nva34,A,0,train\nva34,A,3,train\nva34,A,2,test\n");
    CHECK(read_splits(together.path(), cohort, "va34").sites[0].test == DeathList{2});
}

TEST_CASE("blanks around a site's name do not count in given splits", "[va][splits]") {
    CHECK(splits_in("va34, A ,0,train\nva34,A\u00A0,2,test\n").sites[0].train == DeathList{0});
}

TEST_CASE("names of given splits that differ from the data's in case only are refused, with the right ones",
          "[va][splits]") {
    std::string const good = "va34,A,0,train\nva34,A,2,test\n";
    CHECK(error_in(good + "VA34,A,3,train\n") ==
          "line 4, column 1 (label): the label 'VA34' and data.label 'va34' differ in small and capital "
          "letters only; write them alike, or the row would be passed over");
    CHECK(splits_in(good + " va34 ,A,3,train\n").sites[0].train == DeathList{0, 3});
    Cohort named = small_cohort();
    named.sites = {"North", "South"};
    TemporaryFile const file("label,site,row,part\nva34,north,0,train\nva34,North,2,test\n");
    CHECK_THAT(error_of<DataError>([&] { (void)read_splits(file.path(), named, "va34"); }),
               Catch::Contains("unknown site 'north'; did you mean 'North'?"));
}

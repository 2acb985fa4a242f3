#include "domains/va/models/insilico/given.hpp"

#include <cmath>
#include <filesystem>
#include <numeric>

#include <catch2/catch.hpp>

#include "../../../../temporary_folder.hpp"
#include "../sample_cohort.hpp"
#include "domains/va/models/insilico/insilico.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::models;
using namespace vaster::models::insilicova;
using Catch::Matchers::Contains;
using va::Answer;

namespace {

/// A table in a file that lasts as long as the object.
class TableFile {
  public:
    explicit TableFile(std::string const& text) : path_(folder_.file("table.csv", text)) {}

    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    testing::TemporaryFolder folder_;
    std::filesystem::path path_;
};

GivenTable read(std::string const& text) {
    TableFile const file(text);
    return read_given_table(file.path());
}

Parameters with_table(std::string const& path) {
    Parameters parameters(insilico().parameters);
    parameters.set("table", path);
    return parameters;
}

std::vector<std::string> const symptoms{"fever", "cough", "rash", "pain"};
std::vector<std::string> const causes{"1", "2", "3"};

/// Fits on no death at all and codes the answers.
Prediction coded(std::string const& path, va::AnswerMatrix const& answers, TestSet const& test) {
    auto const classifier = insilico().make(with_table(path), MissingPolicy::absent);
    Watcher watcher;
    classifier->fit({{answers, {}}, {}, causes.size(), {symptoms, causes}}, Random(1), watcher);
    return classifier->predict(test, Random(2), watcher);
}

}  // namespace

TEST_CASE("a given table is read as letters or as numbers", "[models][insilico]") {
    auto const letters = read("symptom,2,1\nrash,A+,\nfever,B -,I\n");
    CHECK(letters.symptoms == std::vector<std::string>{"rash", "fever"});
    CHECK(letters.causes == std::vector<std::string>{"2", "1"});
    CHECK(letters.levels == std::vector<std::uint8_t>{1, 14, 6, 0});
    CHECK(letters.numbers.empty());
    auto const numbers = read("1,symptom\n0.25,rash\n1e-3,fever\n");
    CHECK(numbers.numbers == std::vector<double>{0.25, 1e-3});
    CHECK(numbers.levels.empty());
}

TEST_CASE("a bad given table is refused with its place", "[models][insilico]") {
    CHECK_THROWS_WITH(read("symptom,1\nrash,Z\n"),
                      Contains("line 2, column 2 (1)") && Contains("'Z'") && Contains("I A+ A A-"));
    CHECK_THROWS_WITH(read("symptom,1\nrash,1.1\n"), Contains("1.1") && Contains("between 0 and 1"));
    CHECK_THROWS_WITH(read("symptom,1,2\nrash,A,0.5\n"), Contains("all as letters or all as numbers"));
    CHECK_THROWS_WITH(read("symptom,1,2\nrash,0.5,A\n"), Contains("all as letters or all as numbers"));
    CHECK_THROWS_WITH(read("symptom,1\nrash,A\nrash,B\n"),
                      Contains("line 3") && Contains("has a row already"));
    CHECK_THROWS_WITH(read("symptom\nrash\n"), Contains("no column beside 'symptom'"));
    CHECK_THROWS_WITH(read("1,2\nA,B\n"), Contains("symptom"));
}

TEST_CASE("a given table is bound to the study's symptoms and causes by name", "[models][insilico]") {
    auto const table = read("symptom,3,1\npain,0.1,0.2\nsneezing,0.5,0.5\nfever,0.3,0.4\n");
    auto const cells = bind_given(table, {symptoms, causes});
    CHECK(cells.symptoms == std::vector<std::uint32_t>{0, 3});
    CHECK(cells.causes == std::vector<std::uint32_t>{0, 2});
    CHECK(cells.numbers == std::vector<double>{0.4, 0.3, 0.2, 0.1});
    CHECK_THROWS_WITH(bind_given(read("symptom,1\nsneezing,0.5\n"), {symptoms, causes}),
                      Contains("'sneezing'") && Contains("'fever'"));
    CHECK_THROWS_AS(bind_given(read("symptom,9\nfever,0.5\n"), {symptoms, causes}), DataError);
    CHECK_THROWS_WITH(bind_given(read("symptom,9\nfever,0.5\n"), {symptoms, causes}),
                      Contains("no cause of the data") && Contains("9") && Contains("1, 2, 3"));
}

TEST_CASE("causes of a given table that the data do not have are passed over, and told",
          "[models][insilico]") {
    auto const table =
        read("symptom,3,Tetanus, 1 \npain,0.1,0.7,0.2\nsneezing,0.5,0.6,0.5\nfever,0.3,0.9,0.4\n");
    auto const cells = bind_given(table, {symptoms, causes});
    CHECK(cells.causes == std::vector<std::uint32_t>{0, 2});
    CHECK(cells.numbers == std::vector<double>{0.4, 0.3, 0.2, 0.1});
    auto const notes = describe_binding(table, {symptoms, causes});
    REQUIRE(notes.size() == 4);
    CHECK_THAT(notes[0], Contains("1 of its causes are passed over") && Contains("Tetanus"));
    CHECK_THAT(notes[1], Contains("1 of the data's causes have no column") && Contains(": 2"));
    CHECK_THAT(notes[2], Contains("2 of the data's symptoms") && Contains("cough, rash"));
    CHECK_THAT(notes[3], Contains("1 of its symptoms") && Contains("sneezing"));
    CHECK(describe_binding(read("symptom,1,2,3\nfever,A,A,A\ncough,A,A,A\nrash,A,A,A\npain,A,A,A\n"),
                           {symptoms, causes})
              .empty());
}

TEST_CASE("causes and symptoms of a given table in another spelling than the data's are refused",
          "[models][insilico]") {
    std::vector<std::string> const named{"Malaria", "Road traffic"};
    CHECK_THROWS_WITH(bind_given(read("symptom,malaria,Road traffic\nfever,0.5,0.1\n"), {symptoms, named}),
                      Contains("'malaria' ('Malaria' in the data)"));
    CHECK_THROWS_WITH(bind_given(read("symptom,Malaria\nFever,0.5\ncough,0.5\n"), {symptoms, named}),
                      Contains("symptoms in another spelling") && Contains("'Fever' ('fever' in the data)"));
    // Blanks do not count.
    CHECK(bind_given(read("symptom,Malaria,Road  traffic \nfever,0.5,0.1\n"), {symptoms, named})
              .causes.size() == 2);
    CHECK_THROWS_WITH(read("symptom,Malaria,Malaria \nfever,0.5,0.1\n"),
                      Contains("'Malaria' has two columns"));
    CHECK_THROWS_WITH(read("symptom,,Malaria\nfever,0.5,0.1\n"), Contains("has no name"));
}

TEST_CASE("a table given by a key codes deaths without any training death", "[models][insilico]") {
    // Two causes that differ in nothing but fever; the CSMF follows from how often fever is present.
    TableFile const file("symptom,1,3\nfever,0.9,0.1\ncough,0.5,0.5\n");
    va::AnswerMatrix answers(200, 4);
    std::vector<std::uint32_t> rows(200);
    std::iota(rows.begin(), rows.end(), 0U);
    for (std::uint32_t const row : rows) {
        answers.row(row)[0] = row < 50 ? Answer::present : Answer::absent;
        answers.row(row)[1] = Answer::present;
    }
    auto const p = coded(file.path(), answers, {{answers, rows}});
    REQUIRE(p.n_causes == 3);
    CHECK(p.csmf[1] == 0);
    // 0.9 f + 0.1 (1 - f) = 0.25 at f = 0.1875, the maximum of the likelihood; its standard error is 0.04,
    // and the prior of the log fractions pulls little
    CHECK(p.csmf[0] == Approx(0.1875).margin(0.03));
    CHECK(p.of_death(0)[0] > 0.5);
    CHECK(p.of_death(100)[0] < 0.1);
    REQUIRE(p.sampling);
    CHECK(p.sampling->symptoms_left_out == 2);
    CHECK(p.sampling->causes_left_out == 1);
    CHECK(p.sampling->notes == std::vector<std::string>{"2 symptoms left out: not in the given table",
                                                        "1 cause left out: not in the given table"});
}

TEST_CASE("known causes hold and teach, sub-populations have fractions of their own", "[models][insilico]") {
    TableFile const file("symptom,1,2\nfever,0.6,0.4\n");
    va::AnswerMatrix answers(120, 4);
    std::vector<std::uint32_t> rows(120);
    std::iota(rows.begin(), rows.end(), 0U);
    std::vector<std::uint32_t> population;
    std::vector<std::int32_t> known;
    for (std::uint32_t const row : rows) {
        answers.row(row)[0] = row % 2 == 0 ? Answer::present : Answer::absent;
        population.push_back(row < 40 ? 0 : 1);
        // of each ten deaths eight are known: nearly all of the first population cause 1, of the second cause
        // 2
        known.push_back(row % 10 >= 8 ? -1 : row < 40 ? 0 : 1);
    }
    auto const p = coded(file.path(), answers, {{answers, rows}, known, population, 2});
    for (std::size_t i = 0; i < 120; ++i) {
        if (known[i] < 0) continue;
        CHECK(p.of_death(i)[static_cast<std::size_t>(known[i])] == Approx(1));
    }
    REQUIRE(p.csmf_by_population.size() == 6);
    CHECK(p.csmf_by_population[0] > 0.8);
    CHECK(p.csmf_by_population[4] > 0.8);
    // a third of the deaths belong to the first population
    for (std::size_t c = 0; c < 3; ++c)
        CHECK(p.csmf[c] ==
              Approx(p.csmf_by_population[c] / 3 + p.csmf_by_population[3 + c] * 2 / 3).margin(1e-12));
    CHECK(p.sampling->csmf_lo[0] < p.csmf[0]);
    CHECK(p.csmf[0] < p.sampling->csmf_hi[0]);
    CHECK(p.of_death(8)[0] > 0.7);
    CHECK(p.of_death(48)[1] > 0.7);
    known[0] = 2;  // cause 3 has no column
    auto const unusable = coded(file.path(), answers, {{answers, rows}, known, population, 2});
    CHECK_THAT(unusable.sampling->notes.back(), Contains("1 known deaths are coded like the others"));
}

TEST_CASE("several causes that were told share a death in proportion to their weights",
          "[models][insilico]") {
    // Fever tells nothing, so that the cause fractions and what was told decide alone.
    TableFile const file("symptom,1,2,3\nfever,0.5,0.5,0.5\n");
    va::AnswerMatrix answers(300, 4);
    std::vector<std::uint32_t> rows(300);
    std::iota(rows.begin(), rows.end(), 0U);
    std::vector<std::int32_t> known(300, -1);
    std::vector<double> shares(300 * 3, 0.0);
    for (std::uint32_t const row : rows) {
        answers.row(row)[0] = row % 2 == 0 ? Answer::present : Answer::absent;
        if (row < 100) known[row] = 0;
        if (row >= 100 && row < 200) known[row] = 1;
        if (row >= 200) shares[row * 3] = shares[row * 3 + 1] = 1;
        if (row >= 298) shares[row * 3] = 3;
    }
    auto const p = coded(file.path(), answers, {{answers, rows}, known, {}, 1, shares});
    CHECK(p.of_death(200)[2] == 0);
    CHECK(p.of_death(200)[0] == Approx(0.5).margin(0.05));
    CHECK(p.of_death(299)[0] == Approx(0.75).margin(0.05));
    CHECK(p.of_death(299)[1] == Approx(0.25).margin(0.05));
}

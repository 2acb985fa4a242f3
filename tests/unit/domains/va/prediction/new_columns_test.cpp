#include "domains/va/prediction/new_columns.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../temporary_folder.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;
using vaster::testing::TemporaryFolder;
using Texts = std::vector<std::string>;

namespace {

ModelNeeds const wanted{{"fever", "cough", "rash"}};

NewColumns columns_in(Texts const& header, NewDeathsSource const& source, ModelNeeds const& model) {
    auto const text = fmt::format("{}\n", fmt::join(header, ","));
    return columns_of(csv::CsvReader::from_text(text, source.path.string(), {.no_rows = csv::NoRows::accept}),
                      source, model);
}

std::string refusal(Texts const& header, NewDeathsSource const& source, ModelNeeds const& model = wanted) {
    try {
        (void)columns_in(header, source, model);
    } catch (DataError const& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("symptoms are found by name, wherever they stand", "[va][prediction]") {
    NewDeathsSource source{"new.csv"};
    source.keep = {"village"};
    source.by = {"sex"};
    auto const columns =
        columns_in(Texts{"rash", "village", " cough ", "sex", "fever", "note"}, source, wanted);
    CHECK(columns.symptoms == std::vector<std::optional<std::size_t>>{4, 2, 0});
    CHECK(columns.keep == std::vector<std::size_t>{1});
    CHECK(columns.by == std::vector<std::size_t>{3});
    CHECK(columns.n_unused == 1);
}

TEST_CASE("symptoms that are not there are all listed, with the nearest columns", "[va][prediction]") {
    CHECK_THAT(refusal({"Fever", "cough", "rahs"}, {"new.csv"}),
               Contains("2 of the model's 3 symptoms") && Contains("'fever'; did you mean 'Fever'?") &&
                   Contains("'rash'; did you mean 'rahs'?") && Contains("--rename"));
}

TEST_CASE("symptoms that are not there are missing where that is asked for", "[va][prediction]") {
    NewDeathsSource source{"new.csv"};
    source.missing_columns = MissingColumns::missing;
    auto const columns = columns_in(Texts{"fever", "cough"}, source, wanted);
    CHECK_FALSE(columns.symptoms[2]);
    CHECK(columns.absent == Texts{"rash"});
    CHECK_THAT(refusal({"fever"}, source), Contains("more than half are never taken as missing"));
}

TEST_CASE("columns are renamed by a table", "[va][prediction]") {
    TemporaryFolder const folder;
    NewDeathsSource source{"new.csv"};
    source.rename = folder.file("map.csv", "data,model\nhot,fever\n");
    auto const columns = columns_in(Texts{"hot", "cough", "rash"}, source, wanted);
    CHECK(columns.symptoms[0] == 0U);

    auto const refused = [&](std::string const& table) {
        source.rename = folder.file("map.csv", table);
        return refusal({"hot", "cough", "rash"}, source);
    };
    CHECK_THAT(refused("data,model\nhto,fever\n"),
               Contains("no column 'hto'") && Contains("did you mean 'hot'?"));
    CHECK_THAT(refused("data,model\nhot,fevr\n"), Contains("no symptom 'fevr'") && Contains("'fever'"));
    CHECK_THAT(refused("data,model\nhot,fever\nhot,rash\n"), Contains("line 3") && Contains("twice"));
    CHECK_THAT(refused("data,model\nhot,fever\ncough,fever\n"), Contains("line 3") && Contains("twice"));
    CHECK_THAT(refused("data,model\nhot,cough\n"), Contains("has a column of that name, too"));
    CHECK_THAT(refused("data,model\n,cough\n"), Contains("a name is empty"));
}

TEST_CASE("columns that keys name must be there", "[va][prediction]") {
    NewDeathsSource source{"new.csv"};
    source.id = "deathid";
    CHECK_THAT(refusal({"death_id", "fever", "cough", "rash"}, source),
               Contains("no column 'deathid'") && Contains("--id") && Contains("'death_id'"));
    source.id = "";
    ModelNeeds model = wanted;
    model.id = "newid";
    CHECK_FALSE(columns_in(Texts{"fever", "cough", "rash"}, source, model).id);
    CHECK(columns_in(Texts{"newid", "fever", "cough", "rash"}, source, model).id == 0U);
}

TEST_CASE("answers as they were given are known by their questions", "[va][prediction]") {
    ModelNeeds model;
    model.symptoms = {"g1_05_s1", "a1_01_1"};  // made of g1_05 and of a1_01_1
    model.questionnaire = questionnaire_of({"raw.csv"});
    Texts const header{"g1_05", "other", "a1_01_1"};
    auto const columns = columns_in(header, {"raw.csv"}, model);
    CHECK(columns.is_raw());
    REQUIRE(columns.rules.rules.size() == 2);
    CHECK(columns.rules.rules[0].source == 0);
    CHECK(columns.rules.rules[0].symptom == 0);
    CHECK(columns.rules.rules[1].source == 2);
    CHECK(columns.n_unused == 1);
    CHECK_FALSE(columns_in(Texts{"g1_05_s1", "a1_01_1", "g1_05"}, {"new.csv"}, model).is_raw());
    model.questionnaire = {};
    CHECK_THAT(refusal(header, {"raw.csv"}, model), Contains("1 of the model's 2 symptoms"));
}

TEST_CASE("words of new deaths are counts, though they are called as the model's symptoms",
          "[va][prediction]") {
    ModelNeeds model;
    model.symptoms = {"word_cough", "word_fever"};
    model.questionnaire = questionnaire_of({.path = "raw.csv", .features = {Feature::words}}, model.symptoms);
    auto const columns = columns_in(Texts{"word_fever", "word_cough"}, {"raw.csv"}, model);
    REQUIRE(columns.is_raw());
    std::vector<Answer> answers(2);
    std::vector<std::string_view> const cells{"4", "0"};
    CHECK(encode_cells(cells, columns.rules, answers) == nullptr);
    CHECK(answers == std::vector<Answer>{Answer::absent, Answer::present});
}

TEST_CASE("a symptom of several rules is asked by several columns of new deaths, too", "[va][prediction]") {
    ModelNeeds model;
    model.symptoms = {"g1_05_s1", "g1_07a"};
    model.questionnaire = questionnaire_of({.path = "raw.csv", .format = CohortFormat::phmrc_child});
    auto const columns = columns_in(Texts{"c1_25", "g1_05", "g1_07a"}, {"raw.csv"}, model);
    REQUIRE(columns.is_raw());
    std::vector<Answer> answers(2);
    std::vector<std::string_view> const cells{"0", "Male", "7"};
    CHECK(encode_cells(cells, columns.rules, answers) == nullptr);
    CHECK(answers == std::vector<Answer>{Answer::present, Answer::present});
}

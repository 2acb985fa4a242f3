#include "domains/va/data/survey.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../base/csv/test_files.hpp"
#include "domains/va/data/questionnaire.hpp"
#include "made_up_release.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster::va;
using Catch::Matchers::Contains;
using vaster::Value;
using vaster::test::made_up_release;
using vaster::test::TemporaryFile;
using Texts = std::vector<std::string>;

namespace {

/// A table with a header and rows made of a function of the row's number.
template <class Row>
std::string table(std::string const& header, int n_rows, Row row) {
    std::string text = header + "\n";
    for (int i = 0; i < n_rows; ++i) text += row(i) + "\n";
    return text;
}

std::string answer(int i, std::string const& yes = "yes", std::string const& no = "no") {
    return i % 3 == 0 ? yes : no;
}

std::string cause(int i) {
    return i % 2 == 0 ? "Stroke" : "Malaria";
}

std::string site(int i) {
    return i % 5 < 3 ? "North" : "South";
}

/// What the survey says of a text, with what it says being tried.
class Surveyed {
  public:
    explicit Surveyed(std::string const& text, CohortSource told = {}) : file_(text) {
        told.path = file_.path();
        survey = vaster::va::survey(told);
    }

    /// Uses by name: "id ID, cause cause, age left out".
    [[nodiscard]] std::string uses() const {
        Texts parts;
        for (auto const& column : survey.columns)
            parts.push_back(column.name + " " + std::string(name_of(column.use)));
        return fmt::format("{}", fmt::join(parts, ", "));
    }

    /// The advice on a key as TOML; empty: there is none.
    [[nodiscard]] std::string advice(std::string const& key) const {
        auto const found = std::ranges::find(survey.advice, key, &Advice::key);
        return found == survey.advice.end() ? "" : vaster::to_toml(found->value);
    }

    [[nodiscard]] std::string doubts() const { return fmt::format("{}", fmt::join(survey.doubts, "\n")); }

    /// What comes out when the advice is followed.
    [[nodiscard]] Cohort read() const { return read_cohort(survey.source); }

    Survey survey;

  private:
    TemporaryFile file_;
};

}  // namespace

TEST_CASE("a table of a user's own is told by its columns, and read as advised", "[va][survey]") {
    Surveyed const found(table("id,district,cause,age,sex,interview_date,note,q1,q2", 60, [](int i) {
        return fmt::format("D{},{},{},{},{},2011-0{}-1{},\"well, {}\",{},{}", i, site(i), cause(i), 20 + i,
                           i % 2 == 0 ? "m" : "f", 1 + i % 9, i % 7, i, answer(i),
                           i % 7 == 0 ? "NA" : answer(i + 1));
    }));
    CHECK(found.survey.kind == TableKind::other);
    CHECK(found.survey.layout == "60 rows and 9 columns, parted by commas");
    CHECK(found.uses() ==
          "id ID, district site, cause cause, age left out, sex left out, interview_date left out, note left "
          "out, q1 symptom, q2 symptom");
    CHECK(found.advice("data.format") == "\"encoded\"");
    CHECK(found.advice("data.site") == "\"district\"");
    CHECK(found.advice("data.label_columns") == R"(["cause", "age", "sex", "interview_date", "note"])");
    CHECK(found.survey.obstacles.empty());
    auto const cohort = found.read();
    CHECK(cohort.symptoms == Texts{"q1", "q2"});
    CHECK(cohort.sites == Texts{"North", "South"});
    CHECK(cohort.ids.front() == "D0");
}

TEST_CASE("columns of sites and causes are known by names of many sorts, or else by their values",
          "[va][survey]") {
    for (std::string const site_name : {"Region", "health_facility", "STATE", "site_name", "data.province"})
        for (std::string const cause_name :
             {"COD", "cause_of_death", "Underlying cause", "final-diagnosis", "gs_text34"}) {
            Surveyed const found(table(fmt::format("{},{},q1", site_name, cause_name), 60, [](int i) {
                return fmt::format("{},{},{}", site(i), cause(i), answer(i));
            }));
            INFO(site_name << " " << cause_name);
            CHECK(found.survey.source.site == site_name);
            CHECK(found.survey.source.label == cause_name);
            CHECK(found.survey.doubts.empty());
        }
    Surveyed const guessed(table("sex,x,y,q1", 120, [](int i) {
        return fmt::format("{},{},{},{}", i % 2 == 0 ? "m" : "f", site(i), fmt::format("c{}", i % 8),
                           answer(i));
    }));
    CHECK(guessed.survey.source.label == "y");
    CHECK(guessed.survey.source.site == "x");
    CHECK_THAT(guessed.doubts(), Contains("data.label = \"y\" is guessed from the values") &&
                                     Contains("data.site = \"x\" is guessed"));
}

TEST_CASE("what the user tells is taken, where the file has it", "[va][survey]") {
    CohortSource told;
    told.label = "second";
    told.site = "distrct";
    Surveyed const found(
        table("district,cause,second,q1", 60,
              [](int i) { return fmt::format("{},{},{},{}", site(i), cause(i), cause(i + 1), answer(i)); }),
        told);
    CHECK(found.survey.source.label == "second");
    CHECK(found.survey.source.site == "district");
    CHECK_THAT(found.doubts(),
               Contains("data.site = \"distrct\" names no column of the file; did you mean 'district'?"));
    CHECK(found.advice("data.label_columns") == R"(["second", "cause"])");
}

TEST_CASE("each release is known, and its causes by name are preferred to numbers that mean others",
          "[va][survey]") {
    for (auto const format :
         {CohortFormat::phmrc_adult, CohortFormat::phmrc_child, CohortFormat::phmrc_neonate}) {
        CohortSource told;
        told.format = CohortFormat::encoded;
        for (auto const& source : {CohortSource(), told}) {
            Surveyed const found(
                made_up_release(
                    format,
                    {{{"gs_text34", "Sepsis"}}, {{"gs_text34", "Injury"}}, {}, {{"gs_text34", "Injury"}}}),
                source);
            CHECK(found.survey.source.format == format);
            CHECK(found.survey.source.label == (format == CohortFormat::phmrc_adult ? "va34" : "gs_text34"));
            CHECK(found.survey.obstacles.empty());
            CHECK(found.read().n_deaths() == 4);
        }
    }
}

TEST_CASE("IDs in a release are not taken for a question", "[va][survey]") {
    auto const text =
        made_up_release(CohortFormat::phmrc_adult, {{{"newid", "1"}}, {{"newid", "2"}}, {{"newid", "3"}}});
    auto const id_of = [](Surveyed const& found) {
        return *std::ranges::find(found.survey.columns, "newid", &vaster::va::SurveyedColumn::name);
    };
    Surveyed const found(text);
    CHECK(id_of(found).use == vaster::va::ColumnUse::id);
    CHECK(id_of(found).remark == "kept with data.id = \"newid\"");
    CHECK(found.advice("data.id").empty());
    CohortSource told;
    told.id = "newid";
    CHECK(id_of(Surveyed(text, told)).remark.empty());
}

TEST_CASE("numbers for not known beside answers are advised as missing, with a doubt", "[va][survey]") {
    Surveyed const found(table("site,cause,q1,q2,q3,q4", 60, [](int i) {
        return fmt::format("{},{},{},{},{},{}", site(i), cause(i), i % 4 == 0 ? "9" : answer(i, "1", "0"),
                           i % 6 == 1 ? "88" : answer(i, "1", "0"), i % 4,
                           i % 5 == 0 ? "Don't know" : answer(i, "1", "0"));
    }));
    CHECK(found.advice("data.missing") == R"(["88", "9", "Don't know"])");
    CHECK_THAT(found.doubts(), Contains("'88', '9', 'Don't know' are taken for \"not known\""));
    CHECK_THAT(found.uses(), Contains("q1 symptom, q2 symptom, q3 left out, q4 symptom"));
    CHECK(found.read().symptoms == Texts{"q1", "q2", "q4"});
}

TEST_CASE("a count of something is not a symptom, though it has ones and noughts", "[va][survey]") {
    Surveyed const found(table("site,cause,q1,visits", 60, [](int i) {
        return fmt::format("{},{},{},{}", site(i), cause(i), answer(i, "1", "0"), i % 6);
    }));
    CHECK_THAT(found.uses(), Contains("visits left out"));
}

TEST_CASE("one and two without nought are advised as yes and no, with a doubt", "[va][survey]") {
    Surveyed const found(table("site,cause,q1,q2,q3", 60, [](int i) {
        return fmt::format("{},{},{},{},{}", site(i), cause(i), answer(i, "1", "2"), answer(i + 1, "1", "2"),
                           i % 8 == 0 ? "9" : answer(i, "1", "2"));
    }));
    CHECK(found.advice("data.absent") == R"(["2"])");
    CHECK(found.advice("data.missing") == R"(["9"])");
    CHECK_THAT(found.doubts(), Contains("'2' is taken for no"));
    auto const cohort = found.read();
    CHECK(cohort.answers.row(1)[0] == Answer::absent);
    CHECK(cohort.answers.row(0)[0] == Answer::present);
}

TEST_CASE("several codings in one table are joined", "[va][survey]") {
    Surveyed const found(table("site,cause,female,q1,q2", 60, [](int i) {
        return fmt::format("{},{},{},{},{}", site(i), cause(i), answer(i, "1", "0"), answer(i),
                           answer(i, "Y", "N"));
    }));
    CHECK(found.advice("data.present") == R"(["1", "yes", "Y"])");
    CHECK(found.advice("data.absent") == R"(["0", "no", "N"])");
    CHECK(found.read().symptoms.size() == 3);
}

TEST_CASE("what an empty cell means among ticks is a doubt, but not in a table of Y and empty",
          "[va][survey]") {
    auto const ticks = [](std::string const& tick) {
        return table("site,cause,q1,q2", 60, [&](int i) {
            return fmt::format("{},{},{},{}", site(i), cause(i), answer(i, tick, ""),
                               answer(i + 1, tick, ""));
        });
    };
    for (std::string const tick : {"1", "yes", "TRUE"}) {
        Surveyed const found(ticks(tick));
        CHECK(found.advice("data.absent") == R"([""])");
        CHECK_THAT(found.doubts(),
                   Contains("is taken for no") && Contains("data.missing in place of data.absent"));
        CHECK(found.read().answers.row(1)[0] == Answer::absent);
    }
    Surveyed const letters(ticks("Y"));
    CHECK(letters.advice("data.absent").empty());
    CHECK(letters.survey.doubts.empty());
    CHECK(letters.read().answers.row(1)[0] == Answer::absent);
}

TEST_CASE("IDs that repeat, or that some deaths lack, are told", "[va][survey]") {
    auto const with_ids = [](auto id) {
        return table("ID,cause,q1", 60,
                     [&](int i) { return fmt::format("{},{},{}", id(i), cause(i), answer(i)); });
    };
    Surveyed const repeated(with_ids([](int i) { return fmt::format("d{}", i / 2 * 2); }));
    CHECK(repeated.advice("data.duplicates") == "\"together\"");
    CHECK(repeated.read().reading.same_id == 30);
    Surveyed const lacking(with_ids([](int i) { return i == 3 ? std::string() : fmt::format("d{}", i); }));
    CHECK(lacking.advice("data.id").empty());
    CHECK_THAT(lacking.uses(), Contains("ID left out"));
    CHECK(lacking.read().n_deaths() == 60);
}

TEST_CASE("names in several spellings, causes that say nothing and tables without sites are told",
          "[va][survey]") {
    Surveyed const found(table("cause,q1", 60, [](int i) {
        return fmt::format("{},{}",
                           i % 6 == 0   ? "stroke"
                           : i % 7 == 0 ? "Undetermined"
                                        : cause(i),
                           answer(i));
    }));
    CHECK(found.advice("data.cause_case") == "\"fold\"");
    CHECK(found.advice("data.site") == "\"\"");
    CHECK(found.advice("design.types") == R"(["in_domain", "training_size"])");
    CHECK_THAT(found.doubts(), Contains("'Undetermined'") && Contains("data.no_cause = [\"Undetermined\"]"));
    CHECK(found.read().causes == Texts{"Malaria", "Stroke", "Undetermined"});
}

TEST_CASE("what no key helps with is an obstacle, and the rest is told all the same", "[va][survey]") {
    Surveyed const cut("site,cause,q1\nA,x,yes\nB,y,no\nA,x,no\nB,y,yes\nA,x\n");
    CHECK_THAT(fmt::format("{}", fmt::join(cut.survey.obstacles, "\n")),
               Contains("the row has 2 cells, the header has 3"));
    CHECK(cut.survey.layout == "the first 4 rows and 3 columns, parted by commas");
    CHECK_THAT(cut.uses(), Contains("q1 symptom"));
    Surveyed const no_cause("ID,q1\na,yes\nb,no\n");
    CHECK_FALSE(no_cause.survey.has_causes);
    CHECK_THAT(no_cause.survey.obstacles.front(), Contains("no column looks like the causes of death"));
    Surveyed const who("KEY,g.Id10004,g.Id10019,g.Id10077\nu1,wet,male,no\nu2,dry,female,yes\n");
    CHECK(who.survey.kind == TableKind::who);
    CHECK_THAT(who.survey.obstacles.back(), Contains("docs/va/who.md"));
}

TEST_CASE("advice is written for a shell and for a study file", "[va][survey]") {
    std::vector<Advice> const advice{{"data.label", Value(std::string("cause of death")), ""},
                                     {"data.site", Value(std::string("district")), ""},
                                     {"data.id", Value(std::string("true")), ""},
                                     {"data.population", Value(std::string("1")), ""},
                                     {"data.absent", Value(Texts{"", "don't"}), ""}};
    CHECK(flags_of(advice) == Texts{"--label 'cause of death'", "--set data.site=district",
                                    "--set 'data.id=\"true\"'", "--set 'data.population=\"1\"'",
                                    R"(--set 'data.absent=["", "don'\''t"]')"});
    Survey survey;
    survey.source.path = "va.csv";
    survey.advice = {{"data.site", Value(std::string("")), ""},
                     {"design.types", Value(Texts{"in_domain"}), ""}};
    CHECK(study_file_of(survey) ==
          "[data]\npath = \"va.csv\"\nsite = \"\"\n[design]\ntypes = [\"in_domain\"]\n");
}

TEST_CASE("a refusal ends with what would read the file, if anything does", "[va][survey]") {
    TemporaryFile const file(table("district,cause,q1", 60, [](int i) {
        return fmt::format("{},{},{}", site(i), cause(i), answer(i));
    }));
    CohortSource told;
    told.path = file.path();
    CHECK_THAT(with_way_out("no column 'site'", told),
               Contains("no column 'site'\n") && Contains("it would be read with") &&
                   Contains("--format encoded --label cause --set data.site=district"));
    TemporaryFile const broken("site,cause,q1\nA,x,yes\nB,y\n");
    told.path = broken.path();
    CHECK_THAT(with_way_out("the row has 2 cells", told),
               Contains(" data ") && !Contains("would be read with"));
}

TEST_CASE("weights of a survey are told by their name and values, and read as such", "[va][survey]") {
    auto const* const name = GENERATE("pweight", "Sampling_Weight", "hh.wt_final", "weight");
    Surveyed const said(table(fmt::format("id,site,cause,fever,cough,{}", name), 60, [](int i) {
        return fmt::format("d{},{},{},{},{},{}", i, site(i), cause(i), answer(i), answer(i + 1),
                           0.6 + 0.1 * (i % 8));
    }));
    CAPTURE(name, said.uses());
    CHECK(said.survey.source.weight == name);
    CHECK_THAT(said.uses(), Contains(fmt::format("{} weight", name)));
    CHECK(said.advice("data.weight") == vaster::to_toml(Value(std::string(name))));
    auto const cohort = said.read();
    CHECK(cohort.symptoms == Texts{"fever", "cough"});
    REQUIRE(cohort.weight.size() == 60);
    CHECK(cohort.weight[1] == 0.7);
}

TEST_CASE("a weight that may be a body's is a doubt, and one with gaps, noughts or texts is not a weight",
          "[va][survey]") {
    auto const with = [](std::string const& name, auto value) {
        return table("site,cause,fever,cough," + name, 60, [&](int i) {
            return fmt::format("{},{},{},{},{}", site(i), cause(i), answer(i), answer(i + 1), value(i));
        });
    };
    Surveyed const body(with("weight", [](int i) { return 48.5 + i; }));
    CHECK(body.advice("data.weight").empty());
    CHECK_THAT(body.doubts(), Contains("column 'weight' may have the weights of a survey") &&
                                  Contains("data.weight = \"weight\""));
    Surveyed const born(with("birth_weight", [](int i) { return 0.9 + 0.01 * i; }));
    CHECK(born.advice("data.weight").empty());
    CHECK_THAT(born.doubts(), !Contains("data.weight"));
    Surveyed const gaps(with("pweight", [](int i) { return i == 3 ? "" : fmt::format("{}", 1.5 + i); }));
    CHECK(gaps.advice("data.weight").empty());
    Surveyed const noughts(with("pweight", [](int i) { return 0.5 * i; }));
    CHECK(noughts.advice("data.weight").empty());
    CohortSource told;
    told.weight = "weight";
    Surveyed const word(with("weight", [](int i) { return 48.5 + i; }), told);
    CHECK(word.advice("data.weight") == "\"weight\"");
    told.weight = "wieght";
    CHECK_THAT(Surveyed(with("weight", [](int i) { return 48.5 + i; }), told).doubts(),
               Contains("data.weight = \"wieght\" names no column") && Contains("weight"));
}

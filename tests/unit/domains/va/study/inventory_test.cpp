#include "domains/va/study/inventory.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster;
using namespace vaster::va;
using Catch::Contains;

namespace {

/// `per_cell` deaths of each cause at each site; symptoms that say nothing: present in every second death.
Cohort plain_cohort(std::vector<std::string> sites, std::vector<std::string> causes, std::size_t per_cell,
                    std::vector<std::string> symptoms = {"fever", "cough"}) {
    Cohort cohort;
    cohort.sites = std::move(sites);
    cohort.causes = std::move(causes);
    cohort.symptoms = std::move(symptoms);
    cohort.answers = AnswerMatrix(cohort.symptoms.size());
    for (std::uint32_t site = 0; site < cohort.sites.size(); ++site)
        for (std::uint32_t cause = 0; cause < cohort.causes.size(); ++cause)
            for (std::uint32_t i = 0; i < per_cell; ++i) {
                cohort.row.own().push_back(static_cast<std::uint32_t>(cohort.row.size()));
                cohort.site.own().push_back(site);
                cohort.cause.own().push_back(cause);
                cohort.answers.append(std::vector<Answer>(cohort.symptoms.size(),
                                                          i % 2 == 0 ? Answer::absent : Answer::present));
            }
    return cohort;
}

/// Gives the symptom the answer in all deaths of a cause, and the other one in all others.
void let_tell(Cohort& cohort, std::size_t symptom, std::uint32_t cause, Answer answer, Answer other) {
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i)
        cohort.answers.row(i)[symptom] = cohort.cause[i] == cause ? answer : other;
}

std::string warnings_of(Cohort const& cohort) {
    std::string all;
    for (auto const& warning : inventory_of(cohort).warnings) all += warning + "\n";
    return all;
}

}  // namespace

TEST_CASE("the inventory counts deaths, sites, causes, symptoms and missing answers", "[va][inventory]") {
    auto cohort = plain_cohort({"East", "North"}, {"Malaria", "Stroke"}, 10);
    for (std::size_t i = 20; i < 40; ++i) cohort.cause.own()[i] = 0;  // all of North
    cohort.site.own()[0] = 1;
    for (std::size_t i = 0; i < 4; ++i) cohort.answers.row(i)[1] = Answer::missing;
    cohort.notes = {"deaths.csv: 3 rows left out: no cause"};
    auto const facts = inventory_of(cohort).facts;
    REQUIRE(facts.size() == 4);
    CHECK(facts[0] ==
          "40 deaths, 2 sites (North 21, East 19), 2 causes, 2 symptoms, 0 to 10 % of a symptom's answers "
          "missing");
    CHECK(facts[1] == "causes: Malaria 30, Stroke 10");
    CHECK(facts[2] == "symptoms: fever, cough");
    CHECK(facts[3] == "deaths.csv: 3 rows left out: no cause");
}

TEST_CASE("columns that are not symptoms are listed, and many deaths that are alike are warned of",
          "[va][inventory]") {
    auto cohort = plain_cohort({"A", "B"}, {"Malaria", "Stroke"}, 20);
    cohort.reading.ignored = {"id", "age"};
    cohort.reading.alike = 3;
    CHECK(inventory_of(cohort).facts.back() == "not used as symptoms: id, age");
    CHECK_THAT(warnings_of(cohort), !Contains("like an earlier one"));
    cohort.reading.alike = 4;
    CHECK_THAT(warnings_of(cohort), Contains("4 of 80 deaths are like an earlier one"));
}

TEST_CASE("many sites, causes and symptoms are not listed one by one", "[va][inventory]") {
    auto const names = [](std::string const& what, std::size_t n) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < n; ++i) texts.push_back(what + std::to_string(100 + i));
        return texts;
    };
    auto const facts = inventory_of(plain_cohort(names("s", 20), names("c", 40), 6, names("q", 61))).facts;
    REQUIRE(facts.size() == 2);
    CHECK_THAT(facts[0], Contains("20 sites (s100 240, ") && Contains("s111 240 and 8 more)") &&
                             Contains("no answer missing"));
    CHECK(facts[1] == "causes: c100 120, c101 120, c102 120, ..., c139 120");
}

TEST_CASE("a cohort in which all is well gets no warning", "[va][inventory]") {
    CHECK(inventory_of(plain_cohort({"A", "B"}, {"Malaria", "Stroke"}, 20)).warnings.empty());
}

TEST_CASE("one cause and one site are warned of", "[va][inventory]") {
    auto const warnings = warnings_of(plain_cohort({"A"}, {"NA"}, 20));
    CHECK_THAT(warnings, Contains("all deaths have the one cause 'NA'"));
    CHECK_THAT(warnings, Contains("all deaths are of the one site 'A'"));
}

TEST_CASE("causes with few deaths, and causes at one site only, are named with counts", "[va][inventory]") {
    auto cohort = plain_cohort({"A", "B"}, {"Malaria", "Rabies", "Stroke"}, 10);
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i)
        if (cohort.cause[i] == 1 && i % 10 != 0)
            cohort.cause.own()[i] = 0;  // of Rabies one is left at each site
    CHECK_THAT(warnings_of(cohort), Contains("1 cause has fewer than 5 deaths: Rabies 2"));
    for (std::size_t i = 30; i < 60; ++i) cohort.cause.own()[i] = 0;
    auto const warnings = warnings_of(cohort);
    CHECK_THAT(warnings, Contains("2 causes occur at one site only: Rabies (A), Stroke (A)"));
}

TEST_CASE("symptoms that everybody answers alike are named", "[va][inventory]") {
    auto cohort = plain_cohort({"A", "B"}, {"Malaria", "Stroke"}, 20, {"none", "all", "no", "fever"});
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) {
        cohort.answers.row(i)[0] = Answer::missing;
        cohort.answers.row(i)[1] = Answer::present;
        cohort.answers.row(i)[2] = Answer::absent;
    }
    auto const warnings = warnings_of(cohort);
    CHECK_THAT(warnings, Contains("1 symptom without a single answer: none\n"));
    CHECK_THAT(warnings, Contains("1 symptom that all deaths have: all\n"));
    CHECK_THAT(warnings, Contains("1 symptom that no death has: no\n"));
}

TEST_CASE("a table without any answer is said to have none", "[va][inventory]") {
    auto cohort = plain_cohort({"A", "B"}, {"Malaria", "Stroke"}, 20);
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) cohort.answers.row(i).fill(Answer::missing);
    CHECK_THAT(warnings_of(cohort), Contains("none of the 2 symptoms has a single answer"));
}

TEST_CASE("a symptom whose presence, absence or lack tells a cause is found", "[va][inventory]") {
    auto const [answer, other, word] =
        GENERATE(table<Answer, Answer, std::string>({{Answer::present, Answer::absent, "present"},
                                                     {Answer::absent, Answer::present, "absent"},
                                                     {Answer::missing, Answer::present, "missing"}}));
    auto cohort = plain_cohort({"A", "B"}, {"Diabetes", "Malaria", "Stroke"}, 10);
    let_tell(cohort, 1, 1, answer, other);
    CHECK_THAT(warnings_of(cohort), Contains("'cough' alone tells the cause 'Malaria': it is " + word +
                                             " in 20 of its 20 deaths and in 0 of all others") &&
                                        Contains("data.label_columns"));
}

TEST_CASE("a telling symptom may lack answers", "[va][inventory]") {
    auto cohort = plain_cohort({"A", "B"}, {"Diabetes", "Malaria", "Stroke"}, 20);
    let_tell(cohort, 0, 1, Answer::present, Answer::absent);
    for (std::size_t i = 0; i < cohort.n_deaths(); i += 5) cohort.answers.row(i)[0] = Answer::missing;
    CHECK_THAT(warnings_of(cohort), Contains("'fever' alone tells the cause 'Malaria'"));
}

TEST_CASE("a symptom that only most deaths of a cause have, or others too, tells nothing alone",
          "[va][inventory]") {
    auto cohort = plain_cohort({"A", "B"}, {"Diabetes", "Malaria", "Stroke"}, 50);
    let_tell(cohort, 0, 1, Answer::present, Answer::absent);
    std::size_t const malaria = 50;
    cohort.answers.row(malaria)[0] = Answer::absent;  // 99 of 100 are not more than 99 %
    CHECK_THAT(warnings_of(cohort), !Contains("alone tells"));
    cohort.answers.row(malaria)[0] = Answer::present;
    CHECK_THAT(warnings_of(cohort), Contains("alone tells"));
    cohort.answers.row(0)[0] = cohort.answers.row(1)[0] = Answer::present;  // 100 of 102
    CHECK_THAT(warnings_of(cohort), !Contains("alone tells"));
}

TEST_CASE("a cause of nine deaths is too small for a warning that a symptom tells it", "[va][inventory]") {
    auto cohort = plain_cohort({"A", "B"}, {"Diabetes", "Malaria", "Stroke"}, 10);
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i)
        if (cohort.cause[i] == 1 && i % 2 == 0) cohort.cause.own()[i] = 0;  // ten are left
    let_tell(cohort, 0, 1, Answer::present, Answer::absent);
    CHECK_THAT(warnings_of(cohort), Contains("alone tells"));
    auto const first = std::find(cohort.cause.begin(), cohort.cause.end(), 1U) - cohort.cause.begin();
    cohort.cause.own()[static_cast<std::size_t>(first)] = 0;
    let_tell(cohort, 0, 1, Answer::present, Answer::absent);
    CHECK_THAT(warnings_of(cohort), !Contains("alone tells"));
}

TEST_CASE("columns that by their names are not symptoms are asked about", "[va][inventory]") {
    CHECK_THAT(warnings_of(plain_cohort({"A", "B"}, {"Malaria", "Stroke"}, 20, {"fever", "Sex", "AGE"})),
               Contains("columns are taken for symptoms: Sex, AGE"));
    CHECK_THAT(warnings_of(plain_cohort({"A", "B"}, {"Malaria", "Stroke"}, 20, {"page", "sexual_contact"})),
               !Contains("taken for"));
}

TEST_CASE("a label with as many values as deaths, or with most of them once, is warned of",
          "[va][inventory]") {
    std::vector<std::string> ids;
    for (int i = 0; i < 40; ++i) ids.push_back("d" + std::to_string(100 + i));
    auto cohort = plain_cohort({"A"}, ids, 1);
    CHECK_THAT(warnings_of(cohort),
               Contains("each of the 40 deaths has a cause of its own (d100, d101, d102 and 37 more)") &&
                   Contains("is data.label (--label) the column of the causes?"));
    cohort = plain_cohort({"A"}, ids, 2);
    CHECK_THAT(warnings_of(cohort), !Contains("data.label (--label)"));
    for (std::size_t i = 0; i < 19 * 2; i += 2) cohort.cause.own()[i] = 39;  // leaves one of each
    CHECK_THAT(warnings_of(cohort), !Contains("data.label (--label)"));
    for (std::size_t i = 38; i < 42; i += 2) cohort.cause.own()[i] = 39;
    CHECK_THAT(warnings_of(cohort), Contains("21 of 40 causes have one death each"));
}

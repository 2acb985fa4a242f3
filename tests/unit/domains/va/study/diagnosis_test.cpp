#include "domains/va/study/diagnosis.hpp"

#include <cmath>

#include <catch2/catch.hpp>

#include "domains/va/models/catalogue.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using namespace vaster::va;
using va::Answer;

namespace {

DiagnosisOptions options() {
    DiagnosisOptions options;
    options.model = models::Catalogue().at("naive_bayes");
    options.parameters = Parameters(options.model.parameters);
    return options;
}

/// 20 deaths at each of the sites, 10 of each of two causes; every symptom absent.
va::Cohort plain_cohort(std::vector<std::string> sites, std::vector<std::string> symptoms) {
    va::Cohort cohort;
    cohort.sites = std::move(sites);
    cohort.causes = {"1", "2"};
    cohort.symptoms = std::move(symptoms);
    cohort.answers = va::AnswerMatrix(cohort.symptoms.size());
    std::vector<Answer> const absent(cohort.symptoms.size(), Answer::absent);
    for (std::uint32_t site = 0; site < cohort.sites.size(); ++site) {
        for (std::uint32_t i = 0; i < 20; ++i) {
            cohort.row.own().push_back(static_cast<std::uint32_t>(cohort.row.size()));
            cohort.site.own().push_back(site);
            cohort.cause.own().push_back(i % 2);
            cohort.answers.append(absent);
        }
    }
    return cohort;
}

}  // namespace

TEST_CASE("a question that one of two sites never asks tells the site, and is one bit",
          "[study][diagnosis]") {
    auto cohort = plain_cohort({"A", "B"}, {"fever", "cough"});
    for (std::size_t i = 20; i < 40; ++i) cohort.answers.row(i)[1] = Answer::missing;
    auto const diagnosis = diagnose(cohort, options());
    CHECK(diagnosis.accuracy == 1);
    CHECK(diagnosis.largest_share == 0.5);
    CHECK(diagnosis.sites[1].recall == 1);
    CHECK(diagnosis.sites[1].missing == 0.5);
    CHECK(diagnosis.missingness[0].symptom == "cough");
    CHECK(diagnosis.missingness[0].information == Approx(1).epsilon(1e-12));
    CHECK(diagnosis.missingness[0].at_site == std::vector{0.0, 1.0});
    CHECK(diagnosis.missingness[1].information == 0);
}

TEST_CASE("a symptom that only one site reports differs as a pencil says", "[study][diagnosis]") {
    auto cohort = plain_cohort({"A", "B"}, {"fever", "cough"});
    for (std::size_t i = 0; i < 20; ++i) cohort.answers.row(i)[1] = Answer::present;
    auto const cough = diagnose(cohort, options()).differences[0];
    CHECK(cough.symptom == "cough");
    // Each cause: SS = 10 / 4 + 10 / 4 = 5, E = 1/4 * 20 * 1/19 = 5/19
    CHECK(cough.deviation == Approx(std::sqrt((5 - 5 / 19.) / 20)).epsilon(1e-12));
    CHECK(cough.chi2 == Approx(2 * 19).epsilon(1e-12));
    CHECK(cough.degrees_of_freedom == 2);
    CHECK(cough.at_site[0].observed == 1);
    CHECK(cough.at_site[0].expected == 0.5);
    CHECK(cough.at_site[1].observed == 0);
}

TEST_CASE("a symptom that follows the cause alone is not a difference between sites of other causes",
          "[study][diagnosis]") {
    auto cohort = plain_cohort({"A", "B"}, {"fever"});
    for (std::size_t i = 0; i < 40; ++i) {
        cohort.cause.own()[i] = i < 18 || i >= 38 ? 0 : 1;  // A: 18 of cause 1; B: 2
        if (cohort.cause[i] == 0) cohort.answers.row(i)[0] = Answer::present;
    }
    auto const fever = diagnose(cohort, options()).differences[0];
    CHECK(fever.deviation == 0);
    CHECK(fever.degrees_of_freedom == 0);
    CHECK(fever.at_site[0].observed == Approx(0.9));
    CHECK(fever.at_site[0].expected == Approx(0.9));
}

TEST_CASE("answers dealt out by chance have a chi2 near its degrees of freedom and no site to tell",
          "[study][diagnosis]") {
    std::vector<std::string> symptoms;
    symptoms.reserve(200);
    for (int s = 0; s < 200; ++s) symptoms.push_back(std::to_string(s));
    auto cohort = plain_cohort({"A", "B", "C"}, symptoms);
    Random random(7);
    for (std::size_t i = 0; i < 60; ++i)
        for (auto&& answer : cohort.answers.row(i)) answer = static_cast<Answer>(random.below(3));
    auto const diagnosis = diagnose(cohort, options());
    double chi2 = 0, freedom = 0;
    for (auto const& symptom : diagnosis.differences) {
        chi2 += symptom.chi2;
        freedom += static_cast<double>(symptom.degrees_of_freedom);
    }
    CHECK(chi2 / freedom == Approx(1).margin(0.1));
    CHECK(diagnosis.accuracy < 0.55);
}

TEST_CASE("where nothing is missing the largest site is always said", "[study][diagnosis]") {
    auto cohort = plain_cohort({"A", "B"}, {"fever"});
    for (std::size_t i = 0; i < 8; ++i) cohort.site.own()[i] = 1;
    auto const diagnosis = diagnose(cohort, options());
    CHECK(diagnosis.largest_site == "B");
    CHECK(diagnosis.largest_share == Approx(0.7));
    CHECK(diagnosis.accuracy == Approx(0.7));
    CHECK(diagnosis.sites[0].recall == 0);
}

TEST_CASE("a symptom that says the site is seen among the answers, not among the missing ones",
          "[study][diagnosis]") {
    auto cohort = plain_cohort({"A", "B"}, {"fever", "word_village"});
    for (std::size_t i = 0; i < 20; ++i) cohort.answers.row(i)[1] = Answer::present;
    auto seeing = options();
    CHECK(diagnose(cohort, seeing).accuracy <= 0.5);
    seeing.seen = Seen::answers;
    CHECK(diagnose(cohort, seeing).accuracy == 1);
}

TEST_CASE("sites can be chosen, and unknown ones and a single one are refused", "[study][diagnosis]") {
    auto const cohort = plain_cohort({"A", "B", "C"}, {"fever"});
    auto chosen = options();
    chosen.sites = {"C", "A"};
    auto const diagnosis = diagnose(cohort, chosen);
    CHECK(diagnosis.n_deaths == 40);
    CHECK(diagnosis.sites[1].site == "C");
    chosen.sites = {"A", "X"};
    CHECK_THROWS_AS(diagnose(cohort, chosen), ConfigError);
    chosen.sites = {"A"};
    CHECK_THROWS_AS(diagnose(cohort, chosen), ConfigError);
}

// Files as other programs write them, and what must come out: from the folder of shared references, where it
// is.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../../../base/csv/test_files.hpp"
#include "base/csv/csv.hpp"
#include "domains/va/data/cohort.hpp"
#include "domains/va/data/known_deaths.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster::va;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

namespace {

std::filesystem::path const samples = std::filesystem::path(VASTER_SHARED_DIR) / "reference" / "va-samples";

bool have_samples() {
    bool const there = std::filesystem::exists(samples);
    if (!there) WARN("no samples at " << samples);
    return there;
}

CohortSource sample(std::string const& folder, std::string const& file = "input.csv") {
    CohortSource source;
    source.path = samples / folder / file;
    source.format = CohortFormat::encoded;
    source.label = "cause";
    source.label_columns = {};
    source.id = "ID";
    return source;
}

std::string error_in(CohortSource const& source) {
    return vaster::test::error_of<vaster::DataError>([&] { (void)read_cohort(source); });
}

/// Compares every cell with the table of what must come out: ID, site, cause, then symptoms as 1, 0 and
/// empty.
void check_cells(CohortSource const& source, std::string const& expected = "expected.csv") {
    auto const cohort = read_cohort(source);
    vaster::csv::CsvReader reader(source.path.parent_path() / expected);
    std::size_t const first =
        reader.header().size() - cohort.symptoms.size();  // of the symptoms, behind ID, site and cause
    CHECK(std::ranges::equal(reader.header().subspan(first), cohort.symptoms));
    std::size_t n = 0;
    std::size_t n_differences = 0;
    while (reader.next()) {
        REQUIRE(n < cohort.n_deaths());
        auto const cells = reader.cells();
        n_differences += cells[0] != cohort.ids[n];
        n_differences += cells[1] != cohort.sites[cohort.site[n]];
        n_differences += cells[2] != cohort.causes[cohort.cause[n]];
        for (std::size_t k = 0; k < cohort.symptoms.size(); ++k) {
            Answer const answer = cells[first + k] == "1"   ? Answer::present
                                  : cells[first + k] == "0" ? Answer::absent
                                                            : Answer::missing;
            n_differences += cohort.answers.row(n)[k] != answer;
        }
        ++n;
    }
    CHECK(n == cohort.n_deaths());
    CHECK(n_differences == 0);
}

}  // namespace

TEST_CASE("samples of other programs' tables are read cell by cell", "[va][samples]") {
    if (!have_samples()) return;
    for (std::string const folder :
         {"01-interva5-Y-N-dash", "02-openva-y-n-dot", "03-mixed-case-two-missings", "04-interva4-Y-empty",
          "06-sas-dot", "07-pandas-nan", "09-yes-no-dk", "10-true-false", "12-cause-NA"}) {
        INFO(folder);
        check_cells(sample(folder));
    }
    CHECK(read_cohort(sample("12-cause-NA")).reading.no_cause ==
          std::vector<CountedText>{{"NA", 15}, {"", 15}});
}

TEST_CASE("samples that need a key are refused without it and read with it", "[va][samples]") {
    if (!have_samples()) return;
    check_cells(sample("05-ticks-only"), "expected_empty_absent.csv");
    auto ticks = sample("05-ticks-only", "input_digits.csv");
    CHECK_THAT(error_in(ticks), Contains("data.absent = [\"\"] or data.missing = [\"\"]"));
    ticks.spellings.absent = {""};
    check_cells(ticks, "expected_empty_absent.csv");
    ticks.spellings = {.present = {}, .absent = {}, .missing = {""}};
    check_cells(ticks, "expected_empty_missing.csv");
    auto codes = sample("08-eight-nine");
    CHECK_THAT(error_in(codes), Contains("value '8' in "));
    codes.spellings.missing = {"8", "9", "88", "99"};
    check_cells(codes);
    CHECK_THAT(error_in(sample("11-duplicate-id")), Contains("VA12-0006"));
    auto spelled = sample("13-cause-spelling");
    CHECK_THAT(error_in(spelled), Contains("data.cause_case = \"fold\""));
    spelled.cause_case = CaseRule::fold;
    check_cells(spelled);
    CHECK_THAT(error_in(sample("19-no-site")), Contains("data.site = \"\""));
    auto validated = sample("17-smartva-validated");
    validated.id = "sid";
    validated.label = "gs_text34";
    validated.label_columns = {"gs_code34", "gs_text34", "gs_level", "va34", "va46"};
    CHECK_THAT(error_in(validated), Contains("value '9.0' in 37 cells of 1 column") && Contains("(sex)"));
    validated.spellings.missing = {"9"};
    check_cells(validated);
}

TEST_CASE("the sample of two physicians gives each who named a cause half a death, or all of it",
          "[va][samples]") {
    if (!have_samples()) return;
    auto const cohort = read_cohort(sample("18-two-physicians"));
    auto const path = samples / "18-two-physicians" / "physicians.csv";
    std::map<std::string, std::map<std::string, double>> votes;  // by death and cause, counted here
    vaster::csv::CsvReader reader(path);
    while (reader.next()) {
        auto& of_death = votes[std::string(reader.cells()[0])];
        if (!reader.cells()[2].empty()) ++of_death[std::string(reader.cells()[2])];
    }
    auto const known = read_known_deaths(path, cohort);
    std::size_t n_known = 0;
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) {
        CAPTURE(cohort.ids[i]);
        std::map<std::string, double> told;
        for (auto const& [cause, share] : known.told[i]) told[cohort.causes[cause]] = share;
        CHECK(told == votes[cohort.ids[i]]);
        CHECK(known.is_known[i] == !told.empty());
        n_known += told.empty() ? 0 : 1;
    }
    CHECK_THAT(known.notes.front(), Contains(std::to_string(n_known) + " deaths are known"));
}

TEST_CASE("the sample with weights has a weight for each death, and no such symptom", "[va][samples]") {
    if (!have_samples()) return;
    auto source = sample("21-weights");
    source.weight = "weight";
    auto const cohort = read_cohort(source);
    REQUIRE(cohort.weight.size() == cohort.n_deaths());
    CHECK(cohort.weight[0] == 0.5);
    CHECK(cohort.weight[3] == 1.7);
    CHECK(std::ranges::find(cohort.symptoms, "weight") == cohort.symptoms.end());
}

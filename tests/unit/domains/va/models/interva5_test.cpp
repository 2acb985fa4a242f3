#include "domains/va/models/interva5.hpp"

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../../../base/csv/test_files.hpp"
#include "base/csv/csv.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::models::interva5;
using Catch::Matchers::Contains;
using test::error_of;
using test::TemporaryFile;
using va::Answer;

namespace {

constexpr auto yes = Answer::present;
constexpr auto no = Answer::absent;
constexpr auto unknown = Answer::missing;

/// Three symptoms, two causes, in numbers, with priors in the row without a symptom.
std::string const small_table = "symptom,A,B\n,0.2,0.1\nfever,0.5,0.1\nmoved,0.1,0.5\ncough,0,0.2\n";

StandardTable table_of(std::string const& table, std::string const& checks = "",
                       std::string const& prior = "") {
    TemporaryFile const table_file(table);
    TemporaryFile const check_file(checks);
    TemporaryFile const prior_file(prior);
    return read_standard_table({table_file.path(), prior.empty() ? "" : prior_file.path().string(),
                                checks.empty() ? "" : check_file.path().string()});
}

std::string refusal(std::string const& table, std::string const& checks = "", std::string const& prior = "") {
    return error_of<DataError>([&] { (void)table_of(table, checks, prior); });
}

std::vector<double> shares(StandardTable const& table, std::vector<Answer> const& answers) {
    return probabilities(table, answers);
}

}  // namespace

TEST_CASE("InterVA5 multiplies what counts into the priors and divides by the sum", "[va][interva5]") {
    auto const table = table_of(small_table);
    auto const after = shares(table, {yes, no, unknown});
    CHECK(after[0] == Approx(0.2 * 0.5 / (0.2 * 0.5 + 0.1 * 0.1)));
    CHECK(after[1] == Approx(1 - after[0]));
    CHECK(shares(table, {no, no, no})[0] == Approx(2.0 / 3));
    CHECK(shares(table, {yes, yes, yes}) == std::vector{0.0, 1.0});
}

TEST_CASE("a symptom that counts when absent counts by its no", "[va][interva5]") {
    auto const table =
        table_of(small_table, "symptom,counts_when\nfever,present\nmoved,absent\ncough,present\n");
    CHECK(shares(table, {no, no, no})[0] == Approx(0.2 * 0.1 / (0.2 * 0.1 + 0.1 * 0.5)));
    CHECK(shares(table, {no, yes, no})[0] == Approx(2.0 / 3));
    CHECK(shares(table, {no, unknown, no})[0] == Approx(2.0 / 3));
}

TEST_CASE("causes that are all ruled out leave nothing, and the death undetermined", "[va][interva5]") {
    auto const table = table_of("symptom,A,B\n,0.2,0.1\nx,0,0.5\ny,0.5,0\n");
    auto const none = shares(table, {yes, yes});
    CHECK(none == std::vector{0.0, 0.0});
    CHECK(assign(none).causes.empty());
    CHECK(assign(none).undetermined == 1);
}

TEST_CASE("a long row of symptoms does not underflow", "[va][interva5]") {
    std::string text = "symptom,A,B\n,E,E\n";
    for (int i = 0; i < 300; ++i) text += "s" + std::to_string(i) + ",D-,E\n";
    auto const table = table_of(text);
    auto const after = shares(table, std::vector<Answer>(300, yes));
    CHECK(after[0] == Approx(1));
    CHECK(after[0] + after[1] == Approx(1));
}

TEST_CASE("causes two and three are named from half of the first on, and none below 0.4", "[va][interva5]") {
    std::vector<double> const even{0.41, 0.21, 0.2, 0.18};
    auto const named = assign(even);
    REQUIRE(named.causes.size() == 2);
    CHECK(named.causes[0].cause == 0);
    CHECK(named.causes[1].cause == 1);
    CHECK(named.undetermined == Approx(0.38));
    CHECK(assign(std::vector{0.3999, 0.3, 0.3001}).causes.empty());
    CHECK(assign(std::vector{0.1, 0.5, 0.4}).causes.front().cause == 1);
    CHECK(assign(std::vector{0.0, 1.0}).undetermined == 0);
}

TEST_CASE("checks clear, fill in and demand in the order of the table, twice", "[va][interva5]") {
    // a counts only without b; c fills b in; d counts only where e is present.
    auto const table =
        table_of("symptom,A\n,1\na,1\nb,1\nc,1\nd,1\ne,1\n",
                 "symptom,counts_when,clear_when,set,only_if\na,present,bY,,\nb,present,,,\nc,present,,bY,\n"
                 "d,present,,,eY\ne,present,,,\n");
    auto const checked = check(table, std::vector{yes, no, yes, yes, unknown});
    // b was "no", which is not c's own answer: it is set, and a is cleared in the second pass.
    CHECK(checked.answers == std::vector{unknown, yes, yes, unknown, unknown});
    CHECK(checked.cleared == 2);
    CHECK(checked.filled == 1);
    auto const kept = check(table, std::vector{yes, yes, no, yes, yes});
    CHECK(kept.answers == std::vector{unknown, yes, no, yes, yes});
}

TEST_CASE("a table without WHO's names of ages and sexes refuses deaths without a sign alone",
          "[va][interva5]") {
    auto const table = table_of(small_table);
    CHECK(refusal_of(table, std::vector{no, unknown, no}) == Refused::no_sign);
    CHECK_FALSE(refusal_of(table, std::vector{no, yes, no}));
}

TEST_CASE("how common HIV and malaria are sets three priors", "[va][interva5]") {
    auto table = table_of("symptom,Malaria,b_0103,B_0403,Other\n,B,B,B,B\nx,A,A,A,A\n");
    set_prevalence(table, Prevalence::low, Prevalence::high);
    CHECK(table.prior == std::vector{0.05, 0.005, 0.05, 0.05});
    set_prevalence(table, Prevalence::high, Prevalence::low);
    CHECK(table.prior == std::vector{0.005, 0.05, 0.00001, 0.05});
    auto other = table_of(small_table);
    CHECK_THAT(error_of<DataError>([&] { set_prevalence(other, Prevalence::low, Prevalence::low); }),
               Contains("there is no cause 'HIV/AIDS related death' (or 'b_0103')"));
}

TEST_CASE("priors may stand in a file of their own", "[va][interva5]") {
    auto const table = table_of("symptom,A,B\nx,A,B\n", "", "cause,letter\nB,C\nA,B -\n");
    CHECK(table.prior == std::vector{0.02, 0.005});
    CHECK_THAT(refusal("symptom,A,B\nx,A,B\n"), Contains("no row of priors") && Contains("--prior"));
    CHECK_THAT(refusal(small_table, "", "cause,letter\nA,B\nB,B\n"), Contains("has a row of priors"));
    CHECK_THAT(refusal("symptom,A,B\nx,A,B\n", "", "cause,letter\nA,B\n"),
               Contains("cause 'B' of ") && Contains("has no prior"));
    CHECK_THAT(refusal("symptom,A,B\nx,A,B\n", "", "cause,letter\nA,Q\nB,B\n"),
               Contains("line 2") && Contains("\"Q\" is neither a number from 0 to 1 nor a level"));
    CHECK_THAT(refusal("symptom,Lung,B\nx,A,B\n", "", "cause,letter\nLungs,B\nB,B\n"),
               Contains("'Lungs' is not a cause of") && Contains("did you mean 'Lung'?"));
}

TEST_CASE("checks that the table cannot use are refused with their line", "[va][interva5]") {
    std::string const head = "symptom,counts_when,clear_when,set,only_if\n";
    std::string const rest = "moved,present,,,\ncough,present,,,\n";
    CHECK_THAT(refusal(small_table, head + "fever,always,,,\n" + rest),
               Contains("line 2") && Contains("\"always\" (must be present or absent)"));
    CHECK_THAT(refusal(small_table, head + "fever,present,coughs,,\n" + rest),
               Contains("line 2") && Contains("Y or N behind it"));
    CHECK_THAT(refusal(small_table, head + "fever,present,coughsY,,\n" + rest),
               Contains("'coughs' is not a symptom of") && Contains("did you mean 'cough'?"));
    CHECK_THAT(refusal(small_table, head + "fever,present,,,\nfever,present,,,\n" + rest),
               Contains("line 3") && Contains("'fever' has a row already"));
    CHECK_THAT(refusal(small_table, head + rest), Contains("1 of the 3 symptoms") && Contains("'fever'"));
    CHECK_THAT(refusal(small_table, "symptom,counts_when,clears\nfever,present,\n" + rest),
               Contains("column 'clears' is not read"));
}

// What R package InterVA5 1.1.4 makes of 24 made-up deaths with Probbase v19, where the shared folder has it.
namespace {

std::filesystem::path const golden = std::filesystem::path(VASTER_SHARED_DIR) / "data" / "va" / "interva5";

struct Death {
    std::string id;
    std::vector<Answer> answers;
};

Answer answer_of(std::string_view cell) {
    if (cell == "y" || cell == "1") return yes;
    return cell == "n" || cell == "0" ? no : unknown;
}

std::vector<Death> deaths_in(std::filesystem::path const& path, StandardTable const& table) {
    csv::CsvReader reader(path);
    std::vector<Death> deaths;
    while (reader.next()) {
        Death death{std::string(reader.cells()[reader.position("ID", "test")]), {}};
        for (auto const& symptom : table.symptoms)
            death.answers.push_back(answer_of(reader.cells()[reader.position(symptom, "test")]));
        deaths.push_back(std::move(death));
    }
    return deaths;
}

std::map<std::string, std::vector<double>> probabilities_in(std::filesystem::path const& path,
                                                            StandardTable const& table) {
    csv::CsvReader reader(path);
    std::map<std::string, std::vector<double>> rows;
    while (reader.next()) {
        auto& row = rows[std::string(reader.cells()[reader.position("ID", "test")])];
        for (auto const& cause : table.causes)
            row.push_back(std::stod(std::string(reader.cells()[reader.position(cause, "test")])));
    }
    return rows;
}

StandardTable probbase() {
    return read_standard_table({golden / "probbase_v19_table.csv", golden / "probbase_v19_prior.csv",
                                golden / "probbase_v19_checks.csv"});
}

bool have_golden() {
    bool const there = std::filesystem::exists(golden / "probbase_v19_table.csv");
    if (!there) WARN("no golden results at " << golden);
    return there;
}

}  // namespace

TEST_CASE("answers after the checks are those of R package InterVA5, cell by cell",
          "[va][interva5][golden]") {
    if (!have_golden()) return;
    auto const table = probbase();
    std::map<std::string, std::vector<Answer>> expected;
    for (auto& death : deaths_in(golden / "checked_deaths.csv", table)) expected[death.id] = death.answers;
    csv::CsvReader said(golden / "checks.csv");
    std::size_t n_coded = 0;
    for (auto const& death : deaths_in(golden / "made_up_deaths.csv", table)) {
        CAPTURE(death.id);
        REQUIRE(said.next());
        auto const refused = refusal_of(table, death.answers);
        CHECK((refused ? to_text(*refused) : "") == said.cells()[2]);
        if (refused) continue;
        ++n_coded;
        auto const checked = check(table, death.answers);
        CHECK(checked.answers == expected.at(death.id));
        CHECK(std::to_string(checked.cleared) == said.cells()[3]);
        CHECK(std::to_string(checked.filled) == said.cells()[4]);
    }
    CHECK(n_coded == 21);
}

TEST_CASE("probabilities are those of R package InterVA5 to 1e-9", "[va][interva5][golden]") {
    if (!have_golden()) return;

    struct Setting {
        char const* name;
        Prevalence hiv, malaria;
        int n_undetermined;
    };

    auto const setting = GENERATE(Setting{"hiv_h_malaria_l", Prevalence::high, Prevalence::low, 2},
                                  Setting{"hiv_v_malaria_v", Prevalence::very_low, Prevalence::very_low, 3});
    auto table = probbase();
    set_prevalence(table, setting.hiv, setting.malaria);
    auto const expected =
        probabilities_in(golden / (std::string("probabilities_") + setting.name + ".csv"), table);
    int n_undetermined = 0;
    std::size_t n_cells = 0;
    double largest = 0;
    for (auto const& death : deaths_in(golden / "made_up_deaths.csv", table)) {
        if (refusal_of(table, death.answers)) continue;
        auto const ours = probabilities(table, check(table, death.answers).answers);
        auto const& theirs = expected.at(death.id);
        for (std::size_t c = 0; c < ours.size(); ++c, ++n_cells)
            largest = std::max(largest, std::abs(ours[c] - theirs[c]));
        n_undetermined += assign(ours).causes.empty() ? 1 : 0;
    }
    CHECK(n_cells == 1281);
    CHECK(largest < 1e-9);
    CHECK(n_undetermined == setting.n_undetermined);
}

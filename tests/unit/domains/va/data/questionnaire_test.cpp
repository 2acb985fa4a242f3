#include "domains/va/data/questionnaire.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../base/csv/test_files.hpp"
#include "domains/va/data/cohort.hpp"
#include "domains/va/data/rules.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

using namespace vaster::va;
using Catch::Matchers::Contains;
using vaster::csv_line;
using vaster::DataError;
using vaster::csv::CsvReader;
using vaster::test::error_of;
using vaster::test::TemporaryFile;

namespace {

std::filesystem::path const shared = std::filesystem::path(VASTER_SHARED_DIR);

bool have(std::filesystem::path const& path) {
    bool const there = std::filesystem::exists(path);
    if (!there) WARN("no file " << path);
    return there;
}

std::string const rules_header = "symptom,source,also_source,rule,cutoff,present,absent,missing,question\n";

EncodingRule rule(std::string const& row) {
    return parse_rules(CsvReader::from_text(rules_header + row + "\n", "rules.csv")).front();
}

char letter(std::optional<Answer> answer) {
    if (!answer) return '?';
    return *answer == Answer::present ? 'Y' : *answer == Answer::absent ? '-' : '.';
}

/// What the rule makes of each answer, one character each: Y present, - absent, . missing, ? unknown.
std::string encoded(EncodingRule const& rule, std::vector<std::string> const& answers) {
    std::string letters;
    for (auto const& answer : answers) letters += letter(encode(rule, answer, {}));
    return letters;
}

std::string letters(Cohort const& cohort, std::size_t death) {
    std::string text;
    for (Answer const answer : cohort.answers.row(death)) text += letter(answer);
    return text;
}

CohortSource raw(std::filesystem::path const& path, CohortFormat format) {
    CohortSource source;
    source.path = path;
    source.format = format;
    source.label = "gs_text34";
    return source;
}

CohortSource with_rules(std::filesystem::path const& path, std::filesystem::path const& rules) {
    CohortSource source;
    source.path = path;
    source.format = CohortFormat::rules;
    source.rules = rules;
    source.label = "cause";
    source.site = "";
    return source;
}

/// Cells that differ from a table of Y, empty and "." with the columns of the cohort, by symptom.
/// @param same  an answer of the table in the coding of the cohort
std::map<std::string, std::size_t> differences(Cohort const& cohort, std::filesystem::path const& path) {
    CsvReader reader(path);
    std::map<std::string, std::size_t> found;
    std::size_t death = 0;
    std::vector<std::pair<std::size_t, std::size_t>> columns;  // of the cohort and of the table
    for (std::size_t s = 0; s < cohort.symptoms.size(); ++s)
        if (auto const column = reader.find(cohort.symptoms[s])) columns.emplace_back(s, *column);
    while (reader.next()) {
        REQUIRE(death < cohort.n_deaths());
        auto const answers = letters(cohort, death++);
        for (auto const& columns_of_both : columns) {
            auto const cell = reader.cells()[columns_of_both.second];
            char const expected = cell == "Y" ? 'Y' : cell.empty() ? '-' : '.';
            if (answers[columns_of_both.first] != expected) ++found[cohort.symptoms[columns_of_both.first]];
        }
    }
    CHECK(death == cohort.n_deaths());
    CHECK(columns.size() == cohort.symptoms.size());
    return found;
}

}  // namespace

TEST_CASE("rules on numbers compare with their cut-offs", "[va][rules]") {
    std::vector<std::string> const answers{"1", "2", "2.0", " 3 ", "7", "DK", "9999", "", "3 days"};
    CHECK(encoded(rule("s,q,,above,2,,,DK|9999,"), answers) == "---YY...?");
    CHECK(encoded(rule("s,q,,at_least,2,,,DK|9999,"), answers) == "-YYYY...?");
    CHECK(encoded(rule("s,q,,below,2,,,DK|9999,"), answers) == "Y----...?");
    CHECK(encoded(rule("s,q,,between,2|7,,,DK|9999.0,"), answers) ==
          "-YYY-..."
          "?");
    CHECK(encoded(rule("s,q,,above,2,,never|<empty>,DK,"), {"never", "", "DK", "5"}) == "--.Y");
}

TEST_CASE("a rule on words looks for them among several choices", "[va][rules]") {
    auto const grunting = rule("s,q,,has_word,,grunting,,dk|ref,");
    CHECK(encoded(grunting, {"grunting", "stridor grunting", "stridor", "grunting_not", "dk", "", "ref"}) ==
          "YY--...");
}

TEST_CASE("a star stands for all other answers, and the empty cell can be named", "[va][rules]") {
    CHECK(encoded(rule("s,q,,one_of,,Yes,*,DK,"), {"Yes", "No", "Perhaps", "DK", ""}) == "Y--..");
    CHECK(encoded(rule("s,q,,one_of,,*,No,DK,"), {"Yes", "No", "DK", ""}) == "Y-..");
    CHECK(encoded(rule("s,q,,one_of,,1,<empty>,,"), {"1", "", "0"}) == "Y-?");
}

TEST_CASE("rule tables that contradict themselves are refused with their line", "[va][rules]") {
    auto const error = [](std::string const& rows) {
        return error_of<DataError>(
            [&] { (void)parse_rules(CsvReader::from_text(rules_header + rows + "\n", "rules.csv")); });
    };
    CHECK(
        error("s,q,,near,,Yes,No,,") ==
        "rules.csv: line 2, column 4 (rule): unknown rule 'near'; known are yes_no, above, one_of, at_least, "
        "below, between, has_word");
    CHECK(error("s,q,,between,3,,,,") ==
          "rules.csv: line 2, column 5 (cutoff): '3' is not a number; rule 'between' needs two, as LOW|HIGH");
    CHECK(error("s,q,,between,3|3,,,,") ==
          "rules.csv: line 2, column 5 (cutoff): '3|3': the first cut-off must be below the second");
    CHECK(error("s,q,,yes_no,3,Yes,No,,") ==
          "rules.csv: line 2, column 5 (cutoff): rule 'yes_no' has no cut-off (here: '3')");
    CHECK(error("s,q,,above,,,,,") ==
          "rules.csv: line 2, column 5 (cutoff): '' is not a number; rule 'above' needs one");
    CHECK(error("s,q,,yes_no,,Yes|No,No,,") ==
          "rules.csv: line 2, column 7 (absent): answer 'No' is in another list of this rule, too");
    CHECK(error("s,q,,yes_no,,Yes,No,Yes,") ==
          "rules.csv: line 2, column 8 (missing): answer 'Yes' is in another list of this rule, too");
    CHECK(
        error("s,q,,has_word,,a,b,,") ==
        "rules.csv: line 2, column 7 (absent): rule 'has_word' takes every other word for absent; list none");
    CHECK(error("s,q,,yes_no,,Yes,No,,\ns,q,,yes_no,,Yes,No,,") ==
          "rules.csv: line 3, column 2 (source): symptom 's' has a rule for source 'q' already, on line 2");
    CHECK(error("s,q,r,above,2,,,,") ==
          "rules.csv: line 2, column 3 (also_source): rule 'above' has one source");
}

TEST_CASE("a symptom of several rules is present if any says so", "[va][rules]") {
    TemporaryFile const rules(rules_header +
                              "fever,q1,,yes_no,,yes,no,dk,\n"
                              "cough,q3,,yes_no,,yes,no,dk,\n"
                              "fever,q2,,above,7,,,dk,\n");
    TemporaryFile const deaths(
        "cause,group-Q1,data.q2,q3\n"
        "A,yes,3,no\nA,no,9,no\nB,no,dk,yes\nB,dk,dk,dk\nB,dk,2,dk\n");
    auto const cohort = read_cohort(with_rules(deaths.path(), rules.path()));
    CHECK(cohort.symptoms == std::vector<std::string>{"fever", "cough"});
    std::vector<std::string> all;
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) all.push_back(letters(cohort, i));
    CHECK(all == std::vector<std::string>{"Y-", "Y-", "-Y", "..", "-."});
}

TEST_CASE("a change of the rules is a change of the data", "[va][rules]") {
    TemporaryFile const deaths("cause,q\nA,1\nB,5\n");
    TemporaryFile const low(rules_header + "s,q,,above,0,,,,\n");
    TemporaryFile const high(rules_header + "s,q,,above,3,,,,\n");
    CHECK(read_cohort(with_rules(deaths.path(), low.path())).data_hash !=
          read_cohort(with_rules(deaths.path(), high.path())).data_hash);
}

TEST_CASE("sources that the data lack are refused, or told if they are optional", "[va][rules]") {
    TemporaryFile const deaths("cause,a-q,b-q,r\nA,1,1,1\nB,5,1,1\n");
    auto const error = [&](std::string const& row) {
        TemporaryFile const rules(rules_header + "t,r,,above,0,,,,\n" + row + "\n");
        return error_of<DataError>([&] { (void)read_cohort(with_rules(deaths.path(), rules.path())); });
    };
    CHECK_THAT(error("s,x,,above,0,,,,"),
               Contains("there is no column 'x', which is needed for symptom 's'"));
    CHECK_THAT(error("s,Q,,above,0,,,,"),
               Contains("source 'Q' of the rules fits 2 columns, among them 'a-q' and 'b-q'"));
    TemporaryFile const rules(rules_header + "t,r,,above,0,,,,\ns,x?,,above,0,,,,\n");
    auto const cohort = read_cohort(with_rules(deaths.path(), rules.path()));
    CHECK(letters(cohort, 0) == "Y.");
    CHECK(std::ranges::any_of(cohort.notes, [](std::string const& note) {
        return note.find("1 optional question of the rules is not in the data, and missing everywhere: x") !=
               std::string::npos;
    }));
}

TEST_CASE("answers that rules do not know are told all at once, with their first places and counts",
          "[va][rules]") {
    TemporaryFile const rules(
        rules_header +
        "fever,q1,,yes_no,,yes,no,dk,\nlong,q2,,above,7,,,dk|999,\nshort,q2,,below,3,,,dk|999,\n");
    TemporaryFile const deaths("cause,q1,q2\nA,yes,3\nA,Yes,3 days\nB,no,3 days\nB,maybe,x\nB,Yes,999\n");
    auto const error =
        error_of<DataError>([&] { (void)read_cohort(with_rules(deaths.path(), rules.path())); });
    CHECK_THAT(error, Contains("answers that the rules do not know:\n"));
    CHECK_THAT(error,
               Contains("line 3, column 2 (q1): unknown answer 'Yes' for symptom 'fever' (2 cells of the "
                        "column); known are: yes, no, dk, or an empty cell"));
    CHECK_THAT(error,
               Contains("line 3, column 3 (q2): unknown answer '3 days' for symptom 'long' (2 cells of "
                        "the column); known are: a number, dk, 999, or an empty cell"));
    CHECK_THAT(error,
               Contains("line 5, column 2 (q1): unknown answer 'maybe' for symptom 'fever'; known are"));
    CHECK_THAT(error, Contains("line 5, column 3 (q2): unknown answer 'x' for symptom 'long'; known are"));
    CHECK_THAT(error, !Contains("'short'"));
}

TEST_CASE("a release of another module is refused with its format", "[va][phmrc]") {
    auto const error = [](std::string const& header, CohortFormat format) {
        TemporaryFile const file(fmt::format("site,gs_text34,{}\nAP,Stroke,Yes\n", header));
        return error_of<DataError>([&] { (void)read_cohort(raw(file.path(), format)); });
    };
    CHECK_THAT(
        error("c4_01", CohortFormat::phmrc_adult),
        Contains("this is the child release (it has column 'c4_01'), not the adult release; data.format = "
                 "\"phmrc-child\""));
    CHECK_THAT(error("c2_01_1", CohortFormat::phmrc_child), Contains("data.format = \"phmrc-neonate\""));
    CHECK_THAT(error("a1_01_1", CohortFormat::phmrc_neonate), Contains("data.format = \"phmrc-adult\""));
}

TEST_CASE("rows of another module are refused with their number", "[va][phmrc]") {
    std::map<std::string, std::string> cells{{"site", "AP"}, {"gs_text34", "Sepsis"}, {"module", "Neonate"}};
    for (auto const& rule : phmrc_neonate_rules())
        cells.emplace(rule.source, rule.is_of_number() ? "0" : rule.absent.front());
    auto const line = [&](std::string const& module) {
        std::string text;
        for (auto const& cell : cells) {
            text += text.empty() ? "" : ",";
            text += cell.first == "module" ? module : cell.second;
        }
        return text + "\n";
    };
    std::string header;
    for (auto const& cell : cells) {
        header += header.empty() ? "" : ",";
        header += cell.first;
    }
    TemporaryFile const file(header + "\n" + line("Neonate") + line("Child") + line("Child"));
    CHECK_THAT(
        error_of<DataError>([&] { (void)read_cohort(raw(file.path(), CohortFormat::phmrc_neonate)); }),
        Contains(
            "column 'module' says Child in 2 rows, and data.format = \"phmrc-neonate\" reads module Neonate "
            "alone"));
}

TEST_CASE("quotes and bytes in free texts of a raw table do no harm, in names they are refused",
          "[va][phmrc][rules]") {
    TemporaryFile const rules(rules_header + "s,q,,yes_no,,yes,no,,\n");
    TemporaryFile const deaths("cause,text,q\nA,\"he said \"no\" to it\",yes\nB,\"caf\xE9, \"\"b\"\"\",no\n");
    auto source = with_rules(deaths.path(), rules.path());
    CHECK_THAT(error_of<DataError>([&] { (void)read_cohort(source); }),
               Contains("line 2, column 2 (text): text after a closing quote"));
    source.quotes = vaster::csv::Quotes::release;
    auto const cohort = read_cohort(source);
    CHECK(letters(cohort, 0) == "Y");
    CHECK(letters(cohort, 1) == "-");
    CHECK(std::ranges::any_of(cohort.notes, [](std::string const& note) {
        return note.find("1 quoted cell with a quote that is not doubled (first on line 2)") !=
               std::string::npos;
    }));
    TemporaryFile const bad("cause,text,q\nA,x,yes\nFi\xE8vre,x,no\n");
    CHECK_THAT(error_of<DataError>([&] { (void)read_cohort(with_rules(bad.path(), rules.path())); }),
               Contains("line 3, column 1 (cause): byte 0xE8 is not UTF-8"));
}

TEST_CASE("the child release is encoded as by the reference, but that ages in years count", "[va][phmrc]") {
    auto const data = shared / "data" / "va";
    if (!have(data / "raw" / "phmrc_child.csv")) return;
    auto const cohort = read_cohort(raw(data / "raw" / "phmrc_child.csv", CohortFormat::phmrc_child));
    CHECK(cohort.n_deaths() == 2064);
    CHECK(cohort.causes.size() == 21);
    CHECK(cohort.symptoms.size() == 107);
    // The release gives the age of 461 children of 3 years and more in years alone, and 0 days.
    CHECK(differences(cohort, data / "encoded" / "phmrc_child.csv") ==
          std::map<std::string, std::size_t>{{"c1_25", 310}, {"g1_07a", 461}});
}

TEST_CASE("rules of the user's own read the child release as openVA does", "[va][phmrc][rules]") {
    auto const data = shared / "data" / "va";
    if (!have(data / "raw" / "phmrc_child.csv")) return;
    auto source = raw(data / "raw" / "phmrc_child.csv", CohortFormat::rules);
    source.quotes = vaster::csv::Quotes::release;
    // openVA 22abc68, ConvertData.phmrc. Two of its 109 symptoms, the sex and an empty free text, are absent
    // for all deaths whatever was answered; rules that can never say "present" we refuse.
    std::string text = rules_header;
    CsvReader reader(data / "rules" / "phmrc_child_symptoms_reference.csv");
    while (reader.next()) {
        auto const cells = reader.cells();
        if (cells[0] != "c1_09" && cells[0] != "c1_19_4b")
            text += fmt::format("{}\n", csv_line({cells.begin(), cells.end()}));
    }
    TemporaryFile const rules(text);
    source.rules = rules.path();
    auto const cohort = read_cohort(source);
    CHECK(cohort.symptoms.size() == 107);
    CHECK(differences(cohort, data / "encoded" / "phmrc_child_openva_output.csv").empty());
}

TEST_CASE("the neonate release is encoded as by the reference, in every cell", "[va][phmrc]") {
    auto const data = shared / "data" / "va";
    if (!have(data / "raw" / "phmrc_neonate.csv")) return;
    auto const cohort = read_cohort(raw(data / "raw" / "phmrc_neonate.csv", CohortFormat::phmrc_neonate));
    CHECK(cohort.n_deaths() == 2625);
    CHECK(cohort.causes.size() == 6);
    CHECK(cohort.symptoms.size() == 111);
    CHECK(differences(cohort, data / "encoded" / "phmrc_neonate.csv").empty());
}

TEST_CASE("exports of WHO questionnaires from ODK are read by rules on codes", "[va][rules]") {
    auto const folder = shared / "reference" / "va-samples";
    auto const* const name = GENERATE("14-who2016-odk", "15-who2022-odk");
    if (!have(folder / name)) return;
    // The sample has no cause: one is put in front of every row.
    CsvReader reader(folder / name / "input.csv");
    auto text = fmt::format("cause,{}\n", fmt::join(reader.header(), ","));
    while (reader.next()) text += fmt::format("A,{}\n", fmt::join(reader.cells(), ","));
    TemporaryFile const deaths(text);
    auto source = with_rules(deaths.path(), folder / name / "rules.csv");
    source.id = "meta-instanceID";
    auto const cohort = read_cohort(source);
    CsvReader expected(folder / name / "expected.csv");
    for (std::size_t i = 0; expected.next(); ++i) {
        REQUIRE(i < cohort.n_deaths());
        std::string cells;
        for (auto const& cell : expected.cells().subspan(1))
            cells += cell == "1" ? 'Y' : cell == "0" ? '-' : '.';
        CHECK(letters(cohort, i) == cells);
    }
}

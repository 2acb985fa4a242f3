#include "domains/va/data/cohort.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../base/csv/test_files.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "domains/va/data/rules.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster::va;
using vaster::DataError;
using vaster::csv::CsvReader;
using vaster::test::error_of;
using vaster::test::TemporaryFile;
using vaster::va::Answer;

namespace {

std::filesystem::path const shared_data = std::filesystem::path(VASTER_SHARED_DIR) / "data";

bool have_phmrc() {
    bool const there = std::filesystem::exists(shared_data / "phmrc_adult.csv");
    if (!there) WARN("no PHMRC data at " << shared_data);
    return there;
}

CohortSource encoded_file(std::filesystem::path const& path) {
    CohortSource source;
    source.path = path;
    source.format = CohortFormat::encoded;
    return source;
}

CohortSource raw_file(std::filesystem::path const& path) {
    CohortSource source;
    source.path = path;
    return source;
}

/// The message without the name of the file.
std::string tail_of(std::string const& message) {
    auto const name_end = message.find(".csv: ");
    return name_end == std::string::npos ? message : message.substr(name_end + 6);
}

/// Answers as text, one character each: Y present, - absent, . missing.
std::string text_of(vaster::va::AnswerRow const& answers) {
    std::string text;
    for (auto const answer : answers)
        text += answer == Answer::present ? 'Y' : answer == Answer::absent ? '-' : '.';
    return text;
}

/// A table in the layout of the raw release, in which every question was answered with its first absent
/// answer.
class RawTable {
  public:
    RawTable() {
        columns_ = {"newid", "site", "module", "va34"};
        defaults_ = {{"newid", "1"}, {"site", "AP"}, {"module", "Adult"}, {"va34", "1"}};
        for (auto const& rule : phmrc_adult_rules()) {
            for (auto const& column : {rule.source, rule.also_source}) {
                if (column.empty() || defaults_.contains(column)) continue;
                columns_.push_back(column);
                defaults_[column] = rule.kind == RuleKind::above ? "0" : rule.absent.front();
            }
        }
    }

    RawTable& add_column(std::string const& name, std::string const& value) {
        columns_.push_back(name);
        defaults_[name] = value;
        return *this;
    }

    RawTable& remove_column(std::string const& name) {
        std::erase(columns_, name);
        return *this;
    }

    /// A row that differs from the default one in these cells.
    /// Rows have different values of newid.
    RawTable& row(std::map<std::string, std::string> const& changes) {
        defaults_["newid"] = std::to_string(++n_rows_);
        for (auto const& column : columns_) {
            auto const found = changes.find(column);
            rows_ += (found == changes.end() ? defaults_.at(column) : found->second) + ",";
        }
        rows_.back() = '\n';
        return *this;
    }

    [[nodiscard]] std::string text() const { return fmt::format("{}\n{}", fmt::join(columns_, ","), rows_); }

    [[nodiscard]] std::size_t column_number(std::string const& name) const {
        return static_cast<std::size_t>(std::ranges::find(columns_, name) - columns_.begin()) + 1;
    }

  private:
    std::vector<std::string> columns_;
    std::map<std::string, std::string> defaults_;
    std::string rows_;
    int n_rows_ = 0;
};

std::string raw_error(RawTable const& table) {
    TemporaryFile const file(table.text());
    return tail_of(error_of<DataError>([&] { (void)read_cohort(raw_file(file.path())); }));
}

char answer_to(Cohort const& cohort, std::size_t death, std::string const& symptom) {
    auto const found = std::ranges::find(cohort.symptoms, symptom);
    REQUIRE(found != cohort.symptoms.end());
    return text_of(cohort.answers.row(death))[static_cast<std::size_t>(found - cohort.symptoms.begin())];
}

/// Compares a cohort with the encoded reference table cell by cell; `kept` says which of the cohort's deaths
/// it has.
void check_same_cells(Cohort const& cohort, std::vector<std::size_t> const& kept, std::string const& label) {
    CsvReader reference(shared_data / "phmrc_adult_encoded.csv");
    REQUIRE(reference.header().size() == 171);
    for (std::size_t j = 0; j < 168; ++j) REQUIRE(reference.header()[j + 3] == cohort.symptoms[j]);
    std::size_t const label_column = reference.position(label, "the test");
    std::size_t n_rows = 0;
    std::size_t n_differences = 0;
    while (reference.next()) {
        REQUIRE(n_rows < kept.size());
        std::size_t const death = kept[n_rows++];
        auto const cells = reference.cells();
        n_differences += cohort.sites[cohort.site[death]] != cells[0];
        n_differences += cohort.causes[cohort.cause[death]] != cells[label_column];
        auto const answers = cohort.answers.row(death);
        for (std::size_t j = 0; j < 168; ++j) {
            Answer const expected = cells[j + 3] == "Y"   ? Answer::present
                                    : cells[j + 3] == "." ? Answer::missing
                                                          : Answer::absent;
            n_differences += answers[j] != expected;
        }
    }
    CHECK(n_rows == kept.size());
    CHECK(n_differences == 0);
}

std::vector<std::size_t> all_of(Cohort const& cohort) {
    std::vector<std::size_t> deaths(cohort.n_deaths());
    for (std::size_t i = 0; i < deaths.size(); ++i) deaths[i] = i;
    return deaths;
}

}  // namespace

TEST_CASE("the rule table has 168 symptoms", "[va][rules]") {
    auto const& rules = phmrc_adult_rules();
    REQUIRE(rules.size() == 168);
    CHECK(rules[0].symptom == "g1_05");
    CHECK(rules[0].present == std::vector<std::string>{"Female"});
    CHECK(rules[0].missing == std::vector<std::string>{"Don't Know"});
    CHECK(rules[2].kind == RuleKind::above);
    CHECK(rules[2].cutoff == 67.6);
}

TEST_CASE("faulty rule tables are refused with their place", "[va][rules]") {
    auto const error = [](std::string const& row) {
        auto const text =
            "symptom,source,also_source,rule,cutoff,present,absent,missing,question\n" + row + "\n";
        return error_of<DataError>([&] { (void)parse_rules(CsvReader::from_text(text, "rules.csv")); });
    };
    CHECK(error("s,q,,yes_no,,Yes,No,,") == "(no error)");
    CHECK(error("s,q,,above,x,,,,") ==
          "rules.csv: line 2, column 5 (cutoff): 'x' is not a number; rule 'above' needs one");
    CHECK(error("s,,,yes_no,,Yes,No,,") ==
          "rules.csv: line 2, column 1 (symptom): a rule needs a symptom and a source");
    CHECK(error("s,q,,yes_no,,,No,,") ==
          "rules.csv: line 2, column 6 (present): no answer means present; the symptom could never occur");
}

TEST_CASE("with the reference choice of rows the raw release gives the reference table, cell by cell",
          "[va][phmrc]") {
    if (!have_phmrc()) return;
    auto source = raw_file(shared_data / "phmrc_adult.csv");
    source.rows = RowPolicy::reference;
    auto const cohort = read_cohort(source);
    CHECK(cohort.n_deaths() == 7582);
    CHECK(cohort.sites == std::vector<std::string>{"AP", "Bohol", "Dar", "Mexico", "Pemba", "UP"});
    REQUIRE(cohort.causes.size() == 34);
    CHECK(cohort.causes[1] == "10");
    CHECK(cohort.causes[33] == "9");
    check_same_cells(cohort, all_of(cohort), "va34");
    REQUIRE(cohort.notes.size() == 3);
    CHECK_THAT(cohort.notes[0],
               Catch::Contains(": 184 rows left out: an empty cell in g1_05 or a closed question"));
    CHECK_THAT(cohort.notes[1],
               Catch::Contains(": 75 rows left out: November in a6_06_1m, a6_06_2m or a6_07m"));
    source.label = "cod5";
    auto const grouped = read_cohort(source);
    CHECK(grouped.causes == std::vector<std::string>{"1", "2", "3", "4", "5"});
    check_same_cells(grouped, all_of(grouped), "cod5");
}

TEST_CASE("by default 7,657 deaths of the raw release are used, the reference table's among them",
          "[va][phmrc]") {
    if (!have_phmrc()) return;
    auto source = raw_file(shared_data / "phmrc_adult.csv");
    auto const cohort = read_cohort(source);
    CHECK(cohort.n_deaths() == 7657);
    CHECK(std::ranges::is_sorted(cohort.row));
    REQUIRE(cohort.notes.size() == 2);
    CHECK_THAT(cohort.notes[1], Catch::Contains("like an earlier one in all symptoms, site and cause"));
    CHECK(cohort.data_hash == vaster::hash_text(vaster::read_file(source.path)));

    source.rows = RowPolicy::reference;
    auto const reference = read_cohort(source);
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) {
        if (std::ranges::binary_search(reference.row, cohort.row[i])) kept.push_back(i);
    }
    check_same_cells(cohort, kept, "va34");
}

TEST_CASE("the raw release may lack newid, and any other column can be the label", "[va][phmrc]") {
    if (!have_phmrc()) return;
    TemporaryFile const file;
    {
        std::ifstream in(shared_data / "phmrc_adult.csv");
        std::ofstream out(file.path(), std::ios::binary);
        for (std::string line; std::getline(in, line);) out << line.substr(line.find(',') + 1) << '\n';
    }
    auto source = raw_file(file.path());
    source.rows = RowPolicy::reference;
    check_same_cells(read_cohort(source), all_of(read_cohort(source)), "va34");
    source.label = "gs_text34";
    auto const cohort = read_cohort(source);
    CHECK(cohort.causes.size() == 34);
    CHECK(cohort.causes.front() == "AIDS");
}

TEST_CASE("reading the encoded reference table gives its cells", "[va][encoded]") {
    if (!have_phmrc()) return;
    auto const cohort = read_cohort(encoded_file(shared_data / "phmrc_adult_encoded.csv"));
    CHECK(cohort.symptoms.size() == 168);
    REQUIRE(cohort.notes.size() == 2);
    CHECK_THAT(cohort.notes[0], Catch::Contains(": coding: Y/empty, missing \".\" ("));
    CHECK_THAT(cohort.notes[1], Catch::Contains("like an earlier one in all symptoms, site and cause"));
    check_same_cells(cohort, all_of(cohort), "va34");
}

TEST_CASE("memory stays below three times the file", "[va][memory]") {
#ifdef VASTER_SANITIZED
    WARN("memory is not measured under sanitizers");
    return;
#endif
    TemporaryFile const file;
    {
        std::ofstream out(file.path(), std::ios::binary);
        out << "site,va34";
        for (int j = 0; j < 168; ++j) out << ",s" << j;
        out << '\n';
        std::string const empty(167, ',');
        for (int i = 0; i < 60'000; ++i) out << "A,1,Y" << empty << '\n';
    }
    auto const size = std::filesystem::file_size(file.path());
    auto const growth = vaster::test::peak_growth([&] { (void)read_cohort(encoded_file(file.path())); });
    CHECK(growth < 2 * size);
    if (!have_phmrc()) return;
    auto const raw_growth =
        vaster::test::peak_growth([] { (void)read_cohort(raw_file(shared_data / "phmrc_adult.csv")); });
    CHECK(raw_growth < 8'000'000);
}

TEST_CASE("answers of the raw release become symptoms by their rules", "[va][phmrc]") {
    RawTable table;
    table.row({{"g1_05", "Female"}, {"g1_07a", "67.7"}, {"a2_02", "Yes"}, {"a2_04", "Severe"}})
        .row({{"g1_05", "Male"}, {"g1_07a", "67.6"}, {"a2_02", "Don't Know"}, {"a2_04", "Don't Know"}})
        .row({{"g1_05", "Don't Know"}, {"g1_07a", "Refused to Answer"}, {"a2_02", "Refused to Answer"}})
        .row({{"g1_07a", ""}, {"a3_01", ""}, {"a2_09_1a", "Don't Know"}, {"a2_09_2a", "Face"}})
        .row({{"a2_09_1a", "Trunk"}, {"a2_09_2a", "Don't Know"}});
    TemporaryFile const file(table.text());
    auto const cohort = read_cohort(raw_file(file.path()));
    auto const column = [&](std::string const& symptom) {
        std::string text;
        for (std::size_t i = 0; i < cohort.n_deaths(); ++i) text += answer_to(cohort, i, symptom);
        return text;
    };
    CHECK(column("g1_05") == "Y-.--");
    CHECK(column("g1_05_s1") == "-Y.YY");
    CHECK(column("g1_07a") == "Y-..-");
    CHECK(column("a2_02") == "Y..--");
    CHECK(column("a2_04") == "Y.---");
    CHECK(column("a3_01") == "---.-");
    // Both sources say Trunk in the first three rows; in the fourth only the second source says anything.
    CHECK(column("a2_09_1a") == "---Y-");
    CHECK(column("a2_09_1a_s1") == "YYY.Y");
}

TEST_CASE("unknown answers are refused with their place and the known ones", "[va][phmrc]") {
    RawTable table;
    CHECK(raw_error(RawTable(table).row({}).row({{"a2_02", "Maybe"}})) ==
          fmt::format("line 3, column {} (a2_02): unknown answer 'Maybe' for symptom 'a2_02'; known are: "
                      "Yes, No, Don't Know, "
                      "Refused to Answer, or an empty cell",
                      table.column_number("a2_02")));
    CHECK(raw_error(RawTable(table).row({{"g1_07a", "about 60"}})) ==
          fmt::format("line 2, column {} (g1_07a): unknown answer 'about 60' for symptom 'g1_07a'; known "
                      "are: a number, Don't "
                      "Know, Refused to Answer, or an empty cell",
                      table.column_number("g1_07a")));
    CHECK(raw_error(RawTable(table).row({{"a2_39_2", "Hanging"}})) ==
          fmt::format("line 2, column {} (a2_39_2): unknown answer 'Hanging' for symptom 'a2_39_1'; known "
                      "are: Lying, Sitting, "
                      "Walking/Exertion, Didn't matter, Don't Know, Refused to Answer, or an empty cell",
                      table.column_number("a2_39_2")));
    for (std::string const number : {"inf", "nan", "1e999", "6O"}) {
        CHECK_THAT(raw_error(RawTable(table).row({{"g1_07a", number}})),
                   Catch::Contains("unknown answer '" + number + "'"));
    }
}

TEST_CASE("rows without what is needed are left out with a note, and a file without any other is refused",
          "[va][phmrc]") {
    RawTable table;
    table.row({}).row({{"va34", "NA"}}).row({{"va34", ""}}).row({{"a2_02", ""}}).row({{"a2_02", ""}});
    table.row({{"site", "UP"}});
    TemporaryFile const file(table.text());
    auto const cohort = read_cohort(raw_file(file.path()));
    CHECK(cohort.row == std::vector<std::uint32_t>{0, 5});
    CHECK(cohort.sites == std::vector<std::string>{"AP", "UP"});
    REQUIRE(cohort.notes.size() == 2);
    CHECK(tail_of(cohort.notes[0]) ==
          "2 of 6 rows left out: no cause in column 'va34': \"NA\" (1), empty (1) (lines 3, 4)");
    CHECK(tail_of(cohort.notes[1]) ==
          "2 rows left out: an empty cell in g1_05 or a closed question (a1_01_*, a2_* but for its free "
          "texts, a4_01, a4_05) "
          "(lines 5, 6)");
    CHECK_THAT(raw_error(RawTable().row({{"va34", ""}})),
               Catch::StartsWith("no death is left to work with; ") &&
                   Catch::EndsWith("1 of 1 row left out: no cause in column 'va34': empty (1) (line 2)"));
}

TEST_CASE("newid is made of the rows' numbers where the release leaves it out", "[va][phmrc]") {
    TemporaryFile const file(
        RawTable().remove_column("newid").row({}).row({{"va34", ""}}).row({{"va34", "2"}}).text());
    auto source = raw_file(file.path());
    source.id = "newid";
    CHECK(read_cohort(source).ids == std::vector<std::string>{"1", "3"});
    TemporaryFile const own(RawTable().row({{"newid", "77"}}).text());
    source.path = own.path();
    CHECK(read_cohort(source).ids == std::vector<std::string>{"77"});
}

TEST_CASE("repeated IDs of the raw release are told where data.id does not use them", "[va][phmrc]") {
    TemporaryFile const file(
        RawTable().row({{"newid", "7"}}).row({{"newid", "8"}}).row({{"newid", "7"}, {"va34", "2"}}).text());
    auto const notes = read_cohort(raw_file(file.path())).notes;
    CHECK(std::ranges::any_of(notes, [](std::string const& note) {
        return note.find(
                   "column 'newid' is not used, and 1 of its 2 values is there more than once (lines 2 "
                   "and 4 have the same)") != std::string::npos;
    }));
    TemporaryFile const unique(RawTable().row({{"newid", "7"}}).row({{"newid", "8"}}).text());
    for (auto const& note : read_cohort(raw_file(unique.path())).notes)
        CHECK(note.find("data.id") == std::string::npos);
}

TEST_CASE("words for nothing are neither a cause nor a site in the raw release, for groups of causes too",
          "[va][phmrc]") {
    TemporaryFile const file(
        RawTable().row({}).row({{"va34", "NA"}}).row({{"va34", " 21 "}}).row({{"va34", "."}}).text());
    auto source = raw_file(file.path());
    CHECK(read_cohort(source).causes == std::vector<std::string>{"1", "21"});
    source.label = "cod5";
    CHECK(read_cohort(source).n_deaths() == 2);
    CHECK(read_cohort(source).reading.no_cause.size() == 2);
    CHECK_THAT(raw_error(RawTable().row({}).row({{"site", "NA"}})),
               Catch::StartsWith("1 row with a cause but no site in column 'site': \"NA\" (1) (line 3)"));
}

TEST_CASE("an empty free text or month leaves no row out", "[va][phmrc]") {
    RawTable table;
    table.add_column("a2_09_1b", "").add_column("a2_87_10b", "").add_column("a6_07m", " November").row({});
    TemporaryFile const file(table.text());
    CHECK(read_cohort(raw_file(file.path())).notes.empty());
    auto source = raw_file(file.path());
    source.rows = RowPolicy::reference;
    CHECK_THAT(
        error_of<DataError>([&] { (void)read_cohort(source); }),
        Catch::Contains("there is no column 'a6_06_1m', which is needed for the reference choice of rows"));
}

TEST_CASE("columns that are needed and absent are refused", "[va][phmrc]") {
    CHECK_THAT(
        raw_error(RawTable().remove_column("a2_02").row({})),
        Catch::StartsWith("line 1: there is no column 'a2_02', which is needed for symptom 'a2_02' of the "
                          "raw PHMRC adult release (data.format); "
                          "the columns are: newid, site,"));
    CHECK_THAT(
        raw_error(RawTable().remove_column("site").row({})),
        Catch::StartsWith("line 1: there is no column 'site', which is needed for the site (data.site)"));
    CHECK_THAT(
        raw_error(RawTable().remove_column("va34").row({})),
        Catch::StartsWith("line 1: there is no column 'va34', which is needed for the causes (data.label)"));
}

TEST_CASE("a label that a symptom is made of, or that is the site, is refused", "[va][phmrc]") {
    TemporaryFile const file(RawTable().row({}).text());
    auto source = raw_file(file.path());
    source.label = "a2_02";
    CHECK(
        tail_of(error_of<DataError>([&] { (void)read_cohort(source); })) ==
        "the label 'a2_02' is a question that symptom 'a2_02' is made of; a model would be told the answer");
    source.label = "site";
    CHECK(error_of<DataError>([&] { (void)read_cohort(source); }) ==
          "column 'site' is named both as the label and as the site; they must differ");
}

TEST_CASE("cod5 is made of va34 where the file has no such column, and read where it has", "[va][phmrc]") {
    TemporaryFile const file(RawTable().row({{"va34", "21"}}).row({{"va34", "17"}}).text());
    auto source = raw_file(file.path());
    source.label = "cod5";
    CHECK(read_cohort(source).causes == std::vector<std::string>{"2", "5"});
    TemporaryFile const own(RawTable().add_column("cod5", "mine").row({}).text());
    source.path = own.path();
    CHECK(read_cohort(source).causes == std::vector<std::string>{"mine"});
    TemporaryFile const beyond(RawTable().row({{"va34", "35"}}).text());
    source.path = beyond.path();
    CHECK(tail_of(error_of<DataError>([&] { (void)read_cohort(source); })) ==
          "line 2, column 4 (va34): '35' is none of the 34 causes that cod5 groups (1 to 34)");
}

TEST_CASE("an encoded table may be coded in letters or in digits", "[va][encoded]") {
    auto const answers_in = [](std::string const& text) {
        TemporaryFile const file(text);
        auto const cohort = read_cohort(encoded_file(file.path()));
        std::vector<std::string> rows;
        for (std::size_t i = 0; i < cohort.n_deaths(); ++i) rows.push_back(text_of(cohort.answers.row(i)));
        return rows;
    };
    using Rows = std::vector<std::string>;
    CHECK(answers_in("site,va34,a,b,c\nA,1,Y,,.\nB,2,,,\n") == Rows{"Y-.", "---"});
    CHECK(answers_in("site,va34,a,b,c\nA,1,,,\nB,2,,,Y\n") == Rows{"---", "--Y"});
    CHECK(answers_in("a,site,b,cod5,c,va34\n1,A,0,9,NA,1\n,B,,9,1.0,2\n") == Rows{"Y-.", "..Y"});
    CHECK(answers_in("site,va34,a,b,c\nA,1,,,\nB,2,1,0,\n") == Rows{"...", "Y-."});
    CHECK(answers_in("site,va34,a,b,c\nA,1,,,NA\nB,2,0.0,1,1\n") == Rows{"...", "-YY"});
}

TEST_CASE("label columns are never symptoms, whichever is the label", "[va][encoded]") {
    TemporaryFile const file("site,va34,cod5,a\nA,2,1,Y\nA,10,3,Y\n");
    auto source = encoded_file(file.path());
    CHECK(read_cohort(source).causes == std::vector<std::string>{"10", "2"});
    CHECK(read_cohort(source).symptoms == std::vector<std::string>{"a"});
    source.label = "cod5";
    CHECK(read_cohort(source).causes == std::vector<std::string>{"1", "3"});
    CHECK(read_cohort(source).symptoms == std::vector<std::string>{"a"});
    source.label_columns = {"va34"};
    CHECK(read_cohort(source).symptoms == std::vector<std::string>{"a"});
}

TEST_CASE("writing a cohort and reading it gives the same cohort", "[va][encoded]") {
    TemporaryFile const file("site,va34,a,b\nB,2,Y,.\n\"A,\"\"x\"\"\",1,,Y\nA,2,.,\n");
    auto const cohort = read_cohort(encoded_file(file.path()));
    std::ostringstream out;
    write_encoded(cohort, "site", "va34", out);
    TemporaryFile const again(out.str());
    auto const copy = read_cohort(encoded_file(again.path()));
    CHECK(copy.sites == cohort.sites);
    CHECK(copy.causes == cohort.causes);
    CHECK(copy.symptoms == cohort.symptoms);
    CHECK(copy.site == cohort.site);
    CHECK(copy.cause == cohort.cause);
    for (std::size_t i = 0; i < 3; ++i) CHECK(text_of(copy.answers.row(i)) == text_of(cohort.answers.row(i)));
}

TEST_CASE("an encoded table of a million symptoms is read", "[va][encoded]") {
    std::string text = "site,va34";
    std::string row;
    for (int j = 0; j < 1'000'000; ++j) {
        text += fmt::format(",s{}", j);
        row += j % 2 == 0 ? ",Y" : ",";
    }
    TemporaryFile const file(text + "\nA,1" + row + "\nB,2" + row + "\n");
    auto const cohort = read_cohort(encoded_file(file.path()));
    CHECK(cohort.symptoms.size() == 1'000'000);
    CHECK(cohort.symptoms.back() == "s999999");
    CHECK(cohort.answers.row(1)[999'998] == Answer::present);
    CHECK(cohort.answers.row(1)[999'999] == Answer::absent);
}

TEST_CASE("formats have names", "[va]") {
    CHECK(cohort_format("phmrc-adult") == CohortFormat::phmrc_adult);
    CHECK(cohort_format("encoded") == CohortFormat::encoded);
    CHECK_THROWS_AS(cohort_format("csv"), std::logic_error);
}

namespace {

/// A release with two words and with all columns of health care.
RawTable table_with_more() {
    RawTable table;
    table.add_column("word_cough", "0").add_column("word_fever", "0").add_column("wordy", "x");
    for (auto const& rule : phmrc_adult_health_care_rules())
        table.add_column(rule.source, rule.kind == RuleKind::yes_no ? "No" : "Don't Know");
    return table;
}

Cohort with_features(RawTable const& table, std::vector<Feature> const& features) {
    TemporaryFile const file(table.text());
    CohortSource source = raw_file(file.path());
    source.features = features;
    return read_cohort(source);
}

}  // namespace

TEST_CASE("words are symptoms when they are asked for, present from the first time on",
          "[va][data][features]") {
    auto const table = table_with_more()
                           .row({{"word_cough", "1"}})
                           .row({{"word_cough", " 3 "}, {"word_fever", ""}})
                           .row({{"word_cough", "0"}});
    auto const words = with_features(table, {Feature::words});
    CHECK(words.symptoms == std::vector<std::string>{"word_cough", "word_fever"});
    CHECK(text_of(words.answers.row(0)) == "Y-");
    CHECK(text_of(words.answers.row(1)) == "Y.");
    CHECK(text_of(words.answers.row(2)) == "--");
    auto const closed = with_features(table, {Feature::closed});
    auto const both = with_features(table, {Feature::words, Feature::closed});
    REQUIRE(both.symptoms.size() == 170);
    CHECK(std::equal(closed.symptoms.begin(), closed.symptoms.end(), both.symptoms.begin()));
    CHECK(both.symptoms.back() == "word_fever");
    CHECK(answer_to(both, 1, "word_cough") == 'Y');
    CHECK(closed.data_hash == both.data_hash);
}

TEST_CASE("health care is where it was sought, records with dates and certificates", "[va][data][features]") {
    auto const table = table_with_more().row({}).row({{"a6_02_12a", "Yes"},
                                                      {"a6_04", ""},
                                                      {"a6_06_1y", "2009"},
                                                      {"a6_07y", ""},
                                                      {"a6_09", "Refused to Answer"}});
    auto const cohort = with_features(table, {Feature::health_care});
    REQUIRE(cohort.symptoms.size() == 21);
    CHECK(text_of(cohort.answers.row(0)) == std::string(21, '-'));
    CHECK(answer_to(cohort, 1, "a6_02_12a") == 'Y');
    CHECK(answer_to(cohort, 1, "a6_04") == '.');
    CHECK(answer_to(cohort, 1, "a6_06_1") == 'Y');
    CHECK(answer_to(cohort, 1, "a6_06_2") == '-');
    CHECK(answer_to(cohort, 1, "a6_07") == '-');
    CHECK(answer_to(cohort, 1, "a6_09") == '.');
    CHECK(answer_to(cohort, 1, "a6_10") == '-');
}

TEST_CASE("no question is both closed and of health care", "[va][data][features]") {
    auto const closed = symptom_names(phmrc_adult_rules());
    for (auto const& symptom : symptom_names(phmrc_adult_health_care_rules()))
        CHECK(std::ranges::find(closed, symptom) == closed.end());
}

TEST_CASE("words that are not counts, and files without words, are refused", "[va][data][features]") {
    auto const error = [](RawTable const& table, std::vector<Feature> const& features) {
        return error_of<DataError>([&] { (void)with_features(table, features); });
    };
    CHECK_THAT(error(table_with_more().row({}).row({{"word_fever", "twice"}}), {Feature::words}),
               Catch::Contains("line 3") && Catch::Contains("'twice'") && Catch::Contains("'word_fever'"));
    CHECK_THAT(error(RawTable().row({}), {Feature::closed, Feature::words}),
               Catch::Contains("data.features has words") && Catch::Contains("'word_'"));
    CHECK_THAT(error(RawTable().row({}), {Feature::health_care}), Catch::Contains("a6_01"));
}

TEST_CASE("the real release holds 679 words and 21 items of health care", "[va][data][features][real]") {
    if (!std::filesystem::exists(shared_data / "phmrc_adult.csv")) {
        WARN("no real data");
        return;
    }
    CohortSource source = raw_file(shared_data / "phmrc_adult.csv");
    source.features = {Feature::closed, Feature::words, Feature::health_care};
    auto const cohort = read_cohort(source);
    CHECK(cohort.n_deaths() == 7657);
    REQUIRE(cohort.symptoms.size() == 168 + 21 + 679);
    std::size_t n_absent_everywhere = 0;
    for (std::size_t s = 168; s < cohort.symptoms.size(); ++s) {
        bool present = false;
        for (std::size_t i = 0; i < cohort.n_deaths() && !present; ++i)
            present = cohort.answers.row(i)[s] == Answer::present;
        n_absent_everywhere += present ? 0 : 1;
    }
    CHECK(n_absent_everywhere <= 2);
}

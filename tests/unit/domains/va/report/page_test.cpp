#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "../../../core/store/example.hpp"
#include "base/support/files.hpp"
#include "core/report/files_of_report.hpp"
#include "core/report/folder.hpp"
#include "core/store/writer.hpp"
#include "domains/va/report/comparison_chapter.hpp"
#include "study_by_hand.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::report;
using namespace vaster::va;
using Json = nlohmann::json;

namespace {

/// What must not reach the page as it is.
constexpr std::string_view evil = "<b>&\"'</script><!--";

bool contains(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// The text between two marks.
std::string between(std::string const& text, std::string_view begin, std::string_view end) {
    auto const from = text.find(begin);
    REQUIRE(from != std::string::npos);
    auto const start = from + begin.size();
    return text.substr(start, text.find(end, start) - start);
}

Json data_of(std::string const& page) {
    return Json::parse(between(page, "id=\"report-data\">", "</script>"));
}

Chapter small_chapter(std::string const& name) {
    Chapter chapter;
    chapter.name = name;
    chapter.title = name;
    chapter.facts = {{"command", std::string(evil)}};
    chapter.notes = {std::string(evil)};
    chapter.tables = {{"numbers", "a number", {"what", "value"}, {{std::string(evil), 0.5}}}};
    Section section{"first", "First", {std::string(evil)}};
    section.figures = {
        {"bars", std::string(evil), "numbers", R"({"data":{"url":"numbers.csv"},"mark":"bar"})"}};
    section.tables = {
        {std::string(evil), {"what", "value"}, {{std::string(evil), "0.5"}}, {std::string(evil)}}};
    section.listing = evil;
    chapter.sections = {section};
    chapter.experiments = [](std::ostream& out) { out << "index\n0\n"; };
    return chapter;
}

Section const& find_section(Chapter const& chapter, std::string const& name) {
    for (auto const& section : chapter.sections)
        if (section.name == name) return section;
    FAIL("there is no section " << name);
    throw std::logic_error("not reached");
}

std::vector<by_hand::Entry> two_sites() {
    return {{"in_domain", "A", "A", "m", "1110", 0}, {"in_domain", "B", "B", "m", "11", 10},
            {"in_domain", "A", "A", "n", "1000", 0}, {"in_domain", "B", "B", "n", "11", 10},
            {"out_domain", "A", "B", "m", "10", 10}, {"out_domain", "B", "A", "m", "1111", 0},
            {"out_domain", "A", "B", "n", "00", 10}, {"out_domain", "B", "A", "n", "1010", 0}};
}

/// As `vaster report` makes it of a comparison.
Chapter comparison_chapter(std::filesystem::path const& study, ComparisonOptions const& options) {
    OwnSections const own{
        [&](Chapter& chapter, store::Reader const& reader) { add_comparison(chapter, reader, options); },
        SummaryTables::none};
    return chapter_of(std::make_shared<store::Reader const>(study), "study", {}, &own);
}

Chapter chapter_by_hand(std::vector<by_hand::Entry> const& entries) {
    example::Folder const folder;
    by_hand::make(folder / "study.h5", entries);
    return comparison_chapter(folder / "study.h5", {{"cod_accuracy"}, 50});
}

}  // namespace

TEST_CASE("nothing from a study file can become part of the page", "[report][page]") {
    auto const page = page_of({small_chapter(std::string(evil))}, {std::string(evil)}, Pictures::none);
    CHECK_FALSE(contains(page, evil));
    CHECK(contains(page, "&lt;b&gt;&amp;&quot;&#39;&lt;/script&gt;&lt;!--"));
    auto const data = between(page, "id=\"report-data\">", "</script>");
    CHECK_FALSE(contains(data, "<"));
    CHECK(contains(data_of(page)["tables"]["numbers"].get<std::string>(), "</script><!--"));
}

TEST_CASE("the page asks for nothing from elsewhere and has its library once", "[report][page]") {
    auto const page = page_of({small_chapter("one"), small_chapter("two")}, {}, Pictures::svg);
    CHECK(contains(page, "default-src 'none'"));
    CHECK_FALSE(contains(page, "<link"));
    CHECK_FALSE(contains(page, "<script src"));
    CHECK_FALSE(contains(page, "sourceMappingURL"));
    CHECK(page.find("vegaLite={}") == page.rfind("vegaLite={}"));
    CHECK(contains(page, "href=\"figures/one-bars.svg\""));
    CHECK_FALSE(contains(page, "bars.png"));
    CHECK(data_of(page)["figures"].size() == 2);
}

TEST_CASE("chapters of one name get files of different names", "[report][page]") {
    auto const page = page_of({small_chapter("a b"), small_chapter("a b")}, {}, Pictures::none);
    CHECK(contains(page, "tables/a_b-numbers.csv"));
    CHECK(contains(page, "tables/a_b-2-numbers.csv"));
}

TEST_CASE("every figure is valid JSON over a table that is there, with columns that it has",
          "[report][page]") {
    auto const chapter = chapter_by_hand(two_sites());
    std::size_t n_figures = 0;
    for (auto const& section : chapter.sections) {
        for (auto const& figure : section.figures) {
            CAPTURE(figure.name);
            auto const spec = Json::parse(figure.spec);
            auto const table = std::find_if(chapter.tables.begin(), chapter.tables.end(),
                                            [&](Table const& one) { return one.name == figure.table; });
            REQUIRE(table != chapter.tables.end());
            CHECK(spec["data"]["url"] == figure.table + ".csv");
            for (auto const& [column, type] : spec["data"]["format"]["parse"].items())
                CHECK(std::count(table->columns.begin(), table->columns.end(), column) == 1);
            CHECK((spec.contains("layer") || spec.contains("mark")));
            ++n_figures;
        }
    }
    CHECK(n_figures == 6);  // means, transfer of two models, gaps, differences in and out of domain
}

TEST_CASE("guessing and the most frequent cause are lines in the pictures of means, within the axis",
          "[report][page]") {
    auto const chapter = chapter_by_hand(two_sites());
    auto const& figure = find_section(chapter, "means").figures.front();
    CHECK(contains(figure.subtitle, "Dashed: guessing (0.500)."));
    CHECK(contains(figure.subtitle, "Dotted: always giving the most frequent cause (0.500)."));
    auto const spec = Json::parse(figure.spec);
    auto const& lines = spec["layer"][0]["data"]["values"];
    REQUIRE(lines.size() == 3);  // guessing, and the most frequent cause in domain and out of domain
    CHECK(lines[0]["mean"] == 0.5);
    CHECK(lines[0]["dash"] == "dashed");
    CHECK(lines[2]["reference"] == "always the most frequent cause, out of domain");
    CHECK(lines[2]["dash"] == "dotted");
    auto const ends = spec["encoding"]["x"]["scale"]["domain"].get<std::vector<double>>();
    REQUIRE(ends.size() == 2);  // t intervals over two sites reach far beyond
    CHECK(ends[0] >= 0);
    CHECK(ends[1] <= 1);
}

TEST_CASE("a picture by itself has its title, and legends have names as people write them",
          "[report][page]") {
    example::Folder const place;
    std::vector<Chapter> const chapters{chapter_by_hand(two_sites())};
    CHECK(write_folder(chapters, place / "report", Pictures::none).empty());
    auto const spec = Json::parse(read_file(place / "report/figures/means-cod_accuracy.vl.json"));
    CHECK(spec["title"]["text"] == "COD accuracy by model");
    CHECK(contains(spec["title"]["subtitle"].get<std::string>(), "guessing"));
    CHECK(contains(spec["encoding"]["color"]["legend"]["labelExpr"].get<std::string>(),
                   "datum.label == 'out_domain' ? 'out of domain'"));
}

TEST_CASE("the page begins with the verdict", "[report][page]") {
    auto chapter = small_chapter("one");
    chapter.verdict = {{std::string(evil), {std::string(evil), "better (p = 0.01)"}}};
    auto const page = page_of({chapter}, {}, Pictures::none);
    CHECK_FALSE(contains(page, evil));
    CHECK(contains(page, "better (p&nbsp;=&nbsp;0.01)"));
    CHECK(page.find("<h2>Verdict</h2>") < page.find("<h2>First</h2>"));
    CHECK(contains(page, "href=\"#verdict\""));
    CHECK_FALSE(contains(page_of({small_chapter("one")}, {}, Pictures::none), "Verdict"));
}

TEST_CASE("a kind without sections of its own is told so in its chapter", "[report][page]") {
    example::Folder const folder;
    by_hand::make(folder / "study.h5", two_sites());
    auto const study = std::make_shared<store::Reader const>(folder / "study.h5");
    auto const chapter = chapter_of(study, "study", {}, nullptr);
    REQUIRE(chapter.notes.size() == 1);
    CHECK(contains(chapter.notes.front(), study->header().kind));
    CHECK(contains(chapter.notes.front(), "no sections of their own"));
    OwnSections const silent{[](Chapter&, store::Reader const&) {}, SummaryTables::all};
    CHECK(chapter_of(study, "study", {}, &silent).notes.empty());
}

TEST_CASE("the tables of a report are those of the comparison", "[report][page]") {
    example::Folder const folder;
    by_hand::make(folder / "study.h5", two_sites());
    store::Reader const study(folder / "study.h5");
    ComparisonOptions const options{{"cod_accuracy"}, 50};
    auto const chapter = comparison_chapter(folder / "study.h5", options);
    for (auto const& table : document_of(study, compare(study, options)).tables) {
        auto const mine = std::find_if(chapter.tables.begin(), chapter.tables.end(),
                                       [&](Table const& one) { return one.name == table.name; });
        REQUIRE(mine != chapter.tables.end());
        std::ostringstream theirs, ours;
        write_csv(theirs, table);
        write_csv(ours, *mine);
        CHECK(ours.str() == theirs.str());
    }
}

TEST_CASE("a section that the study has nothing for says so", "[report][page]") {
    auto const chapter = chapter_by_hand({{"in_domain", "A", "A", "m", "1110", 0}});
    for (auto const* name : {"transfer", "gaps", "learning", "causes", "confusion", "calibration",
                             "differences", "convergence", "run-time"}) {
        CAPTURE(name);
        auto const& section = find_section(chapter, name);
        CHECK(section.figures.empty());
        REQUIRE(section.text.size() == 1);
        CHECK(section.text.front().back() == '.');
    }
    CHECK(find_section(chapter, "means").figures.size() == 1);
}

TEST_CASE("a study with holes names them before its means", "[report][page]") {
    auto entries = two_sites();
    entries.back().right.clear();
    auto const chapter = chapter_by_hand(entries);
    auto const& section = find_section(chapter, "means");
    CHECK(section.tables.front().title.rfind("INCOMPLETE: 1 results are missing", 0) == 0);
    CHECK(section.tables.front().notes == std::vector<std::string>{"  out of domain: B -> A n: pending"});
    CHECK(section.figures.size() == 1);
}

TEST_CASE("a study in which nothing is done has a chapter", "[report][page]") {
    auto const chapter = chapter_by_hand({{"in_domain", "A", "A", "m", "", 0}});
    CHECK(find_section(chapter, "account").text.front() ==
          "UNFINISHED: of 1 experiment 1 has no result yet and 0 failed. Numbers below are about the "
          "others.");
    CHECK(find_section(chapter, "means").text.front() == "No experiment has a result yet.");
}

TEST_CASE("a folder with other things is refused, one with an earlier report is not", "[report][folder]") {
    example::Folder const place;
    auto const folder = place / "report";
    std::vector<Chapter> const chapters{small_chapter("one")};
    check_folder(folder, Overwrite::refuse);
    CHECK(write_folder(chapters, folder, Pictures::none).empty());
    check_folder(folder, Overwrite::refuse);
    write_file_atomically(folder / "mine.txt", "mine");
    CHECK(write_folder({small_chapter("two"), small_chapter("three")}, folder, Pictures::none).empty());
    CHECK(read_file(folder / "mine.txt") == "mine");
    CHECK(std::filesystem::exists(folder / "tables" / "two-numbers.csv"));
    CHECK_FALSE(std::filesystem::exists(folder / "tables" / "numbers.csv"));
    CHECK(Json::parse(read_file(folder / "report.json"))["studies"].size() == 2);
    std::filesystem::remove(folder / "report.json");
    CHECK_THROWS_AS(check_folder(folder, Overwrite::refuse), UsageError);
    check_folder(folder, Overwrite::allow);
    CHECK_THROWS_AS(check_folder(folder / "mine.txt", Overwrite::allow), UsageError);
    CHECK_THROWS_AS(check_folder(place / "a/b", Overwrite::allow), IoError);
}

TEST_CASE("a report goes through a link into the folder that it leads to", "[report][folder]") {
    example::Folder const place;
    std::filesystem::create_directory(place / "real");
    write_file_atomically(place / "real/mine.txt", "mine");
    std::filesystem::create_directory_symlink(place / "real", place / "link");
    CHECK(write_folder({small_chapter("one")}, place / "link", Pictures::none).empty());
    CHECK(std::filesystem::is_symlink(place / "link"));
    CHECK(std::filesystem::exists(place / "real/index.html"));
    CHECK(read_file(place / "real/mine.txt") == "mine");
    auto const entries = std::filesystem::directory_iterator(place / "real");
    CHECK(std::distance(begin(entries), end(entries)) == 5);
}

TEST_CASE("what comes from a study file is legible in the page, control characters too", "[report][page]") {
    auto const page = page_of({small_chapter("A\x07"
                                             "B")},
                              {"C\x1A"}, Pictures::none);
    CHECK(page.find('\x07') == std::string::npos);
    CHECK(contains(page, "C\\x1A"));
}

TEST_CASE("a picture of names with control characters is well-formed XML", "[report][folder]") {
    example::Folder const folder;
    std::filesystem::create_directory(folder / "figures");
    replace_file(folder / "figures/sites.csv", "site\x0B,value\nA\x07,1\nB\uFFFE<&,2\n");
    replace_file(
        folder / "figures/sites.vl.json",
        R"({"data":{"url":"sites.csv","format":{"type":"csv"}},"title":"T\u0001","mark":"bar","encoding":)"
        R"({"x":{"field":"site\u000b","type":"nominal"},"y":{"field":"value","type":"quantitative"}}})");
    std::vector<std::string> notes;
    if (draw(folder / "", Pictures::svg, notes) == Pictures::none) {
        WARN("not tried: " << notes.front());
        return;
    }
    std::string const svg = read_file(folder / "figures/sites.svg");
    CHECK(contains(svg, ">A\uFFFD<"));
    CHECK(contains(svg, ">B\uFFFD&lt;&amp;<"));
    std::string const parse =
        fmt::format("python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' '{}'",
                    (folder / "figures/sites.svg").string());
    CHECK(std::system(parse.c_str()) == 0);
}

TEST_CASE("the agreement of physicians that a study file keeps is a section of the page", "[report][page]") {
    example::Folder const folder;
    by_hand::make(folder / "study.h5", two_sites(),
                  {{"known_agreement",
                    {"what\tfirst\tsecond\tdeaths\tagree\tkappa", "known\t\t\t50\t40\t",
                     "physician\tA\t\t40\t30\t0.7", "physicians\tA\tB\t30\t24\t0.75"}}});
    auto const chapter = comparison_chapter(folder / "study.h5", {{"cod_accuracy"}, 50});
    auto const& section = find_section(chapter, "known");
    REQUIRE(section.text.size() == 2);
    CHECK(contains(section.text[1], "1 pair of physicians coded deaths in common, 30 in all"));
    CHECK(contains(section.text[1], "24 of them (80.0 %)"));
    auto const table = std::find_if(chapter.tables.begin(), chapter.tables.end(),
                                    [](Table const& one) { return one.name == "known_agreement"; });
    REQUIRE(table != chapter.tables.end());
    REQUIRE(table->rows.size() == 3);
    CHECK(std::get<std::string>(table->rows[1][2]) == "label");
    CHECK(std::get<double>(table->rows[2][5]) == 0.8);
    CHECK(std::get<double>(table->rows[2][6]) == 0.75);
    auto const without = chapter_by_hand(two_sites());
    CHECK(std::none_of(without.sections.begin(), without.sections.end(),
                       [](Section const& one) { return one.name == "known"; }));
}

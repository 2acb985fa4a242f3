#include "domains/service/report/solve_chapter.hpp"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../core/report/chapter_parts.hpp"
#include "../../../core/store/append_bytes.hpp"
#include "../../../temporary_folder.hpp"
#include "core/store/writer.hpp"
#include "domains/service/solve/study.hpp"
#include "study_on_disk.hpp"
#include "vaster/study/study.hpp"

using namespace vaster;
using namespace vaster::service;
using namespace vaster::testing;
using Catch::Contains;
using Numbers = std::vector<double>;
using Texts = std::vector<std::string>;

namespace {

double const none = std::nan("");

/// What came of a problem, as the study file has it.
struct Result {
    std::string outcome = {};
    std::int64_t confirmed = 1;
    std::string evidence = "duals";
    double objective = none, bound = none, gap = none, violation = none, kkt = none;
    std::string solver = "clp";
    std::string limit = {};
    std::string fallbacks = {};
};

/// Problems in x and y with one constraint c, all the same but for their files.
class MadeProblems {
  public:
    explicit MadeProblems(Texts const& names)
        : kind_(solve::make_solve_kind()),
          study_(*kind_, folder_.path() / "solve.h5",
                 fmt::format("[study]\nkind='solve'\n[solve]\nfiles={}\n", to_toml(Value(files(names))))) {}

    void finish(std::size_t row, Result const& result, Numbers const& values = {none, none, none}) const {
        std::vector<std::uint8_t> bytes;
        // Names are numbered in order of the alphabet: c, x, y.
        std::uint32_t const numbers[] = {1, 2, 0};
        for (std::size_t i = 0; i < values.size(); ++i) {
            example::append_bytes(bytes, static_cast<std::uint8_t>(i < 2 ? 0 : 1));
            example::append_bytes(bytes, numbers[i]);
            example::append_bytes(bytes, values[i]);
            example::append_bytes(bytes, i < 2 ? none : 12.5);
        }
        store::Writer(study_.path())
            .commit({row,
                     {result.outcome, result.confirmed, result.evidence, std::string("global"),
                      result.objective, result.bound, result.gap, result.violation, result.kkt, result.solver,
                      std::string("1.17"), result.limit, result.fallbacks, 0.25},
                     {bytes},
                     0},
                    {0, "here", 1});
    }

    [[nodiscard]] report::Chapter chapter() const {
        return study_.chapter({solve::add_solve_sections, report::SummaryTables::none});
    }

  private:
    [[nodiscard]] Texts files(Texts const& names) const {
        Texts files;
        for (auto const& name : names) {
            std::filesystem::create_directories((folder_.path() / name).parent_path());
            files.push_back(
                folder_.file(name, "Minimize\n o: x\nSubject To\n c: x + y >= 1\nEnd\n").string());
        }
        return files;
    }

    TemporaryFolder folder_;
    std::unique_ptr<study::Kind> kind_;
    StudyOnDisk study_;
};

MadeProblems five() {
    return MadeProblems({"good.lp", "cut.lp", "word.lp", "none.lp", "open.lp"});
}

void finish(MadeProblems const& made) {
    made.finish(0,
                {.outcome = "optimal", .objective = 4650.125, .bound = 4650.125, .gap = 0, .violation = 2e-9},
                {1234567.25, 0, 4});
    made.finish(1,
                {.outcome = "feasible",
                 .evidence = "constraints",
                 .objective = 8,
                 .bound = 6,
                 .gap = 0.25,
                 .violation = 3e-7,
                 .solver = "glpsol",
                 .limit = "time",
                 .fallbacks = "cbc says: no; perhaps; clp crashed (signal 11)"},
                {1, 2, 3});
    made.finish(2, {.outcome = "infeasible", .confirmed = 0, .evidence = "the word of clp"});
    made.finish(3, {.outcome = "failed",
                    .confirmed = 0,
                    .evidence = "",
                    .solver = "",
                    .fallbacks = "clp crashed (signal 11); glpsol is not there"});
}

}  // namespace

TEST_CASE("the chapter of problems counts their outcomes and says what nothing confirms",
          "[service][report]") {
    auto const made = five();
    finish(made);
    auto const chapter = made.chapter();
    auto const& outcomes = table_of(chapter, "outcomes");
    CHECK(texts(outcomes, "outcome") == Texts{"optimal", "feasible", "infeasible", "failed"});
    CHECK(texts(outcomes, "shown") == Texts{"confirmed", "confirmed", "not confirmed", "not confirmed"});
    CHECK(numbers(outcomes, "problems") == Numbers{1, 1, 1, 1});
    REQUIRE(chapter.verdict.size() == 1);
    CHECK(chapter.verdict.front().lines ==
          Texts{"4 problems: 1 optimal, 1 feasible, 1 infeasible, 1 failed.",
                "1 problem has no result yet; --resume tries it again.",
                "No solver came to a result that holds: none.lp.",
                "Rests on the word of one solver, which nothing confirms: word.lp.",
                "Time ended the search, so another run may end otherwise: cut.lp.",
                "Answers of solvers that were not taken: 4."});
}

TEST_CASE("the chapter of problems has the gaps, the worst violation and who was not believed",
          "[service][report]") {
    auto const made = five();
    finish(made);
    auto const chapter = made.chapter();
    auto const& gaps = table_of(chapter, "gaps");
    CHECK(texts(gaps, "problem") == Texts{"cut.lp"});
    CHECK(numbers(gaps, "gap") == Numbers{0.25});
    CHECK_THAT(section_of(chapter, "checks").text.front(), Contains("is 3e-07 (cut.lp)"));
    auto const& solvers = table_of(chapter, "solvers");
    CHECK(texts(solvers, "solver") == Texts{"cbc", "clp", "glpsol"});
    CHECK(numbers(solvers, "taken") == Numbers{0, 2, 1});
    CHECK(numbers(solvers, "not_taken") == Numbers{1, 2, 1});
    auto const& fallbacks = table_of(chapter, "fallbacks");
    CHECK(texts(fallbacks, "problem") == Texts{"cut.lp", "cut.lp", "none.lp", "none.lp"});
    CHECK(texts(fallbacks, "solver") == Texts{"cbc", "clp", "clp", "glpsol"});
    CHECK(texts(fallbacks, "why") ==
          Texts{"says: no; perhaps", "crashed (signal 11)", "crashed (signal 11)", "is not there"});
}

TEST_CASE("the chapter of problems shows solutions with all of their digits", "[service][report]") {
    auto const made = five();
    finish(made);
    auto const chapter = made.chapter();
    auto const& section = section_of(chapter, "solutions");
    REQUIRE(section.tables.size() == 2);
    CHECK(section.tables[0].title == "good.lp: optimal, objective 4650.125");
    CHECK(section.tables[0].header == Texts{"part", "name", "value", "dual"});
    CHECK(section.tables[0].rows == std::vector<Texts>{{"variable", "x", "1234567.25", "-"},
                                                       {"variable", "y", "0", "-"},
                                                       {"constraint", "c", "4", "12.5"}});
    CHECK(section.tables[1].title == "cut.lp: feasible, objective 8");
    CHECK(section_of(chapter, "outcomes").tables.front().rows.front().at(6) == "4650.125");
}

TEST_CASE("figures of problems have the columns of their tables", "[service][report]") {
    auto const made = five();
    finish(made);
    auto const chapter = made.chapter();
    Texts names;
    for (auto const& section : chapter.sections)
        for (auto const& figure : section.figures) {
            CAPTURE(figure.name);
            CHECK(data_url(figure) == table_of(chapter, figure.table).name + ".csv");
            names.push_back(figure.name);
        }
    CHECK(names == Texts{"problems-by-outcome", "gaps-left"});
}

TEST_CASE("problems whose files have one name are told apart by their folders", "[service][report]") {
    MadeProblems const made({"a/p.lp", "b/p.lp", "q.lp"});
    for (std::size_t row : {0U, 1U, 2U})
        made.finish(row, {.outcome = "optimal", .objective = 1, .bound = 1, .gap = 0, .violation = 0},
                    {1, 0, 1});
    auto const chapter = made.chapter();
    auto const names = texts(table_of(chapter, "solved"), "problem");
    CHECK_THAT(names[0], Catch::EndsWith("a/p.lp"));
    CHECK_THAT(names[1], Catch::EndsWith("b/p.lp"));
    CHECK(names[2] == "q.lp");
    CHECK(section_of(chapter, "gaps").text.back() == "No gap is left where there is a bound.");
    CHECK(section_of(chapter, "solvers").text.front() == "The first solver's answer held for every problem.");
    CHECK(section_of(chapter, "solutions").tables.size() == 3);
    CHECK(chapter.verdict.front().lines.back() ==
          "Our own evaluation confirms all of it, or two solvers agree.");
}

TEST_CASE("problems without a result say so", "[service][report]") {
    auto const chapter = five().chapter();
    CHECK(section_of(chapter, "outcomes").text == Texts{"No problem has a result yet."});
}

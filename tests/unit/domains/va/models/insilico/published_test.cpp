#include "domains/va/models/insilico/published.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "../../../../base/csv/test_files.hpp"
#include "base/csv/csv.hpp"
#include "domains/va/models/insilico/insilico.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::models;
using namespace vaster::models::insilicova;
using Catch::Matchers::Contains;
using test::error_of;
using test::TemporaryFile;
using va::Answer;

namespace {

interva5::StandardTable table_of(std::string const& text, std::string const& checks = "") {
    TemporaryFile const table(text);
    TemporaryFile const check_file(checks);
    return interva5::read_standard_table(
        {table.path(), "", checks.empty() ? "" : check_file.path().string()});
}

/// "symptom answer cause", in order.
std::vector<std::string> words(interva5::StandardTable const& table, std::vector<Ruling> const& rulings) {
    std::vector<std::string> texts;
    for (auto const& [answer, cause] : rulings)
        texts.push_back(table.symptoms[answer.symptom] +
                        (answer.answer == Answer::present ? " yes " : " no ") + table.causes[cause]);
    std::sort(texts.begin(), texts.end());
    return texts;
}

std::string const small =
    "symptom,Stroke,b_0901,Prematurity\n,A,A,A\ni019a,A,N,I\ni310o,A,A,A\ni367a,A,A,A\nfever,N,I,A\n";

Parameters quick() {
    Parameters parameters(models::insilico().parameters);
    parameters.set("iterations", std::int64_t{500});
    return parameters;
}

}  // namespace

TEST_CASE("causes that are impossible follow from cells of the table that are 0 or 1",
          "[insilico][published]") {
    auto const table = table_of(small);
    using Texts = std::vector<std::string>;
    CHECK(rulings_of(table, Impossible::none).empty());
    CHECK(words(table, rulings_of(table, Impossible::subset)) ==
          Texts{"i019a no Prematurity", "i019a yes b_0901"});
    CHECK(words(table, rulings_of(table, Impossible::subset2)) ==
          Texts{"i019a no Prematurity", "i019a yes b_0901", "i310o yes b_0901", "i367a no Prematurity"});
    CHECK(words(table, rulings_of(table, Impossible::interva)) ==
          Texts{"fever yes Stroke", "i019a yes b_0901"});
    CHECK(words(table, rulings_of(table, Impossible::all)) ==
          Texts{"fever no b_0901", "fever yes Stroke", "i019a no Prematurity", "i019a yes b_0901"});
}

TEST_CASE("a symptom that counts by its no rules out causes by its no", "[insilico][published]") {
    auto const table = table_of("symptom,A,B\n,A,A\ni019a,N,I\n", "symptom,counts_when\ni019a,absent\n");
    CHECK(words(table, rulings_of(table, Impossible::subset)) ==
          std::vector<std::string>{"i019a no A", "i019a yes B"});
}

TEST_CASE("impossible causes of the user's own are read by name", "[insilico][published]") {
    auto const table = table_of(small);
    TemporaryFile const own("symptom,answer,cause\nfever,absent,Stroke\n");
    CHECK(words(table, read_rulings(own.path(), table)) == std::vector<std::string>{"fever no Stroke"});
    auto const refusal = [&](std::string const& text) {
        TemporaryFile const file(text);
        return error_of<DataError>([&] { (void)read_rulings(file.path(), table); });
    };
    CHECK_THAT(refusal("symptom,answer,cause\nfever,no,Stroke\n"),
               Contains("line 2") && Contains("\"no\" (must be present or absent)"));
    CHECK_THAT(refusal("symptom,answer,cause\nfevers,absent,Stroke\n"),
               Contains("'fevers' is not a symptom of") && Contains("did you mean 'fever'?"));
    CHECK_THAT(refusal("symptom,answer,cause\nfever,absent,Strok\n"), Contains("did you mean 'Stroke'?"));
    CHECK_THAT(refusal("symptom,answer,cause,why\nfever,absent,Stroke,x\n"), Contains("and no other"));
}

TEST_CASE("deaths with an injury are coded apart, and take no part in the others' fractions",
          "[insilico][published]") {
    // By pencil: prior .2 and .05, P(i077o | cause) .5 and .1: .1 / .105.
    std::string const text =
        "symptom,Stroke,Malaria,Assault,Accid fall\n,0.1,0.1,0.2,0.05\ni077o,0,0,0.5,0.1\n"
        "fever,0.1,0.9,0.1,0.1\nweak,0.9,0.1,0.1,0.1\n";
    auto const table = table_of(text);
    TemporaryFile const file(text);
    va::AnswerMatrix answers(40, 3);
    for (std::size_t i = 0; i < 40; ++i) {
        answers.row(i)[0] = i < 4 ? Answer::present : Answer::absent;
        answers.row(i)[1] = i % 2 == 0 ? Answer::present : Answer::absent;
        answers.row(i)[2] = i % 2 == 0 ? Answer::absent : Answer::present;
    }
    Watcher watcher;
    auto const apart =
        code_as_published(table, file.path(), quick(), answers, {{}, true}, Random(1), watcher);
    CHECK(apart.of_death(0)[2] == Approx(0.1 / 0.105));
    CHECK(apart.of_death(0)[3] == Approx(0.005 / 0.105));
    CHECK(apart.of_death(0)[0] == 0);
    CHECK(apart.of_death(10)[2] == 0);
    CHECK(apart.csmf[2] + apart.csmf[3] == Approx(0.1));
    CHECK(apart.sampling->csmf_lo[2] == apart.csmf[2]);
    CHECK(apart.csmf[0] + apart.csmf[1] == Approx(0.9));
    auto const together =
        code_as_published(table, file.path(), quick(), answers, {{}, false}, Random(1), watcher);
    CHECK(together.of_death(10)[2] > 0);
}

TEST_CASE("a death whose answer rules a cause out has no probability of it", "[insilico][published]") {
    std::string const text = "symptom,Stroke,Malaria\n,A,A\nfever,B,A\nmale,A,A\n";
    auto const table = table_of(text);
    TemporaryFile const file(text);
    va::AnswerMatrix answers(20, 2);
    for (std::size_t i = 0; i < 20; ++i) {
        answers.row(i)[0] = Answer::present;
        answers.row(i)[1] = i < 5 ? Answer::present : Answer::absent;
    }
    Watcher watcher;
    std::vector<Ruling> const rulings{{{1, Answer::present}, 1}};
    auto const coded =
        code_as_published(table, file.path(), quick(), answers, {rulings, true}, Random(1), watcher);
    CHECK(coded.of_death(0)[1] == 0);
    CHECK(coded.of_death(0)[0] == 1);
    CHECK(coded.of_death(10)[1] > 0.1);
}

// What R package InSilicoVA makes of 200 made-up deaths with Probbase v19, where the shared folder has it.
TEST_CASE("cause fractions lie in the intervals of R package InSilicoVA", "[insilico][published][golden]") {
    std::filesystem::path const shared = std::filesystem::path(VASTER_SHARED_DIR) / "data" / "va";
    if (!std::filesystem::exists(shared / "insilico" / "made_up_deaths.csv")) {
        WARN("no golden results at " << shared);
        return;
    }

    struct Setting {
        char const* file;
        Impossible rule;
    };

    auto const setting = GENERATE(Setting{"csmf_impossible_causes_out.csv", Impossible::subset2},
                                  Setting{"csmf_none_out.csv", Impossible::none});
    auto const table_file = shared / "interva5" / "probbase_v19_table.csv";
    auto const table =
        interva5::read_standard_table({table_file, shared / "interva5" / "probbase_v19_prior.csv",
                                       shared / "interva5" / "probbase_v19_checks.csv"});
    va::AnswerMatrix answers(table.symptoms.size());
    csv::CsvReader deaths(shared / "insilico" / "made_up_deaths.csv");
    while (deaths.next()) {
        std::vector<Answer> row;
        for (auto const& symptom : table.symptoms) {
            auto const cell = deaths.cells()[deaths.position(symptom, "test")];
            row.push_back(cell == "y" ? Answer::present : cell == "n" ? Answer::absent : Answer::missing);
        }
        answers.append(interva5::check(table, row, interva5::Clears::any_answer).answers);
    }
    Watcher watcher;
    Parameters const parameters(models::insilico().parameters);
    auto const coded = code_as_published(table, table_file, parameters, answers,
                                         {rulings_of(table, setting.rule), true}, Random(3), watcher);
    csv::CsvReader expected(shared / "insilico" / setting.file);
    std::size_t n_compared = 0;
    for (std::size_t c = 0; expected.next(); ++c) {
        auto const number = [&](std::size_t column) {
            return std::stod(std::string(expected.cells()[column]));
        };
        REQUIRE(expected.cells()[0] == table.causes[c]);
        if (number(1) <= 0.02) continue;
        CAPTURE(table.causes[c], number(1), number(2), number(3), coded.csmf[c]);
        CHECK(coded.csmf[c] >= number(2) - 1e-9);
        CHECK(coded.csmf[c] <= number(3) + 1e-9);
        ++n_compared;
    }
    CHECK(n_compared == 6);
}

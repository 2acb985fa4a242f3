#include "domains/va/prediction/new_deaths.hpp"

#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "domains/va/prediction/read_block.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Matchers::Contains;
using vaster::testing::TemporaryFolder;

namespace {

ModelNeeds const wanted{{"fever", "cough"}};

Scan scan(std::filesystem::path const& path, std::uint64_t block_rows = 2) {
    return scan_new_deaths({path}, wanted, block_rows);
}

std::string refusal(NewDeathsSource const& source) {
    try {
        (void)scan_new_deaths(source, wanted, 10);
    } catch (Error const& error) {
        return error.what();
    }
    return "accepted";
}

NewDeaths deaths_of(NewDeathsSource const& source, std::uint64_t block_rows,
                    BadRows bad_rows = BadRows::stop) {
    NewDeaths deaths;
    deaths.source = source;
    deaths.wanted = wanted;
    deaths.scan = scan_new_deaths(source, wanted, block_rows);
    deaths.header = header_of(source, deaths.scan);
    deaths.columns = columns_of(
        csv::CsvReader(source.path, {.delimiter = deaths.scan.delimiter, .no_rows = csv::NoRows::accept}),
        source, wanted);
    deaths.bad_rows = bad_rows;
    deaths.causes = {"flu", "stroke"};
    return deaths;
}

}  // namespace

TEST_CASE("a scan finds where blocks of rows begin, whatever is in quotes", "[va][prediction]") {
    TemporaryFolder const folder;
    auto const path = folder.file(
        "new.csv", "id,fever,cough,note\n1,Y,.,\"two\nlines, \"\"so\"\"\"\n\n2,,Y,x\n3,Y,Y,\n4,,,last");
    NewDeathsSource const source{path};
    for (std::uint64_t const block_rows : {1U, 2U, 3U, 100U}) {
        auto const deaths = deaths_of(source, block_rows);
        CHECK(deaths.scan.n_rows == 4);
        auto const whole = read_deaths(deaths, deaths.scan.blocks, std::nullopt);
        REQUIRE(whole.row == std::vector<std::uint64_t>{0, 1, 2, 3});
        for (std::size_t b = 0; b < deaths.scan.blocks.size(); ++b) {
            auto const one = read_deaths(deaths, std::span(deaths.scan.blocks).subspan(b, 1), std::nullopt);
            REQUIRE(one.row.front() == deaths.scan.blocks[b].row);
            for (std::size_t i = 0; i < one.row.size(); ++i)
                CHECK(compare(one.answers.row(i), whole.answers.row(one.row[i])) ==
                      std::strong_ordering::equal);
        }
    }
    CHECK(scan(path).blocks[1].line == 6);
}

TEST_CASE("what an empty cell means is found from the whole file, not from a block", "[va][prediction]") {
    TemporaryFolder const folder;
    auto const ticked = scan(folder.file("ticked.csv", "fever,cough\n,\n,\n,\nY,.\n"), 1);
    CHECK(ticked.empty_means == Answer::absent);
    CHECK(ticked.answers[0] == SymptomCounts{1, 0, 4});
    CHECK(ticked.answers[1] == SymptomCounts{0, 1, 4});
    auto const numbers = scan(folder.file("numbers.csv", "fever,cough\n,\n,\n,\n1,0\n"), 1);
    CHECK(numbers.empty_means == Answer::missing);
    CHECK(numbers.answers[0] == SymptomCounts{1, 3, 4});
}

TEST_CASE("a coding that cannot be told is refused, and can be told by a flag", "[va][prediction]") {
    TemporaryFolder const folder;
    NewDeathsSource source{folder.file("empty.csv", "fever,cough\n,\n,\n")};
    CHECK_THAT(refusal(source), Contains("4 symptom cells are empty") && Contains("--coding yes"));
    source.empty_means = Answer::absent;
    CHECK(scan_new_deaths(source, wanted, 10).answers[0] == SymptomCounts{0, 0, 2});
    source = {folder.file("ones.csv", "fever,cough\n1,\n")};
    CHECK_THAT(refusal(source), Contains("no cell says absent"));
    source = {folder.file("two.csv", "fever,cough\n1,0\nY,N\n")};
    CHECK_THAT(refusal(source), Contains("2 codings in one table"));
}

TEST_CASE("tables in which nobody has a symptom, or nobody has none, are read", "[va][prediction]") {
    TemporaryFolder const folder;
    CHECK(scan(folder.file("no.csv", "fever,cough\n0,0\n")).answers[0] == SymptomCounts{0, 0, 1});
    CHECK(scan(folder.file("yes.csv", "fever,cough\n1,1\n")).answers[0] == SymptomCounts{1, 0, 1});
    CHECK(scan(folder.file("missing.csv", "fever,cough\n.,.\n")).answers[0] == SymptomCounts{0, 1, 1});
}

TEST_CASE("a file without rows has one block without rows", "[va][prediction]") {
    TemporaryFolder const folder;
    auto const empty = scan(folder.file("none.csv", "fever,cough\n"));
    REQUIRE(empty.blocks.size() == 1);
    CHECK(empty.blocks.front().rows == 0);
    CHECK(empty.n_rows == 0);
}

TEST_CASE("groups, batches and repeated IDs are found", "[va][prediction]") {
    TemporaryFolder const folder;
    NewDeathsSource source{
        folder.file("new.csv", "newid,fever,cough,sex,town\na,Y,,f,P\nb,Y,,m,Q\na,,,f,Q\nc,,,NA,P\n")};
    source.by = {"sex"};
    source.batch_by = "town";
    source.id = "newid";
    auto const found = scan_new_deaths(source, wanted, 3);
    CHECK(found.groups == std::vector<std::vector<std::string>>{{""}, {"f"}, {"m"}});
    CHECK(found.batches == std::vector<Batch>{{"P", 2}, {"Q", 2}});
    CHECK(found.repeated_ids == 1);
    auto const deaths = deaths_of(source, 3);
    auto const batch = read_deaths(deaths, deaths.scan.blocks, "Q");
    CHECK(batch.row == std::vector<std::uint64_t>{1, 2});
    CHECK(batch.group == std::vector<std::size_t>{2, 1});
}

TEST_CASE("a scan is the same after it has been in a study file", "[va][prediction]") {
    TemporaryFolder const folder;
    NewDeathsSource source{folder.file("new.csv", "fever;cough;sex\nY;;f\nY;;m\n;;f\n")};
    auto const check = [&] {
        Scan const before = scan_new_deaths(source, wanted, 2);
        study::KeptData kept;
        kept.schema.labels = labels_of(before);
        kept.inputs = inputs_of(before);
        CHECK(scan_in(kept, 2) == before);
        CHECK_THROWS_AS(scan_in(kept, 3), DataError);
        kept.inputs.front().rows.pop_back();
        CHECK_THROWS_AS(scan_in(kept, 2), DataError);
    };
    check();
    source.by = {"sex"};
    source.batch_by = "sex";
    check();
}

TEST_CASE("an answer that cannot be read is named with its place, or marks its row", "[va][prediction]") {
    TemporaryFolder const folder;
    NewDeathsSource const source{folder.file("new.csv", "fever,cough\nY,N\nY,perhaps\n.,.\nY,Y\n")};
    auto const stop = deaths_of(source, 1);
    CHECK_NOTHROW((void)read_deaths(stop, std::span(stop.scan.blocks).first(1), std::nullopt));
    try {
        (void)read_deaths(stop, stop.scan.blocks, std::nullopt);
        FAIL("accepted");
    } catch (DataError const& error) {
        CHECK_THAT(error.what(), Contains("line 3, column 2 (cough)") && Contains("perhaps") &&
                                     Contains("known are Y, N") && Contains("--bad-rows mark"));
    }
    auto const marked = deaths_of(source, 1, BadRows::mark);
    auto const read = read_deaths(marked, marked.scan.blocks, std::nullopt);
    CHECK(read.unreadable == std::vector<bool>{false, true, false, false});
    CHECK(read.unanswered == std::vector<bool>{false, false, true, false});
}

TEST_CASE("a file that has changed since the scan is refused", "[va][prediction]") {
    TemporaryFolder const folder;
    NewDeathsSource const source{folder.file("new.csv", "fever,cough\nY,N\nY,N\n")};
    auto const deaths = deaths_of(source, 1);
    check_unchanged(source, deaths.scan);
    (void)folder.file("new.csv", "fever,cough\nY,N\nN,N\n");
    CHECK_THROWS_AS(check_unchanged(source, deaths.scan), DataError);
    CHECK_THROWS_AS(bytes_of(source, deaths.scan.blocks[1]), DataError);
    CHECK_NOTHROW(bytes_of(source, deaths.scan.blocks[0]));
}

TEST_CASE("true causes are those of the model", "[va][prediction]") {
    TemporaryFolder const folder;
    NewDeathsSource source{
        folder.file("new.csv", "fever,cough,cause\nY,N,stroke\nY,N,other\nY,N,\nN,N, flu \n")};
    source.score = "cause";
    auto const deaths = deaths_of(source, 10);
    CHECK(read_deaths(deaths, deaths.scan.blocks, std::nullopt).truth ==
          std::vector<std::int32_t>{1, -1, -1, 0});
}

TEST_CASE("weights of new deaths are read, kept, and refused with their line", "[va][prediction][weights]") {
    TemporaryFolder const folder;
    NewDeathsSource source{folder.file("new.csv", "id,fever,cough,w\na,Y,N,2\nb,N,N, 0.5\nc,Y,Y,1e0\n")};
    source.weight = "w";
    source.id = "id";
    auto const deaths = deaths_of(source, 2);
    REQUIRE(deaths.scan.weights);
    CHECK(deaths.scan.weights->largest == 2);
    CHECK(deaths.scan.weights->sum == 3.5);
    CHECK(deaths.scan.weights->effective() == Approx(3.5 * 3.5 / 5.25));
    auto const read = read_deaths(deaths, deaths.scan.blocks, std::nullopt);
    CHECK(read.weight == std::vector<double>{2, 0.5, 1});
    CHECK(read.largest_weight == 2);
    study::Schema schema;
    schema.labels = labels_of(deaths.scan);
    CHECK(scan_in({schema, inputs_of(deaths.scan)}, 2) == deaths.scan);
    for (std::string const cell : {"", "0", "-1", "much", "inf", "nan", "\"0,5\""}) {
        source.path =
            folder.file("bad.csv", fmt::format("id,fever,cough,w\na,Y,N,2\nb,N,N,{}\nc,Y,Y,1\n", cell));
        CAPTURE(cell);
        CHECK_THAT(refusal(source), Contains("line 3") && Contains("column 4 (w)") && Contains("ID b") &&
                                        Contains("must be a number above 0"));
    }
    source.path = folder.file("far.csv", "id,fever,cough,w\na,Y,N,2000000\nb,N,N,1\nc,Y,Y,1\n");
    CHECK_THAT(refusal(source), Contains("line 2") && Contains("line 3") && Contains("100000 times less"));
    source.path = folder.file("new2.csv", "id,fever,cough,w\na,Y,N,2\n");
    source.weight = "wt";
    CHECK_THAT(refusal(source), Contains("no column 'wt'") && Contains("--weight"));
    source.weight = "cough";
    CHECK_THAT(refusal(source), Contains("'cough' is a symptom of the model"));
}

TEST_CASE("a file of weights without rows has none, and is read again", "[va][prediction][weights]") {
    TemporaryFolder const folder;
    NewDeathsSource source{folder.file("none.csv", "fever,cough,w\n")};
    source.weight = "w";
    source.empty_means = Answer::absent;
    auto const scan = scan_new_deaths(source, wanted, 10);
    REQUIRE(scan.weights);
    CHECK(scan.weights->effective() == 0);
    study::Schema schema;
    schema.labels = labels_of(scan);
    CHECK(scan_in({schema, inputs_of(scan)}, 2) == scan);
}

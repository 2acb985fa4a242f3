// Tasks that turn a record into another text: NOP, SML, ANN, C2S, XML; and PIV.
#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "domains/stream/tasks/annotations.hpp"
#include "domains/stream/tasks/text.hpp"
#include "domains/stream/tasks/viete.hpp"
#include "oracle.hpp"

using namespace vaster;
using namespace std::string_view_literals;
using Catch::Contains;
using stream::FieldValue;
using stream::Presence;
using testing::Job;
using testing::senml_line;

namespace {

using Texts = std::vector<std::string>;

Job annotating(std::filesystem::path const& annotations, std::string const& profile = "corrected") {
    return {"ANN", "source", {"t"}, {{"annotations", annotations.string()}, {"profile", profile}}};
}

std::vector<stream::InputColumn> const columns{
    {"timestamp", "time", true}, {"id", "string", true}, {"note", "", true}, {"x", "m", false}};

/// The SenML of one CSV record with that note and x.
stream::Yield converted(std::string const& note, std::string const& x, std::string const& values = "text") {
    Job job{"C2S", "id", {}, {{"values", values}}};
    job.columns = columns;
    testing::Runner runner(job);
    std::vector<FieldValue> const fields{{Presence::present, note}, {Presence::present, x}};
    stream::Record record;
    record.time = 7;
    record.sensor = "a";
    record.fields = fields;
    runner.take(record);
    return std::move(runner.yield);
}

stream::Yield parsed_xml(std::string const& document) {
    testing::Runner runner({"XML", "source", {}});
    stream::Record record;
    record.line = document;
    runner.take(record);
    return std::move(runner.yield);
}

}  // namespace

TEST_CASE("a line goes through NOP as it is", "[stream][nop]") {
    auto const line = senml_line(1, "a", {{"t", "1"}});
    auto const rows = testing::cells_of(testing::yield_of({"NOP", "source", {}}, line).output.text());
    REQUIRE(rows.size() == 1);
    CHECK(rows[0] == Texts{"0", line.substr(0, line.size() - 1)});
}

TEST_CASE("SML passes texts on, missing ones too", "[stream][sml]") {
    auto const yield = testing::yield_of({"SML", "source", {"t", "u", "w"}},
                                         senml_line(5, "a", {{"t", "1.50"}, {"u", "null"}}));
    CHECK(yield.output.text() == "0,5,a,1.50,null,\n");
    CHECK(yield.tally.absent == 1);
}

TEST_CASE("a record is annotated with what the table says of its sensor", "[stream][ann]") {
    testing::TemporaryFolder const folder;
    auto const table = folder.file("table.txt", "a:town,type:b\r\n\nb:village,");
    auto const lines =
        senml_line(1, "a", {{"t", "1"}}) + senml_line(2, "c", {{"t", "2"}}) + senml_line(3, "b", {});
    auto const yield = testing::yield_of(annotating(table), lines);
    CHECK(yield.output.text() == "0,1,a,1,town,type:b\n1,2,c,2,,\n2,3,b,,village,\n");
    CHECK(yield.tally.unmatched == 1);
    CHECK(yield.tally.balanced());
    CHECK(stream::find_task("ANN")->columns(testing::setup_of(annotating(table))).names ==
          Texts{"record", "timestamp", "source", "t", "annotation1", "annotation2"});
}

TEST_CASE("published annotations come again where there are none", "[stream][ann]") {
    testing::TemporaryFolder const folder;
    auto const table = folder.file("table.txt", "a:town,type:b\n");
    auto const lines =
        senml_line(1, "c", {{"t", "1"}}) + senml_line(2, "a", {{"t", "2"}}) + senml_line(3, "c", {});
    auto const yield = testing::yield_of(annotating(table, "published"), lines);
    CHECK(yield.output.text() == "1,2,a,2,town,type\n2,2,a,2,town,type\n");
    CHECK(yield.tally.none == 1);
}

TEST_CASE("annotations by another field, in the order of a schema", "[stream][ann]") {
    testing::TemporaryFolder const folder;
    Job job = annotating(folder.file("table.txt", "x:1\n"));
    job.parameters.emplace_back("schema", Texts{"u", "timestamp"});
    job.parameters.emplace_back("key_field", std::string("kind"));
    job.parameters.emplace_back("added", Texts{"code"});
    CHECK(testing::yield_of(job, senml_line(4, "a", {{"kind", "x"}, {"u", "9"}})).output.text() ==
          "0,9,4,1\n");
    CHECK(stream::find_task("ANN")->columns(testing::setup_of(job)).names ==
          Texts{"record", "u", "timestamp", "code"});
}

TEST_CASE("annotations that contradict themselves are refused with the line", "[stream][ann]") {
    testing::TemporaryFolder const folder;
    auto const reading = [&](std::string const& text) {
        return [path = folder.file("table.txt", text)] { return stream::Annotations(path); };
    };
    CHECK_THROWS_WITH(reading("a:1\nb\n")(), Contains("line 2") && Contains("no colon"));
    CHECK_THROWS_WITH(reading("a:1\n\na:2\n")(), Contains("line 3") && Contains("a second time"));
    CHECK_THROWS_WITH(reading("a:1\nb:1,2\n")(), Contains("line 2") && Contains("2 fields"));
    CHECK_THROWS_WITH(reading("\n")(), Contains("no annotation"));
    CHECK(reading("a:1\na:1\n")().size() == 1);
}

TEST_CASE("a CSV record becomes SenML in the order of its columns", "[stream][c2s]") {
    auto const rows = testing::cells_of(converted("say \"no\"\\", "1.50").output.text());
    REQUIRE(rows.size() == 1);
    CHECK(rows[0][1] ==
          R"({"bt":7,"e":[{"n":"id","sv":"a","u":"string"},{"n":"note","sv":"say \"no\"\\","u":""},)"
          R"({"n":"x","v":"1.50","u":"m"}]})");
    CHECK_THAT(std::string(converted("\x01", "").output.text()), Contains(R"(\u0001)"));
}

TEST_CASE("values of SenML may be numbers", "[stream][c2s]") {
    auto const senml_of = [](std::string const& x) {
        return testing::cells_of(converted("", x, "number").output.text()).at(0).at(1);
    };
    CHECK_THAT(senml_of("+1.50"), Contains(R"("v":1.5,)"));
    CHECK_THAT(senml_of("null"), Contains(R"("v":null,)"));
    auto const broken = converted("", "1,5", "number");
    CHECK(broken.output.text().empty());
    CHECK(broken.tally.bad == 1);
    CHECK(broken.tally.balanced());
}

TEST_CASE("a file of CSV becomes the SenML that the oracle makes of it", "[stream][c2s]") {
    auto const oracles = testing::stream_oracles();
    if (oracles.empty()) {
        WARN("skipped: the oracles are not beside the checkout");
        return;
    }
    auto const text = read_file(oracles / "taxi.rows.csv") + std::string(stream::line_padding, ' ');
    auto const lines = stream::lines_of(std::string_view(text).substr(0, text.size() - stream::line_padding));
    auto const schema =
        stream::read_schema(std::span(lines).first(stream::CsvSchema::n_lines), "taxi.rows.csv");
    Job job{"C2S", "taxi_identifier", {}};
    for (auto const& column : schema.columns)
        job.columns.push_back({column.name, column.unit, column.type == stream::CsvSchema::Type::text});
    auto const setup = testing::setup_of(job);
    auto const& kind = *stream::find_task("C2S");
    auto const parser =
        stream::make_parser(stream::InputFormat::csv, {job.sensor, stream::fields_of(kind, setup)}, &schema);
    testing::Runner runner(job);
    runner.yield.output = stream::Output(stream::Output::Form::plain, kind.columns(setup).n_context);
    for (auto const line : std::span(lines).subspan(stream::CsvSchema::n_lines)) {
        stream::Record record;
        REQUIRE_FALSE(parser->parse(line, record));
        runner.take(record);
    }
    CHECK(runner.yield.output.text() == read_file(oracles / "expected/taxi_c2s.txt"));
}

TEST_CASE("SenML is made of CSV only", "[stream][c2s]") {
    CHECK_THROWS_WITH(testing::Runner({"C2S", "id", {}}), Contains("input.format = \"csv\""));
}

TEST_CASE("the published order of students gives their published sum", "[stream][xml]") {
    // 2 + 7 for the roll number, 1 + 5 + 1, 2 + 6 + 2, 3 + 7 + 3 and 2 + 8 + 4 for names and marks.
    CHECK(parsed_xml(
              "<class><other>text</other><student rollno='12'><firstname>A</firstname>"
              "<lastname>B\xc3\xa9</lastname><nickname>x&amp;y</nickname><marks>99</marks></student></class>")
              .output.text() == "0,53\n");
    auto const oracles = testing::stream_oracles();
    if (!oracles.empty())
        CHECK(parsed_xml(read_file(oracles / "xml_students.xml")).output.text() == "0,195\n");
}

TEST_CASE("a document that is broken gives nothing and spoils nothing", "[stream][xml]") {
    for (auto const* const document : {"<class><student rollno='1'>", "", "<a/><b/>", "<student/>"}) {
        INFO(document);
        auto const yield = parsed_xml(document);
        CHECK(yield.output.text().empty());
        CHECK(yield.faults.count(stream::Fault::bad_line) == 1);
        CHECK(yield.tally.balanced());
    }
    testing::Runner runner({"XML", "source", {}});
    for (auto const* const document : {"<class>", "<student rollno='1'/>"}) {
        stream::Record record;
        record.line = document;
        runner.take(record);
    }
    CHECK(runner.yield.output.text() == "1,8\n");
}

TEST_CASE("annotations that cannot be used are refused before anything runs", "[stream][ann]") {
    testing::TemporaryFolder const files;
    auto const taken = [&](std::string const& text, Texts const& added) {
        auto const path = files.file("annotations", text).string();
        return stream::fields_of(
            *stream::find_task("ANN"),
            testing::setup_of({"ANN", "source", {"t"}, {{"annotations", path}, {"added", added}}}));
    };
    CHECK(taken("a:1,2\n", {"x", "y"}) == Texts{"t"});
    CHECK_THROWS_WITH(taken("a:1,2\n", {"x"}), Contains("tasks.ANN.added has 1 names"));
    CHECK_THROWS_WITH(taken("no colon\n", {}), Contains("has no colon"));
}

TEST_CASE("Viete's product comes near to pi, at either cost", "[stream][piv]") {
    CHECK(stream::viete_linear(2) == 3.0614674589207183);
    CHECK(stream::viete_linear(1600) == Approx(3.141592653589794).epsilon(1e-15));
    CHECK(stream::viete_as_published(300) == stream::viete_linear(300));
    CHECK(testing::yield_of({"PIV", "source", {}, {{"iterations", std::int64_t{2}}}}, senml_line(1, "a", {}))
              .output.text() == "0,3.0614674589207183\n");
}

TEST_CASE("texts are divided into parts and lines", "[stream][text]") {
    using Parts = std::vector<std::string_view>;
    CHECK(stream::split("", ',').empty());
    CHECK(stream::split(",", ',') == Parts{"", ""});
    CHECK(stream::split("a,,b", ',') == Parts{"a", "", "b"});
    CHECK(stream::lines_of("a\r\n\nb"sv) == Parts{"a", "", "b"});
    CHECK(stream::lines_of("a\n"sv) == Parts{"a"});
    CHECK(stream::trim(" a b\t") == "a b");
    CHECK(stream::trim(" ").empty());
}

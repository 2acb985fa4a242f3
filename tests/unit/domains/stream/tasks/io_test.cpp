// Tasks with files of their own: ABD, ABU, ATI, ATL, ATR, LZP, RZP, MQP, MQS, PLT.
#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "domains/stream/tasks/line_plot.hpp"
#include "domains/stream/tasks/table.hpp"
#include "domains/stream/tasks/topics.hpp"
#include "domains/stream/tasks/zip_archive.hpp"
#include "oracle.hpp"

using namespace vaster;
using Catch::Contains;
using testing::Job;
using testing::senml_line;
using testing::TemporaryFolder;

namespace {

std::vector<std::string> problems_of(Job const& job) {
    return stream::problems_of(*stream::find_task(job.code), testing::setup_of(job));
}

/// Records of sensors a, b, a, b, ... at times 0, 10, 20, ...
std::string lines_of(int n) {
    std::string lines;
    for (int i = 0; i < n; ++i)
        lines += senml_line(std::int64_t{10} * i, i % 2 == 0 ? "a" : "b", {{"x", fmt::format("{}", i)}});
    return lines;
}

/// A job for what it leaves in its folder.
void run(Job const& job, std::string const& lines) {
    (void)testing::yield_of(job, lines);
}

/// What a job yields when the stream is cut in the middle, and whole.
std::pair<std::string, std::string> cut_and_whole(Job const& job, std::string const& lines) {
    auto const whole = testing::yield_of(job, lines);
    auto const cut = lines.find('\n', lines.size() / 2) + 1;
    testing::Runner first(job);
    first.take(lines.substr(0, cut));
    testing::Runner second(job);
    second.load(first.states());
    second.next_record = first.next_record;
    second.take(lines.substr(cut));
    return {fmt::format("{}{}", first.yield.output.text(), second.yield.output.text()),
            std::string(whole.output.text())};
}

}  // namespace

TEST_CASE("a blob is read and written whole for each record", "[stream][blob]") {
    TemporaryFolder const files;
    auto const folder = files.path() / "new" / "folder";
    for (auto const* const code : {"ABD", "ABU"}) {
        INFO(code);
        auto const yield =
            testing::yield_of({code, "source", {}, {{"bytes", std::string("1000")}}, folder}, lines_of(3));
        CHECK(yield.output.text() == "0,a,1000\n1,b,1000\n2,a,1000\n");
        CHECK(yield.tally.balanced());
    }
    auto const upload = read_file(folder / "upload.bin");
    CHECK(upload.size() == 1000);
    CHECK(upload[0] == 2);  // the last record
    run({"ABU", "source", {}, {{"bytes", std::string("3")}, {"sync", std::string("each")}}, folder},
        lines_of(1));
    CHECK(read_file(folder / "upload.bin").size() == 3);
    CHECK(problems_of({"ABU", "source", {}, {{"bytes", std::string("0")}}}).size() == 1);
    CHECK(problems_of({"ABD", "source", {}, {{"bytes", std::string("2GiB")}}}).size() == 1);
}

TEST_CASE("a blob that changes under the task is noticed", "[stream][blob]") {
    TemporaryFolder const folder;
    testing::Runner runner({"ABD", "source", {}, {{"bytes", std::string("100")}}, folder.path()});
    runner.take(lines_of(1));
    (void)folder.file("download.bin", "short");
    CHECK_THROWS_WITH(runner.take(lines_of(1)), Contains("download.bin") && Contains("5 bytes"));
}

TEST_CASE("records are found in a table that was filled before", "[stream][table]") {
    TemporaryFolder const files;
    auto const lines = lines_of(250) + senml_line(0, "a", {{"x", "again"}}) + senml_line(7, "c'", {});
    auto const inserted = testing::yield_of({"ATI", "source", {"x"}, {}, files.path()}, lines);
    CHECK(inserted.output.n_rows() == 252);
    CHECK(inserted.tally.absent == 1);
    CHECK(inserted.tally.balanced());
    auto const table = (files.path() / "records.sqlite").string();
    auto const found = testing::yield_of({"ATL", "source", {"x"}, {{"table", table}}},
                                         senml_line(0, "a", {}) + senml_line(2490, "b", {}) +
                                             senml_line(7, "a", {}) + senml_line(7, "c'", {}));
    CHECK(
        testing::cells_of(found.output.text()) ==
        std::vector<std::vector<std::string>>{
            {"0", "a", "0", "again"}, {"1", "b", "2490", "249"}, {"2", "a", "7", ""}, {"3", "c'", "7", ""}});
    CHECK(found.tally.unmatched == 1);
}

TEST_CASE("a range of times has its first end and not its last", "[stream][table]") {
    TemporaryFolder const files;
    run({"ATI", "source", {"x"}, {{"sync", std::string("each")}}, files.path()}, lines_of(10));
    auto const table = files.path() / "records.sqlite";
    Job const job{"ATR", "source", {"x"}, {{"table", table.string()}, {"span", std::string("0.03s")}}};
    auto const rows = testing::cells_of(
        testing::yield_of(job, senml_line(50, "z", {}) + senml_line(0, "z", {})).output.text());
    REQUIRE(rows.size() == 2);
    CHECK(std::vector<std::string>(rows[0].begin(), rows[0].end() - 1) ==
          std::vector<std::string>{"0", "z", "20", "50", "3"});
    CHECK(rows[1][4] == "0");
    CHECK(rows[0][5] != rows[1][5]);
    stream::TableReader reader(table, {"x"});
    std::string seen;
    CHECK(reader.range(20, 50, [&](std::string_view sensor, std::int64_t time, auto const& values) {
        seen += fmt::format("{}{}={} ", sensor, time, values[0]);
    }) == 3);
    CHECK(seen == "a20=2 b30=3 a40=4 ");
}

TEST_CASE("a table is made anew, and what is none is refused", "[stream][table]") {
    TemporaryFolder const files;
    for (int i = 0; i < 2; ++i) run({"ATI", "source", {"x"}, {}, files.path()}, lines_of(5));
    auto const table = files.path() / "records.sqlite";
    CHECK_NOTHROW(stream::TableReader(table, {"x"}));
    CHECK_THROWS_WITH(stream::TableReader(table, {"X1"}), Contains("no column 'X1'"));
    CHECK_THROWS_WITH(stream::TableReader(files.file("text.sqlite", std::string(2000, 'x')), {}),
                      Contains("text.sqlite"));
    CHECK_THROWS_WITH(stream::TableReader(files.file("empty.sqlite", ""), {}),
                      Contains("no table 'records'"));
    CHECK_THROWS_AS(stream::TableReader(files.path() / "none.sqlite", {}), IoError);
    CHECK(problems_of({"ATL", "source", {"x"}}).size() == 1);
    CHECK(problems_of({"ATR", "source", {"x"}}).size() == 1);
}

TEST_CASE("a table is not asked to have a column twice", "[stream][table]") {
    for (std::string const name : {"X", "Sensor", "timestamp"}) {
        INFO(name);
        auto const problems = problems_of({"ATI", "source", {"x", name}, {}, {}});
        REQUIRE(problems.size() == 1);
        CHECK_THAT(problems.front(), Catch::Contains(fmt::format("column '{}' twice", name)));
    }
    CHECK(problems_of({"ATI", "source", {"x", "y"}, {}, {}}).empty());
}

TEST_CASE("archives of the same records are the same bytes", "[stream][zip]") {
    std::vector<stream::ZipEntry> const entries{{"a-000000.svg", "<svg/>"},
                                                {"a-000001.svg", std::string(5000, 'x')}};
    auto const bytes = stream::zip_archive(entries);
    CHECK(bytes == stream::zip_archive(entries));
    CHECK(bytes.substr(0, 4) == "PK\x03\x04");
    CHECK(bytes.size() < 1000);
    // Time and day of the first entry: 0, and 1980-01-01.
    CHECK(bytes.substr(10, 4) == std::string("\0\0\x21\0", 4));
    CHECK_THAT(bytes, Contains("a-000001.svg"));
}

TEST_CASE("full batches of records become archives, here and afar", "[stream][zip]") {
    TemporaryFolder const files;
    for (auto const* const code : {"LZP", "RZP"}) {
        INFO(code);
        Job job{code, "source", {}, {{"files", std::int64_t{3}}}, files.path() / "here"};
        job.remote_folder = files.path() / "afar";
        auto const yield = testing::yield_of(job, lines_of(7));
        auto const rows = testing::cells_of(yield.output.text());
        REQUIRE(rows.size() == 2);
        CHECK(rows[1][0] == "5");
        CHECK(rows[1][1] == "plot-000003.zip");
        CHECK(yield.tally.pending == 1);
        CHECK(yield.tally.balanced());
        auto const folder = *code == 'L' ? job.folder : job.remote_folder;
        CHECK(std::to_string(std::filesystem::file_size(folder / "plot-000003.zip")) == rows[1][2]);
        auto const [cut, whole] = cut_and_whole(job, lines_of(7));
        CHECK(cut == whole);
    }
    CHECK(problems_of({"LZP", "source", {}, {{"pattern", std::string("a/b")}}}).size() == 1);
}

TEST_CASE("messages of a topic are read in their order", "[stream][topics]") {
    TemporaryFolder const files;
    auto const lines = lines_of(4);
    auto const published =
        testing::yield_of({"MQP", "source", {}, {{"topic", std::string("t")}}, files.path()}, lines);
    CHECK(published.output.n_rows() == 4);
    auto const log = (files.path() / "t.log").string();
    Job const job{"MQS", "source", {}, {{"log", log}}};
    auto const heard = testing::yield_of(job, lines_of(6));
    auto const rows = testing::cells_of(heard.output.text());
    REQUIRE(rows.size() == 4);
    CHECK(rows[0][1] + "\n" == lines.substr(0, lines.find('\n') + 1));
    CHECK(heard.tally.none == 2);
    CHECK(heard.tally.balanced());
    auto const [cut, whole] = cut_and_whole(job, lines_of(6));
    CHECK(cut == whole);
    CHECK(problems_of({"MQP", "source", {}, {{"topic", std::string("../t")}}}).size() == 1);
    CHECK(problems_of({"MQP", "source", {}, {{"topic", std::string()}}}).size() == 1);
    CHECK(problems_of({"MQS", "source", {}}).size() == 1);
}

TEST_CASE("a topic that is cut or damaged is refused with the place", "[stream][topics]") {
    TemporaryFolder const files;
    auto const path = files.path() / "t.log";
    {
        stream::TopicWriter topic(files.path(), "t", "");
        topic.put("first");
        topic.put("");
        topic.put("second");
        topic.finish();
    }
    auto const bytes = read_file(path);
    auto const read_all = [&](std::string const& text) {
        stream::TopicReader topic(files.file("other.log", text));
        std::size_t n = 0;
        while (topic.next()) ++n;
        return n;
    };
    CHECK(read_all(bytes) == 3);
    CHECK(read_all("") == 0);
    CHECK_THROWS_WITH(read_all(bytes.substr(0, bytes.size() - 1)), Contains("is cut") && Contains("byte 21"));
    CHECK_THROWS_WITH(read_all(bytes.substr(0, 5)), Contains("is cut") && Contains("byte 0"));
    auto damaged = bytes;
    damaged.back() = 'x';
    CHECK_THROWS_WITH(read_all(damaged), Contains("damaged") && Contains("byte 21"));
    CHECK_THROWS_AS(stream::TopicReader(files.path() / "none.log"), IoError);

    // What MQS reads is looked at before anything runs.
    auto const checked = [&](std::string const& text) {
        auto const setup = testing::setup_of(
            {"MQS", "source", {}, {{"log", files.file("log.log", text).string()}}, files.path()});
        return stream::fields_of(*stream::find_task("MQS"), setup);
    };
    CHECK(checked(bytes).empty());
    CHECK(checked("").empty());
    CHECK_THROWS_WITH(checked(bytes.substr(0, bytes.size() - 1)), Contains("is cut") && Contains("truncate"));
    CHECK_THROWS_WITH(checked("1422748800000,{\"e\":[]}\n"), Contains("is not a topic"));
}

TEST_CASE("a broker is named by its host, and its topics have no wildcards", "[stream][topics]") {
    auto const problem = [](std::string const& broker, std::string const& topic = "t") {
        return stream::problem_of_broker(broker, topic);
    };
    if (problem("broker").find("built without MQTT") != std::string::npos) return;
    for (auto const* const good :
         {"broker", "broker:1", "broker:65535", "10.0.0.1:1883", "[::1]", "[fe80::1]:1884"})
        CHECK(problem(good).empty());
    for (auto const* const bad :
         {"", ":1883", "broker:", "broker:0", "broker:65536", "broker:-1", "broker:1x", "broker:1883:2",
          "::1", "[::1", "[]", "[::1]x", "[::1]:", "mqtt://broker"})
        CHECK_THAT(problem(bad), Contains(bad) && Contains("HOST:PORT"));
    CHECK_THAT(problem("broker", "a+b"), Contains("'+'"));
    CHECK_THAT(problem("broker", "#"), Contains("'#'"));
    CHECK_THROWS_AS(stream::BrokerTopic("localhost:1", "t"), IoError);
}

TEST_CASE("a plot has a line for each series and nothing from elsewhere", "[stream][plot]") {
    std::vector<stream::PlotSeries> const series{{"x<y", {{1000, 1}, {2000, 3}, {3000, 2}}},
                                                 {"flat", {{1000, 2}}}};
    auto const svg = stream::line_plot("a & b", series);
    CHECK(svg == stream::line_plot("a & b", series));
    CHECK_THAT(svg, Contains("points=\"70.00,550.00 355.00,50.00 640.00,300.00\""));
    CHECK_THAT(svg, Contains("points=\"70.00,300.00\""));
    CHECK_THAT(svg, Contains(">a &amp; b<") && Contains(">x&lt;y<") && Contains(">2000 ms<"));
    CHECK_THAT(svg, !Contains("href") && !Contains("url("));
    CHECK_NOTHROW(stream::line_plot("", {}));
}

TEST_CASE("each full window of a sensor is drawn", "[stream][plot]") {
    TemporaryFolder const files;
    Job const job{"PLT", "source", {"x"}, {{"window", std::int64_t{3}}}, files.path() / "plots"};
    auto const lines = lines_of(8) + senml_line(1, "a", {{"x", "bad"}});
    auto const yield = testing::yield_of(job, lines);
    auto const rows = testing::cells_of(yield.output.text());
    REQUIRE(rows.size() == 2);
    CHECK(rows[0][0] == "4");
    CHECK(rows[1][2] == "plot-000005.svg");
    CHECK_THAT(read_file(files.path() / "plots" / rows[1][2]), Contains("<polyline"));
    CHECK(yield.tally.pending == 2);
    CHECK(yield.tally.bad == 1);
    CHECK(yield.tally.balanced());
    auto const [cut, whole] = cut_and_whole(job, lines);
    CHECK(cut == whole);
}

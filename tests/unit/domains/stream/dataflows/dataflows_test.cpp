// Dataflows on records whose outputs can be told by hand. What an independent implementation yields from
// larger streams is compared in tests/system/test_stream.py.
#include <map>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/dataflows/dataflow.hpp"
#include "domains/stream/dataflows/model_list.hpp"
#include "domains/stream/tasks/table.hpp"
#include "domains/stream/tasks/topics.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using stream::FieldValue;

namespace {

/// Lets a dataflow take records that are made of texts.
class Flow {
  public:
    Flow(stream::TaskKind const& kind, stream::TaskSetup setup) : setup_(std::move(setup)) {
        n_fields_ = stream::fields_of(kind, setup_).size();
        task_ = kind.make(setup_);
    }

    /// @param values  of the fields; "-": absent, "": missing
    void take(std::int64_t time, std::string const& sensor, std::vector<std::string> const& values) {
        REQUIRE(values.size() == n_fields_);
        std::vector<FieldValue> fields;
        fields.reserve(values.size());
        for (auto const& value : values)
            fields.push_back(value == "-" ? FieldValue() : stream::value_of(value));
        stream::Record record;
        record.number = next_++;
        record.time = time;
        record.sensor = sensor;
        record.sensor_index = sensors_.emplace(sensor, sensors_.size()).first->second;
        record.fields = fields;
        task_->take(record, yield);
    }

    std::string finish() {
        task_->finish(yield);
        yield.output.sort();
        CHECK(yield.tally.balanced());
        return std::string(yield.output.text());
    }

    /// "in out none error" of the edge into a task.
    std::string edge_into(std::string_view to) const {
        for (auto const& edge : dynamic_cast<stream::Dataflow const&>(*task_).edges())
            if (edge.to == to) return fmt::format("{} {} {} {}", edge.in, edge.out, edge.none, edge.error);
        return "there is none";
    }

    /// A flow that goes on from this one's states.
    void go_on_from(Flow const& other) {
        next_ = other.next_;
        sensors_ = other.sensors_;
        for (auto const& [sensor, index] : sensors_) {
            stream::StateWriter state;
            other.task_->save(index, state);
            stream::StateReader reader(state.bytes());
            task_->load(index, reader);
            CHECK(reader.left() == 0);
        }
    }

    stream::Yield yield;

  private:
    stream::TaskSetup setup_;
    std::size_t n_fields_ = 0;
    std::unique_ptr<stream::Task> task_;
    std::uint64_t next_ = 0;
    std::map<std::string, std::uint32_t> sensors_;
};

stream::TaskSetup setup_of(stream::TaskKind const& kind, std::vector<std::string> fields,
                           std::vector<std::pair<std::string, Value>> const& parameters) {
    stream::TaskSetup setup;
    setup.parameters = Parameters(kind.parameters);
    for (auto const& [name, value] : parameters) setup.parameters.set(name, value);
    setup.fields = std::move(fields);
    return setup;
}

}  // namespace

TEST_CASE("ETL filters, fills and annotates", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const annotations = folder.file("annotations", "a:town,1\nb:shore,2\n").string();
    auto const kind = stream::etl_dataflow();
    Flow flow(kind, setup_of(kind, {"t", "h"},
                             {{"meta", std::vector<std::string>{"place"}},
                              {"ranges", "t:0:50"},
                              {"window", std::int64_t{2}},
                              {"annotations", annotations}}));
    flow.take(10, "a", {"x", "", "5"});       // nothing to fill the gap with
    flow.take(11, "a", {"x", "10.0", "6"});   // passes as it stands
    flow.take(12, "c", {"x", "1", "1"});      // nobody knows c
    flow.take(13, "a", {"-", "20", "-"});     // fields that are not there stay empty
    flow.take(14, "a", {"", "99", "seven"});  // out of range and no number: both are filled
    flow.take(15, "b", {"y", "51", "1"});     // b has gaps of its own
    CHECK(flow.finish() ==
          "0,10,a,x,,5,town,1\n1,11,a,x,10.0,6,town,1\n3,13,a,,20,,town,1\n4,14,a,,15,5.5,town,1\n"
          "5,15,b,y,,1,shore,2\n");
    CHECK(flow.yield.tally.filtered == 1);
    CHECK(flow.yield.tally.unfilled == 2);
    CHECK(flow.yield.tally.absent == 1);
    CHECK(flow.yield.faults.count(stream::Fault::bad_number) == 1);
    CHECK(flow.edge_into("SML") == "6 11 0 0");
    CHECK(flow.edge_into("RGF") == "11 11 2 1");
    CHECK(flow.edge_into("BLF") == "11 9 2 0");
    CHECK(flow.edge_into("INP") == "9 9 2 0");
    CHECK(flow.edge_into("JOIN") == "9 5 0 0");
    CHECK(flow.edge_into("ANN") == "5 5 0 0");
}

TEST_CASE("ETL puts annotated records into a table and a topic where it is told to", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const annotations = folder.file("annotations", "a:town,1\nb:shore \"north\",2\n").string();
    auto const kind = stream::etl_dataflow();
    auto setup = setup_of(kind, {"t", "h"},
                          {{"meta", std::vector<std::string>{"place"}},
                           {"ranges", "t:0:50"},
                           {"annotations", annotations},
                           {"added", std::vector<std::string>{"where", "kind"}},
                           {"insert", true},
                           {"publish", true},
                           {"topic", "clean"}});
    setup.folder = folder.path() / "io";
    setup.sensor = "id";
    Flow flow(kind, setup);
    flow.take(10, "a", {"x", "10.0", ""});
    flow.take(11, "c", {"x", "1", "1"});  // nobody knows c, and nothing of it goes on
    flow.take(12, "b", {"y", "-", "3"});
    flow.take(13, "a", {"x", "99", "seven"});
    flow.take(10, "a", {"z", "2", "4"});  // the same key again: the table keeps the last
    auto const rows = flow.finish();
    CHECK(rows ==
          "0,10,a,x,10.0,,town,1\n2,12,b,y,,3,\"shore \"\"north\"\"\",2\n3,13,a,x,10,,town,1\n"
          "4,10,a,z,2,4,town,1\n");
    CHECK(flow.edge_into("ATI") == "4 4 0 0");
    CHECK(flow.edge_into("C2S") == "4 4 0 0");
    CHECK(flow.edge_into("MQP") == "4 4 0 0");

    std::vector<std::string> const fields{"place", "t", "h", "where", "kind"};
    stream::TableReader table(folder.path() / "io/records.sqlite", fields);
    stream::TableReader::Values values;
    REQUIRE(table.find("a", 10, values));
    CHECK(values == std::vector<std::string>{"z", "2", "4", "town", "1"});
    REQUIRE(table.find("b", 12, values));
    CHECK(values == std::vector<std::string>{"y", "", "3", "shore \"north\"", "2"});
    CHECK_FALSE(table.find("c", 11, values));

    stream::TopicReader topic(folder.path() / "io/clean.log");
    CHECK(topic.next() ==
          "10,{\"bt\":10,\"e\":[{\"n\":\"id\",\"sv\":\"a\",\"u\":\"string\"},{\"n\":\"place\",\"sv\":\"x\","
          "\"u\":\"\"},"
          "{\"n\":\"t\",\"v\":\"10.0\",\"u\":\"\"},{\"n\":\"h\",\"v\":\"\",\"u\":\"\"},"
          "{\"n\":\"where\",\"sv\":\"town\",\"u\":\"\"},{\"n\":\"kind\",\"sv\":\"1\",\"u\":\"\"}]}");
    int n_more = 0;
    while (topic.next()) ++n_more;
    CHECK(n_more == 3);
}

TEST_CASE("ETL writes no files and has no edges to sinks that nobody asked for", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const annotations = folder.file("annotations", "a:town\n").string();
    auto const kind = stream::etl_dataflow();
    auto setup = setup_of(kind, {"t"}, {{"annotations", annotations}});
    setup.folder = folder.path() / "io";
    Flow flow(kind, setup);
    flow.take(10, "a", {"1"});
    flow.finish();
    CHECK_FALSE(std::filesystem::exists(setup.folder));
    CHECK(flow.edge_into("ATI") == "there is none");
    CHECK(flow.edge_into("MQP") == "there is none");
}

TEST_CASE("ETL refuses names that a table cannot have twice", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const annotations = folder.file("annotations", "a:town\n").string();
    auto const kind = stream::etl_dataflow();
    for (auto const* const name : {"T", "sensor", "Timestamp"}) {
        auto const setup = setup_of(
            kind, {"t"},
            {{"annotations", annotations}, {"added", std::vector<std::string>{name}}, {"insert", true}});
        CHECK_THROWS_WITH(kind.make(setup), Catch::Contains(fmt::format("column '{}' twice", name)) &&
                                                Catch::Contains("dataflows.ETL"));
    }
    auto const setup = setup_of(kind, {"t"}, {{"annotations", annotations}, {"topic", "../up"}});
    CHECK_THAT(fmt::format("{}", fmt::join(stream::problems_of(kind, setup), "; ")),
               Catch::Contains("topic = \"../up\""));
}

TEST_CASE("ETL names all of its columns", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const annotations = folder.file("annotations", "a:town,1\n").string();
    auto const kind = stream::etl_dataflow();
    auto const columns = [&](std::vector<std::string> const& added) {
        return kind.columns(setup_of(kind, {"t"}, {{"annotations", annotations}, {"added", added}})).names;
    };
    CHECK(columns({}) ==
          std::vector<std::string>{"record", "timestamp", "sensor", "t", "annotation1", "annotation2"});
    CHECK(columns({"place", "kind"}).back() == "kind");
    CHECK_THROWS_WITH(columns({"place"}), Catch::Matchers::Contains("added has 1 names") &&
                                              Catch::Matchers::Contains("have 2 fields"));
}

TEST_CASE("STATS averages blocks, and predicts from smoothed values", "[stream][dataflows]") {
    auto const kind = stream::stats_dataflow();
    // Without process noise, and with certain sensors, the filter follows what it sees.
    Flow flow(kind, setup_of(kind, {"t"},
                             {{"window", std::int64_t{2}},
                              {"sensor_noise", 1e-300},
                              {"train", std::int64_t{2}},
                              {"predict", std::int64_t{2}}}));
    flow.take(1, "a", {""});
    flow.take(2, "a", {"1"});
    flow.take(3, "a", {"3"});
    flow.take(4, "a", {"5"});
    flow.take(5, "a", {"x"});
    flow.take(6, "a", {"-"});
    CHECK(flow.finish() == "2,AVG,a,t,2\n3,SLR,a,t,7#9\n");
    CHECK(flow.yield.tally.pending == 1);
    CHECK(flow.yield.tally.missing == 1);
    CHECK(flow.yield.tally.bad == 1);
    CHECK(flow.edge_into("SML") == "6 5 0 1");
    CHECK(flow.edge_into("AVG") == "4 1 3 0");
    CHECK(flow.edge_into("KAL") == "4 3 1 0");
    CHECK(flow.edge_into("SLR") == "3 1 2 0");
}

TEST_CASE("STATS draws its results and archives the pictures where it is told to", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const kind = stream::stats_dataflow();
    auto const setup_in = [&](std::string const& name) {
        auto setup = setup_of(kind, {"t"},
                              {{"window", std::int64_t{2}},
                               {"train", std::int64_t{2}},
                               {"predict", std::int64_t{2}},
                               {"plots", true},
                               {"plot_window", std::int64_t{3}},
                               {"plot_files", std::int64_t{2}}});
        setup.folder = folder.path() / name / "near";
        setup.remote_folder = folder.path() / name / "far";
        return setup;
    };
    auto const take = [](Flow& flow, int first, int last) {
        for (int i = first; i < last; ++i) {
            flow.take(i, "a/1", {fmt::format("{}", i % 7)});
            if (i % 4 == 0) flow.take(i, "b", {"1"});
        }
    };
    Flow whole(kind, setup_in("whole"));
    take(whole, 0, 12);
    auto const rows = whole.finish();
    // a/1: 6 averages and 10 predictions, 5 pictures; b: 2 results, none.
    CHECK(whole.edge_into("PLT") == "5 5 0 0");
    CHECK(whole.edge_into("LZP") == "5 2 3 0");
    CHECK(whole.edge_into("ABU") == "2 2 0 0");
    auto const read = [&](std::string const& name) { return read_file(folder.path() / name); };
    for (auto const* const name : {"a%2F1-000000.zip", "a%2F1-000002.zip"}) {
        auto const bytes = read(fmt::format("whole/near/{}", name));
        CHECK(bytes.starts_with("PK"));
        CHECK(bytes == read(fmt::format("whole/far/{}", name)));
    }
    CHECK_THAT(read("whole/near/a%2F1-000002.zip"), Catch::Contains("t-000003.svg"));

    for (int const cut : {1, 5, 11}) {
        auto const name = fmt::format("cut{}", cut);
        Flow first(kind, setup_in(name));
        take(first, 0, cut);
        Flow second(kind, setup_in(name));
        second.go_on_from(first);
        take(second, cut, 12);
        CHECK(fmt::format("{}{}", first.yield.output.text(), second.finish()) == rows);
        CHECK(read(fmt::format("{}/far/a%2F1-000002.zip", name)) == read("whole/far/a%2F1-000002.zip"));
    }
}

TEST_CASE("STATS draws nothing when nobody asks for it", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const kind = stream::stats_dataflow();
    auto setup = setup_of(kind, {"t"}, {{"window", std::int64_t{1}}, {"plot_window", std::int64_t{1}}});
    setup.folder = setup.remote_folder = folder.path() / "io";
    Flow flow(kind, setup);
    flow.take(1, "a", {"1"});
    CHECK(flow.finish() == "0,AVG,a,t,1\n");
    CHECK(flow.edge_into("PLT") == "there is none");
    CHECK_FALSE(std::filesystem::exists(setup.folder));
}

TEST_CASE("TRAIN leaves models of each window, and PRED uses the latest that ended", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const models = (folder.path() / "models").string();
    auto const train_kind = stream::train_dataflow();
    auto train_setup = setup_of(train_kind, {"x", "y"},
                                {{"target", "y"},
                                 {"from", std::int64_t{100}},
                                 {"every", std::int64_t{100}},
                                 {"ranges", "x:0:1000"},
                                 {"models", models}});
    train_setup.folder = folder.path() / "own";
    Flow train(train_kind, train_setup);
    train.take(99, "a", {"1", "1"});  // before the first window
    for (int i = 0; i < 8; ++i) train.take(100 + i, "a", {std::to_string(i), std::to_string(10 + 2 * i)});
    train.take(150, "a", {"5000", "7"});  // out of range
    train.take(150, "a", {"", "7"});
    for (int i = 0; i < 8; ++i) train.take(200 + i, "a", {std::to_string(i), std::to_string(5 * i)});
    for (int i = 0; i < 5; ++i) train.take(300 + i, "a", {std::to_string(i), "4"});
    auto const rows = train.finish();
    CHECK_THAT(rows, Catch::Contains("8,100,200,8,") && Catch::Contains("18,200,300,8,") &&
                         Catch::Contains("y is 4 in all rows"));
    CHECK(train.edge_into("ATR") == "24 21 3 0");
    CHECK(train.edge_into("MLT") == "21 2 5 0");
    CHECK(std::filesystem::exists(folder.path() / "models" / "y-MLR-200.json"));
    CHECK(std::filesystem::exists(folder.path() / "models" / "y-DTC-300.json"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "models" / "y-MLR-400.json"));

    auto const kind = stream::predict_dataflow();
    Flow flow(kind, setup_of(kind, {}, {{"models", models}, {"window", std::int64_t{2}}}));
    flow.take(199, "a", {"1", "12"});  // no window has ended
    flow.take(200, "a", {"1", "12"});  // 10 + 2 x
    flow.take(320, "b", {"2", "16"});  // 5 x, whatever has arrived before
    flow.take(299, "a", {"3", "20"});  // 10 + 2 x again
    flow.take(299, "a", {"3", ""});
    CHECK_THAT(flow.finish(), Catch::StartsWith("1,a,12,1"));
    CHECK(flow.yield.tally.unmatched == 1);
    CHECK(flow.yield.output.n_rows() == 3);
    CHECK(flow.edge_into("SML") == "5 3 2 0");
    CHECK(flow.edge_into("ERROR") == "3 1 2 0");
}

TEST_CASE("PRED leaves errors empty that are not finite numbers", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const leave_model = [&](double slope) {
        (void)folder.file(
            "y-MLR-100.json",
            fmt::format(R"({{"format":"vaster stream linear model 1","profile":"corrected",)"
                        R"("attributes":["x"],"target":"y","rows":9,"rows_hash":"","intercept":0,)"
                        R"("coefficients":[{}],"dropped":[]}})",
                        slope));
    };
    leave_model(1);
    auto const kind = stream::predict_dataflow();
    auto const setup = setup_of(kind, {}, {{"models", folder.path().string()}, {"window", std::int64_t{1}}});
    Flow flow(kind, setup);
    flow.take(100, "a", {"2", "0"});         // the first block, whose mean is 0
    flow.take(101, "a", {"2", "1.7e308"});   // its error would be relative to 0
    flow.take(102, "a", {"-1.7e308", "1"});  // nothing is wrong
    CHECK(flow.finish() == "0,a,0,2,,\n1,a,1.7e+308,2,,\n2,a,1,-1.7e+308,1,\n");
    CHECK(flow.edge_into("ERROR") == "3 1 2 0");
    leave_model(1e300);
    Flow beyond(kind, setup);
    beyond.take(100, "a", {"1e300", "1"});
    CHECK(beyond.finish() == "0,a,1,,,\n");
    CHECK(beyond.edge_into("MLR") == "1 0 1 0");
}

TEST_CASE("PRED says that there is no model, and what there is", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const kind = stream::predict_dataflow();
    auto const notes = [&] {
        return fmt::format(
            "{}", fmt::join(stream::notes_of(kind, setup_of(kind, {}, {{"models", folder.path().string()}})),
                            "; "));
    };
    CHECK_THAT(notes(), Catch::Contains(fmt::format("no model in {}:", folder.path().string())) &&
                            Catch::Contains("it is empty"));
    (void)folder.file("m.pkl", "x");
    CHECK_THAT(notes(), Catch::Contains("it has m.pkl"));
    (void)folder.file("y-DTC-5.json", R"({"format":"vaster stream class tree 1","profile":"corrected",)"
                                      R"("attributes":["x"],"target":"y","rows":9,"rows_hash":"",)"
                                      R"("classes":["A"],"nodes":[{"class":"A","rows":9,"wrong":0}]})");
    CHECK(notes().empty());
}

TEST_CASE("TRAIN says of windows whose linear model is beyond the doubles", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const kind = stream::train_dataflow();
    auto setup = setup_of(kind, {"x", "y"}, {{"target", "y"}, {"every", std::int64_t{100}}});
    setup.folder = folder.path() / "own";
    Flow flow(kind, setup);
    for (int i = 0; i < 8; ++i)
        flow.take(1000 + i, "a", {fmt::format("{}", i % 3), i % 2 == 0 ? "1.7e308" : "-1.7e308"});
    auto const rows = flow.finish();
    CHECK_THAT(rows,
               Catch::Contains("beyond the doubles") && !Catch::Contains("nan") && !Catch::Contains("inf"));
    CHECK_FALSE(std::filesystem::exists(setup.folder / "y-MLR-1100.json"));
    CHECK(std::filesystem::exists(setup.folder / "y-DTC-1100.json"));
}

TEST_CASE("TRAIN that goes on has all windows of both parts, as of the whole stream", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const kind = stream::train_dataflow();
    auto setup = setup_of(kind, {"x", "y"}, {{"target", "y"}, {"every", std::int64_t{100}}});
    setup.folder = folder.path() / "own";
    auto const take = [](Flow& flow, int first, int last) {
        for (int i = first; i < last; ++i)
            flow.take(1000 + 7 * i, "a", {fmt::format("{}", i % 5), fmt::format("{}", i * i % 11)});
    };
    Flow whole(kind, setup);
    take(whole, 0, 60);
    auto const rows = whole.finish();
    for (int const cut : {1, 20, 59}) {
        Flow first(kind, setup);
        take(first, 0, cut);
        Flow second(kind, setup);
        second.go_on_from(first);
        take(second, cut, 60);
        CHECK(second.finish() == rows);
    }
}

TEST_CASE("TRAIN names windows without rows", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const kind = stream::train_dataflow();
    auto const trained = [&](std::int64_t from, std::int64_t n_windows,
                             std::vector<std::int64_t> const& times) {
        auto setup =
            setup_of(kind, {"x", "y"},
                     {{"target", "y"}, {"from", from}, {"every", std::int64_t{100}}, {"windows", n_windows}});
        setup.folder = folder.path() / "own";
        Flow flow(kind, setup);
        for (auto const time : times)
            for (int i = 0; i < 5; ++i) flow.take(time + i, "a", {std::to_string(i), std::to_string(3 * i)});
        return flow.finish();
    };
    CHECK_THAT(trained(0, 0, {1000, 1300}),
               Catch::StartsWith("4,1000,1100,5,") &&
                   Catch::Contains("4,1100,1300,0,,,,,,,no rows in these 2 windows") &&
                   Catch::Contains("9,1300,1400,5,"));
    CHECK_THAT(trained(900, 6, {1000}), Catch::StartsWith("0,900,1000,0,,,,,,,no rows in this window") &&
                                            Catch::Contains("4,1100,1500,0,"));
    CHECK_THAT(trained(0, 3, {1000}), Catch::StartsWith("0,0,300,0,"));
    CHECK(trained(0, 0, {}).empty());
}

TEST_CASE("PRED uses what TRAIN has left in the same study, and nothing else", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const own = folder.path() / "own";
    auto const train_kind = stream::train_dataflow();
    auto const train = [&](std::int64_t every, int slope) {
        auto setup = setup_of(train_kind, {"x", "y"}, {{"target", "y"}, {"every", every}});
        setup.folder = own;
        Flow flow(train_kind, setup);
        for (int i = 0; i < 8; ++i) flow.take(1000 + i, "a", {std::to_string(i), std::to_string(slope * i)});
        return hash_text(flow.finish());
    };
    train(10, 7);  // leaves a model of another window, which must not be taken
    auto const origin = train(100, 2);
    CHECK_FALSE(std::filesystem::exists(own / "y-MLR-1010.json"));
    CHECK(stream::has_models(own, origin));
    CHECK(stream::has_models(own, ""));
    CHECK_FALSE(stream::has_models(own, hash_text("others")));

    auto const kind = stream::predict_dataflow();
    auto setup = setup_of(kind, {}, {});
    setup.models = stream::EarlierModels{own, {"x", "y"}, origin};
    CHECK(stream::problems_of(kind, setup).empty());
    CHECK(stream::fields_of(kind, setup) == std::vector<std::string>{"x", "y"});
    Flow flow(kind, setup);
    flow.take(1050, "a", {"3", "6"});
    flow.take(1100, "a", {"3", "6"});
    auto const rows = flow.finish();
    CHECK_THAT(rows, Catch::StartsWith("1,a,6,"));
    CHECK(flow.yield.tally.unmatched == 1);

    setup.models->origin = hash_text("others");
    Flow other(kind, setup);
    CHECK_THROWS_WITH(other.take(1100, "a", {"3", "6"}), Catch::Contains("models.list is not the list"));
    write_file_atomically(own / "y-MLR-1100.json", "{}");
    setup.models->origin = origin;
    Flow damaged(kind, setup);
    CHECK_THROWS_WITH(damaged.take(1100, "a", {"3", "6"}), Catch::Contains("y-MLR-1100.json is not the one"));
    std::filesystem::remove_all(own);
    Flow lost(kind, setup);
    CHECK_THROWS_AS(lost.take(1100, "a", {"3", "6"}), IoError);
}

TEST_CASE("a dataflow that is cut goes on as if it had not been", "[stream][dataflows]") {
    testing::TemporaryFolder const folder;
    auto const annotations = folder.file("annotations", "a:town\nb:shore\n").string();
    auto const etl = stream::etl_dataflow();
    auto const stats = stream::stats_dataflow();
    std::vector<std::pair<stream::TaskKind, stream::TaskSetup>> const flows{
        {etl, setup_of(etl, {"t"}, {{"annotations", annotations}})},
        {stats, setup_of(stats, {"t"}, {{"window", std::int64_t{4}}, {"train", std::int64_t{3}}})}};
    auto const take = [](Flow& flow, int first, int last) {
        for (int i = first; i < last; ++i)
            flow.take(i, i % 3 == 0 ? "a" : "b", {i % 5 == 0 ? "" : fmt::format("{}.5", i * i % 17)});
    };
    for (auto const& [kind, setup] : flows) {
        Flow whole(kind, setup);
        take(whole, 0, 40);
        for (int const cut : {1, 13, 39}) {
            Flow first(kind, setup);
            take(first, 0, cut);
            Flow second(kind, setup);
            second.go_on_from(first);
            take(second, cut, 40);
            CHECK(fmt::format("{}{}", first.yield.output.text(), second.yield.output.text()) ==
                  whole.yield.output.text());
        }
    }
}

TEST_CASE("the stream must have the fields that ranges name, taken or not", "[stream][dataflows]") {
    std::vector<std::string> const named{"t", "other"};
    for (auto const& kind : {stream::etl_dataflow(), stream::train_dataflow(), stream::predict_dataflow()}) {
        INFO(kind.code);
        CHECK(stream::named_fields_of(kind, setup_of(kind, {"t"}, {{"ranges", "t:0:1,other:2:3"}})) == named);
    }
    auto const stats = stream::stats_dataflow();
    CHECK(stream::named_fields_of(stats, setup_of(stats, {"t"}, {})).empty());
}

TEST_CASE("what dataflows cannot do without is asked for", "[stream][dataflows]") {
    auto const problems = [](stream::TaskKind const& kind, std::vector<std::string> fields) {
        return fmt::format("{}",
                           fmt::join(stream::problems_of(kind, setup_of(kind, std::move(fields), {})), "; "));
    };
    CHECK_THAT(problems(stream::etl_dataflow(), {"t"}), Catch::Contains("annotations is empty"));
    CHECK_THAT(problems(stream::train_dataflow(), {"t"}), Catch::Contains("target is empty"));
    CHECK_THAT(problems(stream::predict_dataflow(), {}), Catch::Contains("models is empty"));
    auto const kind = stream::predict_dataflow();
    CHECK_THROWS_AS(stream::fields_of(kind, setup_of(kind, {}, {{"models", "/nowhere/at/all"}})), IoError);
}

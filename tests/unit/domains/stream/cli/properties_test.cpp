#include "domains/stream/cli/properties.hpp"

#include <catch2/catch.hpp>

using namespace vaster;
using Catch::Matchers::Contains;

TEST_CASE("published settings become keys of their tasks", "[stream][import]") {
    auto const imported = stream::import_properties(
        "# a comment\n"
        "AGGREGATE.BLOCK_COUNT.WINDOW_SIZE = 12\r\n"
        "STATISTICS.KALMAN_FILTER.SENSOR_NOISE:0.5\n"
        "STATISTICS.KALMAN_FILTER.PROCESS_NOISE=.25\n"
        "FILTER.RANGE_FILTER.VALID_RANGE=a:1:2,\\\n   b:3:4\n"
        "PARSE.ID_FIELD_SCHEMA=meter\n"
        "AGGREGATE.BLOCK_AVERAGE.USE_MSG_FIELD=x, y\n"
        "STATISTICS.KALMAN_FILTER.USE_MSG_FIELDLIST=y,z\n",
        "f.properties");
    CHECK(imported.toml ==
          "# From f.properties. Jobs and files are missing: stream.jobs, input.files.\n\n"
          "[study]\nkind = \"stream\"\n\n"
          "[input]\nsensor = \"meter\"\nfields = [\"x\", \"y\", \"z\"]\n\n"
          "[dataflows.ETL]\nranges = \"a:1:2,b:3:4\"\n\n"
          "[dataflows.PRED]\nwindow = 12\n\n"
          "[dataflows.STATS]\nwindow = 12\nsensor_noise = 0.5\nprocess_noise = 0.25\n\n"
          "[tasks.AVG]\nwindow = 12\n\n"
          "[tasks.KAL]\nsensor_noise = 0.5\nprocess_noise = 0.25\n\n"
          "[tasks.RGF]\nranges = \"a:1:2,b:3:4\"\n");
    CHECK(imported.left.empty());
    CHECK(imported.unknown.empty());
    CHECK(imported.wrong.empty());
}

TEST_CASE("published settings of tasks are those of the dataflows that they are a part of",
          "[stream][import]") {
    auto const imported = stream::import_properties(
        "PARSE.META_FIELD_SCHEMA=timestamp,longitude,latitude\n"
        "ANNOTATE.ANNOTATE_FILE_PATH=/city.txt\n"
        "STATISTICS.INTERPOLATION.WINDOW_SIZE=7\n"
        "STATISTICS.KALMAN_FILTER.ESTIMATED_ERROR=20\n"
        "PREDICT.SIMPLE_LINEAR_REGRESSION.WINDOW_SIZE_TRAIN=6\n"
        "PREDICT.SIMPLE_LINEAR_REGRESSION.WINDOW_SIZE_PREDICT=4\n"
        "AGGREGATE.ACCUMLATOR.TUPLE_WINDOW_SIZE=8\n"
        "IO.ZIPBUFFER.MAX_FILES_COUNT=3\n",
        "f");
    CHECK(imported.left.empty());
    CHECK(imported.wrong.empty());
    CHECK_THAT(imported.toml,
               Contains("[dataflows.ETL]\nmeta = [\"longitude\", \"latitude\"]\nannotations = \"/city.txt\"\n"
                        "window = 7\n\n"
                        "[dataflows.STATS]\nestimated_error = 20.0\ntrain = 6\npredict = 4\nplot_window = 8\n"
                        "plot_files = 3\n\n[tasks.ACC]"));
}

TEST_CASE("published settings that mean nothing here are named with the reason", "[stream][import]") {
    auto const imported = stream::import_properties(
        "JOIN.MAX_COUNT_VALUE=9\n"
        "PREDICT.LINEAR_REGRESSION.MODEL_PATH=/m.model\n"
        "STATISTICS.KALMAN_FILTER.USE_MSG_FIELD=1\n"
        "AGGREGATE.BLOCK_AVERAGE.USE_MSG_FIELD=-1\n"
        "SOMETHING.ELSE=1\n"
        "STATISTICS.INTERPOLATION.WINDOW_SIZE=0\n"
        "MATH.PI_VIETE.ITERS=many\n"
        "AGGREGATE.BLOCK_COUNT.WINDOW_SIZE=2.5\n",
        "f");
    REQUIRE(imported.left.size() == 4);
    CHECK_THAT(imported.left[0], Contains("JOIN.MAX_COUNT_VALUE: a record is joined"));
    CHECK_THAT(imported.left[1], Contains("train again"));
    CHECK(imported.unknown == std::vector<std::string>{"SOMETHING.ELSE"});
    REQUIRE(imported.wrong.size() == 3);
    CHECK_THAT(imported.wrong[0], Contains("WINDOW_SIZE = 0 (must be at least 1)"));
    CHECK_THAT(imported.wrong[1], Contains("ITERS = many"));
    CHECK_THAT(imported.wrong[2], Contains("2.5"));
}

TEST_CASE("the last of two equal published keys counts", "[stream][import]") {
    auto const imported = stream::import_properties("MATH.PI_VIETE.ITERS=5\nMATH.PI_VIETE.ITERS=7\n", "f");
    CHECK_THAT(imported.toml, Contains("iterations = 7") && !Contains("iterations = 5"));
}

TEST_CASE("settings of PyRIoTBench become keys of their tasks, too", "[stream][import]") {
    std::string_view const text =
        "# pipeline\n"
        "AGGREGATE.BLOCK_WINDOW_AVERAGE.WINDOW_SIZE: 5        # values in a window\n"
        "AGGREGATE.ACCUMULATOR.TUPLE_WINDOW_SIZE: '3'\n"
        "FILTER.RANGE_FILTER.VALID_RANGE: \"t:0:50,h:0:100\"  # both\n"
        "STATISTICS.INTERPOLATION.USE_MSG_FIELD: t,h\n";
    auto const imported = stream::import_properties(text, "p.yaml");
    CHECK(imported.toml ==
          "# From p.yaml. Jobs and files are missing: stream.jobs, input.files.\n\n"
          "[study]\nkind = \"stream\"\n\n"
          "[input]\nfields = [\"t\", \"h\"]\n\n"
          "[dataflows.ETL]\nranges = \"t:0:50,h:0:100\"\n\n"
          "[tasks.ACC]\nwindow = 3\n\n"
          "[tasks.AVG]\nwindow = 5\n\n"
          "[tasks.RGF]\nranges = \"t:0:50,h:0:100\"\n");
    CHECK(imported.unknown.empty());
    CHECK(imported.wrong.empty());
}

TEST_CASE("settings that PyRIoTBench does not read are named with the reason", "[stream][import]") {
    auto const imported = stream::import_properties(
        "STATISTICS.KALMAN_FILTER.MEASUREMENT_NOISE=0.1\n"
        "AGGREGATE.BLOCK_WINDOW_AVERAGE.SENSOR_ID_FIELD=1\n"
        "FILTER.BLOOM_FILTER_CHECK.TESTING_RANGE=100\n"
        "CLASSIFICATION.DECISION_TREE.CLASS_NAMES=Bad,Good\n"
        "CLASSIFICATION.DECISION_TREE.FEATURE_COUNT=5\n",
        "f");
    REQUIRE(imported.left.size() == 5);
    CHECK_THAT(imported.left[0], Contains("tasks.KAL.sensor_noise"));
    CHECK_THAT(imported.left[1], Contains("input.sensor"));
    CHECK(imported.unknown.empty());
    CHECK_THAT(imported.toml, !Contains("[tasks"));
}

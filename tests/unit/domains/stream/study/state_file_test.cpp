// States that another study goes on from, and the rows that studies of streams keep.
#include "domains/stream/study/state_file.hpp"

#include <cmath>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "domains/stream/study/schema.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;

TEST_CASE("states are given back, and a file that was cut or edited is refused by name", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.path() / "first.h5.stream" / "AVG.state";
    stream::StreamState state;
    state.description = "AVG window=5";
    state.next_record = 600;
    state.next_offset = 219068;
    state.states = {{"s1", std::string("\0\1", 2)}, {"s2", ""}};
    std::vector<stream::StateView> const states{{"s1", {"\0\1", 2}}, {"s2", ""}};
    auto const hash = stream::write_state(path, state, states);
    CHECK(hash.size() == 32);
    CHECK(stream::write_state(path, state, states) == hash);
    auto const read = stream::read_state(path);
    CHECK(read.description == state.description);
    CHECK(read.next_record == 600);
    CHECK(read.next_offset == 219068);
    CHECK(read.states == state.states);

    auto const whole = read_file(path);
    for (std::size_t at = 0; at < whole.size(); at += 5) {
        auto edited = whole;
        edited[at] = static_cast<char>(edited[at] ^ 4);
        write_file_atomically(path, edited);
        CHECK_THROWS_WITH(stream::read_state(path), Catch::Contains(path.string()));
        write_file_atomically(path, whole.substr(0, at));
        CHECK_THROWS_WITH(stream::read_state(path), Catch::Contains(path.string()));
    }
    CHECK_THROWS_AS(stream::read_state(scratch.path() / "nothing"), IoError);
}

TEST_CASE("cells are what the schema says, and are read back", "[stream][study]") {
    auto const schema = stream::stream_schema(false);
    stream::Design design;
    design.job = "AVG";
    design.partition = 3;
    design.partitions = 64;
    stream::Outcomes outcomes;
    outcomes.good = 7;
    outcomes.selectivity = 0.5;
    outcomes.output_hash = "abc";
    auto const design_cells = stream::cells_of(design);
    auto const cells = stream::cells_of(outcomes);
    REQUIRE(design_cells.size() == schema.design.size());
    REQUIRE(cells.size() == schema.results.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
        CHECK(cells[i].index() == static_cast<std::size_t>(schema.results[i].type));
    CHECK(stream::design_of(design_cells).partitions == 64);
    CHECK(stream::outcomes_of(cells).good == 7);
    CHECK(stream::outcomes_of(cells).output_hash == "abc");
    CHECK(stream::packed(std::vector<stream::FaultLog::Entry>(2)).size() ==
          32 * study::element_bytes(schema.arrays[0]));
    CHECK(stream::packed(std::vector<stream::Edge>{{"source", "AVG", 1, 2, 3, 4}}).size() ==
          study::element_bytes(schema.arrays[1]));
    CHECK_THROWS_AS(stream::packed(std::vector<stream::Edge>{{"source", "nowhere"}}), std::logic_error);
}

TEST_CASE("rows say how a stream is scaled, and those of others have no columns for it", "[stream][study]") {
    stream::Design design;
    design.parts = "ab";
    auto const names = [](stream::Design const& one) {
        bool const is_scaled = one.scale_space != 1 || one.scale_time != 1;
        auto const columns = stream::stream_schema(is_scaled).design;
        auto const cells = stream::cells_of(one);
        REQUIRE(cells.size() == columns.size());
        CHECK(stream::n_design_cells(cells) == cells.size());
        for (std::size_t i = 0; i < cells.size(); ++i)
            CHECK(cells[i].index() == static_cast<std::size_t>(columns[i].type));
        return columns.size();
    };
    auto const n = names(design);
    design.scale_time = 2.5;
    CHECK(names(design) == n + 2);
    design.scale_space = 7;
    design.scale_time = 1;
    CHECK(names(design) == n + 2);
    auto const back = stream::design_of(stream::cells_of(design));
    CHECK(back.scale_space == 7);
    CHECK(back.scale_time == 1);
    CHECK(back.parts == "ab");
}

TEST_CASE("rows of files are read that have no truths in them yet", "[stream][study]") {
    stream::Outcomes outcomes;
    outcomes.input_rate = 3;
    outcomes.truth_rows = 5;
    outcomes.truth_error = 0.5;
    auto cells = stream::cells_of(outcomes);
    CHECK(stream::n_outcome_cells(cells) == cells.size());
    CHECK(stream::outcomes_of(cells).truth_error == 0.5);
    cells.resize(cells.size() - 2);
    CHECK(stream::n_outcome_cells(cells) == cells.size());
    auto const older = stream::outcomes_of(cells);
    CHECK(older.input_rate == 3);
    CHECK(older.truth_rows == 0);
    CHECK(std::isnan(older.truth_error));
    cells.pop_back();
    CHECK_THROWS(stream::outcomes_of(cells));
}

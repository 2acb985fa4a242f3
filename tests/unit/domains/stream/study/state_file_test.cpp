// States that another study goes on from, and the rows that studies of streams keep.
#include "domains/stream/study/state_file.hpp"

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
    auto const hash = stream::write_state(path, state);
    CHECK(hash.size() == 32);
    CHECK(stream::write_state(path, state) == hash);
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
    auto const schema = stream::stream_schema();
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

// Files of partitions, and how they are brought together.
#include "domains/stream/study/part_file.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "domains/stream/study/part_rows.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using stream::KeptState;
using stream::Output;
using stream::PartFile;

namespace {

/// Rows "RECORD,WORD" of the records.
Output output_of(std::vector<std::pair<std::uint64_t, std::string>> const& rows) {
    Output output;
    for (auto const& [record, word] : rows) output.begin(record).cell(std::string_view(word)).end();
    return output;
}

std::vector<KeptState> states_of(PartFile const& part) {
    std::string const bytes = part.states_bytes();
    std::vector<KeptState> states;
    for (auto const& [sensor, state] : stream::states_in(bytes))
        states.push_back({std::string(sensor), std::string(state)});
    return states;
}

}  // namespace

TEST_CASE("a part gives back its rows and its states", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.path() / "new folder" / "AVG-3.part";
    std::vector<KeptState> const states{{"s1", std::string("\0\1\2", 3)}, {"", "x"}, {"s2", ""}};
    auto const hash = stream::write_part(path, output_of({{4, "four"}, {4, "again"}, {9, "nine"}}), states);

    PartFile const part(path);
    CHECK(part.hash() == hash);
    CHECK(part.n_rows() == 3);
    for (std::size_t const memory : {1U, 50U, 1000U}) {
        std::vector<std::pair<std::uint64_t, std::string>> rows;
        for (stream::PartRows row(part, memory); !row.at_end(); row.next())
            rows.emplace_back(row.record(), std::string(row.row()));
        CHECK(rows == std::vector<std::pair<std::uint64_t, std::string>>{
                          {4, "4,four\n"}, {4, "4,again\n"}, {9, "9,nine\n"}});
    }
    CHECK(states_of(part) == states);
    CHECK(stream::has_part(path, hash));
    CHECK_FALSE(stream::has_part(path, "another"));
    CHECK_FALSE(stream::has_part(scratch.path() / "nothing", hash));
}

TEST_CASE("a part without rows and states is whole", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.path() / "part";
    stream::write_part(path, Output(), {});
    PartFile const part(path);
    CHECK(part.n_rows() == 0);
    CHECK(states_of(part).empty());
}

TEST_CASE("a part that was cut or edited is refused by name", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.path() / "AVG-3.part";
    auto const hash = stream::write_part(path, output_of({{4, "four"}, {9, "nine"}}), {{"s", "state"}});
    auto const whole = read_file(path);
    auto const check_refused = [&](std::string const& bytes) {
        write_file_atomically(path, bytes);
        CHECK_FALSE(stream::has_part(path, hash));
        CHECK_THROWS_WITH(PartFile(path), Catch::Contains(path.string()) && Catch::Contains("--resume"));
    };
    check_refused("");
    check_refused("hello");
    for (auto const length : {whole.size() / 3, whole.size() - 1}) check_refused(whole.substr(0, length));
    for (std::size_t at = 0; at < whole.size(); at += 7) {
        auto edited = whole;
        edited[at] = static_cast<char>(edited[at] ^ 1);
        check_refused(edited);
    }
    check_refused(whole + "more");
}

TEST_CASE("a part that was written by ranges gives back the rows of each", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.path() / "AVG-3.part";
    auto const output = output_of({{4, "four"}, {4, "again"}, {9, "nine"}, {10, "ten"}, {31, "more"}});
    std::vector<KeptState> const states{{"s1", "state"}};
    stream::RecordRanges const ranges(0, 30, 3);
    auto const hash = stream::write_part(path, output, states, stream::Sync::later, ranges);
    auto const plain = scratch.path() / "plain.part";
    CHECK(stream::write_part(plain, output, states) == hash);
    CHECK(PartFile(plain).ranges().empty());
    CHECK(stream::has_part(path, hash));

    auto const part = PartFile::with_rows_unseen(path);
    CHECK(part.hash() == hash);
    CHECK(states_of(part) == states);
    REQUIRE(part.ranges().size() == 4);
    std::vector<std::vector<std::string>> rows(3);
    for (std::uint64_t range = 0; range < 3; ++range) {
        stream::PartRows row(part, range, 1);
        for (; !row.at_end(); row.next()) rows[range].emplace_back(row.row());
        CHECK(row.were_whole());
    }
    CHECK(rows[0] == std::vector<std::string>{"4,four\n", "4,again\n", "9,nine\n"});
    CHECK(rows[1] == std::vector<std::string>{"10,ten\n"});
    CHECK(rows[2] == std::vector<std::string>{"31,more\n"});
}

TEST_CASE("whatever was edited in a part with ranges is seen by whoever needs it", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.path() / "AVG-3.part";
    std::vector<KeptState> const states{{"s1", "state"}};
    auto const hash = stream::write_part(path, output_of({{4, "four"}, {9, "nine"}, {12, "twelve"}}), states,
                                         stream::Sync::later, {0, 20, 2});
    auto const whole = read_file(path);
    auto const is_seen = [&] {
        try {
            auto const part = PartFile::with_rows_unseen(path);
            if (part.hash() != hash || states_of(part) != states) return true;
            for (std::uint64_t range = 0; range < 2; ++range) {
                stream::PartRows row(part, range, 1000);
                while (!row.at_end()) row.next();
                if (!row.were_whole()) return true;
            }
        } catch (Error const&) {
            return true;
        }
        return false;
    };
    CHECK_FALSE(is_seen());
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto edited = whole;
        edited[at] = static_cast<char>(edited[at] ^ 1);
        write_file_atomically(path, edited);
        CHECK(is_seen());
        CHECK_FALSE(stream::has_part(path, hash));
    }
    for (auto const length : {whole.size() - 1, whole.size() - 50}) {
        write_file_atomically(path, whole.substr(0, length));
        CHECK(is_seen());
    }
}

TEST_CASE("a folder that cannot be made is named", "[stream][study]") {
    testing::TemporaryFolder const scratch;
    write_file_atomically(scratch.path() / "file", "x");
    CHECK_THROWS_AS(stream::write_part(scratch.path() / "file" / "part", Output(), {}), IoError);
}

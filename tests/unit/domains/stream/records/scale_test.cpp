// Streams with more sensors, or less time, than they have.
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../temporary_folder.hpp"
#include "base/support/block_parts.hpp"
#include "domains/stream/records/copies.hpp"
#include "domains/stream/records/line_reader.hpp"
#include "domains/stream/records/scaled_times.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Matchers::Contains;
using stream::InputFormat;

namespace {

using Lines = std::vector<std::string>;

class Folder {
  public:
    std::filesystem::path operator()(std::string const& text) {
        return folder_.file(fmt::format("{}.txt", n_++), text);
    }

  private:
    vaster::testing::TemporaryFolder folder_;
    int n_ = 0;
};

stream::InputOptions copied(std::filesystem::path const& file, InputFormat format, std::uint64_t copies) {
    stream::InputOptions options;
    options.files = {file};
    options.format = format;
    options.copies = copies;
    options.sensor = "id";
    return options;
}

Lines lines_of(stream::Input const& input) {
    Lines lines;
    stream::LineReader reader(input);
    for (stream::Line line; reader.next(line);) lines.emplace_back(line.text);
    return lines;
}

std::string senml(int time, std::string const& sensor) {
    return fmt::format(
        R"({0},{{"e":[{{"n":"t","v":"1"}},{{"n":"id","sv":"{1}"}},{{"n":"u","sv":"{1}"}}],"bt":{0}}})", time,
        sensor);
}

}  // namespace

TEST_CASE("each record is followed by its copies, whatever its form", "[stream][scale]") {
    Folder file;
    // The ID stands elsewhere in the records, too.
    auto const copy_of = [](int time, std::string const& sensor, int copy) {
        return fmt::format(
            R"({0},{{"e":[{{"n":"t","v":"1"}},{{"n":"id","sv":"{1}~{2}"}},{{"n":"u","sv":"{1}"}}],"bt":{0}}})",
            time, sensor, copy);
    };
    auto const text = senml(1, "u") + "\r\n\n" + "2,no\n" + senml(3, "id");
    CHECK(lines_of(stream::Input(copied(file(text), InputFormat::senml, 3))) ==
          Lines{senml(1, "u"), copy_of(1, "u", 1), copy_of(1, "u", 2), "2,no", "2,no", "2,no", senml(3, "id"),
                copy_of(3, "id", 1), copy_of(3, "id", 2)});

    CHECK(lines_of(stream::Input(
              copied(file("\xEF\xBB\xBFtimestamp,id,x\nms,,u\nsv,sv,v\n5,\"a,b\",a\n6,5,5\n"),
                     InputFormat::csv, 2))) == Lines{"5,\"a,b\",a", "5,\"a,b~1\",a", "6,5,5", "6,5~1,5"});

    CHECK(lines_of(stream::Input(copied(file("x:7, id: 7 ,y:7\n"), InputFormat::pairs, 2))) ==
          Lines{"x:7, id: 7 ,y:7", "x:7, id: 7~1 ,y:7"});

    std::string const pack = R"([{"bn":"dev","bt":1600000000,"n":"dev","v":2}])";
    CHECK(lines_of(stream::Input(copied(file(pack), InputFormat::rfc8428, 2))) ==
          Lines{pack, R"([{"bn":"dev~1","bt":1600000000,"n":"dev","v":2}])"});
}

TEST_CASE("another process of the host has the same copies", "[stream][scale]") {
    Folder file;
    auto const options = copied(file(senml(1, "a") + "\n" + senml(2, "b") + "\n"), InputFormat::senml, 4);
    stream::Input const input(options);
    BlockWriter writer;
    input.put(writer);
    BlockReader reader(writer.seal());
    stream::Input const same(options, reader);
    CHECK(lines_of(same) == lines_of(input));
    CHECK(lines_of(same).size() == 8);
    CHECK(same.bytes() == input.bytes());
    CHECK(same.hashes() == input.hashes());
}

TEST_CASE("made-up streams have copies, too", "[stream][scale]") {
    stream::InputOptions options;
    options.made_up.emplace();
    options.made_up->settings.set = stream::find_data_set("SYS");
    options.made_up->n_records = 50;
    auto const once = lines_of(stream::Input(options));
    options.copies = 2;
    options.sensor = "source";
    auto const twice = lines_of(stream::Input(options));
    REQUIRE(twice.size() == 2 * once.size());
    for (std::size_t i = 0; i < once.size(); ++i) {
        CHECK(twice[2 * i] == once[i]);
        CHECK(twice[2 * i + 1].size() - once[i].size() == (twice[2 * i + 1] == once[i] ? 0 : 2));
    }
}

TEST_CASE("copies that cannot be told from sensors are refused", "[stream][scale]") {
    Folder file;
    auto const two = file(senml(1, "a~2") + "\n" + senml(2, "a") + "\n");
    CHECK_THROWS_AS(stream::Input(copied(two, InputFormat::senml, 3)), DataError);
    CHECK_THROWS_WITH(stream::Input(copied(two, InputFormat::senml, 3)),
                      Contains("sensors a and a~2") && Contains("copy 2") && Contains("scale.space = 3"));
    CHECK_NOTHROW(stream::Input(copied(two, InputFormat::senml, 2)));
    auto const alike = file(senml(1, "a~02") + "\n" + senml(2, "a") + "\n");
    CHECK_NOTHROW(stream::Input(copied(alike, InputFormat::senml, 3)));
}

TEST_CASE("copies that cannot be made are refused", "[stream][scale]") {
    Folder file;
    auto const escaped = file(R"(1,{"e":[{"n":"id","sv":"a\/b"}]})");
    CHECK_THROWS_WITH(stream::Input(copied(escaped, InputFormat::senml, 2)),
                      Contains("record 0") && Contains("a/b") && Contains("word for word"));
    auto options = copied(file(senml(1, "a")), InputFormat::senml, 5);
    auto const size = senml(1, "a").size();
    options.memory = 3 * size;
    CHECK_THROWS_WITH(stream::Input(options), Contains("input.memory") && Contains("scale.space"));
    options.memory = size - 1;
    CHECK_THROWS_WITH(stream::Input(options), Contains("input.memory") && Contains("scale.space = 5"));
    options.memory = 10 * size;
    options.longest = size + 1;
    CHECK_THROWS_WITH(stream::Input(options), Contains("a~1") && Contains("input.longest"));
}

TEST_CASE("times of records are divided and rounded down", "[stream][scale]") {
    auto const time = [](std::string const& text, double scale) -> std::optional<std::int64_t> {
        auto const parser =
            stream::with_scaled_times(stream::make_parser(InputFormat::pairs, {"id", {}}), scale);
        stream::Record record;
        if (auto const fault = parser->parse(text, record)) {
            CHECK(*fault == stream::Fault::bad_time);
            return std::nullopt;
        }
        return record.time;
    };
    CHECK(time("id:a,timestamp:1600000000999", 1000) == 1600000000);
    CHECK(time("id:a,timestamp:-1", 1000) == -1);
    CHECK(time("id:a,timestamp:7", 0.5) == 14);
    CHECK(time("id:a,timestamp:9000000000000000000", 0.5) == std::nullopt);
    CHECK(time("id:a,timestamp:x", 2) == std::nullopt);
}

#include <catch2/catch.hpp>

#include "domains/stream/records/parser.hpp"

using namespace vaster;
using stream::Fault;
using stream::Presence;

namespace {

class Senml {
  public:
    std::optional<Fault> operator()(std::string const& line) {
        text_ = line + std::string(stream::line_padding, ' ');
        return parser_->parse(std::string_view(text_).substr(0, line.size()), record);
    }

    stream::Record record;

  private:
    std::unique_ptr<stream::RecordParser> parser_ =
        stream::make_senml_parser({"source", {"temperature", "dust"}});
    std::string text_;
};

std::string line_with(std::string const& measurements) {
    return R"(5,{"e":[{"n":"source","sv":"a"},)" + measurements + R"(],"bt":5})";
}

}  // namespace

TEST_CASE("a line of SenML is taken apart by names", "[stream][senml]") {
    Senml parse;
    REQUIRE_FALSE(
        parse(line_with(R"({"v":"1.5","u":"far","n":"temperature"},{"u":"x","n":"other","v":"7"})")));
    CHECK(parse.record.time == 5);
    CHECK(parse.record.sensor == "a");
    CHECK(parse.record.fields[0].text == "1.5");
    CHECK(parse.record.fields[1].presence == Presence::absent);
}

TEST_CASE("values may be numbers, null, nothing, or stand twice", "[stream][senml]") {
    Senml parse;
    REQUIRE_FALSE(parse(line_with(R"({"n":"temperature","v":1.50},{"n":"dust","v":null})")));
    CHECK(parse.record.fields[0].text == "1.5");
    CHECK(parse.record.fields[1].presence == Presence::missing);
    REQUIRE_FALSE(parse(line_with(R"({"n":"temperature","v":"null"},{"n":"dust","v":""})")));
    CHECK(parse.record.fields[0].presence == Presence::missing);
    CHECK(parse.record.fields[1].presence == Presence::missing);
    REQUIRE_FALSE(parse(line_with(R"({"n":"temperature","v":1},{"n":"temperature","v":2})")));
    CHECK(parse.record.fields[0].text == "2");
    REQUIRE_FALSE(parse(line_with(R"({"n":"temperature","v":true})")));
    CHECK(stream::number_of(parse.record.fields[0].text) == std::nullopt);
}

TEST_CASE("what is wrong with a line is told by kind", "[stream][senml]") {
    Senml parse;
    CHECK(parse("5") == Fault::bad_line);
    CHECK(parse("5.5,{}") == Fault::bad_time);
    CHECK(parse("x,{}") == Fault::bad_time);
    CHECK(parse("5,{") == Fault::bad_json);
    CHECK(parse("5,[]") == Fault::bad_json);
    CHECK(parse("5,{}") == Fault::bad_json);
    CHECK(parse(R"(5,{"e":{}})") == Fault::bad_json);
    CHECK(parse(R"(5,{"e":[1]})") == Fault::bad_json);
    CHECK(parse(R"(5,{"e":[{"v":"1"}]})") == Fault::bad_name);
    CHECK(parse(R"(5,{"e":[{"n":"temperature","v":"1"}]})") == Fault::no_sensor);
    CHECK(parse(R"(5,{"e":[{"n":"source","sv":"null"}]})") == Fault::no_sensor);
}

TEST_CASE("numbers are decimal, finite and whole", "[stream][records]") {
    for (auto const* const text : {"1", "+1", "-1.5", ".5", "5.", "1e3", " 7 ", "1E-400"}) {
        INFO(text);
        CHECK(stream::number_of(text));
    }
    for (auto const* const text :
         {"", "+", "+-1", "NaN", "inf", "1,5", "0x10", "1e400", "1 2", "--1", "e5", "true"}) {
        INFO(text);
        CHECK_FALSE(stream::number_of(text));
    }
}

TEST_CASE("the first faults are kept with their places", "[stream][records]") {
    stream::FaultLog log;
    for (std::uint64_t i = 0; i < 40; ++i) log.add(i, 10 * i, i % 2 == 0 ? Fault::bad_json : Fault::bad_time);
    CHECK(log.count(Fault::bad_json) == 20);
    CHECK(log.total() == 40);
    REQUIRE(log.first().size() == stream::FaultLog::n_kept);
    CHECK(log.first()[3].offset == 30);
    CHECK(stream::name_of(log.first()[3].fault) == "bad_time");
}

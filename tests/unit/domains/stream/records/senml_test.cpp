#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "domains/stream/records/generator.hpp"
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

TEST_CASE("numbers beyond 64 bits or beyond the doubles spoil their observation at most", "[stream][senml]") {
    Senml parse;
    REQUIRE_FALSE(
        parse(line_with(R"({"n":"temperature","v":20000000000000000000},{"n":"dust","v":-1e400})")));
    CHECK(stream::number_of(parse.record.fields[0].text) == 2e19);
    CHECK(parse.record.fields[1].text == "-1e400");
    CHECK_FALSE(stream::number_of(parse.record.fields[1].text));
    REQUIRE_FALSE(
        parse(line_with(R"({"n":"other","v":1e400},{"n":"x\"1e400","v":"1e400"},{"n":"dust","v":7})")));
    CHECK(parse.record.fields[1].text == "7");
    for (auto const* const time : {"1e400", "99999999999999999999", "5", "1e999", "6"}) {
        INFO(time);
        REQUIRE_FALSE(parse(
            fmt::format(R"(5,{{"bt":{0},"e":[{{"n":"source","sv":"a"}},{{"n":"dust","v":"{0}"}}]}})", time)));
        CHECK(parse.record.fields[1].text == time);
    }
    CHECK(parse(line_with(R"({"n":1e400,"v":"1"})")) == Fault::bad_name);
    CHECK(parse(R"(5,{"e":[{"n":"source","sv":1e400}]})") == Fault::no_sensor);
    for (auto const* const number : {"01", "1.", "-", "1e", "+1", "1e400x", "--1e400", "0x1"}) {
        INFO(number);
        CHECK(parse(line_with(fmt::format(R"({{"n":"dust","v":{}}})", number))) == Fault::bad_json);
        CHECK(parse(line_with(fmt::format(R"({{"n":"dust","v":1e400,"u":{}}})", number))) == Fault::bad_json);
    }
}

TEST_CASE("an entry may have its name as bn", "[stream][senml]") {
    Senml parse;
    REQUIRE_FALSE(parse(line_with(R"({"v":"2","bn":"temperature"})")));
    CHECK(parse.record.fields[0].text == "2");
    REQUIRE_FALSE(parse(line_with(R"({"n":"dust","bn":"temperature","v":"3"})")));
    CHECK(parse.record.fields[1].text == "3");
    CHECK(parse.record.fields[0].presence == Presence::absent);
    REQUIRE_FALSE(parse(line_with(R"({"bn":"temperature","n":"dust","v":"4"})")));
    CHECK(parse.record.fields[1].text == "4");
    CHECK(parse(line_with(R"({"bn":5,"v":"4"})")) == Fault::bad_name);
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
    for (auto const* const text : {"", "+", "+-1", "NaN", "-nan", "inf", "-inf", "-", "-.", "1x", "-0x1",
                                   "1,5", "0x10", "1e400", "1 2", "--1", "e5", "true"}) {
        INFO(text);
        CHECK_FALSE(stream::number_of(text));
    }
}

TEST_CASE("a number of few digits is the double that is nearest to it", "[stream][records]") {
    std::mt19937_64 random(3);
    auto const check = [](std::string const& text) {
        auto const number = stream::number_of(text);
        double const nearest = std::strtod(text.c_str(), nullptr);
        if (!number || std::bit_cast<std::uint64_t>(*number) != std::bit_cast<std::uint64_t>(nearest))
            FAIL_CHECK(text);
    };
    for (std::string_view const text : {"0", "-0", "-0.0", "00012.50", ".5", "-.5", "7.", "99999999999999.9",
                                        "999999999999999", "0.000000000000001", "123456789012345678"})
        check(std::string(text));
    for (int i = 0; i < 20000; ++i) {
        auto text = std::to_string(random() >> (random() % 60));
        check(text);
        text.insert(random() % (text.size() + 1), 1, '.');
        check(text);
        text.insert(0, 1, '-');
        check(text);
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

namespace {

/// What a parser says of a line, as text.
std::string said(stream::RecordParser& parser, std::string const& line) {
    std::string const text = line + std::string(stream::line_padding, '"');
    stream::Record record;
    auto const fault = parser.parse(std::string_view(text).substr(0, line.size()), record);
    if (fault) return std::string(stream::name_of(*fault));
    std::string all = fmt::format("{} {}", record.time, record.sensor);
    for (auto const& field : record.fields)
        all += fmt::format(" {}={}", static_cast<int>(field.presence), field.text);
    return all;
}

}  // namespace

TEST_CASE("a record that looks like the ones before is read as it would be alone", "[stream][senml]") {
    stream::Layout const layout{"source", {"light", "temperature", "source"}};
    auto const warm = stream::make_senml_parser(layout);
    stream::GeneratorSettings settings;
    settings.set = stream::find_data_set("SYS");
    stream::Generator const generator(settings);
    std::uint64_t random = 1;
    auto const next = [&](std::size_t below) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(random >> 33U) % below;
    };
    std::string const signs = R"("\{}[]:,0-9.e nulltru )" + std::string("\x01\x80\0\n", 4);
    std::size_t n_good = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        std::string line;
        generator.append_senml(i, line);
        line.pop_back();
        if (i % 4 != 0) {
            auto const place = next(line.size());
            if (i % 4 == 1) line[place] = signs[next(signs.size())];
            if (i % 4 == 2) line.erase(place, 1 + next(3));
            if (i % 4 == 3) line.insert(place, 1, signs[next(signs.size())]);
        }
        INFO(line);
        auto const cold = stream::make_senml_parser(layout);
        auto const alone = said(*cold, line);
        CHECK(said(*warm, line) == alone);
        if (alone.find('=') != std::string::npos) ++n_good;
    }
    CHECK(n_good > 1000);
}

TEST_CASE("the last of many equal names wins whatever its value is", "[stream][senml]") {
    Senml parse;
    std::string many;
    for (int i = 0; i < 9; ++i) many += fmt::format(R"({{"n":"temperature","v":{}}},)", i);
    REQUIRE_FALSE(parse(line_with(many + R"({"n":"temperature","v":2.50})")));
    CHECK(parse.record.fields[0].text == "2.5");
    REQUIRE_FALSE(parse(line_with(R"({"n":"temperature","v":"1"},{"n":"temperature","v":"null"})")));
    CHECK(parse.record.fields[0].presence == Presence::missing);
    REQUIRE_FALSE(parse(line_with(R"({"n":"temperature","v":"1"},{"n":"temperature","v":"4"})")));
    CHECK(parse.record.fields[0].text == "4");
}

TEST_CASE("blanks between the parts of a record make no difference", "[stream][senml]") {
    Senml parse;
    for (auto const* const value : {"1", "22"}) {
        REQUIRE_FALSE(parse(fmt::format(
            R"( 7 , {{ "bt" : 7 , "e" : [ {{ "n" : "source" , "sv" : "a b" }} , {{ "v" : "{}", "n" : "dust" }} ] }} )",
            value)));
        CHECK(parse.record.sensor == "a b");
        CHECK(parse.record.fields[1].text == value);
    }
}

#include <catch2/catch.hpp>

#include "domains/stream/records/parser.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Matchers::Contains;
using stream::Fault;
using stream::InputFormat;
using stream::Presence;

namespace {

/// Parses single lines of a form.
class Form {
  public:
    explicit Form(InputFormat format, stream::Layout const& layout = {"id", {"x", "y"}},
                  stream::CsvSchema const* schema = nullptr)
        : parser_(stream::make_parser(format, layout, schema)) {}

    std::optional<Fault> operator()(std::string const& line) {
        text_ = line + std::string(stream::line_padding, ' ');
        return parser_->parse(std::string_view(text_).substr(0, line.size()), record);
    }

    [[nodiscard]] std::string_view text(std::size_t field) const { return record.fields[field].text; }

    [[nodiscard]] Presence presence(std::size_t field) const { return record.fields[field].presence; }

    std::vector<std::string> names() { return parser_->names(record.line); }

    stream::Record record;

  private:
    std::unique_ptr<stream::RecordParser> parser_;
    std::string text_;
};

stream::CsvSchema schema() {
    std::vector<std::string_view> const header{"timestamp,id,x,note", "ms,,m,", "sv,sv,v,sv"};
    return stream::read_schema(header, "file");
}

}  // namespace

TEST_CASE("cells of CSV are found by the names of their columns", "[stream][forms]") {
    auto const columns = schema();
    Form parse(InputFormat::csv, {"id", {"note", "x", "y"}}, &columns);
    REQUIRE_FALSE(parse(R"(7,"a,b",1.5,"say ""x""")"));
    CHECK(parse.record.time == 7);
    CHECK(parse.record.sensor == "a,b");
    CHECK(parse.text(0) == R"(say "x")");
    CHECK(parse.text(1) == "1.5");
    CHECK(parse.presence(2) == Presence::absent);
    REQUIRE_FALSE(parse("7,a,null,"));
    CHECK(parse.presence(0) == Presence::missing);
    CHECK(parse.presence(1) == Presence::missing);
    CHECK(parse("7,a,1") == Fault::bad_line);
    CHECK(parse("7,a,1,n,n") == Fault::bad_line);
    CHECK(parse(R"(7,"a,1,n)") == Fault::bad_line);
    CHECK(parse(R"(7,"a"b,1,n)") == Fault::bad_line);
    CHECK(parse("7.5,a,1,n") == Fault::bad_time);
    CHECK(parse("7,,1,n") == Fault::no_sensor);
    CHECK(parse.names() == std::vector<std::string>{"timestamp", "id", "x", "note"});
    CHECK_THROWS_WITH(Form(InputFormat::csv, {"sensor", {}}, &columns),
                      Contains("no column 'sensor'") && Contains("timestamp, id, x, note"));
}

TEST_CASE("a number a line is an observation of the default sensor", "[stream][forms]") {
    Form parse(InputFormat::values, {"", {"other", "value"}});
    REQUIRE_FALSE(parse(" 2.5 "));
    CHECK(parse.record.sensor == "default");
    CHECK(parse.record.time == 0);
    CHECK(parse.presence(0) == Presence::absent);
    CHECK(parse.text(1) == "2.5");
    REQUIRE_FALSE(parse("null"));
    CHECK(parse.presence(1) == Presence::missing);
    REQUIRE_FALSE(parse("x"));
    CHECK_FALSE(stream::number_of(parse.text(1)));
}

TEST_CASE("pairs are names and values", "[stream][forms]") {
    Form parse(InputFormat::pairs);
    REQUIRE_FALSE(parse("id:a, x : 1:5 ,timestamp:9,z:"));
    CHECK(parse.record.sensor == "a");
    CHECK(parse.record.time == 9);
    CHECK(parse.text(0) == "1:5");
    CHECK(parse.presence(1) == Presence::absent);
    CHECK(parse.names() == std::vector<std::string>{"id", "x", "timestamp", "z"});
    REQUIRE_FALSE(parse("id:a,x:null,x:3,y:"));
    CHECK(parse.text(0) == "3");
    CHECK(parse.presence(1) == Presence::missing);
    CHECK(parse("id:a,x") == Fault::bad_line);
    CHECK(parse("id:a,") == Fault::bad_line);
    CHECK(parse("id:a,:5") == Fault::bad_name);
    CHECK(parse("id:a,timestamp:x") == Fault::bad_time);
    CHECK(parse("x:5") == Fault::no_sensor);
    Form nameless(InputFormat::pairs, {"", {"x"}});
    REQUIRE_FALSE(nameless("x:5"));
    CHECK(nameless.record.sensor == "default");
}

TEST_CASE("a document is left to its task", "[stream][forms]") {
    Form parse(InputFormat::xml);
    REQUIRE_FALSE(parse("<a>\n</a>"));
    CHECK(parse.record.line == "<a>\n</a>");
    CHECK(parse.record.sensor == "default");
}

TEST_CASE("a pack of RFC 8428 is one record", "[stream][forms]") {
    Form parse(InputFormat::rfc8428);
    REQUIRE_FALSE(parse(
        R"([{"bn":"urn:dev:1","bt":1.276020076001e+09,"bu":"A","n":"x","v":120.1},{"n":"y","t":-5,"v":2}])"));
    CHECK(parse.record.sensor == "urn:dev:1");
    CHECK(parse.record.time == 1276020076001);
    CHECK(parse.text(0) == "120.1");
    CHECK(parse.text(1) == "2");
    REQUIRE_FALSE(parse(R"([{"bn":"b","bv":20,"n":"id","vs":"a"},{"n":"x","v":1.5},{"n":"y","vb":true}])"));
    CHECK(parse.record.sensor == "a");
    CHECK(parse.record.time == 0);
    CHECK(parse.text(0) == "21.5");
    CHECK_FALSE(stream::number_of(parse.text(1)));
    CHECK(parse.names() == std::vector<std::string>{"id", "x", "y"});
    REQUIRE_FALSE(parse(R"([{"bn":"b","n":"x"},{"n":"y","vs":"null"}])"));
    CHECK(parse.presence(0) == Presence::missing);
    CHECK(parse.presence(1) == Presence::missing);
    CHECK(parse(R"({"n":"x"})") == Fault::bad_json);
    CHECK(parse("[1]") == Fault::bad_json);
    CHECK(parse(R"([{"v":1}])") == Fault::bad_name);
    CHECK(parse(R"([{"n":1}])") == Fault::bad_name);
    CHECK(parse(R"([{"n":"x","v":1}])") == Fault::no_sensor);
    CHECK(parse(R"([{"bn":"a","n":"x","v":1},{"bn":"b","n":"x","v":1}])") == Fault::no_sensor);
    CHECK(parse(R"([{"bn":"a","n":"x","t":-5}])") == Fault::bad_time);
    CHECK(parse(R"([{"bn":"a","n":"x","bt":"5"}])") == Fault::bad_time);
    CHECK(parse(R"([{"bn":"a","n":"x","extra_":1}])") == Fault::bad_json);
    CHECK(parse("[]") == Fault::no_sensor);
    REQUIRE_FALSE(
        parse(R"([{"bn":"a","n":"x","v":20000000000000000000},{"n":"y","v":1e400},{"n":"z","v":1e400}])"));
    CHECK(stream::number_of(parse.text(0)) == 2e19);
    CHECK(parse.text(1) == "1e400");
    CHECK(parse(R"([{"bn":"a","n":"x","bt":1e400}])") == Fault::bad_time);
}

#include "domains/stream/tasks/state.hpp"

#include <catch2/catch.hpp>

using namespace vaster;
using Catch::Contains;

TEST_CASE("a state is read as it was put", "[stream][state]") {
    stream::StateWriter writer;
    writer.put(std::uint64_t{7});
    writer.put(0.1);
    writer.put(std::string_view("two words"));
    stream::StateReader reader(writer.bytes());
    CHECK(reader.get<std::uint64_t>() == 7);
    CHECK(reader.get<double>() == 0.1);
    CHECK(reader.get_text() == "two words");
    CHECK(reader.left() == 0);
}

TEST_CASE("a state that was cut is refused", "[stream][state]") {
    stream::StateWriter writer;
    writer.put(std::string_view("two words"));
    for (std::size_t size = 0; size < writer.bytes().size(); ++size) {
        stream::StateReader reader(std::string_view(writer.bytes()).substr(0, size));
        CHECK_THROWS_WITH(reader.get_text(), Contains("ends too early"));
    }
}

#include "domains/va/data/cause_names.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using Catch::Contains;

namespace {

/// A table that goes when it goes.
class Table {
  public:
    explicit Table(std::string const& text) {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("vaster-names-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".csv");
        std::ofstream(path_) << text;
    }

    Table(Table const&) = delete;
    Table& operator=(Table const&) = delete;

    ~Table() { std::filesystem::remove(path_); }

    [[nodiscard]] std::filesystem::path const& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::vector<std::string> const causes{"1", "10", "2"};

std::vector<std::string> given(std::string const& text) {
    Table const table(text);
    CohortSource source;
    source.format = CohortFormat::encoded;
    source.cause_names = table.path();
    return read_cause_names(source, causes);
}

std::vector<std::string> beside(std::string const& text, std::string const& label = "va34") {
    Table const table(text);
    CohortSource source;
    source.path = table.path();
    source.label = label;
    return read_cause_names(source, causes);
}

}  // namespace

TEST_CASE("names of causes come from a table, in the order of the causes", "[data][names]") {
    CHECK(given("cause,name\n2,Stroke\n1,AIDS\n10,Falls\n3,Fires\n") ==
          std::vector<std::string>{"AIDS", "Falls", "Stroke"});
    CHECK(given("name,more,cause\nStroke,x,2\nAIDS,,1\nFalls,,10\n") ==
          std::vector<std::string>{"AIDS", "Falls", "Stroke"});
}

TEST_CASE("two causes of one name have their labels behind it", "[data][names]") {
    CHECK(given("cause,name\n1,Other\n10,Other\n2,Stroke\n") ==
          std::vector<std::string>{"Other (1)", "Other (10)", "Stroke"});
}

TEST_CASE("a table of names that does not fit is refused with the place", "[data][names]") {
    CHECK_THROWS_WITH(given("cause,name\n1,AIDS\n"), Contains("2 of the 3 causes") && Contains("10, 2"));
    CHECK_THROWS_WITH(given("cause,name\n1,AIDS\n1,Falls\n"),
                      Contains("line 3, column 1 (cause)") && Contains("named twice"));
    CHECK_THROWS_WITH(given("cause,name\n1,\n"),
                      Contains("line 2, column 2 (name)") && Contains("has no name"));
    CHECK_THROWS_WITH(given("cause,name\n,AIDS\n"), Contains("no cause stands here"));
    CHECK_THROWS_AS(given("cause,text\n1,AIDS\n"), DataError);
}

TEST_CASE("a raw release has the names of its causes beside them", "[data][names]") {
    CHECK(beside("gs_text34,va34\nStroke,2\nAIDS,1\nFalls,10\nAIDS,1\n,2\n") ==
          std::vector<std::string>{"AIDS", "Falls", "Stroke"});
    CHECK(beside("va34\n2\n1\n10\n").empty());
    CHECK(
        beside("gs_text34,va34\nStroke,2\nAIDS,1\nFalls,10\nFires,10\n").empty());  // two texts for one cause
    CHECK(beside("gs_text34,va34\nStroke,2\nAIDS,1\n").empty());                    // none for one
    CHECK(beside("gs_text34,cod5\nStroke,2\nAIDS,1\nFalls,10\n", "cod5").empty());
}

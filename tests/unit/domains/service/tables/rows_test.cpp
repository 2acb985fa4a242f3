#include "domains/service/tables/rows.hpp"

#include <sstream>

#include <catch2/catch.hpp>

#include "../../../base/csv/test_files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Contains;
using service::Fold;
using service::fold_column;

namespace {

std::string const people = "site,age,note\nAP,30,\"a,b\"\nUP,,x\nAP,12.5,\n";

std::string value_of(std::string const& table, service::FoldOptions const& options) {
    test::TemporaryFile const file(table);
    auto const rows = fold_column(file.path(), options);
    REQUIRE(rows.size() == 1);
    return rows[0].back();
}

}  // namespace

TEST_CASE("rows are kept where a formula holds", "[service][rows]") {
    test::TemporaryFile const file(people);
    std::ostringstream out;
    auto const counts = service::filter_rows(file.path(), "age > 12", out);
    CHECK(out.str() == "site,age,note\nAP,30,\"a,b\"\nAP,12.5,\n");
    CHECK(counts.read == 3);
    CHECK(counts.written == 2);
    CHECK(counts.missing == 1);
    CHECK_THROWS_WITH(service::filter_rows(file.path(), "age", out),
                      Contains("line 2") && Contains("neither true nor false"));
    CHECK_THROWS_WITH(service::filter_rows(file.path(), "note + 1 > 0", out),
                      Contains("line 2") && Contains("note is a text"));
}

TEST_CASE("new columns may use those before them", "[service][rows]") {
    test::TemporaryFile const file(people);
    std::ostringstream out;
    auto const counts = service::add_columns(file.path(), {{"twice", "age * 2"}, {"old", "twice > 30"}}, out);
    CHECK(out.str() == "site,age,note,twice,old\nAP,30,\"a,b\",60,true\nUP,,x,,\nAP,12.5,,25,false\n");
    CHECK(counts.missing == 1);
    CHECK_THROWS_WITH(service::add_columns(file.path(), {{"age", "1"}}, out),
                      Contains("has a column 'age' already"));
}

TEST_CASE("a column is folded in the order of its rows", "[service][rows]") {
    std::string const numbers = "x\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
    CHECK(value_of(numbers, {"x", Fold::sum}) == "55");
    CHECK(value_of(numbers, {"x", Fold::sum, {}, "0"}) == "55");
    CHECK(value_of(numbers, {"x", Fold::sum, {}, "100"}) == "155");
    CHECK(value_of(numbers, {"x", Fold::max}) == "10");
    CHECK(value_of(numbers, {"x", Fold::mean}) == "5.5");
    CHECK(value_of(numbers, {"x", Fold::count}) == "10");
    CHECK(value_of("x,y\n3,\n,\n1,\n", {"x", Fold::min}) == "1");
    CHECK(value_of("x\na\nb\nc\n", {"x", Fold::concat}) == "abc");
    CHECK(value_of("x\na\nb\nc\n", {"x", Fold::first}) == "a");
    CHECK(value_of("x\na\nb\nc\n", {"x", Fold::last}) == "c");
    CHECK(value_of("x\n1e16\n1\n-1e16\n", {"x", Fold::sum}) == "1");
}

TEST_CASE("nothing is folded to an initial value alone", "[service][rows]") {
    CHECK(value_of("x\n", {"x", Fold::sum, {}, "0"}) == "0");
    CHECK(value_of("x\n", {"x", Fold::count}) == "0");
    CHECK_THROWS_WITH(value_of("x\n", {"x", Fold::sum}),
                      Contains("nothing to fold, and there is no initial value"));
    CHECK_THROWS_WITH(value_of("x\nq\n", {"x", Fold::sum}),
                      Contains("line 2") && Contains("'q' is not a number"));
    CHECK_THROWS_AS(value_of("x\n1\n", {"x", Fold::mean, {}, "0"}), UsageError);
    CHECK_THROWS_AS(value_of("x\n1\n", {"x", Fold::sum, {}, "a"}), UsageError);
}

TEST_CASE("each group has its value, in the order of appearance", "[service][rows]") {
    test::TemporaryFile const file("g,x\nb,1\na,2\nb,3\nc,\n");
    auto const rows = fold_column(file.path(), {"x", Fold::sum, {"g"}});
    CHECK(rows == std::vector<std::vector<std::string>>{{"b", "4"}, {"a", "2"}});
}

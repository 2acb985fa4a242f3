#include "domains/service/tables/histogram.hpp"

#include <numeric>
#include <sstream>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../base/csv/test_files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Contains;
using service::histogram;

namespace {

using Counts = std::vector<std::uint64_t>;
using Edges = std::vector<double>;

std::string const ages = "site,age\nAP,3\nUP,\nAP,0\nUP,10\nAP,5\nUP,5\nAP,9.75\n";

std::string text_of(std::string const& table, service::HistogramOptions const& options) {
    test::TemporaryFile const file(table);
    std::ostringstream out;
    service::write_histogram(file.path(), options, out);
    return out.str();
}

}  // namespace

TEST_CASE("bins of equal width run from the least number to the largest, which is in the last",
          "[service][histogram]") {
    CHECK(text_of(ages, {"age", 4}) ==
          "bin_lower,bin_upper,count\n0,2.5,1\n2.5,5,1\n5,7.5,2\n7.5,10,2\n,,1\n");
    CHECK(text_of(ages, {"age", 1}) == "bin_lower,bin_upper,count\n0,10,6\n,,1\n");
}

TEST_CASE("a number on an edge is in the bin above it, also where the width has no exact number",
          "[service][histogram]") {
    test::TemporaryFile const file("x\n0\n0.1\n0.2\n0.3\n0.4\n0.5\n0.6\n0.7\n0.8\n0.9\n1\n");
    auto const found = histogram(file.path(), {"x", 10});
    CHECK(found.edges == Edges{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1});
    CHECK(found.counts == Counts{1, 1, 1, 1, 1, 1, 1, 1, 1, 2});
}

TEST_CASE("given edges count what is outside of them, too", "[service][histogram]") {
    CHECK(text_of(ages, {"age", 10, {1, 5, 9.75}}) ==
          "bin_lower,bin_upper,count\n,1,1\n1,5,1\n5,9.75,3\n9.75,,1\n,,1\n");
    CHECK(text_of("x\n", {"x", 10, {-1, 0}}) == "bin_lower,bin_upper,count\n,-1,0\n-1,0,0\n0,,0\n,,0\n");
}

TEST_CASE("the counts add up to the rows, whatever their order", "[service][histogram]") {
    std::string forwards = "x\n";
    std::string backwards = "x\n";
    constexpr int n = 1000;
    for (int i = 0; i < n; ++i) {
        forwards += i % 9 == 0 ? "\"\"\n" : fmt::format("{}\n", i * i % 997);
        int const j = n - 1 - i;
        backwards += j % 9 == 0 ? "\"\"\n" : fmt::format("{}\n", j * j % 997);
    }
    test::TemporaryFile const one(forwards);
    test::TemporaryFile const other(backwards);
    for (auto const& edges : {Edges(), Edges{100, 200, 900}}) {
        auto const found = histogram(one.path(), {"x", 7, edges});
        auto const again = histogram(other.path(), {"x", 7, edges});
        CHECK(found.edges == again.edges);
        CHECK(found.counts == again.counts);
        CHECK(found.missing == 112);
        CHECK(std::accumulate(found.counts.begin(), found.counts.end(),
                              found.below + found.above + found.missing) == n);
    }
}

TEST_CASE("where all numbers are the same the bins are one unit wide together", "[service][histogram]") {
    test::TemporaryFile const file("x\n7\n7\n");
    auto const found = histogram(file.path(), {"x", 2});
    CHECK(found.edges == Edges{6.5, 7, 7.5});
    CHECK(found.counts == Counts{0, 2});
}

TEST_CASE("bins that cannot be made are refused", "[service][histogram]") {
    CHECK_THROWS_WITH(text_of("x\n3\nNA\n", {"x"}), Contains("line 3") && Contains("'NA' is not a number"));
    CHECK_THROWS_WITH(text_of("x,y\n,1\n", {"x"}),
                      Contains("column 'x' has no numbers") && Contains("edges"));
    CHECK_THROWS_WITH(text_of("x\n1e300\n-1.7e308\n1.7e308\n", {"x"}), Contains("10 bins"));
    CHECK_THROWS_WITH(text_of("x\n1e17\n", {"x", 2}), Contains("cannot be divided into 2 bins"));
    CHECK_THROWS_WITH(text_of("x\n1\n", {"x", 10, {1, 1}}), Contains("each above the one before"));
    CHECK_THROWS_WITH(text_of("x\n1\n", {"x", 10, {1}}), Contains("two or more"));
    CHECK_THROWS_WITH(text_of("x\n1\n", {"x", 0}), Contains("from 1 to"));
    CHECK_THROWS_WITH(text_of("age\n1\n", {"aeg"}), Contains("did you mean 'age'"));
}

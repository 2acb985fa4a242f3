#include "domains/service/tables/sample.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../base/csv/test_files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Contains;
using service::draw_of_row;
using service::SampleOptions;

namespace {

using Rows = std::vector<std::uint64_t>;

/// A table whose cells are the numbers of its rows.
std::string numbered(std::uint64_t n) {
    std::string text = "row\n";
    for (std::uint64_t row = 1; row <= n; ++row) text += fmt::format("{}\n", row);
    return text;
}

Rows sample_of(std::uint64_t n, SampleOptions const& options) {
    test::TemporaryFile const file(numbered(n));
    std::ostringstream out;
    auto const counts = service::sample_rows(file.path(), options, out);
    std::istringstream in(out.str());
    std::string line;
    std::getline(in, line);
    CHECK(line == "row");
    Rows rows;
    while (std::getline(in, line)) rows.push_back(std::stoull(line));
    CHECK(counts.read == n);
    CHECK(counts.written == rows.size());
    return rows;
}

}  // namespace

TEST_CASE("a share of the rows is drawn by the hash of seed and row alone", "[service][sample]") {
    auto const rows = sample_of(2000, {.share = 0.25, .seed = 5});
    Rows expected;
    for (std::uint64_t row = 1; row <= 2000; ++row)
        if (std::ldexp(static_cast<double>(draw_of_row(5, row)), -64) < 0.25) expected.push_back(row);
    CHECK(rows == expected);
    CHECK(rows.size() > 400);
    CHECK(rows.size() < 600);
    CHECK(sample_of(2000, {.share = 0.25, .seed = 6}) != rows);
    CHECK(sample_of(50, {.share = 1.0}).size() == 50);
}

TEST_CASE("a number of rows are those with the lowest draws, in their order", "[service][sample]") {
    constexpr std::uint64_t n = 300;
    Rows expected(n);
    for (std::uint64_t row = 1; row <= n; ++row) expected[row - 1] = row;
    std::sort(expected.begin(), expected.end(),
              [](std::uint64_t a, std::uint64_t b) { return draw_of_row(1, a) < draw_of_row(1, b); });
    expected.resize(40);
    std::sort(expected.begin(), expected.end());
    CHECK(sample_of(n, {.number = 40}) == expected);
    CHECK(sample_of(n, {.number = n + 1}).size() == n);
    CHECK(sample_of(0, {.number = 3}).empty());
}

TEST_CASE("a smaller sample is part of a larger one, and of that of a longer table", "[service][sample]") {
    auto const is_part = [](Rows const& some, Rows const& of) {
        return std::includes(of.begin(), of.end(), some.begin(), some.end());
    };
    auto const tenth = sample_of(500, {.share = 0.1});
    CHECK_FALSE(tenth.empty());
    CHECK(is_part(tenth, sample_of(500, {.share = 0.3})));
    CHECK(is_part(tenth, sample_of(900, {.share = 0.1})));
    CHECK(is_part(sample_of(500, {.number = 7}), sample_of(500, {.number = 20})));
}

TEST_CASE("rows are copied as they stand", "[service][sample]") {
    test::TemporaryFile const file("a;b\n\"x, y\";1\n;2\n");
    std::ostringstream out;
    (void)service::sample_rows(file.path(), {.share = 1.0}, out);
    CHECK(out.str() == "a,b\n\"x, y\",1\n,2\n");
}

TEST_CASE("a sample without a size is refused", "[service][sample]") {
    CHECK_THROWS_WITH(sample_of(3, {}), Contains("either a share of the rows or a number"));
    CHECK_THROWS_AS(sample_of(3, {.share = 0.5, .number = 2}), DataError);
    for (double const share : {0.0, -0.5, 1.5, std::nan("")})
        CHECK_THROWS_WITH(sample_of(3, {.share = share}), Contains("above 0 and up to 1"));
}

TEST_CASE("draws are the same in every version", "[service][sample]") {
    CHECK(draw_of_row(1, 1) == 7829500774778939558U);
    CHECK(draw_of_row(42, 1'000'000) == 15913633679713229398U);
}

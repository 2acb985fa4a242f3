#include "domains/stream/tasks/yield.hpp"

#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster;
using stream::Output;

TEST_CASE("numbers in one cell are those of cells of their own, with a letter between them", "[stream]") {
    std::vector<double> const numbers{1, -0.5, 1e300, 23.100000000000001,
                                      std::numeric_limits<double>::quiet_NaN()};
    Output together(Output::Form::csv, 1);
    together.begin(7).cell(numbers, '#').end();
    together.begin(8).cell(std::vector<double>{}, '#').end();
    Output apart(Output::Form::csv, 1);
    apart.begin(7);
    for (auto const number : numbers) apart.cell(number);
    apart.end();
    std::string expected(apart.text());
    for (auto at = expected.find(',', 2); at != std::string::npos; at = expected.find(',', at))
        expected[at] = '#';
    CHECK(together.text() == expected + "8,\n");
    CHECK(together.starts() == std::vector<std::uint64_t>{0, expected.size()});
}

TEST_CASE("a plain row has its result alone, numbers in one cell too", "[stream]") {
    Output output(Output::Form::plain, 2);
    output.begin(7)
        .cell(std::vector<double>{1, 2}, '#')
        .cell(std::vector<double>{3, 4}, '#')
        .cell("a,b")
        .end();
    CHECK(output.text() == "3#4,a,b\n");
}

TEST_CASE("rows that come in any order are sorted by their records", "[stream]") {
    Output output;
    for (std::uint64_t const record : {5, 3, 5, 1})
        output.begin(record).cell("\"quoted\"").cell(output.n_rows()).end();
    output.sort();
    CHECK(output.records() == std::vector<std::uint64_t>{1, 3, 5, 5});
    CHECK(output.text() ==
          "1,\"\"\"quoted\"\"\",4\n3,\"\"\"quoted\"\"\",2\n5,\"\"\"quoted\"\"\",1\n5,\"\"\"quoted\"\"\",3\n");
}

#include "domains/service/tables/describe.hpp"

#include <random>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../base/csv/test_files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Contains;
using service::describe;

TEST_CASE("columns are described with what is missing and what is not a number", "[service][describe]") {
    test::TemporaryFile const file("site;age;note\nAP;30;x\nUP;;NA\nAP;12.5;\n");
    auto const found = describe(file.path(), {.probabilities = {0.5}});
    REQUIRE(found.size() == 3);
    CHECK(found[0].texts == 3);
    CHECK_FALSE(found[0].moments.mean());
    CHECK_FALSE(found[0].quantiles.at(0));
    CHECK(found[1].moments.count() == 2);
    CHECK(found[1].moments.missing() == 1);
    CHECK(found[1].moments.mean() == 21.25);
    CHECK(found[1].quantiles.at(0) == 21.25);
    CHECK(found[2].texts == 2);
    CHECK(found[2].moments.missing() == 1);
}

TEST_CASE("groups are described in the order of their appearance", "[service][describe]") {
    test::TemporaryFile const file("site,sex,age\nUP,f,3\nAP,m,5\nUP,f,4\nUP,m,\n");
    auto const found =
        describe(file.path(), {.columns = {"age"}, .by = {"site", "sex"}, .probabilities = {}});
    REQUIRE(found.size() == 3);
    CHECK(found[0].group == std::vector<std::string>{"UP", "f"});
    CHECK(found[0].moments.sum() == 7);
    CHECK(found[1].group == std::vector<std::string>{"AP", "m"});
    CHECK(found[2].moments.missing() == 1);
}

TEST_CASE("quantiles are the same in memory and by counting", "[service][describe]") {
    std::mt19937_64 random(11);
    std::string text = "g,a,b\n";
    for (int i = 0; i < 900; ++i)
        text += fmt::format("{},{},{}\n", random() % 3, static_cast<double>(random() % 1000) / 8 - 50,
                            i % 5 == 0 ? std::string() : std::to_string(random() % 7));
    test::TemporaryFile const file(text);
    for (auto const& by : {std::vector<std::string>(), std::vector<std::string>{"g"}}) {
        service::DescribeOptions options{
            .columns = {"a", "b"}, .by = by, .probabilities = {0, 0.1, 0.5, 0.9, 1}};
        auto const sorted = describe(file.path(), options);
        options.most_in_memory = 1;
        auto const counted = describe(file.path(), options);
        REQUIRE(sorted.size() == counted.size());
        for (std::size_t i = 0; i < sorted.size(); ++i) CHECK(sorted[i].quantiles == counted[i].quantiles);
    }
}

TEST_CASE("a table without rows is described, too", "[service][describe]") {
    test::TemporaryFile const file("a,b\n");
    auto const found = describe(file.path(), {});
    REQUIRE(found.size() == 2);
    CHECK(found[0].moments.count() == 0);
}

TEST_CASE("a column that is not there is named with the nearest", "[service][describe]") {
    test::TemporaryFile const file("age,site\n1,AP\n");
    CHECK_THROWS_WITH(describe(file.path(), {.columns = {"agee"}}),
                      Contains("'agee'") && Contains("did you mean 'age'"));
    CHECK_THROWS_WITH(describe(file.path(), {.columns = {"age", "age"}}), Contains("given twice"));
    CHECK_THROWS_AS(describe(file.path(), {.probabilities = {1.5}}), DataError);
}

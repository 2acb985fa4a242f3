#include "core/registry/filter.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::registry;
using Catch::Matchers::Contains;

namespace {

Row const row{{"name", {std::string("causes")}},
              {"version", {3.0}},
              {"status", {std::string("active")}},
              {"created", {std::string("2026-03-01T12:00:00Z")}},
              {"alias", {std::string("best"), std::string("production")}},
              {"metrics.accuracy", {0.45}},
              {"tags.country", {std::string("Sri Lanka")}},
              {"tags.year", {std::string("2021")}}};

bool holds(std::string const& text) {
    return Filter(text).holds(row);
}

}  // namespace

TEST_CASE("a filter compares numbers as numbers, texts as texts, and days as their texts", "[registry]") {
    CHECK(holds("metrics.accuracy >= 0.45"));
    CHECK(holds("metrics.accuracy = 4.5e-1"));
    CHECK_FALSE(holds("metrics.accuracy > 0.45"));
    CHECK(holds("version < 20"));
    CHECK(holds("tags.year > 999"));
    CHECK(holds("created > 2026-01-01 and created < 2026-03-02"));
    CHECK(holds("tags.country = \"Sri Lanka\""));
    CHECK(holds("tags.country ~ Sri*"));
    CHECK_FALSE(holds("tags.country ~ Sri"));
    CHECK(holds("name in (others, causes)"));
    CHECK_FALSE(holds("name in (others)"));
}

TEST_CASE("one alias of several will do, and none may be the one that is excluded", "[registry]") {
    CHECK(holds("alias = production"));
    CHECK_FALSE(holds("alias != production"));
    CHECK(holds("alias != other"));
}

TEST_CASE("a key that a version lacks makes every comparison false", "[registry]") {
    for (auto const* sign : {"=", "!=", "<", "<=", ">", ">=", "~"})
        CHECK_FALSE(holds(fmt::format("tags.x {} 1", sign)));
    CHECK(holds("not tags.x = 1"));
}

TEST_CASE("and binds more closely than or, and not most closely", "[registry]") {
    CHECK(holds("version = 3 or version = 4 and name = none"));
    CHECK_FALSE(holds("(version = 3 or version = 4) and name = none"));
    CHECK(holds("not version = 4 and not (name = none)"));
    CHECK_FALSE(holds("not version = 3 or name = none"));
}

TEST_CASE("a filter that makes no sense shows the place", "[registry]") {
    auto const fails = [](std::string const& text, std::string const& problem, std::size_t at) {
        INFO(text);
        CHECK_THROWS_WITH(Filter(text),
                          Contains(problem) && Contains(fmt::format("\n  {}\n  {:>{}}", text, "^", at + 1)));
    };
    fails("", "a key must stand here", 0);
    fails("version", "one of = != < <= > >= ~ in must stand here", 7);
    fails("version = ", "a value must stand here", 10);
    fails("version == 3", "a value must stand here", 9);
    fails("version = 3 name = x", "'and' or 'or' must follow here", 12);
    fails("(version = 3", "')' must stand here", 12);
    fails("version = \"3", "never closed", 10);
    fails("version in 3", "a list must stand here", 11);
    fails("version in (3", "',' or ')' must stand here", 13);
    fails("version ! 3", "means nothing here", 8);
    fails("and = 3", "a key must stand here", 0);
    CHECK_THROWS_WITH(Filter(std::string(5000, '(')), Contains("200 levels"));
    CHECK_THROWS_AS(Filter(std::string(20000, ' ')), UsageError);
    std::string long_one = "version = 3";
    for (int i = 0; i < 500; ++i) long_one += " or version = 3";
    CHECK(holds(long_one));
}

TEST_CASE("a key that no version has is an error that names the nearest", "[registry]") {
    CHECK_THROWS_WITH(Filter("metrics.acuracy > 0").require_keys({row}),
                      Contains("did you mean 'metrics.accuracy'?"));
    CHECK_THROWS_WITH(Filter("weather = wet").require_keys({row}), Contains("keys are alias, author,"));
    Filter("author = ann and tags.year = 1").require_keys({row});
    Filter("weather = wet").require_keys({});
}

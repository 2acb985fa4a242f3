#include "vaster/study/kinds.hpp"

#include <memory>

#include <catch2/catch.hpp>

#include "plain_kind.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using study::Kinds;

namespace {

std::shared_ptr<study::Kind const> named(std::string name) {
    return std::make_shared<testing::PlainKind>(std::move(name));
}

Kinds two() {
    return Kinds({named("first"), named("second")});
}

}  // namespace

TEST_CASE("a configuration that names no kind is of the first one", "[study][kinds]") {
    auto const kinds = two();
    CHECK(kinds.of({"", "", {}}).name() == "first");
    CHECK(kinds.load({"", "[study]\nseed = 1\n", {}}).config.get<std::string>("study.kind") == "first");
}

TEST_CASE("the kind is the one of the file, and a flag overrides it", "[study][kinds]") {
    auto const kinds = two();
    CHECK(kinds.of({"", "[study]\nkind = \"second\"\n", {}}).name() == "second");
    CHECK(kinds.of({"", "[study]\nkind = \"second\"\n", {{"study.kind", "first", "--kind"}}}).name() ==
          "first");
}

TEST_CASE("a kind that is not there is refused with the names of those that are", "[study][kinds]") {
    auto const kinds = two();
    CHECK(kinds.look_up("third") == nullptr);
    CHECK_THROWS_AS(kinds.find("third"), ConfigError);
    CHECK_THROWS_WITH(kinds.find("third"), Catch::Contains("\"third\"") && Catch::Contains("first, second"));
}

TEST_CASE("a program without kinds, or with two of one name, is a bug", "[study][kinds]") {
    CHECK_THROWS_AS(Kinds({}), std::logic_error);
    CHECK_THROWS_AS(Kinds({named("first"), named("first")}), std::logic_error);
}

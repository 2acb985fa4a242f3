#include "vaster/support/parts.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "vaster/support/errors.hpp"

using namespace vaster;

TEST_CASE("parts give back what was put into them, by name, type and shape", "[support][parts]") {
    Parts parts;
    std::vector<double> const numbers{1.5, -2, 0, 4, 5, 6};
    parts.put<double>("table", numbers, {2, 3});
    parts.put<std::uint16_t>("trees/feature", {7, 8});
    parts.put_number<std::uint32_t>("n", 42);
    parts.put_texts("causes", {"Stroke", "", "Fièvre"});

    auto const table = parts.get<double>("table", {2, 3});
    CHECK(std::vector<double>(table.begin(), table.end()) == numbers);
    CHECK(parts.get<std::uint16_t>("trees/feature")[1] == 8);
    CHECK(parts.number<std::uint32_t>("n") == 42);
    CHECK(parts.texts("causes") == std::vector<std::string>{"Stroke", "", "Fièvre"});
    CHECK_FALSE(parts.has("feature"));
}

TEST_CASE("a part that is not what is asked for is refused with both", "[support][parts]") {
    Parts parts;
    parts.put<float>("leaf", {1, 2, 3});
    parts.put_text("open", "no end");
    CHECK_THROWS_WITH(parts.get<float>("leaves"), "part 'leaves' is missing");
    CHECK_THROWS_WITH(parts.get<double>("leaf"), "part 'leaf' is f32 (must be f64)");
    CHECK_THROWS_WITH(parts.get<float>("leaf", {3, 1}), "part 'leaf' has shape (3) (must be (3, 1))");
    CHECK_THROWS_AS(parts.number<float>("leaf"), DataError);
    CHECK_THROWS_AS(parts.text("leaf"), DataError);
    CHECK_THROWS_WITH(parts.texts("open"), "the last line of part 'open' has no end");
}

TEST_CASE("parts of a folder share their bytes with the whole", "[support][parts]") {
    Parts member;
    member.put<double>("w", {1, 2});
    Parts whole;
    whole.put_below("members/0", member);
    whole.put_below("members/01", member);
    auto const found = whole.below("members/0");
    CHECK(found == member);
    CHECK(found.get<double>("w").data() == whole.get<double>("members/0/w").data());
    CHECK(whole.below("members").all().size() == 2);
}

TEST_CASE("names that could be paths to elsewhere, and shapes that lie, are not parts", "[support][parts]") {
    Parts parts;
    parts.put<double>("a", {1});
    auto const name =
        GENERATE(as<std::string>{}, "", "/a", "a/", "a//b", "a b", "a", "../a", "./a", "a/../b");
    CHECK_THROWS_AS(parts.put<double>(name, {1}), std::logic_error);
    std::vector<double> const two{1, 2};
    auto const huge = std::uint64_t{1} << 61U;
    CHECK_THROWS_AS(parts.put<double>("b", two, {3}), std::logic_error);
    CHECK_THROWS_AS(parts.put<double>("b", two, {huge, 8, 2}), std::logic_error);
    CHECK_THROWS_AS(parts.put_texts("b", {"two\nlines"}), std::logic_error);
}

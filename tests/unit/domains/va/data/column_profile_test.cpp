#include "domains/va/data/column_profile.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster::va;

namespace {

ColumnProfile profile_of(std::vector<std::string> const& cells) {
    ColumnProfile profile("x");
    for (auto const& cell : cells) profile.look_at(cell);
    profile.finish();
    return profile;
}

/// 0, 1, ..., n - 1.
std::vector<std::string> numbers(int n) {
    std::vector<std::string> cells;
    cells.reserve(static_cast<std::size_t>(n));
    for (int i = 0; i < n; ++i) cells.push_back(std::to_string(i));
    return cells;
}

}  // namespace

TEST_CASE("a profile counts texts without blanks at their ends, and words for nothing apart",
          "[va][profile]") {
    auto const profile = profile_of({"South", " North", "North ", "NA", "", "North"});
    CHECK(profile.n_rows() == 6);
    CHECK(profile.n_filled() == 4);
    CHECK(profile.n_texts() == 2);
    CHECK(profile.n_repeated() == 1);
    CHECK(profile.described() == "North 3, South 1; 2 without");
    CHECK(profile.texts() == std::vector<CountedText>{{"South", 1}, {"North", 3}, {"NA", 1}, {"", 1}});
    CHECK_FALSE(profile.is_numbers());
}

TEST_CASE("a profile knows numbers, and cells that all differ", "[va][profile]") {
    CHECK(profile_of({"3", "-1.5", "3", "12", "1", "2", "4", "5"}).described() ==
          "numbers from -1.5 to 12 (7 different)");
    CHECK(profile_of({"A1", "A2", "A3"}).described() == "all different, such as 'A1'");
    CHECK(profile_of({"", "NA"}).described() == "nothing in any row");
    CHECK(profile_of({"1", "2", "x"}).is_mostly_numbers());
    CHECK_FALSE(profile_of({"1", "2", "x"}).is_numbers());
    CHECK_FALSE(profile_of({"1", "2", ""}).all_differ());
}

TEST_CASE("a profile counts the same whether it keeps its texts or has too many of them", "[va][profile]") {
    for (int const n : {100, 200, 201, 5000}) {
        auto cells = numbers(n);
        CHECK(profile_of(cells).all_differ());
        for (auto const& cell : {"7", "7", "8", "", "NA", " 9"}) cells.emplace_back(cell);
        auto const profile = profile_of(cells);
        INFO(n);
        CHECK(profile.n_rows() == static_cast<std::uint64_t>(n) + 6);
        CHECK(profile.n_filled() == static_cast<std::uint64_t>(n) + 4);
        CHECK(profile.n_texts() == static_cast<std::size_t>(n));
        CHECK(profile.n_repeated() == 3);
        CHECK(profile.is_numbers());
        CHECK(profile.texts().empty() == (n > 195));
    }
}

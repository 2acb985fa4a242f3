#include <cmath>

#include <catch2/catch.hpp>

#include "domains/va/report/comparison.hpp"
#include "domains/va/report/study_verdict.hpp"
#include "study_by_hand.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::va;
using by_hand::Entry;
using Catch::Contains;

namespace {

ModelComparison compared(std::vector<Entry> const& one, std::vector<Entry> const& other) {
    example::Folder const folder;
    by_hand::make(folder / "one.h5", one);
    by_hand::make(folder / "other.h5", other);
    store::Reader const first(folder / "one.h5");
    store::Reader const second(folder / "other.h5");
    return compare({{"one", &first}, {"other", &second}}, {{"cod_accuracy"}, 200});
}

ModelComparison compared(std::vector<Entry> const& entries) {
    example::Folder const folder;
    by_hand::make(folder / "study.h5", entries);
    return compare(store::Reader(folder / "study.h5"), {{"cod_accuracy"}, 200});
}

std::vector<Entry> of_model(std::string const& model, std::string const& at_a, std::string const& at_b) {
    return {{"in_domain", "A", "A", model, at_a, 0}, {"in_domain", "B", "B", model, at_b, 10}};
}

std::string joined(std::vector<std::string> const& lines) {
    std::string text;
    for (auto const& line : lines) text += line + "\n";
    return text;
}

std::string words(ModelComparison const& comparison) {
    std::string text;
    for (auto const& block : study_words_of(comparison)) text += block.title + "\n" + joined(block.lines);
    return text;
}

}  // namespace

TEST_CASE("two studies of the same deaths are compared as two models of one study are", "[report][studies]") {
    auto const apart = compared(of_model("m", "1110", "11"), of_model("m", "1000", "11"));
    auto entries = of_model("m", "1110", "11");
    for (auto const& entry : of_model("n", "1000", "11")) entries.push_back(entry);
    auto const together = compared(entries);
    CHECK(apart.models == std::vector<std::string>{"one: m", "other: m"});
    REQUIRE(apart.differences.size() == 1);
    auto const& ours = apart.differences[0];
    auto const& theirs = together.differences[0];
    CHECK(ours.estimate.mean == theirs.estimate.mean);
    CHECK(ours.estimate.over_sites.p == theirs.estimate.over_sites.p);
    CHECK(ours.estimate.over_deaths.lo == theirs.estimate.over_deaths.lo);
    CHECK(ours.discordance.exact.p == theirs.discordance.exact.p);
    CHECK(ours.p_bootstrap == theirs.p_bootstrap);
    CHECK(apart.baselines[0].most_frequent == together.baselines[0].most_frequent);
    CHECK_THAT(joined(apart.notes), Contains("their data hashes are equal"));
}

TEST_CASE("places with other deaths, without results or in one study alone are left out and counted",
          "[report][studies]") {
    auto one = of_model("m", "1110", "11");
    one.push_back({"in_domain", "C", "C", "m", "10", 20});
    one.push_back({"in_domain", "D", "D", "m", "10", 30});
    auto other = of_model("m", "1000", "11");
    other[1].first_row = 11;                                // other deaths at B
    other.push_back({"in_domain", "C", "C", "m", "", 20});  // no result at C
    auto const comparison = compared(one, other);
    REQUIRE(comparison.differences.size() == 1);
    CHECK(comparison.differences[0].estimate.experiments == 1);
    CHECK(comparison.differences[0].estimate.mean == Approx(0.5));
    CHECK_THAT(
        joined(comparison.notes),
        Contains("1 of 4 combinations of training site, test site and repeat can be compared; left out: 1 "
                 "not in every study, 1 without a result in some study and 1 where the test deaths "
                 "differ."));
}

TEST_CASE("a type that one study lacks is named", "[report][studies]") {
    auto one = of_model("m", "1110", "11");
    one.push_back({"out_domain", "A", "B", "m", "10", 10});
    auto const comparison = compared(one, of_model("m", "1000", "11"));
    CHECK(comparison.questions.size() == 1);
    CHECK_THAT(joined(comparison.notes),
               Contains("Out of domain (trained at one site, tested at another): not in "
                        "other."));
}

TEST_CASE("studies without a common death are refused with the reasons", "[report][studies]") {
    auto other = of_model("m", "1000", "11");
    for (auto& entry : other) entry.first_row += 100;
    CHECK_THROWS_MATCHES(compared(of_model("m", "1110", "11"), other), UsageError,
                         Catch::Matchers::Predicate<UsageError>([](UsageError const& error) {
                             std::string const text = error.what();
                             return text.find("one and other have nothing in common") != std::string::npos &&
                                    text.find("2 where the test deaths differ") != std::string::npos;
                         }));
}

TEST_CASE(
    "a model that both studies have is compared with itself, one of a single study with those that the "
    "other has alone",
    "[report][studies]") {
    auto one = of_model("m", "1110", "11");
    for (auto const& entry : of_model("x", "1111", "11")) one.push_back(entry);
    auto other = of_model("m", "1000", "11");
    for (auto const& entry : of_model("y", "0000", "11")) other.push_back(entry);
    auto const comparison = compared(one, other);
    REQUIRE(comparison.differences.size() == 2);
    CHECK(comparison.differences[0].first == "one: m");
    CHECK(comparison.differences[0].second == "other: m");
    CHECK(comparison.differences[1].first == "one: x");
    CHECK(comparison.differences[1].second == "other: y");
    CHECK(comparison.means.size() == 4);
}

TEST_CASE("the words on two studies say which is better, or that they are not told apart",
          "[report][studies]") {
    auto const long_one = of_model("m", "11111111", "11111111");
    auto const clear = words(compared(long_one, of_model("m", "00000000", "00000000")));
    CHECK_THAT(clear,
               Contains("COD accuracy: one: m has 1.000, other: m has 0.000; one: m is better (p < 0.001)."));
    CHECK_THAT(clear, Contains("How sure: the p values are over 16 test deaths"));
    CHECK_THAT(words(compared(of_model("m", "1110", "11"), of_model("m", "1100", "11"))),
               Contains("they are not told apart (p = 1.000)"));
    CHECK_THAT(words(compared(long_one, long_one)), Contains("they are level."));
}

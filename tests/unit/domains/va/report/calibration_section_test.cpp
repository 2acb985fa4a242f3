#include "domains/va/report/calibration_section.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "../../../core/store/example.hpp"
#include "study_by_hand.hpp"

using namespace vaster;
using namespace vaster::va;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<Stated> stated_by_hand(std::vector<by_hand::Entry> const& entries,
                                   std::vector<std::string> const& types = {"out_domain"}) {
    example::Folder const folder;
    by_hand::make(folder / "study.h5", entries);
    return read_stated(store::Reader(folder / "study.h5"), types);
}

/// Two sites with deaths of each other: A is too sure, B not sure enough.
std::vector<by_hand::Entry> two_sites() {
    return {{"out_domain", "A", "B", "m", "1000", 10, 1, 0, {}, {0.75, 0.75, 0.71, 0.79}},
            {"out_domain", "B", "A", "m", "1111", 0, 1, 0, {}, {0.5, 0.75, 1.0, 0.75}}};
}

double real(report::Table const& table, std::size_t row, std::string const& column) {
    for (std::size_t j = 0; j < table.columns.size(); ++j)
        if (table.columns[j] == column) return std::get<double>(table.rows.at(row).at(j));
    FAIL("no column " << column);
    return missing;
}

}  // namespace

TEST_CASE("top causes are put together by tenths of what was stated, the last with both ends",
          "[report][calibration]") {
    auto const stated = stated_by_hand(two_sites());
    REQUIRE(stated.size() == 1);
    auto const table = calibration_table(stated);
    REQUIRE(table.rows.size() == 3);
    CHECK(table.rows[0] == study::Cells{"out_domain", "m", 0.5, 0.6, std::int64_t{1}, 0.5, 1.0});
    CHECK(real(table, 1, "from") == 0.7);
    CHECK(real(table, 1, "stated") == Approx(4.5 / 6));
    CHECK(real(table, 1, "came_true") == Approx(3.0 / 6));
    CHECK(table.rows[2] == study::Cells{"out_domain", "m", 0.9, 1.0, std::int64_t{1}, 1.0, 1.0});
}

TEST_CASE("errors of sites do not cancel out, as those of all deaths together can", "[report][calibration]") {
    auto const stated = stated_by_hand(two_sites());
    CHECK(calibration_error(stated[0].all) == Approx((0.5 + 1.5) / 8));
    CHECK(overconfidence(stated[0].all) == Approx((6.0 - 5.0) / 8));
    CHECK(calibration_error(stated[0].of_site.at("A")) == Approx(0.5));
    CHECK(overconfidence(stated[0].of_site.at("A")) == Approx(0.5));
    CHECK(calibration_error(stated[0].of_site.at("B")) == Approx((0.5 + 0.5) / 4));
    CHECK(overconfidence(stated[0].of_site.at("B")) == Approx(-0.25));
    auto const table = calibration_errors_table(stated);
    REQUIRE(table.rows.size() == 1);
    CHECK(real(table, 0, "sites_error") == Approx(0.375));
    CHECK(real(table, 0, "overconfidence") == Approx(0.125));
    CHECK(real(table, 0, "overconfidence_lo") == -1);  // 0.125 - 12.7 * 0.375
    CHECK(real(table, 0, "overconfidence_hi") == 1);
    CHECK(real(table, 0, "sites_error_lo") > 0);
    CHECK(real(table, 0, "sites_error_hi") < 1);
}

TEST_CASE("a model that is right as often as it says has no calibration error", "[report][calibration]") {
    auto const stated =
        stated_by_hand({{"in_domain", "A", "A", "m", "1110", 0, 1, 0, {}, {0.75, 0.75, 0.75, 0.75}}},
                       {"in_domain", "out_domain"});
    CHECK(calibration_error(stated.at(0).all) == 0);
    auto const table = calibration_errors_table(stated);
    CHECK(real(table, 0, "calibration_error") == 0);
    CHECK(std::isnan(real(table, 0, "overconfidence_lo")));  // one site has no interval
}

TEST_CASE("weights of deaths count in calibration", "[report][calibration]") {
    auto const stated = stated_by_hand({{"out_domain", "A", "B", "m", "10", 0, 1, 0, {3, 1}, {0.8, 0.84}}});
    auto const table = calibration_table(stated);
    CHECK(real(table, 0, "stated") == Approx((3 * 0.8 + 0.84) / 4));
    CHECK(real(table, 0, "came_true") == Approx(0.75));
    CHECK(calibration_error(stated.at(0).all) == Approx((2.4 + 0.84 - 3) / 4));
}

TEST_CASE("only experiments of the types asked for, with the whole training part and a probability, count",
          "[report][calibration]") {
    auto entries = two_sites();
    entries.push_back({"in_domain", "A", "A", "m", "0", 30, 1, 0, {}, {0.9}});
    entries.push_back({"out_domain", "A", "B", "m", "0", 30, 0.5, 0, {}, {0.9}});
    entries.push_back({"out_domain", "A", "B", "n", "1", 10, 1, 0, {}, {missing}});
    auto const stated = stated_by_hand(entries);
    REQUIRE(stated.size() == 1);
    auto const& all = stated[0].all;
    CHECK(std::accumulate(all.begin(), all.end(), std::size_t{0},
                          [](std::size_t n, Tenth const& tenth) { return n + tenth.deaths; }) == 8);
    CHECK(stated_by_hand({{"out_domain", "A", "B", "m", "10"}}).empty());
    CHECK(std::isnan(calibration_error(Tenths{})));
    CHECK(std::isnan(overconfidence(Tenths{})));
}

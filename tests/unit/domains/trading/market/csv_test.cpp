#include "domains/trading/market/csv.hpp"

#include <catch2/catch.hpp>

#include "../../../base/csv/test_files.hpp"
#include "domains/trading/market/timeframe.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Contains;

namespace {

std::string const header = "timestamp,open,high,low,close,volume\n";

}  // namespace

TEST_CASE("bars of several assets are read by column name", "[market][csv]") {
    test::TemporaryFile const path(
        "volume,close,low,high,open,symbol,timestamp,funding_rate,vwap\n"
        "5,11,9,12,10,BTC,2020-01-01T00:00:00Z,0.0001,x\n"
        "7,2.5,2,3,2,ETH,1577836800,0,x\n"
        "6,10,9,12,11,BTC,2020-01-01 01:00,-0.0001,x\n");
    auto const assets = market::read_csv(path.path());
    REQUIRE(assets.size() == 2);
    CHECK(assets[0].symbol == "BTC");
    CHECK(assets[0].times == std::vector<std::int64_t>{1577836800, 1577840400});
    CHECK(assets[0].open == std::vector<double>{10, 11});
    CHECK(assets[0].high == std::vector<double>{12, 12});
    CHECK(assets[0].low == std::vector<double>{9, 9});
    CHECK(assets[0].close == std::vector<double>{11, 10});
    CHECK(assets[0].volume == std::vector<double>{5, 6});
    CHECK(assets[0].funding == std::vector<double>{0.0001, -0.0001});
    CHECK(assets[1].symbol == "ETH");
    CHECK(assets[1].times[0] == 1577836800);
}

TEST_CASE("a table without symbols is of the asset that the file is named after", "[market][csv]") {
    test::TemporaryFile const path(header + "0,1,1,1,1,0\n60,1,1,1,1,0\n");
    CHECK(market::read_csv(path.path()).front().symbol == path.path().stem().string());
    CHECK(market::read_csv(path.path(), {"BTC"}).front().symbol == "BTC");
    CHECK(market::read_csv(path.path()).front().funding.empty());
    CHECK_THROWS_WITH(market::read_csv(path.path(), {"", market::Gaps::refuse, 1}),
                      Contains("more than 1 bars"));
}

TEST_CASE("everything that is wrong with a table is said at once, with lines", "[market][csv]") {
    test::TemporaryFile const path(header +
                                   "0,1,2,1,1,0\n"
                                   "3600,1,2,3,1,0\n"     // line 3: high below low
                                   "7200,-1,2,1,1,0\n"    // line 4: price
                                   "7200,1,2,nan,1,0\n"   // line 5: no number
                                   "7200,1,2,1,1,-5\n"    // line 6: volume
                                   "7200,1,2,1,5,0\n"     // line 7: close outside
                                   "soon,1,2,1,1,0\n"     // line 8: time
                                   "3600,1,2,1,1,0\n"     // sound
                                   "3600,1,2,1,1,0\n"     // line 10: the same time
                                   "1800,1,2,1,1,0\n"     // line 11: earlier
                                   "7200,1,2,1,1,0\n"     // sound
                                   "18000,1,2,1,1,0\n");  // line 13: a gap
    CHECK_THROWS_WITH(market::read_csv(path.path()),
                      Contains("9 rows") && Contains("line 3: high 2 is below low 3") &&
                          Contains("line 4: a price") && Contains("line 5: 'nan' in column low") &&
                          Contains("line 6: the volume") && Contains("line 7: open or close") &&
                          Contains("line 8: 'soon'") && Contains("line 10: 1970-01-01T01:00:00Z") &&
                          Contains("the same time as that of line 9") && Contains("line 11:") &&
                          Contains("line 13: a gap: 10800 s"));
}

TEST_CASE("gaps are let through when allowed, a missing column never", "[market][csv]") {
    test::TemporaryFile const path(header + "0,1,1,1,1,0\n60,1,1,1,1,0\n180,1,1,1,1,0\n");
    CHECK_THROWS_AS(market::read_csv(path.path()), DataError);
    CHECK(market::read_csv(path.path(), {"", market::Gaps::allow}).front().size() == 3);
    CHECK_THROWS_WITH(market::read_csv(test::TemporaryFile("time,open,high,low,volume\n0,1,1,1,1\n").path()),
                      Contains("close"));
}

TEST_CASE("times are read in the ways people write them", "[market][timeframe]") {
    for (auto const* text : {"2021-03-04T05:06:07Z", "2021-03-04 05:06:07", "2021-03-04T05:06:07.25+00:00",
                             "1614834367", "1614834367000", "1614834367000000", "1614834367000000000"})
        CHECK(market::parse_time(text, "here") == 1614834367);
    CHECK(market::parse_time("2021-03-04", "here") == 1614816000);
    CHECK(market::format_time(1614834367) == "2021-03-04T05:06:07Z");
    for (auto const* text : {"", "2021-02-30", "2021-03-04T25:00", "2021-03-04T05:06:07+02:00", "tomorrow",
                             "-5", "2021-03-04T05:06:07Zulu"})
        CHECK_THROWS_WITH(market::parse_time(text, "here"), Contains("here"));
}

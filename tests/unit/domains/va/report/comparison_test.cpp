#include "domains/va/report/comparison.hpp"

#include <cmath>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "domains/va/report/comparison_text.hpp"
#include "domains/va/report/verdict.hpp"
#include "study_by_hand.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::report;
using namespace vaster::va;

namespace {

using by_hand::Entry;

ModelComparison compared(std::vector<Entry> const& entries,
                         ComparisonOptions const& options = {{"cod_accuracy"}, 200}) {
    example::Folder const folder;
    by_hand::make(folder / "study.h5", entries);
    return compare(store::Reader(folder / "study.h5"), options);
}

std::vector<Entry> two_sites() {
    return {{"in_domain", "A", "A", "m", "1110", 0}, {"in_domain", "B", "B", "m", "11", 10},
            {"in_domain", "A", "A", "n", "1000", 0}, {"in_domain", "B", "B", "n", "11", 10},
            {"out_domain", "A", "B", "m", "10", 10}, {"out_domain", "B", "A", "m", "1111", 0},
            {"out_domain", "A", "B", "n", "00", 10}, {"out_domain", "B", "A", "n", "1010", 0}};
}

}  // namespace

TEST_CASE("means, differences and gaps of a small study are what a pencil gives", "[report][comparison]") {
    auto const comparison = compared(two_sites());
    REQUIRE(comparison.means.size() == 4);
    CHECK(comparison.means[0].estimate.mean == Approx((0.75 + 1) / 2));
    CHECK(comparison.means[0].estimate.sd == Approx(0.25 / std::sqrt(2)));
    CHECK(comparison.means[0].n_train == 100);
    CHECK(comparison.means[2].asked.type == "out_domain");
    CHECK(comparison.means[2].estimate.mean == Approx((0.5 + 1) / 2));
    REQUIRE(comparison.differences.size() == 2);
    auto const& inside = comparison.differences[0];
    CHECK(inside.estimate.mean == Approx(0.25));
    CHECK(inside.discordance.tests == 6);
    CHECK(inside.discordance.only_first == 2);
    CHECK(inside.discordance.only_second == 0);
    CHECK(inside.discordance.exact.p == Approx(0.5));
    auto const& outside = comparison.differences[1];
    CHECK(outside.discordance.only_first == 3);
    CHECK(outside.discordance.exact.p == Approx(0.25));
    CHECK(outside.adjusted.deaths == Approx(0.25));  // a type is a family of its own
    CHECK(inside.adjusted.deaths == Approx(0.5));
    REQUIRE(comparison.gaps.size() == 2);
    CHECK(comparison.gaps[0].gap.mean == Approx((0.75 - 0.5 + 1 - 1) / 2));
    CHECK(comparison.gaps[0].sites == 2);
    CHECK(comparison.holes.empty());
}

TEST_CASE("an interval over deaths lies around the mean it is of", "[report][comparison]") {
    for (auto const& row : compared(two_sites()).means) {
        CHECK(row.estimate.over_deaths.lo <= row.estimate.mean);
        CHECK(row.estimate.over_deaths.hi >= row.estimate.mean);
    }
}

TEST_CASE("the short form has the pairs with the highest mean, the long one all pairs",
          "[report][comparison]") {
    std::vector<Entry> entries;
    for (auto const& [model, right] : {std::pair{"low", "1000"}, {"best", "1111"}, {"middle", "1100"}})
        entries.push_back({"in_domain", "A", "A", model, right, 0});
    auto const comparison = compared(entries);
    auto const rows = [&](Extent extent) {
        std::vector<std::string> pairs;
        for (auto const& table : text_of(comparison, extent))
            if (!table.header.empty() && table.header.back() == "over")
                for (auto const& row : table.rows) pairs.push_back(row[1] + " " + row[2]);
        return pairs;
    };
    CHECK(rows(Extent::short_form) == std::vector<std::string>{"low best", "best middle"});
    CHECK(rows(Extent::all) == std::vector<std::string>{"low best", "low middle", "best middle"});
}

TEST_CASE("a hole is named, and two models are compared where both have results", "[report][comparison]") {
    auto entries = two_sites();
    entries[2].right = "";  // n in domain at A
    auto const comparison = compared(entries);
    REQUIRE(comparison.holes.size() == 1);
    CHECK(comparison.holes.listed()[0].model == "n");
    CHECK(comparison.holes.listed()[0].status == "pending");
    auto const& inside = comparison.differences[0];
    CHECK(inside.estimate.experiments == 1);
    CHECK(inside.estimate.planned == 2);
    CHECK(inside.mean_first == 1);  // of m at B alone
    CHECK(inside.estimate.mean == 0);
    CHECK(comparison.gaps[1].sites == 1);
    CHECK(comparison.gaps[1].planned_sites == 2);
    CHECK_THAT(to_text(text_of(comparison, Extent::all)[3]),
               Catch::StartsWith("INCOMPLETE: 1 results are missing"));
}

TEST_CASE("of more holes than anybody reads the first ones are listed, and all are counted",
          "[report][comparison]") {
    std::size_t described = 0;
    auto const describe = [&] {
        return Hole{{"in_domain", 1}, "A", "A", fmt::format("{}", ++described), 0, "pending", "", ""};
    };
    Holes holes;
    for (std::size_t i = 0; i < Holes::most_listed + 5; ++i) holes.add(describe);
    CHECK(described == Holes::most_listed);
    CHECK(holes.size() == Holes::most_listed + 5);
    CHECK(holes.listed().size() == Holes::most_listed);
    CHECK(holes.listed().back().model == fmt::format("{}", Holes::most_listed));

    Holes both;
    both.add(describe);
    both.add_all(holes, [](Hole hole) {
        hole.model = fmt::format("study: {}", hole.model);
        return hole;
    });
    CHECK(both.size() == Holes::most_listed + 6);
    CHECK(both.listed().size() == Holes::most_listed);
    CHECK(both.listed()[1].model == "study: 1");

    ModelComparison comparison;
    comparison.holes = both;
    CHECK(holes_text(comparison).notes.back() ==
          fmt::format("  and {} more; the first 10000: --csv --table holes", Holes::most_listed + 6 - 20));
}

TEST_CASE("a death that was tested by two experiments is one case of the exact test",
          "[report][comparison]") {
    // Both sites' models of m are right on the same two deaths of C, those of n on none.
    auto const comparison = compared({{"out_domain", "A", "C", "m", "110", 20},
                                      {"out_domain", "B", "C", "m", "110", 20},
                                      {"out_domain", "A", "C", "n", "000", 20},
                                      {"out_domain", "B", "C", "n", "000", 20}});
    auto const& found = comparison.differences[0].discordance;
    CHECK(found.tests == 6);
    CHECK(found.deaths == 3);
    CHECK(found.only_first == 4);
    CHECK(found.exact.p == Approx(0.5));  // two deaths: 2 / 2^2, not 2 / 2^4
    REQUIRE(comparison.by_training_site.size() == 2);
    CHECK(comparison.by_training_site[0].discordance.tests == 3);
}

TEST_CASE("pooled training counts by the site that was tested, and trials of a search are not results",
          "[report][comparison]") {
    auto const comparison = compared({{"in_domain", "A", "A", "m", "10", 0},
                                      {"in_domain", "B", "B", "m", "11", 10},
                                      {"leave_one_site_out", "others", "A", "m", "11", 0},
                                      {"leave_one_site_out", "others", "B", "m", "10", 10},
                                      {"tuning", "A", "A", "m", "01", 0}});
    REQUIRE(comparison.means.size() == 2);
    CHECK(comparison.means[1].estimate.sites == 2);
    REQUIRE(comparison.gaps.size() == 1);
    CHECK(comparison.gaps[0].type == "leave_one_site_out");
    CHECK(comparison.gaps[0].gap.mean == Approx(((0.5 - 1) + (1 - 0.5)) / 2).margin(1e-12));
}

TEST_CASE("a model without a value of a metric is a hole of that metric", "[report][comparison]") {
    auto const comparison =
        compared({{"in_domain", "A", "A", "m", "10", 0}, {"in_domain", "A", "A", "silent", "11", 0}},
                 {{"log_loss"}, 50});
    REQUIRE(comparison.holes.size() == 1);
    CHECK(comparison.holes.listed()[0].metric == "log_loss");
    CHECK(comparison.differences[0].estimate.experiments == 0);
    CHECK(std::isnan(comparison.differences[0].estimate.mean));
    CHECK(std::isnan(comparison.means[0].estimate.over_deaths.lo));  // not to be had from predictions
}

TEST_CASE("only repeats that have every pair of sites which any repeat has are compared",
          "[report][comparison]") {
    // Repeat 0 lacks B, repeat 1 lacks A: as many results, of other pairs of sites.
    std::vector<Entry> entries{
        {"in_domain", "A", "A", "m", "1110", 0, 1, 0},  {"in_domain", "B", "B", "m", "", 10, 1, 0},
        {"in_domain", "C", "C", "m", "10", 20, 1, 0},   {"in_domain", "A", "A", "m", "", 4, 1, 1},
        {"in_domain", "B", "B", "m", "1100", 14, 1, 1}, {"in_domain", "C", "C", "m", "11", 24, 1, 1}};
    auto const incomplete = compared(entries).means.at(0).estimate;
    CHECK(incomplete.experiments == 4);
    CHECK(incomplete.over_repeats.n == 0);
    CHECK(std::isnan(incomplete.over_repeats.mean));
    for (std::int64_t const repeat : {2, 3})
        for (auto const* const site : {"A", "B", "C"})
            entries.push_back({"in_domain", site, site, "m", repeat == 2 ? "11" : "10",
                               100 * repeat + 10 * (site[0] - 'A'), 1, repeat});
    auto const complete = compared(entries).means.at(0).estimate;
    CHECK(complete.experiments == 10);
    CHECK(complete.over_repeats.n == 2);
    CHECK(complete.over_repeats.mean == Approx(0.75));
}

TEST_CASE("two models tested at one place on different deaths are refused", "[report][comparison]") {
    CHECK_THROWS_AS(compared({{"in_domain", "A", "A", "m", "10", 0}, {"in_domain", "A", "A", "n", "11", 5}}),
                    DataError);
}

TEST_CASE("a document is JSON with null for what is missing, its tables are CSV", "[report][comparison]") {
    Document const document{
        {{"seed", std::int64_t{7}}},
        {"note \"a\""},
        {{"t", "", {"x", "y"}, {{0.5, std::string("a,b")}, {std::nan(""), std::string()}}},
         {"empty", "", {"z"}, {}}}};
    std::ostringstream json, csv;
    write_json(json, document);
    auto const parsed = nlohmann::json::parse(json.str());
    CHECK(parsed["seed"] == 7);
    CHECK(parsed["notes"][0] == "note \"a\"");
    CHECK(parsed["tables"]["t"][0]["x"] == 0.5);
    CHECK(parsed["tables"]["t"][1]["x"].is_null());
    CHECK(parsed["tables"]["empty"].empty());
    write_csv(csv, find_table(document, "t"));
    CHECK(csv.str() == "x,y\n0.5,\"a,b\"\n,\n");
    CHECK_THROWS_AS(find_table(document, "u"), UsageError);
}

TEST_CASE("a model is set beside the most frequent cause on the same deaths", "[report][comparison]") {
    // Of 40 deaths, 20 of each cause, the model gives a to all but five of b: as good on a as always giving a
    // is, and never worse on b. Its own interval includes 0.5, that of the difference is above 0.
    std::string right;
    for (int i = 0; i < 40; ++i) right += i % 2 == 0 || i < 10 ? '1' : '0';
    auto const comparison = compared({{"in_domain", "A", "A", "m", right, 0}});
    REQUIRE(comparison.means.size() == 1);
    auto const& row = comparison.means.front();
    CHECK(comparison.baselines.front().most_frequent == Approx(0.5));
    CHECK(row.estimate.mean == Approx(0.625));
    CHECK(row.estimate.over_deaths.lo < 0.5);
    CHECK(row.beside_most_frequent.mean == Approx(0.125));
    CHECK(row.beside_most_frequent.over_deaths.lo > 0);
    auto const verdict = verdict_of(comparison);
    CHECK(verdict.rankings.at(0).contestants.at(0).most_frequent == BesideBaseline::above);
}

TEST_CASE("differences between models count deaths by their weights where the study has them",
          "[report][comparison][weights]") {
    // Deaths of causes a b a b. m is right about the first two, n about the last two, which weigh three times
    // as much. (What the record says, cod_accuracy, is not weighted in this study made by hand.)
    std::vector<double> const weights{1, 1, 3, 3};
    auto const comparison = compared({{"in_domain", "A", "A", "m", "1100", 0, 1, 0, weights},
                                      {"in_domain", "A", "A", "n", "0011", 0, 1, 0, weights}});
    REQUIRE(comparison.means.size() == 2);
    CHECK(comparison.means[0].estimate.over_deaths.lo < 0.25);
    CHECK(comparison.means[1].estimate.over_deaths.hi > 0.75);
    CHECK(comparison.means[0].estimate.over_deaths.hi + comparison.means[1].estimate.over_deaths.lo ==
          Approx(1));
    CHECK(comparison.differences.front().discordance.only_first == 2);  // tests count deaths
}

TEST_CASE("the most frequent cause is that of most weight", "[report][comparison][weights]") {
    std::vector<double> const weights{1, 5, 1, 5, 1};
    auto const comparison = compared({{"in_domain", "A", "A", "m", "11111", 0, 1, 0, weights}});
    CHECK(comparison.baselines.front().most_frequent == Approx(10.0 / 13));
}

TEST_CASE("columns are spelled out where people read them", "[report][comparison]") {
    example::Folder const folder;
    by_hand::make(folder / "study.h5", two_sites());
    store::Reader const study(folder / "study.h5");
    auto const document = document_of(study, compare(study, {{"cod_accuracy"}, 20}));
    auto const& means = report::find_table(document, "means");
    CHECK(report::words_of(means, "deaths_lo") == "95 % interval over deaths, from");
    CHECK(report::words_of(means, "n_train") == "training deaths (mean)");
    for (auto const& table : document.tables)
        for (auto const& column : table.columns)
            CHECK_THAT(report::words_of(table, column), !Catch::Contains("_"));
}

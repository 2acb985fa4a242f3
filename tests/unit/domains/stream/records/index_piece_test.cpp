// Looks at parts of a stream that are as good as one look at all of it.
#include "domains/stream/records/index_piece.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "../../../temporary_folder.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using stream::IndexPiece;
using stream::Input;
using stream::InputOptions;

namespace {

stream::Layout const layout{"source", {"dust", "light"}};

/// Records of sensors that come back now and then, some of them late, with broken and blank lines between.
std::string lines(int n) {
    std::string text;
    for (int i = 0; i < n; ++i) {
        int const time = 10 * i - (i % 7 == 3 ? 45 : 0);
        text += fmt::format(R"({0},{{"e":[{{"n":"source","sv":"s{1}"}},{{"n":"dust","v":"{2}"}}]}})", time,
                            std::int64_t{i} * i % 23, i % 5 == 0 ? "null" : "1.5");
        text += i % 4 == 0 ? "\r\n" : "\n";
        if (i % 11 == 0) text += "broken\n";
        if (i % 13 == 0) text += " \n";
    }
    return text;
}

void check_same(IndexPiece const& a, IndexPiece const& b) {
    CHECK(a.n_good == b.n_good);
    CHECK(a.n_lines() == b.n_lines());
    CHECK(a.good_end == b.good_end);
    CHECK(std::equal(a.records.begin(), a.records.end(), b.records.begin(), b.records.end(),
                     [](auto const& x, auto const& y) {
                         return x.number == y.number && x.offset == y.offset && x.length == y.length &&
                                x.sensor == y.sensor;
                     }));
    REQUIRE(a.sensors.size() == b.sensors.size());
    for (std::uint32_t i = 0; i < a.sensors.size(); ++i) CHECK(a.sensors.id(i) == b.sensors.id(i));
    CHECK(a.records_of == b.records_of);
    CHECK(a.late == b.late);
    CHECK(a.n_out_of_order == b.n_out_of_order);
    CHECK(a.first_time == b.first_time);
    CHECK(a.last_time == b.last_time);
    CHECK(a.faults.counts() == b.faults.counts());
    CHECK(std::equal(a.faults.first().begin(), a.faults.first().end(), b.faults.first().begin(),
                     b.faults.first().end(), [](auto const& x, auto const& y) {
                         return x.record == y.record && x.offset == y.offset && x.fault == y.fault;
                     }));
    for (std::size_t i = 0; i < layout.fields.size(); ++i) {
        CHECK(a.fields[i].present == b.fields[i].present);
        CHECK(a.fields[i].missing == b.fields[i].missing);
        CHECK(a.fields[i].absent == b.fields[i].absent);
    }
}

}  // namespace

TEST_CASE("a stream that is cut at any of its lines has the index of the whole", "[stream][index]") {
    testing::TemporaryFolder const scratch;
    auto const text = lines(60);
    Input const input(
        InputOptions{{scratch.file("a", text), scratch.file("b", ""), scratch.file("c", text)}});
    IndexPiece const whole(input, layout);
    CHECK(whole.n_good == 120);
    CHECK(whole.late.size() > 5);
    CHECK(whole.faults.total() > 5);
    auto const all = text + text;
    std::vector<std::uint64_t> begins;
    for (auto at = all.find('\n'); at + 1 < all.size(); at = all.find('\n', at + 1)) begins.push_back(at + 1);
    for (auto const cut : begins) {
        IndexPiece first(input, layout, 0, cut);
        first.append(IndexPiece(input, layout, cut));
        check_same(first, whole);
    }
    // And in as many pieces as there are lines.
    IndexPiece sum(input, layout, 0, begins.front());
    for (std::size_t i = 0; i < begins.size(); ++i)
        sum.append({input, layout, begins[i],
                    i + 1 < begins.size() ? begins[i + 1] : std::numeric_limits<std::uint64_t>::max()});
    check_same(sum, whole);
}

TEST_CASE("pieces without a good record change nothing of the others", "[stream][index]") {
    testing::TemporaryFolder const scratch;
    std::string const broken = "broken\n\n";
    auto const good = lines(3);
    Input const input(InputOptions{{scratch.file("a", broken + good + broken)}});
    IndexPiece const whole(input, layout);
    IndexPiece sum(input, layout, 0, broken.size());
    CHECK(sum.n_good == 0);
    sum.append({input, layout, broken.size(), broken.size() + good.size()});
    sum.append({input, layout, broken.size() + good.size()});
    check_same(sum, whole);
}

TEST_CASE("any number of threads makes the same index and the same hashes", "[stream][index]") {
    testing::TemporaryFolder const scratch;
    std::string const header = "\xEF\xBB\xBF";
    auto const text = lines(130'000);
    REQUIRE(text.size() > std::size_t{8} << 20U);  // long enough for threads
    Input const input(InputOptions{{scratch.file("a", header + text), scratch.file("b", ""),
                                    scratch.file("c", header + text.substr(0, text.size() - 1))}});
    auto const whole = stream::look_at_lines(input, layout, {});
    CHECK(whole.hashes == input.hashes());
    for (std::size_t const n : {2U, 3U, 16U}) {
        auto const found = stream::look_at_lines(input, layout, {n, usable_processors()});
        check_same(found, whole);
        CHECK(found.hashes == whole.hashes);
    }
}

TEST_CASE("a file that has changed is seen by any number of threads", "[stream][index]") {
    testing::TemporaryFolder const scratch;
    auto const path = scratch.file("a", lines(130'000));
    Input const input(InputOptions{{path}});
    std::ofstream(path, std::ios::app) << "more\n";
    for (std::size_t const n : {1U, 2U})
        CHECK_THROWS_AS(stream::look_at_lines(input, layout, {n, {}}), DataError);
}

// What the published classes compute, against their own outputs; and what ours computes beside them.
#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "base/support/files.hpp"
#include "domains/stream/tasks/bloom_filter.hpp"
#include "domains/stream/tasks/text.hpp"
#include "oracle.hpp"

using namespace vaster;
using testing::Job;

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Rows that the published classes gave, which died on missing values: those of ours that they have not are
/// left out.
Rows of_the_same_records(Rows rows, Rows const& published) {
    std::size_t next = 0;
    std::erase_if(rows, [&](auto const& row) {
        bool const known = next < published.size() && published[next].front() == row.front();
        if (known) ++next;
        return !known;
    });
    return rows;
}

Rows published_rows(std::string const& name) {
    return testing::cells_of(read_file(testing::stream_oracles() / "published" / name));
}

Rows our_rows(Job const& job, std::string const& input) {
    return testing::cells_of(
        testing::yield_of(job, read_file(testing::stream_oracles() / input)).output.text());
}

bool skipped() {
    if (!testing::stream_oracles().empty()) return false;
    WARN("skipped: the oracles are not beside the checkout");
    return true;
}

}  // namespace

TEST_CASE("the published estimate of distinct sensors is met", "[stream][published]") {
    if (skipped()) return;
    for (int const bits : {5, 10}) {
        auto const published = published_rows(fmt::format("sys_dac_k{}.csv", bits));
        Job const job{
            "DAC", "source", {}, {{"bits", std::int64_t{bits}}, {"profile", std::string("published")}}};
        CHECK(testing::difference(of_the_same_records(our_rows(job, "sys.senml.csv"), published),
                                  published) == "");
    }
}

TEST_CASE("published annotations are met, repeated lines included", "[stream][published]") {
    if (skipped()) return;
    auto const oracles = testing::stream_oracles();
    Job const job{
        "ANN",
        "source",
        {"longitude", "latitude", "temperature", "humidity", "light", "dust", "airquality_raw"},
        {{"annotations", (oracles / "sys.annotations.txt").string()}, {"profile", std::string("published")}}};
    auto ours = our_rows(job, "sys.senml.csv");
    for (auto& row : ours) row.erase(row.begin());
    CHECK(testing::difference(ours, published_rows("sys_ann.txt")) == "");
}

TEST_CASE("published interpolation is met in single precision", "[stream][published]") {
    if (skipped()) return;
    Job const job{"INP",
                  "source",
                  {"temperature", "humidity", "light", "dust", "airquality_raw"},
                  {{"profile", std::string("published")}}};
    CHECK(testing::difference(our_rows(job, "sys.senml.csv"), published_rows("sys_inp.csv"), 1e-6) == "");
}

TEST_CASE("averages and regressions agree with the published ones in single precision",
          "[stream][published]") {
    if (skipped()) return;
    Job const average{"AVG", "source", {"temperature", "humidity"}, {{"window", std::int64_t{5}}}};
    CHECK(testing::difference(our_rows(average, "sys.senml.csv"), published_rows("sys_avg_w5.csv"), 1e-6) ==
          "");
    auto published = published_rows("sys_slr_temperature.csv");
    for (auto& row : published) row.erase(row.begin() + 3);  // their mean of the predictions
    Job const regression{"SLR", "source", {"temperature"}};
    CHECK(testing::difference(our_rows(regression, "sys.senml.csv"), published, 1e-5) == "");
}

TEST_CASE("a Bloom filter of Guava is written and read bit for bit", "[stream][published]") {
    if (skipped()) return;
    auto const folder = testing::stream_oracles() / "published";
    auto const theirs = folder / "bloom_guava31_n1000_p0.01.bin";
    stream::BloomFilter filter(1000, 0.01);
    auto const members = read_file(folder / "bloom_members.txt");
    for (auto const member : stream::lines_of(members)) filter.add(member);
    bool const equal = filter.bytes() == read_file(theirs);
    CHECK(equal);
    auto const read = stream::BloomFilter::from_file(theirs);
    auto const text = read_file(folder / "bloom_probes.txt");
    auto const probes = stream::lines_of(text);
    auto const answers = published_rows("bloom_probes.csv");
    REQUIRE(probes.size() == answers.size());
    std::size_t n_different = 0;
    for (std::size_t i = 0; i < probes.size(); ++i)
        n_different += read.contains(probes[i]) == (answers[i][1] == "1.0") ? 0 : 1;
    CHECK(n_different == 0);
}

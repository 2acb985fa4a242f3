#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../temporary_folder.hpp"
#include "domains/stream/tasks/bloom_filter.hpp"
#include "domains/stream/tasks/ranges.hpp"
#include "oracle.hpp"

using namespace vaster;
using Catch::Contains;
using testing::Job;
using testing::senml_line;

namespace {

std::vector<std::string> problems_of(Job const& job) {
    return stream::problems_of(*stream::find_task(job.code), testing::setup_of(job));
}

Job range_job(std::string const& ranges) {
    return {"RGF", "source", {}, {{"ranges", ranges}}};
}

}  // namespace

TEST_CASE("a record passes when each present field lies in its range", "[stream][rgf]") {
    auto const yield = testing::yield_of(range_job("temperature:0:10,dust:-1.5:1.5"),
                                         senml_line(1, "a", {{"temperature", "0"}, {"dust", "1.5"}}) +
                                             senml_line(2, "b", {{"temperature", "10.1"}, {"dust", "0"}}) +
                                             senml_line(3, "c", {{"temperature", "null"}}) +
                                             senml_line(4, "d", {{"temperature", "11"}, {"dust", "1,5"}}));
    CHECK(yield.output.text() == "0,a\n2,c\n");
    CHECK(yield.tally.filtered == 1);
    CHECK(yield.tally.bad == 1);
    CHECK(yield.tally.absent == 1);
    CHECK(yield.tally.balanced());
    REQUIRE(yield.faults.first().size() == 1);
    CHECK(yield.faults.first()[0].record == 3);
}

TEST_CASE("ranges that cannot be are told all at once", "[stream][rgf]") {
    auto const problems = problems_of(range_job("a:1,b:5:1,c:x:2,d:0:1,d:0:2,e:nan:1"));
    REQUIRE(problems.size() == 5);
    CHECK_THAT(problems[0], Contains("'a:1' is not name:min:max"));
    CHECK_THAT(problems[1], Contains("'b:5:1'") && Contains("above the greatest"));
    CHECK_THAT(problems[2], Contains("'c:x:2'"));
    CHECK_THAT(problems[3], Contains("'d' has two ranges"));
    CHECK_THAT(problems[4], Contains("'e:nan:1'"));
    CHECK(problems_of(range_job("")).size() == 1);
    CHECK(problems_of(range_job("a:0:1, b:-1:1e3")).empty());
}

TEST_CASE("a name in a list of ranges may have colons", "[stream][rgf]") {
    auto const ranges = stream::ranges_of("urn:dev:7:-1:2");
    REQUIRE(ranges.size() == 1);
    CHECK(ranges[0].field == "urn:dev:7");
    CHECK(ranges[0].least == -1);
    CHECK(ranges[0].most == 2);
}

TEST_CASE("MurmurHash3 has the values that its reference implementation gives", "[stream][blf]") {
    CHECK(stream::murmur3_128("").low == 0);
    CHECK(stream::murmur3_128("").high == 0);
    auto const hash = stream::murmur3_128("hello");
    CHECK(hash.low == 0xcbd8a7b341bd9b02ULL);
    CHECK(hash.high == 0x5b1e906a48ae1d19ULL);
}

TEST_CASE("a Bloom filter knows all its members and few strangers", "[stream][blf]") {
    stream::BloomFilter filter(1000, 0.01);
    CHECK(filter.n_hashes() == 7);
    CHECK(filter.n_bits() == 9600);
    for (int i = 0; i < 1000; ++i) filter.add(fmt::format("member{}", i));
    for (int i = 0; i < 1000; ++i) CHECK(filter.contains(fmt::format("member{}", i)));
    int n_false = 0;
    for (int i = 0; i < 10000; ++i) n_false += filter.contains(fmt::format("stranger{}", i)) ? 1 : 0;
    CHECK(n_false > 30);
    CHECK(n_false < 200);
}

TEST_CASE("a Bloom filter is read from its file as it was", "[stream][blf]") {
    stream::BloomFilter filter(10, 0.1);
    filter.add("a");
    testing::TemporaryFolder const folder;
    auto const read = stream::BloomFilter::from_file(folder.file("filter.bin", filter.bytes()));
    CHECK(read.words() == filter.words());
    CHECK(read.n_hashes() == filter.n_hashes());
}

TEST_CASE("what is not a Bloom filter is refused with the reason", "[stream][blf]") {
    auto const bytes = stream::BloomFilter(10, 0.1).bytes();
    testing::TemporaryFolder const folder;
    auto const reading = [&](std::string const& name, std::string const& text) {
        return [path = folder.file(name, text)] { return stream::BloomFilter::from_file(path); };
    };
    CHECK_THROWS_WITH(reading("cut.bin", bytes.substr(0, bytes.size() - 1))(),
                      Contains("not a whole Bloom filter"));
    CHECK_THROWS_WITH(reading("longer.bin", bytes + "x")(), Contains("not a whole Bloom filter"));
    CHECK_THROWS_WITH(reading("head.bin", bytes.substr(0, 3))(), Contains("3 bytes"));
    auto other = bytes;
    other[0] = 0;
    CHECK_THROWS_WITH(reading("strategy.bin", other)(), Contains("strategy is 0"));
    other = bytes;
    other[1] = 0;
    CHECK_THROWS_WITH(reading("hashes.bin", other)(), Contains("0 hash functions"));
    CHECK_THROWS_WITH(reading("filter.pkl", bytes)(), Contains("pickle") && Contains("task BLT"));
    CHECK_THROWS_WITH(reading("pickle.bin", "\x80\x04 and more")(), Contains("pickle"));
    CHECK_THROWS_AS(stream::BloomFilter::from_file("/nowhere/filter.bin"), IoError);
}

TEST_CASE("records of members pass, whoever trained the filter", "[stream][blf]") {
    auto const lines = senml_line(1, "a", {{"kind", "x"}}) + senml_line(2, "b", {{"kind", "y"}}) +
                       senml_line(3, "a", {}) + senml_line(4, "c", {{"kind", "null"}});
    testing::TemporaryFolder const files;
    auto const members = files.file("members.txt", "a\r\nc\n").string();
    auto yield = testing::yield_of(
        {"BLF", "source", {}, {{"members", members}, {"expected", std::int64_t{100}}}}, lines);
    CHECK(yield.output.text() == "0,a\n2,a\n3,c\n");
    CHECK(yield.tally.filtered == 1);

    auto const folder = files.path() / "bloom";
    yield = testing::yield_of(
        {"BLT", "source", {}, {{"field", std::string("kind")}, {"expected", std::int64_t{100}}}, folder},
        lines);
    CHECK(yield.output.text() == "1,2,2,960,7\n");
    CHECK(yield.tally.balanced());
    yield = testing::yield_of(
        {"BLF", "source", {}, {{"model", (folder / "bloom.bin").string()}, {"field", std::string("kind")}}},
        lines);
    CHECK(yield.output.text() == "0,a\n1,b\n");
    CHECK(yield.tally.missing == 2);
    CHECK(yield.tally.balanced());
}

TEST_CASE("a Bloom filter needs members or a model, not both", "[stream][blf]") {
    CHECK(problems_of({"BLF", "source", {}}).size() == 1);
    CHECK(problems_of({"BLF", "source", {}, {{"members", std::string("m")}, {"model", std::string("f")}}})
              .size() == 1);
    CHECK(problems_of({"BLF", "source", {}, {{"members", std::string("m")}}}).empty());
}

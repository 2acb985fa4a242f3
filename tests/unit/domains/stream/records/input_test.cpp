#include "domains/stream/records/input.hpp"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/support/hash.hpp"
#include "domains/stream/records/input_index.hpp"
#include "domains/stream/records/line_reader.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using Catch::Matchers::Contains;
using stream::Fault;
using stream::InputFormat;

namespace {

/// A folder with files of a stream.
class Files {
  public:
    Files() { std::filesystem::create_directories(folder_); }

    ~Files() { std::filesystem::remove_all(folder_); }

    Files(Files const&) = delete;
    Files& operator=(Files const&) = delete;

    std::filesystem::path operator()(std::string const& text) {
        auto path = folder_ / fmt::format("{}.txt", n_files_++);
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    [[nodiscard]] std::filesystem::path const& folder() const { return folder_; }

  private:
    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / fmt::format("vaster-stream-input-{}", ::getpid());
    int n_files_ = 0;
};

struct Seen {
    std::uint64_t number;
    std::uint64_t offset;
    std::string text;

    friend bool operator==(Seen const&, Seen const&) = default;
};

std::ostream& operator<<(std::ostream& out, Seen const& seen) {
    return out << seen.number << '@' << seen.offset << '=' << seen.text;
}

std::vector<Seen> lines_of(stream::Input const& input) {
    std::vector<Seen> seen;
    stream::LineReader lines(input);
    for (stream::Line line; lines.next(line);) {
        seen.push_back({line.number, line.offset, std::string(line.text)});
        if (!input.is_large()) CHECK(input.text(line.offset, line.text.size()) == line.text);
    }
    return seen;
}

std::string record(int time, std::string const& sensor, std::string const& value) {
    return fmt::format(R"({},{{"e":[{{"n":"source","sv":"{}"}},{{"n":"temperature","v":"{}"}}]}})", time,
                       sensor, value);
}

}  // namespace

TEST_CASE("lines are numbered over all files and keep their offsets", "[stream][input]") {
    Files files;
    stream::Input const input({{files("\xEF\xBB\xBF"
                                      "a\r\n\n  \t\r\nbb\n"),
                                files(""), files("\n"), files("c\r"), files("d\n")},
                               {}});
    CHECK(lines_of(input) == std::vector<Seen>{{0, 3, "a"}, {1, 12, "bb"}, {2, 16, "c"}, {3, 18, "d"}});
    CHECK(input.bytes() == 20);
    CHECK_THAT(input.place_of(18), Contains("4.txt, byte 0"));
}

TEST_CASE("a file may end anywhere in a page of memory", "[stream][input]") {
    Files files;
    auto const page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    for (std::size_t const size : {page - 1, page, page + 1}) {
        stream::Input const input({{files(std::string(size, 'x'))}, {}});
        auto const lines = lines_of(input);
        REQUIRE(lines.size() == 1);
        CHECK(lines[0].text.size() == size);
        std::string_view const text = input.files()[0].text;
        for (std::size_t i = 0; i < stream::line_padding; ++i) CHECK(text.data()[size + i] == '\0');
    }
}

TEST_CASE("a packed file is read as what is in it", "[stream][input]") {
    using namespace std::string_literals;
    // printf 'one\ntwo\n' | gzip -n
    std::string const packed =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcf\x4b\xe5\x2a\x29\xcf\xe7\x02\x00\xe6\x0b\xba\x12"
        "\x08\x00\x00\x00"s;
    Files files;
    stream::Input const input({{files(packed), files("three")}, {}});
    CHECK(lines_of(input) == std::vector<Seen>{{0, 0, "one"}, {1, 4, "two"}, {2, 8, "three"}});
    CHECK_THROWS_WITH(stream::Input({{files(packed.substr(0, 20))}, {}}), Contains("is cut"));
}

TEST_CASE("a stream that stays on the disk has the lines and the hashes that it has in memory",
          "[stream][input]") {
    Files files;
    std::string const long_line(40, 'x');
    std::string const blanks(40, ' ');
    stream::InputOptions options{{files("\xEF\xBB\xBF"
                                        "a\r\n\n  \t\r\nbb\n" +
                                        long_line + "\n" + blanks + "\n" + long_line + "\r"),
                                  files(""), files("\n"), files("c\r"), files(long_line + "\nd\n")}};
    options.longest = 20;
    stream::Input const in_memory(options);
    auto wanted = lines_of(in_memory);
    CHECK(wanted.size() == 7);
    for (auto& line : wanted)
        if (line.text.starts_with(long_line)) line.text.clear();
    options.memory = 10;
    for (std::uint64_t block = 1; block < 70; ++block) {
        options.block = block;
        stream::Input input(options);
        CHECK(input.is_large());
        CHECK(input.bytes() == in_memory.bytes());
        stream::LineReader lines(input);
        stream::LineReader in_order(in_memory);
        std::vector<Seen> seen;
        for (stream::Line line, other; lines.next(line);) {
            REQUIRE(in_order.next(other));
            CHECK(line.too_long == other.too_long);
            seen.push_back({line.number, line.offset, std::string(line.too_long ? "" : line.text)});
        }
        CHECK(seen == wanted);
        input.note_hashes(lines.hashes());
        CHECK(input.hashes() == in_memory.hashes());
    }
}

TEST_CASE("lines on the disk are taken from any line to any byte", "[stream][input]") {
    Files files;
    stream::InputOptions options{{files("a\nbb\n"), files("ccc\ndddd\n")}};
    options.memory = 1;
    options.block = 3;
    stream::Input const input(options);
    stream::LineReader lines(input, {2, 1}, 9);
    std::vector<Seen> seen;
    for (stream::Line line; lines.next(line);)
        seen.push_back({line.number, line.offset, std::string(line.text)});
    CHECK(seen == std::vector<Seen>{{1, 2, "bb"}, {2, 5, "ccc"}});
}

TEST_CASE("CSV and documents on the disk are those in memory", "[stream][input]") {
    Files files;
    std::string const header = "timestamp,id,x\nms,,m\r\nsv,sv,v\n";
    for (auto const format : {InputFormat::csv, InputFormat::xml}) {
        stream::InputOptions options{{files(header + "1,a,2\n"), files(""), files(header + "2,b,3\n")},
                                     format};
        auto const wanted = lines_of(stream::Input(options));
        options.memory = 5;
        options.block = 7;
        stream::Input const input(options);
        CHECK(lines_of(input) == wanted);
        CHECK((input.schema() != nullptr) == (format == InputFormat::csv));
    }
}

TEST_CASE("a file on the disk that changes while it is read is named", "[stream][input]") {
    Files files;
    stream::InputOptions options{{files("one\ntwo\nthree\n")}};
    options.memory = 5;
    options.block = 4;
    stream::Input const input(options);
    stream::LineReader lines(input);
    stream::Line line;
    REQUIRE(lines.next(line));
    std::ofstream(options.files[0], std::ios::app) << "four\n";
    auto const rest = [&] {
        while (lines.next(line)) {
        }
    };
    CHECK_THROWS_WITH(rest(), Contains(options.files[0].string()) && Contains("has changed"));
    CHECK_THROWS_WITH(stream::LineReader(input), Contains("has changed"));
}

TEST_CASE("an index of a stream on the disk knows what one in memory does but for each record's place",
          "[stream][input]") {
    Files files;
    std::string text = "no record\n";
    for (int i = 0; i < 300; ++i)
        text += record(i % 7, fmt::format("s{}", i * i % 41), "1") + (i % 9 == 0 ? "\n\nbroken\n" : "\n");
    stream::Layout const layout{"source", {"temperature", "dust"}};
    stream::InputOptions options{{files(text), files(""), files(text)}};
    stream::Input const in_memory(options);
    stream::InputIndex const wanted(in_memory, layout, 5);
    options.memory = 1000;
    options.block = 512;
    stream::Input input(options);
    stream::InputIndex const looked(input, layout, 5);
    input.note_hashes(looked.hashes());
    BlockWriter writer;
    input.put(writer);
    looked.put(writer);
    BlockReader reader(writer.seal());
    stream::Input const same(options, reader);
    stream::InputIndex const index(reader);
    CHECK(same.is_large());
    CHECK(same.hashes() == in_memory.hashes());
    CHECK_THROWS_AS(index.records(), std::logic_error);
    CHECK(index.n_good() == wanted.n_good());
    CHECK(index.n_lines() == wanted.n_lines());
    CHECK(index.faults().counts() == wanted.faults().counts());
    CHECK(index.n_out_of_order() == wanted.n_out_of_order());
    for (std::uint32_t i = 0; i < 5; ++i) {
        CHECK(index.n_records(i) == wanted.partition(i).size());
        CHECK(index.n_sensors(i) == wanted.n_sensors(i));
    }
    for (std::uint64_t const n : {1U, 3U, 64U}) {
        for (std::uint64_t block = 0; block < n; ++block) {
            auto const places = wanted.block(block, n);
            auto const bytes = index.block_bytes(block, n);
            stream::LineReader lines(same, index.start_before(bytes.begin), bytes.end);
            std::vector<std::uint64_t> numbers;
            auto const parser = same.parser(layout);
            stream::Record taken;
            for (stream::Line line; lines.next(line);)
                if (line.offset >= bytes.begin && !parser->parse(line.text, taken))
                    numbers.push_back(line.number);
            REQUIRE(numbers.size() == places.end - places.begin);
            for (std::size_t i = 0; i < numbers.size(); ++i)
                CHECK(numbers[i] == wanted.records()[places.begin + i].number);
            CHECK((index.about_how_many(bytes) > 0) >= !numbers.empty());
        }
    }
}

TEST_CASE("what is packed is not unpacked into more memory than there is for it", "[stream][input]") {
    using namespace std::string_literals;
    // printf 'one\ntwo\n' | gzip -n
    std::string const packed =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcf\x4b\xe5\x2a\x29\xcf\xe7\x02\x00\xe6\x0b\xba\x12"
        "\x08\x00\x00\x00"s;
    Files files;
    stream::InputOptions options{{files(packed), files("three\n")}};
    options.memory = 7;
    CHECK_THROWS_WITH(stream::Input(options), Contains("input.memory") && Contains("gunzip"));
    options.memory = 8;
    stream::Input const input(options);
    CHECK(input.is_large());
    CHECK(lines_of(input) == std::vector<Seen>{{0, 0, "one"}, {1, 4, "two"}, {2, 8, "three"}});
}

TEST_CASE("a made-up stream is in memory what its records are one by one", "[stream][input]") {
    stream::InputOptions options;
    options.made_up.emplace();
    options.made_up->settings.set = stream::find_data_set("GRID");
    options.made_up->n_records = 50;
    stream::Input const input(options);
    BlockWriter writer;
    input.put(writer);
    BlockReader reader(writer.seal());
    stream::Input const same(options, reader);
    stream::Generator const generator(options.made_up->settings);
    for (auto const* const one : {&input, &same}) {
        auto const lines = lines_of(*one);
        REQUIRE(lines.size() == 50);
        for (std::uint64_t record = 0; record < 50; ++record) {
            std::string text;
            generator.append_senml(record, text);
            CHECK(lines[record].text + "\n" == text);
        }
        CHECK(one->hashes() == input.hashes());
    }
    options.memory = 1000;
    CHECK_THROWS_WITH(stream::Input(options), Contains("50 made-up records") && Contains("stream simulate"));
}

TEST_CASE("what cannot be read is named", "[stream][input]") {
    Files files;
    CHECK_THROWS_WITH(stream::Input({{files.folder() / "none"}, {}}), Contains("none: No such file"));
    CHECK_THROWS_WITH(stream::Input({{files.folder()}, {}}), Contains("is a directory"));
    CHECK_THROWS_AS(stream::Input({{"/dev/null"}, {}}), IoError);
}

TEST_CASE("a CSV file begins with its header, which files of a stream share", "[stream][input]") {
    Files files;
    std::string const header = "timestamp,id,x\nms,,m\r\nsv,sv,v\n";
    stream::Input const input(
        {{files(header + "1,a,2\n"), files(""), files(header + "2,b,3\n")}, InputFormat::csv});
    CHECK(lines_of(input) == std::vector<Seen>{{0, 30, "1,a,2"}, {1, 66, "2,b,3"}});
    REQUIRE(input.schema() != nullptr);
    CHECK(input.schema()->columns[2].unit == "m");
    auto const csv = [&](std::string const& text) {
        return stream::Input({{files(header), files(text)}, InputFormat::csv});
    };
    CHECK_THROWS_WITH(csv("timestamp,id,y\nms,,m\nsv,sv,v\n"), Contains("another header"));
    CHECK_THROWS_WITH(csv("timestamp,id\n"), Contains("three lines"));
    CHECK_THROWS_WITH(csv("a,a\n,\nv,v\n"), Contains("two columns are named 'a'"));
    CHECK_THROWS_WITH(csv("a,b\n,\nv,w\n"), Contains("column 'b' is of type 'w'"));
    CHECK_THROWS_WITH(csv("a,b\n,,\nv,v\n"), Contains("line 2: 3 cells"));
}

TEST_CASE("a document is one record", "[stream][input]") {
    Files files;
    stream::Input const input({{files("<a>\n\n</a>\n"), files(" \n"), files("<b/>")}, InputFormat::xml});
    CHECK(lines_of(input) == std::vector<Seen>{{0, 0, "<a>\n\n</a>"}, {1, 12, "<b/>"}});
}

TEST_CASE("an index knows where each good record is and what was wrong with the others", "[stream][input]") {
    Files files;
    std::string const good = record(5, "a", "1");
    std::string const text = good + "\nno record\n\n" + record(4, "b", "null") + "\n" +
                             std::string(200, 'x') + "\n" + record(6, "a", "x") + "\n";
    stream::InputOptions options{{files(text)}};
    options.longest = 150;
    stream::Input const input(options);
    stream::InputIndex const index(input, {"source", {"temperature", "dust"}}, 4);
    REQUIRE(index.records().size() == 3);
    CHECK(index.records()[1].number == 2);
    CHECK(index.records()[2].number == 4);
    CHECK(input.text(index.records()[0].offset, index.records()[0].length) == good);
    CHECK(index.n_lines() == 5);
    CHECK(index.faults().count(Fault::bad_line) == 1);
    CHECK(index.faults().count(Fault::too_long) == 1);
    CHECK(index.faults().first()[0].offset == good.size() + 1);
    CHECK(index.n_out_of_order() == 1);
    CHECK(index.first_time() == 4);
    CHECK(index.last_time() == 6);
    CHECK(index.fields()[0].present == 2);
    CHECK(index.fields()[0].missing == 1);
    CHECK(index.fields()[1].absent == 3);
    CHECK(index.most_records_of_a_sensor() == 2);
    CHECK(stream::names_in(input, {"source", {}}) == std::vector<std::string>{"source", "temperature"});
}

TEST_CASE("partitions divide sensors by their hash and keep the order of records", "[stream][input]") {
    Files files;
    std::string text;
    for (int i = 0; i < 300; ++i) text += record(i, fmt::format("s{}", i * i % 41), "1") + "\n";
    stream::Input const input({{files(text)}, {}});
    for (std::uint32_t const n : {1U, 3U, 64U}) {
        stream::InputIndex const index(input, {"source", {}}, n);
        CHECK(index.n_partitions() == n);
        std::size_t n_taken = 0;
        for (std::uint32_t partition = 0; partition < n; ++partition) {
            auto const places = index.partition(partition);
            CHECK(std::is_sorted(places.begin(), places.end()));
            n_taken += places.size();
            std::uint32_t n_known = 0;
            for (auto const place : places) {
                auto const sensor = index.records()[place].sensor;
                CHECK(hash64(index.sensors().id(sensor)) % n == partition);
                CHECK(index.index_in_partition(sensor) <= n_known);
                if (index.index_in_partition(sensor) == n_known) ++n_known;
            }
            CHECK(n_known == index.n_sensors(partition));
        }
        CHECK(n_taken == 300);
    }
}

TEST_CASE("blocks of a stream follow one another and have about as many bytes each", "[stream][input]") {
    Files files;
    std::string text;
    for (int i = 0; i < 300; ++i) text += record(i, std::string(1 + i % 50, 's'), "1") + "\n";
    stream::Input const input({{files(text)}, {}});
    stream::InputIndex const index(input, {"source", {}}, 1);
    for (std::uint64_t const n : {1U, 3U, 64U, 1000U}) {
        std::uint64_t place = 0;
        for (std::uint64_t block = 0; block < n; ++block) {
            auto const places = index.block(block, n);
            CHECK(places.begin == place);
            CHECK(places.begin <= places.end);
            std::uint64_t bytes = 0;
            for (place = places.begin; place < places.end; ++place)
                bytes += index.records()[place].length + 1;
            constexpr double longest = 120;
            CHECK(std::abs(static_cast<double>(bytes) -
                           static_cast<double>(text.size()) / static_cast<double>(n)) <= longest);
        }
        CHECK(place == 300);
    }
}

TEST_CASE("records that are older than the one before of their sensor are marked", "[stream][input]") {
    Files files;
    stream::Input const input({{files(record(5, "a", "1") + "\n" + record(3, "b", "1") + "\n" +
                                      record(4, "a", "1") + "\n" + record(5, "a", "1") + "\n")},
                               {}});
    stream::InputIndex const index(input, {"source", {}}, 1);
    std::vector<bool> late;
    for (std::uint64_t place = 0; place < 4; ++place) late.push_back(index.is_late(place));
    CHECK(late == std::vector<bool>{false, false, true, false});
    CHECK(index.n_out_of_order() == 1);
}

TEST_CASE("what one process of a host knows of a stream goes to the others in a block", "[stream][input]") {
    Files files;
    std::string text = "no record\n";
    for (int i = 0; i < 100; ++i) text += record(i % 7, fmt::format("s{}", i % 11), "1") + "\n";
    stream::Layout const layout{"source", {"temperature", "dust"}};
    stream::InputOptions const options{{files(text), files("")}, {}};
    stream::Input const input(options);
    stream::InputIndex const index(input, layout, 3);
    BlockWriter writer;
    input.put(writer);
    index.put(writer);
    BlockReader reader(writer.seal());
    stream::Input const same(options, reader);
    stream::InputIndex const other(reader);
    CHECK(same.hashes() == input.hashes());
    REQUIRE(other.records().size() == 100);
    for (std::size_t i = 0; i < other.records().size(); ++i) {
        auto const& a = index.records()[i];
        auto const& b = other.records()[i];
        CHECK(same.text(b.offset, b.length) == input.text(a.offset, a.length));
        CHECK(b.number == a.number);
        CHECK(other.is_late(i) == index.is_late(i));
        CHECK(other.sensors().id(b.sensor) == index.sensors().id(a.sensor));
        CHECK(other.sensors().hash(b.sensor) == index.sensors().hash(a.sensor));
        CHECK(other.partition_of(b.sensor) == index.partition_of(a.sensor));
        CHECK(other.index_in_partition(b.sensor) == index.index_in_partition(a.sensor));
    }
    CHECK(other.n_partitions() == 3);
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        auto const a = index.partition(partition);
        auto const b = other.partition(partition);
        CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
        CHECK(other.n_sensors(partition) == index.n_sensors(partition));
    }
    CHECK(other.n_lines() == 101);
    CHECK(other.faults().count(Fault::bad_line) == 1);
    REQUIRE(other.faults().first().size() == 1);
    CHECK(other.faults().first()[0].fault == Fault::bad_line);
    CHECK(other.most_records_of_a_sensor() == index.most_records_of_a_sensor());
    CHECK(other.fields()[0].present == 100);
    CHECK(other.fields()[1].absent == 100);
    CHECK(other.n_out_of_order() == index.n_out_of_order());
    CHECK(other.first_time() == 0);
    CHECK(other.last_time() == 6);
}

TEST_CASE("a block with something else in it is not an index of a stream", "[stream][input]") {
    BlockWriter writer;
    writer.put(std::vector<std::string>{"a", "b"});
    BlockReader reader(writer.seal());
    CHECK_THROWS_AS(stream::InputIndex(reader), DataError);
}

TEST_CASE("a file that has changed since its block was made is named, one that was touched is the same",
          "[stream][input]") {
    Files files;
    auto const path = files("one\ntwo\n");
    auto const block = [&] {
        BlockWriter writer;
        stream::Input({{path}, {}}).put(writer);
        return writer.seal();
    }();
    auto const lines = [&] {
        BlockReader reader(block);
        return lines_of(stream::Input({{path}, {}}, reader)).size();
    };
    using std::chrono::hours;
    std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - hours(1));
    CHECK(lines() == 2);
    std::ofstream(path) << "one\nTWO\n";
    CHECK_THROWS_WITH(lines(), Contains(path.string()) && Contains("has changed"));
    std::ofstream(path) << "one\n";
    CHECK_THROWS_WITH(lines(), Contains("had 8 bytes") && Contains("has 4 now"));
}

TEST_CASE("pages that are mapped at once have the same text, and a file that was cut ends nothing",
          "[stream][input]") {
    Files files;
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += fmt::format("line {}\n", i);
    auto const path = files(text);
    stream::Input const input({{path, files(""), files("last")}, {}});
    input.map_pages();
    input.map_pages();
    auto const seen = lines_of(input);
    CHECK(seen.size() == 20'001);
    CHECK(seen[19'999].text == "line 19999");
    CHECK(seen.back().text == "last");
    stream::Input const other({{path}, {}});
    std::filesystem::resize_file(path, 10);
    other.map_pages();
    CHECK(other.text(0, 4) == "line");
}

TEST_CASE("a packed file is unpacked once for all processes of a host", "[stream][input]") {
    using namespace std::string_literals;
    // printf 'one\ntwo\n' | gzip -n
    Files files;
    auto const path = files(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcf\x4b\xe5\x2a\x29\xcf\xe7\x02\x00\xe6\x0b\xba\x12"
        "\x08\x00\x00\x00"s);
    BlockWriter writer;
    stream::Input({{path}, {}}).put(writer);
    BlockReader reader(writer.seal());
    std::filesystem::remove(path);
    stream::Input const input({{path}, {}}, reader);
    CHECK(lines_of(input) == std::vector<Seen>{{0, 0, "one"}, {1, 4, "two"}});
    std::string_view const text = input.files()[0].text;
    for (std::size_t i = 0; i < stream::line_padding; ++i) CHECK(text.data()[text.size() + i] == '\0');
}

TEST_CASE("an index of nothing is empty", "[stream][input]") {
    Files files;
    for (auto const* const text : {"", "\n \r\n"}) {
        stream::Input const input({{files(text)}, {}});
        stream::InputIndex const index(input, {"source", {"x"}}, 2);
        CHECK(index.n_lines() == 0);
        CHECK(index.partition(1).empty());
        CHECK(index.most_records_of_a_sensor() == 0);
    }
}

TEST_CASE("who looks at a mapped file anyway says its hash", "[stream][input]") {
    Files files;
    stream::InputOptions options{{files(record(1, "a", "1") + "\n"), files("")}};
    auto const wanted = stream::Input(options).hashes();
    options.hashed_by = stream::HashedBy::reader;
    stream::Input input(options);
    CHECK(input.hashes() == std::vector<std::string>{"", ""});
    input.note_hashes(stream::InputIndex(input, {"source", {"dust"}}, 2).hashes());
    CHECK(input.hashes() == wanted);
}

TEST_CASE("a changed file is seen by its hash", "[stream][input]") {
    Files files;
    auto const hashes = [&](std::string const& text) {
        return stream::Input({{files("same"), files(text)}, {}}).hashes();
    };
    auto const before = hashes("5");
    auto const after = hashes("6");
    CHECK(before[0] == after[0]);
    CHECK(before[1] != after[1]);
}

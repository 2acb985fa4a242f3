// Files that are not what they should be: each gets one clear error, and verify names what is damaged.
#include <fstream>

#include <catch2/catch.hpp>

#include "base/support/files.hpp"
#include "core/h5/file.hpp"
#include "core/store/reader.hpp"
#include "core/store/resume.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

/// The bytes of a file, and where its tables lie as its own seal says.
class Bytes {
  public:
    explicit Bytes(std::filesystem::path path) : path_(std::move(path)), bytes_(read_file(path_)) {}

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }

    [[nodiscard]] std::string const& text() const { return bytes_; }

    /// Changes one bit in the file, runs the check, and mends it again.
    template <class Check>
    void with_flip(std::size_t at, Check check, unsigned bit = 1) const {
        put(at, static_cast<char>(static_cast<unsigned char>(bytes_[at]) ^ bit));
        check();
        put(at, bytes_[at]);
    }

    /// The n-th range of the seal, counted from 0: in order of position.
    [[nodiscard]] std::pair<std::size_t, std::size_t> range(int n) const {
        std::istringstream in(bytes_.substr(0, bytes_.find('\0')));
        std::string line;
        for (std::size_t begin = 0, end = 0; std::getline(in, line);)
            if (std::sscanf(line.c_str(), "range %zu %zu", &begin, &end) == 2 && n-- == 0)
                return {begin, end};
        throw std::runtime_error("no such range");
    }

  private:
    void put(std::size_t at, char byte) const {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(at));
        file.put(byte);
    }

    std::filesystem::path path_;
    std::string bytes_;
};

void write(std::filesystem::path const& path, std::string const& text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::filesystem::path create_with_results(example::Folder const& folder) {
    auto path = example::create(folder, 8);
    Writer writer(path);
    for (std::size_t i : {0U, 1U, 2U})
        writer.commit(example::result(example::plan(8).experiments[i]), example::origin());
    writer.fail(3, "no", example::origin());
    writer.log_attempt({0, 1, 0, "node7", 1, 1, "done", ""});
    return path;
}

}  // namespace

TEST_CASE("what is not a study file gets a clear error", "[store][damage]") {
    example::Folder const folder;
    auto const path = folder / "x.h5";
    CHECK_THROWS_AS(Reader(path), IoError);
    CHECK_THROWS_WITH(Reader(path), Catch::Contains("No such file"));
    CHECK_THROWS_AS(Reader(folder.path()), Error);
    for (auto const* const text :
         {"", "vaster", "vaster-study", "vaster-study 1", "index,id\n1,2\n", "\x89HDF\r\n\x1a\n"}) {
        write(path, text);
        INFO(text);
        CHECK_THROWS_AS(Reader(path), DataError);
        CHECK_THROWS_AS(Writer(path), DataError);
        CHECK_THROWS_AS(verify(path), DataError);
    }
    { auto const other = h5::create_file(path, 512); }
    CHECK_THROWS_WITH(Reader(path), Catch::Contains("is not a vaster study file"));
}

TEST_CASE("a study file whose first block is lost is known as one", "[store][damage]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    auto text = read_file(path);
    std::fill_n(text.begin(), 4096, '\0');  // as file systems leave a block that was never written back
    write(path, text);
    CHECK_THROWS_AS(Reader(path), DataError);
    CHECK_THROWS_WITH(Reader(path), Catch::Contains("has lost its first 4096 bytes") &&
                                        Catch::Contains("vaster checkpoint salvage"));
    text[5000] = static_cast<char>(text[5000] ^ 1);  // then nothing says any longer what it was
    write(path, text);
    CHECK_THROWS_WITH(Reader(path), Catch::Contains("is not a vaster study file"));
}

TEST_CASE("another format version is refused by its number", "[store][damage]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    auto text = read_file(path);
    text.replace(0, 14, "vaster-study 9");
    write(path, text);
    CHECK_THROWS_WITH(Reader(path),
                      Catch::Contains("format version '9'") && Catch::Contains("reads version 3"));
}

TEST_CASE("a file that was cut short says so", "[store][damage]") {
    example::Folder const folder;
    auto const path = create_with_results(folder);
    auto const text = read_file(path);
    for (std::size_t const size : {4096UL, 5000UL, text.size() / 2, text.size() - 1}) {
        write(path, text.substr(0, size));
        CHECK_THROWS_AS(Reader(path), DataError);
        CHECK_THROWS_WITH(Reader(path), Catch::Contains("cut short"));
    }
    for (std::size_t const size : {0UL, 1UL, 100UL}) {
        write(path, text.substr(0, size));
        CHECK_THROWS_AS(Reader(path), DataError);
    }
}

TEST_CASE("a bit that flips anywhere outside of the rows is noticed before HDF5 sees it", "[store][damage]") {
    example::Folder const folder;
    auto const path = create_with_results(folder);
    Bytes const bytes(path);
    std::vector<bool> in_row(bytes.size());
    for (int n = 0; n < 7; ++n)
        for (auto [at, end] = bytes.range(n); at < end; ++at) in_row[at] = true;
    std::size_t flips = 0;
    for (std::size_t at = 0; at < bytes.size(); at += at < 300 ? 1 : 61) {
        if (in_row[at]) continue;
        bytes.with_flip(at, [&] {
            INFO("byte " << at);
            CHECK_THROWS_AS(Reader(path), DataError);
        });
        ++flips;
    }
    CHECK(flips > 500);
    CHECK_NOTHROW(Reader(path));
}

TEST_CASE("verify names the row in which a bit has flipped", "[store][damage]") {
    example::Folder const folder;
    auto const path = create_with_results(folder);
    Bytes const bytes(path);
    auto const [plan, plan_end] = bytes.range(0);
    auto const [records, records_end] = bytes.range(1);
    auto const plan_row = (plan_end - plan) / 8;
    auto const record_row = (records_end - records) / 8;
    auto const names = [&](std::size_t at, std::string const& table, std::size_t row, unsigned bit = 1) {
        bytes.with_flip(
            at,
            [&] {
                auto const bad = verify(path);
                INFO("byte " << at << " bit " << bit);
                REQUIRE(bad.size() == 1);
                CHECK(bad[0].table == table);
                CHECK(bad[0].row == row);
            },
            bit);
    };
    REQUIRE(verify(path).empty());
    for (std::size_t at = 0; at < record_row; at += 41) names(records + record_row + at, "/records", 1);
    for (std::size_t at = record_row - 8; at < record_row; ++at)
        names(records + 2 * record_row + at, "/records", 2);
    for (unsigned bit = 1; bit < 256; bit *= 2) {
        names(records + 2 * record_row - 4, "/records", 1, bit);  // status byte: done
        names(records + 4 * record_row - 4, "/records", 3, bit);  // status byte: failed
    }
    names(plan + 5 * plan_row + 3, "/plan", 5);
    for (int n = 4; n < 7; ++n) names(bytes.range(n).first, "/records", 0);  // arrays of the first row
    REQUIRE(verify(path).empty());
}

TEST_CASE("who looks at the states alone notices a damaged row of the plan when it is asked for",
          "[store][damage][states]") {
    example::Folder const folder;
    auto const path = create_with_results(folder);
    Bytes const bytes(path);
    auto const [plan, plan_end] = bytes.range(0);
    auto const plan_row = (plan_end - plan) / 8;
    bytes.with_flip(plan + 5 * plan_row + 3, [&] {
        CHECK_THROWS_WITH(Reader(path), Catch::Contains("row 5 of /plan does not hold"));
        Reader const states(path, Look::states);
        CHECK(states.size() == 8);
        CHECK_NOTHROW(states.experiment(4));
        CHECK_THROWS_WITH(states.experiment(5), Catch::Contains("row 5 of /plan does not hold"));
    });
    for (auto const row : {0, 7})  // the rows that say how far the plan goes
        bytes.with_flip(plan + row * plan_row + 3,
                        [&] { CHECK_THROWS_AS(Reader(path, Look::states), DataError); });
}

TEST_CASE("a damaged row is not reported as a result and is computed again on resume", "[store][damage]") {
    example::Folder const folder;
    auto const path = create_with_results(folder);
    Bytes const bytes(path);
    auto const [records, records_end] = bytes.range(1);
    auto const [confusion, confusion_end] = bytes.range(4);
    auto const record_row = (records_end - records) / 8;
    auto const confusion_row = (confusion_end - confusion) / 8;
    bytes.with_flip(records + record_row + 20, [&, c = confusion] {
        bytes.with_flip(c + 2 * confusion_row, [&] {
            Reader study(path);
            CHECK(study.status(1) == study::Status::pending);
            CHECK(study.info(1).torn);
            CHECK(study.done(2));
            CHECK_THROWS_AS(study.arrays(2), DataError);
            auto const resumed = prepare_resume(path, FailedRows::keep);
            CHECK(resumed.done == 1);
            CHECK(resumed.failed == 1);
            CHECK(resumed.skipped == 1);
            CHECK(resumed.torn.size() == 2);
            CHECK(resumed.pending == std::vector<study::ExperimentIndex>{1, 2, 4, 5, 7});
            study.refresh();
            CHECK_FALSE(study.done(2));
            CHECK(verify(path).empty());
        });
    });
}

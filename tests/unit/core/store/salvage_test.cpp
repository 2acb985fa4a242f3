// What a damaged file still holds is saved into a new one, whatever part of it is damaged.
#include "core/store/salvage.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "base/support/files.hpp"
#include "core/store/reader.hpp"
#include "core/store/repair.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

constexpr std::size_t n_experiments = 8;

/// A study file with five results, and copies of it that are damaged on purpose.
class Patient {
  public:
    Patient() {
        auto header = example::header();
        header.plan_hash = study::hash_of(example::plan(n_experiments));
        create(path_, header, example::schema(), example::plan(n_experiments));
        Writer writer(path_);
        for (std::size_t i : {0U, 1U, 2U, 4U, 5U})
            writer.commit(example::result(example::plan(n_experiments).experiments[i]), example::origin());
        writer.log_attempt({0, 1, 0, "node7", 1, 1, "done", ""});
        bytes_ = read_file(path_);
    }

    /// The file with these bytes instead.
    [[nodiscard]] example::fs::path with(std::string const& bytes) const {
        auto const path = folder_ / "damaged.h5";
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }

    [[nodiscard]] example::fs::path saved() const {
        auto path = folder_ / "saved.h5";
        example::fs::remove(path);
        return path;
    }

    [[nodiscard]] std::string const& bytes() const { return bytes_; }

    /// With every bit of the bytes [begin, end) changed.
    [[nodiscard]] std::string inverted(std::size_t begin, std::size_t end) const {
        auto bytes = bytes_;
        std::transform(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                       bytes.begin() + static_cast<std::ptrdiff_t>(end),
                       bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                       [](char byte) { return static_cast<char>(~byte); });
        return bytes;
    }

    /// Begin and length of a row of the n-th table of the seal.
    [[nodiscard]] std::pair<std::size_t, std::size_t> row(int table, std::size_t row) const {
        std::istringstream in(bytes_.substr(0, bytes_.find('\0')));
        std::string line;
        for (std::size_t begin = 0, end = 0; std::getline(in, line);) {
            if (std::sscanf(line.c_str(), "range %zu %zu", &begin, &end) != 2 || table-- != 0) continue;
            auto const length = (end - begin) / n_experiments;
            return {begin + row * length, length};
        }
        throw std::runtime_error("no such range");
    }

    /// Where HDF5's part begins.
    [[nodiscard]] std::size_t user_block() const {
        std::size_t end = 0;
        REQUIRE(std::sscanf(bytes_.c_str() + bytes_.find("mirror"), "mirror 4096 %zu", &end) == 1);
        return end;
    }

  private:
    example::Folder folder_;
    example::fs::path path_ = folder_ / "study.h5";
    std::string bytes_;
};

std::vector<std::size_t> done_rows(example::fs::path const& path) {
    Reader const study(path);
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < study.size(); ++i)
        if (study.done(i)) rows.push_back(i);
    return rows;
}

}  // namespace

TEST_CASE("a sound file is saved as it is, byte for byte", "[store][salvage]") {
    Patient const patient;
    auto const saved = patient.saved();
    auto const salvaged = salvage(patient.with(patient.bytes()), saved);
    CHECK(salvaged.done == 5);
    CHECK(salvaged.lost.empty());
    CHECK(read_file(saved) == patient.bytes());
    CHECK_THROWS_AS(salvage(patient.with(patient.bytes()), saved), UsageError);
}

TEST_CASE("damage of the seal, of the mirror or of HDF5's structure costs no result", "[store][salvage]") {
    Patient const patient;
    auto const block = patient.user_block();
    REQUIRE(block > 8192);
    auto const [begin, end] = GENERATE_COPY(table<std::size_t, std::size_t>({
        {0, 4096},            // the whole seal
        {20, 21},             // a digit of it
        {4096, block},        // the whole mirror
        {5000, 5001},         // a byte of it
        {block, block + 96},  // HDF5's superblock
        {block + 200, block + 900},
    }));
    INFO("bytes " << begin << " to " << end);
    auto const damaged = patient.with(patient.inverted(begin, end));
    CHECK_THROWS_AS(Reader(damaged), DataError);
    auto const saved = patient.saved();
    CHECK(salvage(damaged, saved).done == 5);
    CHECK(read_file(saved) == patient.bytes());
}

TEST_CASE("the error about a damaged structure names the command that saves the rest", "[store][salvage]") {
    Patient const patient;
    CHECK_THROWS_WITH(Reader(patient.with(patient.inverted(20, 21))),
                      Catch::Contains("vaster checkpoint salvage"));
    CHECK_THROWS_WITH(Reader(patient.with(patient.bytes().substr(0, patient.bytes().size() - 1))),
                      Catch::Contains("vaster checkpoint salvage"));
}

TEST_CASE("rows that do not hold are left out, and those only", "[store][salvage]") {
    Patient const patient;
    auto const [record, record_length] = patient.row(1, 2);
    auto const [array, array_length] = patient.row(4, 4);
    auto bytes = patient.inverted(record + 9, record + 30);
    bytes[array] = static_cast<char>(~bytes[array]);
    bytes[100] = '?';  // and the seal, so that no other command reads the file
    auto const saved = patient.saved();
    auto const salvaged = salvage(patient.with(bytes), saved);
    CHECK(salvaged.done == 3);
    CHECK(salvaged.lost == std::vector<std::uint64_t>{2, 4});
    CHECK(verify(saved).empty());
    CHECK(done_rows(saved) == std::vector<std::size_t>{0, 1, 5});
}

TEST_CASE("a damaged row of the plan loses no result: it is written again", "[store][salvage]") {
    Patient const patient;
    auto const [row, length] = patient.row(0, 2);
    auto bytes = patient.inverted(row, row + 1);
    bytes[100] = '?';
    auto const saved = patient.saved();
    auto const salvaged = salvage(patient.with(bytes), saved);
    CHECK(salvaged.done == 5);
    CHECK(salvaged.plan_damage == std::vector<std::uint64_t>{2});
    CHECK_THROWS_AS(Reader(saved), DataError);
    auto const mended_by = [&](study::Plan const& plan) {
        return mend_plan(saved, plan.experiments, study::hash_of(plan),
                         [](auto const&, std::uint64_t) { return std::vector<study::Experiment>(); });
    };
    CHECK(mended_by(example::plan(7)).empty());  // another study's plan changes nothing
    CHECK(mended_by(example::plan(n_experiments)) == std::vector<std::uint64_t>{2});
    CHECK(mended_by(example::plan(n_experiments)).empty());
    CHECK(read_file(saved) == patient.bytes());
}

TEST_CASE("of a file that was cut short the rows before the cut are saved", "[store][salvage]") {
    Patient const patient;
    auto const size = patient.row(1, 2).first;  // plan, and two records
    auto const saved = patient.saved();
    auto const salvaged = salvage(patient.with(patient.bytes().substr(0, size)), saved);
    CHECK(salvaged.done == 0);  // their arrays are beyond the cut
    CHECK(read_file(saved).size() == patient.bytes().size());
    CHECK(verify(saved).empty());
    CHECK(Reader(saved).size() == n_experiments);

    auto const longer = patient.saved();
    CHECK(salvage(patient.with(patient.bytes() + "something appended"), longer).done == 5);
    CHECK(read_file(longer) == patient.bytes());
}

TEST_CASE("where neither structure nor mirror holds, and of other files, nothing is made",
          "[store][salvage]") {
    Patient const patient;
    auto bytes = patient.inverted(4200, 4300);
    bytes[patient.user_block() + 10] = '?';
    auto const saved = patient.saved();
    CHECK_THROWS_WITH(salvage(patient.with(bytes), saved), Catch::Contains("nothing can be saved"));
    CHECK_THROWS_WITH(salvage(patient.with("index,id"), saved), Catch::Contains("not a vaster study file"));
    CHECK_THROWS_WITH(salvage(patient.with(""), saved), Catch::Contains("not a vaster study file"));
    CHECK_FALSE(example::fs::exists(saved));
}

TEST_CASE("a study with a very long configuration has a mirror too", "[store][salvage]") {
    example::Folder const folder;
    auto const path = folder / "long.h5";
    auto header = example::header();
    header.config = std::string(50000, 'x');
    header.result_config = std::string(40000, 'y');
    create(path, header, example::schema(), example::plan(4));
    auto const bytes = read_file(path);
    auto damaged = bytes;
    damaged[10] = '?';
    std::ofstream(path, std::ios::binary) << damaged;
    (void)salvage(path, folder / "saved.h5");
    CHECK(read_file(folder / "saved.h5") == bytes);
    CHECK(Reader(folder / "saved.h5").header().config == header.config);
}

TEST_CASE("what a killed process left beside the study goes when it is created", "[store]") {
    example::Folder const folder;
    for (auto const* const name : {".s.h5.aB3dEf", ".s.h5.lock.aB3dEf", ".s.h5.toolong", ".t.h5.aB3dEf"})
        std::ofstream(folder / name) << "x";
    create(folder / "s.h5", example::header(), example::schema(), example::plan(4));
    CHECK_FALSE(example::fs::exists(folder / ".s.h5.aB3dEf"));
    CHECK(example::fs::exists(folder / ".s.h5.lock.aB3dEf"));
    CHECK(example::fs::exists(folder / ".s.h5.toolong"));
    CHECK(example::fs::exists(folder / ".t.h5.aB3dEf"));
}

// A study of any number of rows is read in bounded memory.
#include <cstdint>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <malloc.h>

#include "core/store/reader.hpp"
#include "core/store/settled.hpp"
#include "core/store/study_file.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

/// As the example, without arrays: a row is quickly committed.
study::Schema schema() {
    auto schema = example::schema();
    schema.arrays.clear();
    return schema;
}

study::Result result(study::Experiment const& experiment) {
    auto result = example::result(experiment);
    result.arrays.clear();
    return result;
}

/// All rows done but those that are skipped, the fourth, which failed, and the last, which is pending.
std::filesystem::path finished_study(example::Folder const& folder, study::Plan const& plan) {
    auto path = folder / "study.h5";
    create(path, example::header(), schema(), plan.experiments, {});
    Writer writer(path, Durability::none);
    for (auto const& experiment : plan.experiments) {
        bool const is_last = experiment.index + 1 == plan.experiments.size();
        if (!experiment.skip_reason.empty() || is_last) continue;
        if (experiment.index == 3)
            writer.fail(3, "error: no", example::origin(2));
        else
            writer.commit(result(experiment), example::origin(1));
    }
    return path;
}

void require_row(Reader const& study, study::Experiment const& planned) {
    auto const row = planned.index;
    auto const& experiment = study.experiment(row);
    auto const& info = study.info(row);
    REQUIRE(experiment.id == planned.id);
    REQUIRE(experiment.design == planned.design);
    REQUIRE(info.status == study.status(row));
    if (study.skipped(row)) {
        REQUIRE(info.error == planned.skip_reason);
    } else if (row == 3) {
        REQUIRE(info.error == "error: no");
        REQUIRE(info.origin.rank == 2);
    } else if (study.done(row)) {
        REQUIRE(info.origin.rank == 1);
        REQUIRE(study.cells(row)[0] == result(planned).cells[0]);
        REQUIRE(study.cells(row)[6] == result(planned).cells[6]);
    } else {
        REQUIRE(row + 1 == study.size());
    }
}

std::size_t heap_in_use() {
    struct mallinfo2 const now = ::mallinfo2();
    return now.uordblks + now.hblkhd;
}

}  // namespace

TEST_CASE("all rows of a long study can be asked for in memory that does not grow with their number",
          "[store][rows]") {
    constexpr std::size_t n_rows = 8 * Reader::rows_kept;
    example::Folder const folder;
    auto const plan = example::plan(n_rows);
    auto const path = finished_study(folder, plan);
    auto const before = heap_in_use();
    Reader const study(path);
    REQUIRE(study.size() == n_rows);
    for (auto const& planned : plan.experiments) require_row(study, planned);
    // Rows that were kept would be 1.5 KiB each.
    CHECK(heap_in_use() < before + n_rows * 512);
    for (std::size_t k = 0; k < 100; ++k) require_row(study, plan.experiments[(k * 7919) % n_rows]);
    CHECK(verify(path).empty());
}

TEST_CASE("a reference to a row is good until as many other rows have been asked for as are kept",
          "[store][rows]") {
    constexpr std::size_t n_rows = Reader::rows_kept + 1;
    example::Folder const folder;
    auto const plan = example::plan(n_rows);
    auto const path = example::create(folder, n_rows);
    Reader const study(path);
    auto const& first = study.experiment(0);
    for (std::size_t row = 1; row + 1 < n_rows; ++row) (void)study.experiment(row);
    CHECK(&study.experiment(0) == &first);
    CHECK(first.id == plan.experiments[0].id);
    CHECK_THROWS_AS(study.experiment(n_rows), std::out_of_range);
}

TEST_CASE("a failure is told as it was looked at though a run has begun to try again", "[store][rows]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    auto const plan = example::plan(8);
    Writer writer(path);
    writer.fail(2, "crash: signal 11", example::origin(5));
    Reader const study(path);
    writer.reset(2);
    writer.commit(example::result(plan.experiments[2]), example::origin(0));
    CHECK(study.status(2) == study::Status::failed);
    CHECK(study.info(2).error == "crash: signal 11");
    CHECK(study.info(2).origin.rank == 5);
}

TEST_CASE("a result that is computed again while it is read is an error, not another number",
          "[store][rows]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    auto const plan = example::plan(8);
    Writer writer(path);
    writer.commit(example::result(plan.experiments[4]), example::origin());
    Reader const study(path);
    writer.reset(4);
    CHECK_THROWS_WITH(study.cells(4), Catch::Contains("row 4 of /records has changed"));
    CHECK_THROWS_AS(study.info(4), DataError);
    Reader const again(path);
    CHECK_FALSE(again.done(4));
}

TEST_CASE("rows are shown in order whatever the number of blocks, and damage is seen in each",
          "[store][rows]") {
    constexpr std::size_t n_rows = 6000;
    example::Folder const folder;
    auto const path = example::create(folder, n_rows);
    auto const file = open_study_for_rows(path, h5::Driver::direct);
    for (std::uint64_t const row : {0, 3001, 5999}) {
        auto damaged = file.plan.read(row);
        damaged.bytes()[5] ^= std::byte{1};
        file.plan.data().write_rows(row, damaged.bytes());
    }
    std::uint64_t expected = 0;
    std::vector<std::uint64_t> bad;
    see_settled_rows(file.plan, [&](std::uint64_t row, auto bytes, bool holds) {
        REQUIRE(row == expected++);
        REQUIRE(bytes.size() == file.plan.type().size);
        if (!holds) bad.push_back(row);
    });
    CHECK(expected == n_rows);
    CHECK(bad == std::vector<std::uint64_t>{0, 3001, 5999});
    CHECK(verify(path).size() == 3);
}

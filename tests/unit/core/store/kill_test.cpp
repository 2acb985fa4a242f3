// A process that writes rows is killed at random moments: what it has acknowledged is there, everything else
// is open.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <set>
#include <span>
#include <thread>

#include <catch2/catch.hpp>

#include "base/support/files.hpp"
#include "core/store/reader.hpp"
#include "core/store/resume.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"
#include "processes.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

constexpr std::size_t n_experiments = 300;
constexpr std::size_t big = 10000;

/// With an array of many pages, so that kills fall into the middle of writes.
study::Schema big_schema() {
    auto schema = example::schema();
    schema.arrays.push_back(
        {"big", {{"value", study::ElementType::float64}}, study::Extent::fixed, {big}, "many pages"});
    return schema;
}

study::Result big_result(study::Experiment const& e) {
    auto result = example::result(e);
    std::vector<std::uint8_t> bytes(big * 8);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(e.index + i / 4096);
    result.arrays.push_back(std::move(bytes));
    return result;
}

std::string texts_of(study::Cells const& cells) {
    std::string text;
    for (auto const& cell : cells) text += cell_text(cell) + "|";
    return text;
}

/// Clears checksum and mark of the first row of a plan with room for `n_rows`: the first range of the seal.
void open_first_plan_row(std::filesystem::path const& path, std::size_t n_rows) {
    auto const seal = read_file(path).substr(0, 4096);
    std::size_t begin = 0;
    std::size_t end = 0;
    REQUIRE(std::sscanf(seal.c_str() + seal.find("range"), "range %zu %zu", &begin, &end) == 2);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(begin + (end - begin) / n_rows - 8));
    file.write("\0\0\0\0\0\0\0\0", 8);
}

}  // namespace

TEST_CASE("no acknowledged row is lost and no bad row is left when a writer is killed at any moment",
          "[store][kill]") {
    example::Folder const folder;
    auto const path = folder / "study.h5";
    auto const plan = example::plan(n_experiments);
    auto random = random_stream(1, "kill test", Purpose::simulate);
    std::set<std::size_t> acknowledged;
    auto const begin_anew = [&] {
        create(path, example::header(), big_schema(), plan, {}, OnExisting::replace);
        acknowledged.clear();
    };
    begin_anew();
    for (int round = 0; round < 40; ++round) {
        auto pending = prepare_resume(path, FailedRows::keep).pending;
        if (pending.size() < 50) {
            begin_anew();
            pending = prepare_resume(path, FailedRows::keep).pending;
        }
        example::Process child([&](auto tell) {
            Writer writer(path);
            tell(-2);
            for (auto const index : pending) {
                writer.mark_running({index});
                writer.commit(big_result(plan.experiments[index]), example::origin(1));
                tell(static_cast<int>(index));
                writer.log_attempt({index, 1, 1, "node7", 100, 1, "done", ""});
            }
        });
        REQUIRE(child.hear() == -2);
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(20000)));
        child.kill();
        for (int const index : child.hear_all()) acknowledged.insert(static_cast<std::size_t>(index));

        auto const bad = verify(path);
        INFO("round " << round << (bad.empty() ? "" : ": " + bad.front().table + " " + bad.front().reason));
        REQUIRE(bad.empty());
        Reader const study(path);
        for (std::size_t row = 0; row < study.size(); ++row) {
            if (acknowledged.contains(row)) REQUIRE(study.done(row));
            if (!study.done(row)) continue;
            auto const wanted = big_result(plan.experiments[row]);
            REQUIRE(texts_of(study.cells(row)) == texts_of(wanted.cells));
            REQUIRE(study.arrays(row) == wanted.arrays);
        }
    }
}

TEST_CASE("a row that is written over and over never looks bad to a reader", "[store][kill]") {
    example::Folder const folder;
    auto const path = example::create(folder, 3);
    auto const plan = example::plan(3);
    example::Process const child([&](auto tell) {
        Writer writer(path);
        for (int i = 0;; ++i) {
            writer.reset(1);
            writer.mark_running({1});
            if (i % 3 == 0) writer.fail(1, "failed for a change", example::origin(i));
            writer.commit(example::result(plan.experiments[1], i), example::origin(i));
            if (i == 0) tell(0);
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    });
    REQUIRE(child.hear() == 0);
    Reader study(path);
    std::set<study::Status> seen;
    for (int i = 0; i < 1500; ++i) {
        study.refresh();
        seen.insert(study.status(1));
        REQUIRE_FALSE(study.info(1).torn);
        if (!study.done(1)) continue;
        try {
            REQUIRE(std::get<double>(study.cells(1)[2]) == 1.0 / 4.0);
        } catch (DataError const& written_meanwhile) {
            CHECK_THAT(written_meanwhile.what(), Catch::Contains("has changed since"));
        }
    }
    CHECK(seen.contains(study::Status::done));
    CHECK(verify(path).empty());
}

TEST_CASE("a stage that a kill cuts off is in the plan as a whole or not at all", "[store][kill][growth]") {
    example::Folder const folder;
    auto const path = folder / "growing.h5";
    auto const all = example::plan(400);
    auto const stage = [&](std::size_t first, std::size_t n) {
        auto const begin = all.experiments.begin() + static_cast<std::ptrdiff_t>(first);
        return std::vector<study::Experiment>(begin, begin + static_cast<std::ptrdiff_t>(n));
    };
    create(path, example::header(), example::schema(), study::Plan(), {400, study::total_rows(all)});
    auto random = random_stream(2, "kill test", Purpose::simulate);
    std::size_t known = 0;
    for (int round = 0; round < 30 && known + 40 < 400; ++round) {
        std::size_t const n = 1 + random.below(40);
        example::Process child([&](auto tell) {
            Writer writer(path);
            tell(-2);
            writer.append_experiments(stage(known, n));
            tell(1);
        });
        REQUIRE(child.hear() == -2);
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(3000)));
        child.kill();
        bool const acknowledged = !child.hear_all().empty();
        REQUIRE(verify(path).empty());
        Reader const study(path);
        CAPTURE(round, known, n, acknowledged);
        REQUIRE((study.size() == known + n || (study.size() == known && !acknowledged)));
        for (std::size_t row = 0; row < study.size(); ++row) {
            REQUIRE(study.experiment(row).id == all.experiments[row].id);
            REQUIRE(study.skipped(row) == !all.experiments[row].skip_reason.empty());
        }
        if (study.size() > known) REQUIRE(study.stage(known) == study.stages());
        known = study.size();
    }
}

TEST_CASE("what a stage that was cut off left behind never enters a later plan", "[store][growth]") {
    example::Folder const folder;
    auto const path = folder / "growing.h5";
    auto all = example::plan(20);
    create(path, example::header(), example::schema(), study::Plan(), {20, study::total_rows(all)});
    {  // as if killed just before the first row of the stage
        Writer writer(path);
        writer.append_experiments({all.experiments.begin(), all.experiments.begin() + 10});
        open_first_plan_row(path, 20);
    }
    CHECK(Reader(path).size() == 0);
    all.experiments[6].skip_reason.clear();
    Writer writer(path);
    for (std::size_t first = 0; first < 9; first += 3) {
        auto const begin = all.experiments.begin() + static_cast<std::ptrdiff_t>(first);
        writer.append_experiments({begin, begin + 3});
        Reader const study(path);
        CHECK(study.size() == first + 3);
        CHECK(study.stages() == first / 3 + 1);
        CHECK(study.stage(0) == 1);
    }
    Reader const study(path);
    CHECK(study.status(6) == study::Status::pending);
    CHECK(verify(path).empty());
}

TEST_CASE("failed rows of closed stages stay as later ones were planned from them", "[store][growth]") {
    example::Folder const folder;
    auto const path = folder / "growing.h5";
    auto const all = example::plan(6);
    create(path, example::header(), example::schema(), std::span(all.experiments).first(3),
           {6, study::total_rows(all)});
    {
        Writer writer(path);
        writer.append_experiments({all.experiments.begin() + 3, all.experiments.end()});
        writer.fail(1, "crash: killed by SIGSEGV", example::origin());
        writer.fail(4, "crash: killed by SIGSEGV", example::origin());
    }
    auto const resumed = prepare_resume(path, FailedRows::retry);
    CHECK(resumed.failed == 1);
    CHECK(resumed.closed == 1);
    CHECK(resumed.retried == 1);
    CHECK(resumed.pending == std::vector<study::ExperimentIndex>{0, 2, 3, 4, 5});
}

TEST_CASE("a failed row that later stages of one row followed is not tried again", "[store][growth]") {
    example::Folder const folder;
    auto const path = folder / "growing.h5";
    auto const all = example::plan(4);
    create(path, example::header(), example::schema(), std::span(all.experiments).first(1),
           {4, study::total_rows(all)});
    {
        Writer writer(path);
        for (std::size_t row = 1; row < 4; ++row) writer.append_experiments({all.experiments[row]});
        for (study::ExperimentIndex const row : {1, 2, 3})
            writer.fail(row, "crash: killed by SIGSEGV", example::origin());
    }
    auto const resumed = prepare_resume(path, FailedRows::retry);
    CHECK(resumed.closed == 2);
    CHECK(resumed.retried == 1);
    CHECK(resumed.pending == std::vector<study::ExperimentIndex>{0, 3});
}

TEST_CASE("a skipped row that was damaged is skipped again, not run", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    Writer(path).reset(6);
    CHECK(Reader(path).skipped(6));
    auto const resumed = prepare_resume(path, FailedRows::retry);
    CHECK(resumed.skipped == 1);
    CHECK(resumed.pending == std::vector<study::ExperimentIndex>{0, 1, 2, 3, 4, 5, 7});
}

// A process that writes rows is killed at random moments: what it has acknowledged is there, everything else
// is open.
#include <chrono>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "example.hpp"
#include "processes.hpp"
#include "vaster/store/reader.hpp"
#include "vaster/store/resume.hpp"
#include "vaster/store/verify.hpp"
#include "vaster/store/writer.hpp"
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

}  // namespace

TEST_CASE("no acknowledged row is lost and no bad row is left when a writer is killed at any moment",
          "[store][kill]") {
    example::Folder const folder;
    auto const path = folder / "study.h5";
    auto const plan = example::plan(n_experiments);
    auto random = stream(1, "kill test", Purpose::simulate);
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
        if (study.done(1)) REQUIRE(std::get<double>(study.cells(1)[2]) == 1.0 / 4.0);
    }
    CHECK(seen.contains(study::Status::done));
    CHECK(verify(path).empty());
}

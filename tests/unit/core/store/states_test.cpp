// Looking at the states of rows alone tells the same as looking at everything.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "core/store/reader.hpp"
#include "core/store/writer.hpp"
#include "example.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

void require_same(std::filesystem::path const& path) {
    Reader const all(path);
    Reader const states(path, Look::states);
    REQUIRE(states.size() == all.size());
    CHECK(states.stages() == all.stages());
    CHECK(states.counts() == all.counts());
    CHECK(states.seconds_left() == all.seconds_left());
    for (std::size_t row = 0; row < all.size(); ++row) {
        CHECK(states.stage(row) == all.stage(row));
        CHECK(states.status(row) == all.status(row));
        CHECK(states.torn(row) == all.torn(row));
        CHECK(states.experiment(row).id == all.experiment(row).id);
        if (all.status(row) == study::Status::failed) CHECK(states.info(row).error == all.info(row).error);
    }
}

}  // namespace

TEST_CASE("the states of a study are those of all that is in it", "[store][states]") {
    example::Folder const folder;
    auto const path = example::create(folder, 20);
    auto const plan = example::plan(20);
    {
        Writer writer(path);
        for (std::size_t i : {0, 3, 5})
            writer.commit(example::result(plan.experiments[i]), example::origin());
        writer.mark_running({7});
        writer.fail(8, "timeout: no progress", example::origin());
    }
    require_same(path);
    CHECK(Reader(path, Look::states).counts() == StatusCounts{13, 1, 3, 1, 2});
}

TEST_CASE("a plan that grows ends for the states where it ends", "[store][states][growth]") {
    example::Folder const folder;
    auto const path = folder / "growing.h5";
    auto const all = example::plan(9);
    auto const stage = [&](std::ptrdiff_t first, std::ptrdiff_t end) {
        Writer(path).append_experiments({all.experiments.begin() + first, all.experiments.begin() + end});
    };
    create(path, example::header(), example::schema(), study::Plan(), {9, study::total_rows(all)});
    require_same(path);
    stage(0, 4);
    require_same(path);
    CHECK(Reader(path, Look::states).size() == 4);
    stage(4, 6);
    stage(6, 9);
    require_same(path);
    CHECK(Reader(path, Look::states).stages() == 3);
}

TEST_CASE("stages are counted one by one, however few rows they have and however many Writers plan them",
          "[store][states][growth]") {
    example::Folder const folder;
    auto const path = folder / "growing.h5";
    auto const all = example::plan(6);
    create(path, example::header(), example::schema(), study::Plan(), {6, study::total_rows(all)});
    std::size_t const stages_of_writer = GENERATE(1, 2, 5);
    std::unique_ptr<Writer> writer;
    for (std::size_t row = 0; row < 5; ++row) {
        if (row % stages_of_writer == 0) writer = std::make_unique<Writer>(path);
        writer->append_experiments({all.experiments[row]});
    }
    Reader const study(path);
    REQUIRE(study.size() == 5);
    for (std::size_t row = 0; row < 5; ++row) CHECK(study.stage(row) == row + 1);
    CHECK(study.stages() == 5);
}

TEST_CASE("a plan whose only stage fills the file is all planned", "[store][states][growth]") {
    example::Folder const folder;
    auto const path = folder / "growing.h5";
    auto const all = example::plan(9);
    create(path, example::header(), example::schema(), study::Plan(), {9, study::total_rows(all)});
    Writer(path).append_experiments(all.experiments);
    require_same(path);
    CHECK(Reader(path, Look::states).size() == 9);
}

TEST_CASE("time that is left is estimated from a part of a large plan", "[store][states]") {
    example::Folder const folder;
    constexpr std::size_t n = 102000;
    study::Schema const small{{}, {{"score", study::CellType::real, 0, ""}}, {}, {}};
    auto plan = example::plan(n);
    for (auto& experiment : plan.experiments) {
        experiment.design.clear();
        experiment.n_rows = 0;
        experiment.first_row = 0;
    }
    auto const path = folder / "large.h5";
    create(path, example::header(), small, plan);
    std::map<std::string, double> expected;
    for (auto const& experiment : plan.experiments)
        if (experiment.skip_reason.empty()) expected[experiment.cost_key] += experiment.expected_seconds;
    auto const estimate = Reader(path, Look::states).seconds_left();
    REQUIRE(estimate.size() == expected.size());
    for (auto const& [cost_key, seconds] : expected)
        CHECK(estimate.at(cost_key) == Approx(seconds).epsilon(0.001));
}

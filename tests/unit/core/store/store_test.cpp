#include <chrono>
#include <cmath>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

#include "base/support/files.hpp"
#include "core/h5/attributes.hpp"
#include "core/h5/file.hpp"
#include "core/store/create.hpp"
#include "core/store/reader.hpp"
#include "core/store/resume.hpp"
#include "core/store/schema_attributes.hpp"
#include "core/store/verify.hpp"
#include "core/store/writer.hpp"
#include "core/study/timed_arrays.hpp"
#include "example.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::store;
using study::Status;

namespace {

void require_same(study::Cells const& a, study::Cells const& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        INFO("cell " << i);
        CHECK(a[i].index() == b[i].index());
        CHECK(cell_text(a[i]) == cell_text(b[i]));
    }
}

}  // namespace

TEST_CASE("a header of an earlier version, without an inventory, is read", "[store]") {
    example::Folder const folder;
    auto const path = folder / "early.h5";
    auto const file = h5::create_file(path, 0);
    write_header(file, example::header());
    auto const root = h5::open_object(file, "/");
    REQUIRE(H5Adelete(root.get(), "inventory") >= 0);
    REQUIRE(H5Adelete(root.get(), "warnings") >= 0);
    auto const header = read_header(file);
    CHECK(header.inventory == study::Inventory());
    CHECK(header.created == example::header().created);
}

TEST_CASE("results of a later version fill a file that has fewer columns, and lack none that it has",
          "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 20);
    auto const plan = example::plan(20);
    auto later = example::schema().results;
    later.insert(later.begin() + 2, {"csmf_later", study::CellType::real, 0, "new", study::Nature::result,
                                     study::ColumnPosition::trailing});
    auto with_more = example::result(plan.experiments[1]);
    with_more.cells.insert(with_more.cells.begin() + 2, 0.75);
    {
        Writer writer(path);
        writer.take_results_with(later);
        writer.commit(with_more, example::origin(0));
    }
    require_same(Reader(path).cells(1), example::result(plan.experiments[1]).cells);
    later.erase(later.begin());
    Writer writer(path);
    CHECK_THROWS_WITH(writer.take_results_with(later),
                      Catch::Contains("has column n_train") && Catch::Contains("finish it with the version"));
}

TEST_CASE("arrays that are measured may differ where an experiment is computed twice", "[store]") {
    for (bool const are_measured : {false, true}) {
        example::Folder const folder;
        auto const path = folder / "study.h5";
        auto schema = example::schema();
        if (are_measured) schema.labels.push_back({study::timed_arrays, {"csmf_true"}});
        auto const plan = example::plan(20);
        create(path, example::header(), schema, plan, {});
        auto again = example::result(plan.experiments[1]);
        again.arrays[1][0] ^= 1;
        Writer writer(path);
        writer.commit(example::result(plan.experiments[1]), example::origin(0));
        if (are_measured)
            CHECK_NOTHROW(writer.commit(again, example::origin(1)));
        else
            CHECK_THROWS_WITH(writer.commit(again, example::origin(1)), Catch::Contains("its arrays"));
        CHECK(Reader(path).arrays(1) == example::result(plan.experiments[1]).arrays);
    }
}

TEST_CASE("a new study file gives back its header, schema and plan", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 20);
    Reader const study(path);
    auto const wanted = example::header();
    CHECK(study.header().config == wanted.config);
    CHECK(study.header().result_config == wanted.result_config);
    CHECK(study.header().seed == wanted.seed);
    CHECK(study.header().provenance.command == "vaster run study.toml");
    CHECK(study.header().inventory == wanted.inventory);
    CHECK(study::hash_of(study.plan()) == study::hash_of(example::plan(20)));
    CHECK(study.plan().experiments[3].expected_seconds == 0.5);
    auto const schema = example::schema();
    REQUIRE(study.schema().results.size() == schema.results.size());
    for (std::size_t i = 0; i < schema.results.size(); ++i) {
        CHECK(study.schema().results[i].name == schema.results[i].name);
        CHECK(study.schema().results[i].type == schema.results[i].type);
        CHECK(study.schema().results[i].width == schema.results[i].width);
        CHECK(study.schema().results[i].doc == schema.results[i].doc);
        CHECK(study.schema().results[i].nature == schema.results[i].nature);
        CHECK(study.schema().results[i].position == schema.results[i].position);
    }
    REQUIRE(study.schema().arrays.size() == schema.arrays.size());
    for (std::size_t i = 0; i < schema.arrays.size(); ++i) {
        CHECK(study.schema().arrays[i].name == schema.arrays[i].name);
        CHECK(study.schema().arrays[i].extent == schema.arrays[i].extent);
        CHECK(study.schema().arrays[i].shape == schema.arrays[i].shape);
        REQUIRE(study.schema().arrays[i].fields.size() == schema.arrays[i].fields.size());
        for (std::size_t k = 0; k < schema.arrays[i].fields.size(); ++k) {
            CHECK(study.schema().arrays[i].fields[k].name == schema.arrays[i].fields[k].name);
            CHECK(study.schema().arrays[i].fields[k].type == schema.arrays[i].fields[k].type);
            CHECK(study.schema().arrays[i].fields[k].labels == schema.arrays[i].fields[k].labels);
        }
    }
    REQUIRE(study.schema().labels.size() == 2);
    CHECK(study.schema().labels[0].labels == example::causes());
    CHECK(study.counts() == StatusCounts{18, 0, 0, 0, 2});
    CHECK(study.info(6).error == "site 'Pemba' has 12 deaths, fewer than 50");
    CHECK(verify(path).empty());
}

TEST_CASE("a committed result is read back bit by bit", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 20);
    auto const plan = example::plan(20);
    Writer writer(path);
    Reader study(path);
    for (std::size_t i : {3U, 0U, 19U}) {
        writer.mark_running({i});
        study.refresh();
        CHECK(study.status(i) == Status::running);
        writer.commit(example::result(plan.experiments[i]), example::origin(2));
        study.refresh();
        REQUIRE(study.done(i));
        auto const wanted = example::result(plan.experiments[i]);
        require_same(study.cells(i), wanted.cells);
        CHECK(study.arrays(i) == wanted.arrays);
        CHECK(study.info(i).peak_rss_bytes == 1000 + i);
        CHECK(study.info(i).origin.rank == 2);
        CHECK(study.info(i).origin.host == "node7");
        CHECK(study.info(i).error.empty());
    }
    CHECK(verify(path).empty());
}

TEST_CASE("a second result of a row changes nothing when it is the same, and is an alarm when not",
          "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    auto const plan = example::plan(4);
    Writer writer(path);
    writer.commit(example::result(plan.experiments[1], 1.0), example::origin(1));
    CHECK_NOTHROW(writer.commit(example::result(plan.experiments[1], 2.0), example::origin(2)));
    Reader const study(path);
    CHECK(std::get<double>(study.cells(1)[4]) == 1.0);
    auto other = example::result(plan.experiments[1]);
    other.cells[2] = 0.75;
    CHECK_THROWS_WITH(writer.commit(other, example::origin()), Catch::Contains("csmf_accuracy"));
    writer.fail(1, "given up, but the result had come", example::origin());
    writer.release(1);
    writer.mark_running({1});
    auto arrays = example::result(plan.experiments[1]);
    arrays.arrays[0][0] ^= 1U;
    CHECK_THROWS_WITH(writer.commit(arrays, example::origin()), Catch::Contains("arrays"));
    CHECK(Reader(path).done(1));
    CHECK(verify(path).empty());
}

TEST_CASE("a row that is done stays so when those around it are marked", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    auto const plan = example::plan(8);
    Writer writer(path);
    for (auto const row : {1U, 4U})
        writer.commit(example::result(plan.experiments[row], 1.0), example::origin(1));
    writer.fail(2, "crash", example::origin(1));
    writer.mark_running({0, 1, 2, 4, 5, 7});
    Reader const study(path);
    using study::Status;
    std::vector<Status> states;
    for (std::size_t row = 0; row < 8; ++row) states.push_back(study.status(row));
    CHECK(states == std::vector{Status::running, Status::done, Status::running, Status::pending, Status::done,
                                Status::running, Status::skipped, Status::running});
    CHECK(std::get<double>(study.cells(1)[4]) == 1.0);
    CHECK(verify(path).empty());
}

TEST_CASE("failed rows keep their reason and may be tried again", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    auto const plan = example::plan(4);
    {
        Writer writer(path);
        writer.mark_running({0, 1, 2});
        writer.fail(1, "eta = 7 is wrong", {3, "node9", 4});
        writer.release(2);
        writer.release(1);
    }
    Reader study(path);
    CHECK(study.counts() == StatusCounts{2, 1, 0, 1, 0});
    CHECK(study.info(1).error == "eta = 7 is wrong");
    CHECK(study.info(1).origin.attempt == 4);

    auto const kept = prepare_resume(path, FailedRows::keep);
    CHECK(kept.failed == 1);
    CHECK(kept.pending == std::vector<study::ExperimentIndex>{0, 2, 3});
    auto const retried = prepare_resume(path, FailedRows::retry);
    CHECK(retried.retried == 1);
    CHECK(retried.pending == std::vector<study::ExperimentIndex>{0, 1, 2, 3});
    study.refresh();
    CHECK(study.counts() == StatusCounts{4, 0, 0, 0, 0});
    Writer writer(path);
    writer.commit(example::result(plan.experiments[1]), example::origin());
    study.refresh();
    CHECK(study.done(1));
    CHECK(study.info(1).error.empty());
    CHECK(verify(path).empty());
}

TEST_CASE("a row whose file is lost is computed again though it holds", "[store][resume]") {
    example::Folder const folder;
    auto const path = example::create(folder, 3);
    auto const plan = example::plan(3);
    {
        Writer writer(path);
        for (auto const& experiment : plan.experiments)
            writer.commit(example::result(experiment), example::origin());
    }
    auto const resumed = prepare_resume(path, FailedRows::retry, {1});
    CHECK(resumed.done == 2);
    CHECK(resumed.pending == std::vector<study::ExperimentIndex>{1});
    CHECK_FALSE(Reader(path).done(1));
}

TEST_CASE("a plan that grows gets its rows when they are known", "[store]") {
    example::Folder const folder;
    auto const path = folder / "growing.h5";
    auto all = example::plan(10);
    study::Plan first{{all.experiments.begin(), all.experiments.begin() + 4}};
    create(path, example::header(), example::schema(), first, {10, study::total_rows(all)});
    Writer rank0(path);
    Writer rank1(path);
    Reader study(path);
    CHECK(study.size() == 4);
    CHECK(study.capacity() == 10);
    CHECK_THROWS_AS(rank1.mark_running({5}), std::logic_error);
    rank0.append_experiments({all.experiments.begin() + 4, all.experiments.end()});
    CHECK_THROWS_AS(rank0.append_experiments({all.experiments.back()}), std::logic_error);
    rank1.commit(example::result(all.experiments[9]), example::origin(1));
    study.refresh();
    REQUIRE(study.size() == 10);
    CHECK(study.done(9));
    CHECK(study.skipped(6));
    CHECK(study.arrays(9) == example::result(all.experiments[9]).arrays);
    CHECK(study::hash_of(study.plan()) == study::hash_of(all));
    CHECK(verify(path).empty());
}

TEST_CASE("attempts are kept in a ring, the newest ones last, over several runs", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    for (int run = 0; run < 2; ++run) {
        Writer writer(path);
        for (int i = 0; i < 700; ++i)
            writer.log_attempt({1, i, run, "node7", 1000.0 + i, 0.5, "timeout", "no progress for 1 h"});
    }
    auto const attempts = Reader(path).attempts();
    REQUIRE(attempts.size() == 1024);
    CHECK(attempts.front().attempt == 700 - 324);
    CHECK(attempts.front().rank == 0);
    CHECK(attempts.back().attempt == 699);
    CHECK(attempts.back().rank == 1);
    CHECK(attempts.back().message == "no progress for 1 h");
    CHECK(verify(path).empty());
}

TEST_CASE("measured costs are kept", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    Writer writer(path);
    writer.log_cost({{"xgboost", 2.0, 3.0}});
    writer.log_cost({{"xgboost", 4.0, 7.0}, {"naive_bayes", 1.0, 0.5}});
    auto const costs = Reader(path).costs();
    REQUIRE(costs.size() == 2);
    CHECK(costs[0].cost_key == "xgboost");
    CHECK(costs[0].measured_seconds == 7.0);
    CHECK(costs[1].expected_seconds == 1.0);
}

TEST_CASE("long texts are cut at a character, never inside one", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 2);
    Writer writer(path);
    std::string const umlauts = [] {
        std::string text = "x";
        for (int i = 0; i < 400; ++i) text += "ä";
        return text;
    }();
    writer.fail(0, umlauts, example::origin());
    auto const error = Reader(path).info(0).error;
    CHECK(error.size() == 511);
    CHECK(umlauts.starts_with(error));
}

TEST_CASE("results that do not fit the schema are bugs and write nothing", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    auto const plan = example::plan(4);
    Writer writer(path);
    auto short_cells = example::result(plan.experiments[0]);
    short_cells.cells.pop_back();
    auto wrong_type = example::result(plan.experiments[0]);
    wrong_type.cells[0] = 1.0;
    auto short_array = example::result(plan.experiments[0]);
    short_array.arrays[2].pop_back();
    for (auto const& bad : {short_cells, wrong_type, short_array})
        CHECK_THROWS_AS(writer.commit(bad, example::origin()), std::logic_error);
    CHECK_THROWS_AS(writer.release(4), std::logic_error);
    CHECK(Reader(path).counts() == StatusCounts{4, 0, 0, 0, 0});
}

TEST_CASE("the structure of a file never changes when rows are written", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    auto const size = std::filesystem::file_size(path);
    for (int i = 0; i < 3; ++i) {
        Writer writer(path);
        writer.commit(example::result(example::plan(8).experiments[static_cast<std::size_t>(i)]),
                      example::origin());
        writer.log_attempt({1, i, 0, "node7", 1000.0, 0.5, "done", ""});
    }
    CHECK(std::filesystem::file_size(path) == size);
    CHECK_NOTHROW(Reader(path));  // checks the checksum of everything but rows
}

TEST_CASE("a writer notices that its file was removed or replaced", "[store]") {
    example::Folder const folder;
    auto const path = example::create(folder, 4);
    auto const wait_for_a_look = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1050)); };
    Writer writer(path);
    wait_for_a_look();
    CHECK_NOTHROW(writer.idle());
    std::filesystem::rename(path, folder / "moved.h5");
    wait_for_a_look();
    CHECK_THROWS_WITH(writer.idle(), Catch::Contains("was removed"));
    std::ofstream(path) << "another file";
    wait_for_a_look();
    CHECK_THROWS_WITH(writer.idle(), Catch::Contains("was replaced"));
}

TEST_CASE("results are the same whatever the durability", "[store]") {
    for (auto const* const word : {"commit", "group", "none"}) {
        example::Folder const folder;
        auto const path = example::create(folder, 4);
        {
            Writer writer(path, durability_of(word));
            writer.commit(example::result(example::plan(4).experiments[1]), example::origin());
        }
        CHECK(Reader(path).done(1));
        CHECK(verify(path).empty());
    }
    CHECK_THROWS_AS(durability_of("sometimes"), std::logic_error);
}

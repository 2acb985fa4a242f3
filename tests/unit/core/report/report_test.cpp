#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "../store/example.hpp"
#include "core/report/elements.hpp"
#include "core/report/export.hpp"
#include "core/report/status.hpp"
#include "core/store/lock.hpp"
#include "core/store/writer.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::report;

namespace {

template <class Export, class... Args>
std::string text_of(Export write, std::filesystem::path const& path, Args... args) {
    std::ostringstream out;
    write(out, store::Reader(path), args...);
    return out.str();
}

std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

/// Commits every experiment that is to be run, in the given order.
void finish(std::filesystem::path const& path, std::size_t n, bool backwards, double seconds,
            std::int64_t rank) {
    auto const plan = example::plan(n);
    store::Writer writer(path);
    for (std::size_t k = 0; k < n; ++k) {
        auto const& e = plan.experiments[backwards ? n - 1 - k : k];
        if (e.skip_reason.empty()) writer.commit(example::result(e, seconds), example::origin(rank));
    }
}

}  // namespace

TEST_CASE("the CSV has the columns of the interface in their order", "[report]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    auto const lines = lines_of(text_of(export_csv, path, Timings::show));
    REQUIRE(lines.size() == 9);
    CHECK(lines[0] ==
          "index,id,type,train_site,test_site,model,fraction,repeat,status,n_train,n_test,csmf_accuracy,log_"
          "loss,"
          "fit_seconds,peak_rss_bytes,rank,host,attempt,error,macro_f1,note");
    CHECK(lines_of(text_of(export_csv, path, Timings::leave_out))[0] ==
          "index,id,type,train_site,test_site,model,fraction,repeat,status,n_train,n_test,csmf_accuracy,log_"
          "loss,"
          "error,macro_f1,note");
}

TEST_CASE("CSV cells: 17 digits, missing values and rows without result empty, quotes doubled", "[report]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    auto const plan = example::plan(8);
    store::Writer writer(path);
    writer.commit(example::result(plan.experiments[0]), example::origin(2));
    writer.fail(1, "eta, \"7\"", {3, "node9", 4});
    writer.mark_running({2});
    auto const lines = lines_of(text_of(export_csv, path, Timings::show));
    auto const id = [&](std::size_t i) { return to_text(plan.experiments[i].id); };
    CHECK(lines[1] ==
          "0," + id(0) +
              ",in_domain,AP,Dar,xgboost,0.25,0,done,100,1,0.33333333333333331,,0.125,1000,2,node7,1,,0.5,"
              "\"ok, \"\"0\"\"\"");
    CHECK(lines[2] ==
          "1," + id(1) + ",out_domain,AP,Dar,naive_bayes,0.5,0,failed,,,,,,,3,node9,4,\"eta, \"\"7\"\"\",,");
    CHECK(lines[3] == "2," + id(2) + ",out_domain,AP,Dar,xgboost,0.75,0,running,,,,,,,,,,,,");
    CHECK(lines[7] ==
          "6," + id(6) +
              ",in_domain,AP,Dar,xgboost,0.75,0,skipped,,,,,,,,,,\"site 'Pemba' has 12 deaths, fewer than "
              "50\",,");
}

TEST_CASE("two finished runs of one config export identical bytes without timings", "[report]") {
    example::Folder const one, other;
    auto const a = example::create(one, 20);
    auto const b = example::create(other, 20);
    finish(a, 20, false, 1.0, 0);
    finish(b, 20, true, 2.0, 3);
    CHECK(text_of(export_csv, a, Timings::leave_out) == text_of(export_csv, b, Timings::leave_out));
    CHECK(text_of(export_json, a, Timings::leave_out) == text_of(export_json, b, Timings::leave_out));
    CHECK(text_of(export_csv, a, Timings::show) != text_of(export_csv, b, Timings::show));
}

TEST_CASE("the JSON says the same as the CSV, with config and hashes", "[report]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    store::Writer(path).commit(example::result(example::plan(8).experiments[3]), example::origin());
    auto const json = nlohmann::json::parse(text_of(export_json, path, Timings::show));
    CHECK(json["filetype"] == "vaster-study");
    CHECK(json["config"] == example::header().config);
    CHECK(json["seed"] == example::header().seed);
    CHECK(json["provenance"]["command"] == "vaster run study.toml");
    REQUIRE(json["experiments"].size() == 8);
    CHECK(json["experiments"][3]["csmf_accuracy"] == 1.0 / 6.0);
    CHECK(json["experiments"][3]["status"] == "done");
    CHECK(json["experiments"][3]["error"].is_null());
    CHECK(json["experiments"][2]["csmf_accuracy"].is_null());
    CHECK(json["experiments"][6]["error"] == "site 'Pemba' has 12 deaths, fewer than 50");
}

TEST_CASE("predictions are exported one row per death with names of causes", "[report]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    auto const plan = example::plan(8);
    store::Writer(path).commit(example::result(plan.experiments[2]), example::origin());
    auto const lines = lines_of(text_of(export_array, path, "predictions"));
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "index,id,type,train_site,test_site,model,fraction,repeat,row,true_cause,top1,p1");
    auto const begin = "2," + to_text(plan.experiments[2].id) + ",out_domain,AP,Dar,xgboost,0.75,0,";
    CHECK(lines[1] == begin + "2000,Stroke,\"TB, lung\",1");
    CHECK(lines[2] == begin + "2001,Malária,Other,0.5");
    CHECK(lines[3] == begin + "2002,\"TB, lung\",Stroke,0.33333333333333331");
    CHECK_THROWS_AS(text_of(export_array, path, "confusion"), UsageError);
}

TEST_CASE("rows of elements with several fields are tables, plain ones and grids are none", "[report]") {
    using study::ElementType;
    study::Schema schema;
    std::vector<study::ArrayField> const two{{"place", ElementType::int64}, {"kind", ElementType::int32}};
    schema.arrays = {{"grid", two, study::Extent::fixed, {2, 3}, ""},
                     {"shares", {{"share", ElementType::float64}}, study::Extent::fixed, {4}, ""},
                     {"faults", two, study::Extent::fixed, {32}, ""},
                     {"edges", two, study::Extent::ragged, {}, ""}};
    CHECK(find_table(schema, "faults") == 2);
    CHECK(find_table(schema, "edges") == 3);
    CHECK_THROWS_WITH(find_table(schema, "shares"), Catch::Contains("it has faults, edges"));
    CHECK_THROWS_WITH(find_ragged(schema, "faults"), Catch::Contains("it has edges"));
}

TEST_CASE("the status counts rows, names failures and who writes", "[report][status]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    auto const plan = example::plan(8);
    store::Writer writer(path);
    writer.log_attempt({1, 1, 0, "node7", 100, 5, "timeout", "no progress for 5 s"});
    writer.log_attempt({1, 2, 0, "node7", 105, 5, "timeout", "no progress for 5 s"});
    writer.fail(1, "no progress for 5 s, 2 times", {0, "node7", 2});
    writer.log_attempt({3, 1, 1, "node7", 110, 5, "crash", "killed by signal 11"});
    writer.log_attempt({4, 1, 1, "node7", 110, 5, "interrupted", "drained"});
    auto const study = store::Reader(path);
    auto const status = status_of(study);
    CHECK(status.counts == store::StatusCounts{6, 0, 0, 1, 1});
    CHECK_FALSE(status.finished());
    CHECK_FALSE(status.holder.has_value());
    CHECK_FALSE(status.per_hour.has_value());
    REQUIRE(status.failures.size() == 2);
    CHECK(status.failures[0].row == 1);
    CHECK(status.failures[0].attempts == 2);
    CHECK(status.failures[0].outcome == "timeout");
    CHECK(status.failures[0].reason == "no progress for 5 s, 2 times");
    CHECK(status.failures[0].label == "out_domain AP Dar naive_bayes 0.5 0");
    CHECK(status.failures[1].row == 3);
    CHECK(status.failures[1].reason == "killed by signal 11");

    auto const text = status_text(study, status);
    CHECK_THAT(text, Catch::Contains("8 experiments: 6 pending, 0 running, 0 done, 1 failed, 1 skipped\n"));
    CHECK_THAT(text, Catch::Contains("killed by signal 11"));
    CHECK_THAT(text,
               Catch::Contains(
                   "\n8 deaths, 2 sites\ncauses: Malária 5, Stroke 3\nwarning: a symptom has no answer\n"));
    CHECK_THAT(text, Catch::Contains("1 skipped: "));
    store::StudyLock const lock(path);
    CHECK_THAT(status_text(study, status_of(study)), Catch::Contains("being written by process"));
    auto const json = nlohmann::json::parse(status_json(study, status_of(study)));
    CHECK(json["counts"]["pending"] == 6);
    CHECK(json["holder"]["pid"] == ::getpid());
    CHECK(json["finished"] == false);
    CHECK(json["failures"][1]["outcome"] == "crash");
    CHECK(json["inventory"][0] == "8 deaths, 2 sites");
    CHECK(json["warnings"] == nlohmann::json::array({"a symptom has no answer"}));
    CHECK(json["skips"].size() == 1);
    CHECK(json["skips"][0]["count"] == 1);
}

TEST_CASE("rate and time left come from the attempts and the measured costs, pauses left out",
          "[report][status]") {
    example::Folder const folder;
    auto const path =
        example::create(folder, 8);  // 0.5 s expected each, 6 of 7 xgboost and naive_bayes in turn
    auto const plan = example::plan(8);
    store::Writer writer(path);
    // Two at a time, 10 s each, with a pause of a day between: 4 done in 20 busy seconds.
    double start = 1000;
    for (std::size_t i : {0U, 1U, 2U, 3U}) {
        writer.commit(example::result(plan.experiments[i]), example::origin());
        writer.log_attempt({i, 1, 0, "node7", start, 10, "done", ""});
        if (i == 1) start += 86400;
    }
    writer.log_cost({{"xgboost", 1.0, 20.0}, {"naive_bayes", 1.0, 40.0}});
    auto const status = status_of(store::Reader(path));
    CHECK(*status.per_hour == Approx(720));
    // Left: 4 (xgboost, 10 s), 5 and 7 (naive_bayes, 20 s each); 50 s of work, two at a time.
    CHECK(*status.seconds_left == Approx(25));
}

TEST_CASE("a study of one experiment has one experiment", "[report][status]") {
    example::Folder const folder;
    auto const study = store::Reader(example::create(folder, 1));
    CHECK_THAT(status_text(study, status_of(study)), Catch::Contains("\n1 experiment: "));
}

TEST_CASE("a study in which nothing is left is finished", "[report][status]") {
    example::Folder const folder;
    auto const path = example::create(folder, 8);
    finish(path, 8, false, 1.0, 0);
    auto const study = store::Reader(path);
    CHECK(status_of(study).finished());
    CHECK_THAT(status_text(study, status_of(study)), Catch::Contains("finished"));
}

// Every task against outputs of an independent implementation in Python.
#include "oracle.hpp"

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "base/support/files.hpp"

using namespace vaster;
using testing::Job;

namespace {

/// Rows of an oracle as a task yields them.
using Shape = std::vector<std::vector<std::string>> (*)(std::vector<std::vector<std::string>> rows);

std::vector<std::vector<std::string>> as_it_is(std::vector<std::vector<std::string>> rows) {
    return rows;
}

/// The oracle says for each record whether it passes; a filter lets it through or does not.
std::vector<std::vector<std::string>> those_that_pass(std::vector<std::vector<std::string>> rows) {
    std::erase_if(rows, [](auto const& row) { return row[1] != "1"; });
    for (auto& row : rows) row.pop_back();
    return rows;
}

/// The oracle has the true number beside the estimate.
std::vector<std::vector<std::string>> without_truth(std::vector<std::vector<std::string>> rows) {
    for (auto& row : rows) row.pop_back();
    return rows;
}

struct Case {
    std::string name;  // of the oracle's output
    std::string input;
    Job job;
    Shape shape = as_it_is;
    std::size_t n_cells = 0;  // of our rows, the first that are compared; 0: all
};

std::vector<std::string> const sys_observed{"temperature", "humidity", "light", "dust", "airquality_raw"};
std::vector<std::string> const sys_fields{"longitude", "latitude", "temperature",   "humidity",
                                          "light",     "dust",     "airquality_raw"};
std::string const sys_ranges =
    "temperature:-12.5:43.1,humidity:10.7:95.2,light:1345:26282,dust:186.61:5188.21,airquality_raw:17:363";

std::int64_t whole(int number) {
    return number;
}

std::vector<Case> cases() {
    return {
        {"sys_sml", "sys", {"SML", "source", sys_fields}},
        {"sys_rgf", "sys", {"RGF", "source", {}, {{"ranges", sys_ranges}}}, those_that_pass, 1},
        {"grid_rgf",
         "grid",
         {"RGF", "meterid", {}, {{"ranges", std::string("energyconsumed:1.828:36.658")}}},
         those_that_pass,
         1},
        {"sys_avg", "sys", {"AVG", "source", {"temperature", "humidity"}, {{"window", whole(5)}}}},
        {"fit_avg", "fit", {"AVG", "subjectId", {"acc_chest_x", "ecg_lead_1", "acc_arm_z"}}},
        {"taxi_avg", "taxi", {"AVG", "taxi_identifier", {"trip_time_in_secs", "fare_amount"}}},
        {"sys_kal", "sys", {"KAL", "source", {"temperature", "dust"}}},
        {"grid_kal", "grid", {"KAL", "meterid", {"energyconsumed"}}},
        {"sys_slr", "sys", {"SLR", "source", {"temperature"}}},
        {"fit_slr", "fit", {"SLR", "subjectId", {"acc_chest_x"}, {{"predict", whole(2)}}}},
        {"sys_inp", "sys", {"INP", "source", sys_observed}},
        {"sys_acc_key", "sys", {"ACC", "source", {"temperature", "light"}, {{"window", whole(4)}}}},
        {"sys_acc_stream",
         "sys",
         {"ACC", "source", {"temperature", "light"}, {{"window", whole(50)}, {"by", std::string("stream")}}}},
        {"sys_som", "sys", {"SOM", "source", {"airquality_raw", "temperature"}}},
        {"sys_ann",
         "sys",
         {"ANN",
          "source",
          sys_fields,
          {{"annotations", (testing::stream_oracles() / "sys.annotations.txt").string()}}}},
        {"sys_dac", "sys", {"DAC", "source", {}}, without_truth},
        {"sys_dac_k5", "sys", {"DAC", "source", {}, {{"bits", whole(5)}}}, without_truth},
        {"taxi_dac", "taxi", {"DAC", "taxi_identifier", {}, {{"bits", whole(6)}}}, without_truth},
    };
}

std::vector<std::vector<std::string>> first_cells(std::vector<std::vector<std::string>> rows, std::size_t n) {
    if (n > 0)
        for (auto& row : rows) row.resize(n);
    return rows;
}

}  // namespace

TEST_CASE("tasks yield what an independent implementation yields", "[stream][tasks]") {
    auto const oracles = testing::stream_oracles();
    if (oracles.empty()) {
        WARN("skipped: the oracles are not beside the checkout");
        return;
    }
    for (auto const& one : cases()) {
        INFO(one.name);
        testing::Runner runner(one.job);
        runner.take(read_file(oracles / (one.input + ".senml.csv")));
        runner.finish();
        auto const expected = testing::cells_of(read_file(oracles / "expected" / (one.name + ".csv")));
        auto const ours = first_cells(testing::cells_of(runner.yield.output.text()), one.n_cells);
        CHECK(testing::difference(ours, one.shape(expected)) == "");
        CHECK(runner.yield.tally.balanced());
    }
}

TEST_CASE("a stream that is cut goes on as if it had not been", "[stream][tasks]") {
    auto const oracles = testing::stream_oracles();
    if (oracles.empty()) return;
    for (auto const& one : cases()) {
        INFO(one.name);
        auto const lines = read_file(oracles / (one.input + ".senml.csv"));
        testing::Runner whole(one.job);
        whole.take(lines);
        auto const cut = lines.find('\n', lines.size() / 3) + 1;
        testing::Runner first(one.job);
        first.take(lines.substr(0, cut));
        testing::Runner second(one.job);
        second.load(first.states());
        second.next_record = first.next_record;
        second.take(lines.substr(cut));
        CHECK(fmt::format("{}{}", first.yield.output.text(), second.yield.output.text()) ==
              whole.yield.output.text());
    }
}

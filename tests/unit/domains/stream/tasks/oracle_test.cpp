// Every task against outputs of an independent implementation in Python.
#include "oracle.hpp"

#include <catch2/catch.hpp>

#include "base/support/files.hpp"

using namespace vaster;
using testing::Job;

namespace {

struct Case {
    std::string name;  // of the oracle's output
    std::string input;
    Job job;
    std::size_t n_broken = 0;  // records with a fault of their own
};

std::vector<std::string> const sys_observed{"temperature", "humidity", "light", "dust", "airquality_raw"};

std::vector<Case> cases() {
    return {
        {"sys_avg", "sys", {"AVG", "source", {"temperature", "humidity"}, {{"window", std::int64_t{5}}}}, 5},
        {"fit_avg", "fit", {"AVG", "subjectId", {"acc_chest_x", "ecg_lead_1", "acc_arm_z"}}, 0},
        {"taxi_avg", "taxi", {"AVG", "taxi_identifier", {"trip_time_in_secs", "fare_amount"}}, 0},
    };
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
        CHECK(testing::difference(testing::cells_of(runner.yield.output.text()),
                                  testing::cells_of(read_file(oracles / "expected" / (one.name + ".csv")))) ==
              "");
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
        CHECK(first.yield.output.text() + second.yield.output.text() == whole.yield.output.text());
    }
}

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "oracle.hpp"

using namespace vaster;

namespace {

/// The tasks of RIoTBench, and four beside them.
std::vector<std::string> const codes{"ABD", "ABU", "ACC", "ANN", "ATI", "ATL", "ATR", "AVG",
                                     "BLF", "BLT", "C2S", "CLS", "DAC", "DTC", "DTT", "INP",
                                     "KAL", "LZP", "MLR", "MLT", "MQP", "MQS", "NOP", "PIV",
                                     "PLT", "RGF", "RZP", "SLR", "SML", "SOM", "XML"};

}  // namespace

TEST_CASE("all tasks are there, each by its code and its name", "[stream][registry]") {
    std::set<std::string_view> names;
    std::vector<std::string> found;
    for (auto const& kind : stream::task_kinds()) {
        found.emplace_back(kind.code);
        names.insert(kind.name);
        CHECK(stream::find_task(kind.name) == &kind);
    }
    std::sort(found.begin(), found.end());
    CHECK(found == codes);
    CHECK(names.size() == codes.size());
    CHECK(stream::find_task("kal") == stream::find_task("Kalman_Filter"));
    CHECK(stream::find_task("KALM") == nullptr);
}

TEST_CASE("every task says what keys, checks and documents are made of", "[stream][registry]") {
    for (auto const& kind : stream::task_kinds()) {
        INFO(kind.code);
        CHECK_FALSE(kind.doc.empty());
        CHECK_FALSE(kind.sigma.empty());
        CHECK(kind.keying != nullptr);
        CHECK(kind.columns != nullptr);
        CHECK(kind.make != nullptr);
        for (auto const& parameter : kind.parameters) {
            INFO(parameter.name);
            CHECK_FALSE(parameter.doc.empty());
            CHECK(problem_of(parameter, parameter.standard) == "");
        }
    }
}

TEST_CASE("a record that says nothing of the fields spoils no balance", "[stream][registry]") {
    // Those that need no file: what is absent is counted, and the task goes on.
    for (auto const* const code :
         {"ACC", "AVG", "CLS", "DAC", "DTT", "INP", "KAL", "MLT", "NOP", "PIV", "RGF", "SLR", "SML", "SOM"}) {
        INFO(code);
        auto const yield =
            testing::yield_of({code, "source", {"x", "y"}}, testing::senml_line(1, "a", {{"other", "1"}}));
        CHECK(yield.tally.balanced());
        CHECK(yield.faults.total() == 0);
    }
}

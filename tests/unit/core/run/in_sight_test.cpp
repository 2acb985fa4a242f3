#include "core/run/in_sight.hpp"

#include <chrono>
#include <thread>

#include <catch2/catch.hpp>

#include "../store/example.hpp"
#include "core/store/writer.hpp"

using namespace vaster;
using namespace vaster::store;

TEST_CASE("results that this host does not see are missed after the patience", "[run][sight]") {
    example::Folder const folder;
    auto const path = example::create(folder, 6);
    auto const plan = example::plan(6);
    Writer writer(path);
    for (std::size_t i : {0, 3}) writer.commit(example::result(plan.experiments[i]), example::origin());
    CHECK(run::results_in_sight(path, 2, 0) == 2);
    CHECK(run::results_in_sight(path, 5, 0) == 2);
    CHECK(run::results_in_sight(path, 1, 0) == 2);  // one that was committed, but never reported
}

TEST_CASE("results that come in sight later are waited for", "[run][sight]") {
    example::Folder const folder;
    auto const path = example::create(folder, 6);
    auto const plan = example::plan(6);
    std::jthread const late([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        Writer(path).commit(example::result(plan.experiments[1]), example::origin());
    });
    CHECK(run::results_in_sight(path, 1, 60) == 1);
}

#include "core/study/serialization.hpp"

#include <sstream>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "base/support/hash.hpp"
#include "core/study/plan_archive.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster::study;

namespace {

/// As the versions did that made the first study files.
std::string boost_bytes(Plan const& plan) {
    std::ostringstream out;
    boost::archive::binary_oarchive(out, boost::archive::no_header) << plan;
    return out.str();
}

}  // namespace

TEST_CASE("a task survives the way between processes", "[study][serialization]") {
    Experiment experiment;
    experiment.index = 7;
    experiment.id.value = 0xfeedULL;
    experiment.design = {std::int64_t{-3}, 0.1, std::string("AP, \"quoted\"\n")};
    experiment.skip_reason = "too few";
    Task task{9, {{experiment, 2}}, 1ULL << 40U, 1.5};
    auto const back = unpack<Task>(pack(task));
    CHECK(back.number == 9);
    CHECK(back.items.at(0).attempt == 2);
    CHECK(back.items[0].experiment.design == experiment.design);
    CHECK(back.items[0].experiment.id == experiment.id);
    CHECK(back.memory_bytes == task.memory_bytes);
    CHECK(pack(back) == pack(task));
}

TEST_CASE("the hash of a plan does not see cost guesses", "[study][plan]") {
    Plan plan{{Experiment{}, Experiment{}}};
    std::string const before = hash_of(plan);
    plan.experiments[1].expected_seconds = 3;
    CHECK(hash_of(plan) == before);
    plan.experiments[1].group = 1;
    CHECK(hash_of(plan) != before);
}

TEST_CASE("the hash of a plan is that of its bytes without cost guesses, as study files hold it",
          "[study][plan]") {
    Plan plan;
    for (std::uint64_t i = 0; i < 3000; ++i)  // more bytes than are hashed at a time
        plan.experiments.push_back({i,
                                    {i * i},
                                    i / 3,
                                    0,
                                    "xgboost",
                                    {std::string("site"), 0.5, std::int64_t{7}},
                                    i,
                                    2 * i,
                                    i % 5 == 0 ? "too few deaths" : ""});
    CHECK(hash_of(plan) == vaster::hash_text(boost_bytes(plan)));
    CHECK(hash_of(Plan()) == vaster::hash_text(boost_bytes(Plan())));
}

TEST_CASE("a message that is cut short is refused at each byte, and so is a count that it cannot hold",
          "[study][serialization]") {
    Experiment experiment;
    experiment.cost_key = "toy";
    experiment.design = {std::int64_t{-3}, 0.1, std::string("AP")};
    auto const bytes = pack(Task{9, {{experiment, 2}, {experiment, 1}}, 1, 1.5});
    for (std::size_t n = 0; n < bytes.size(); ++n)
        CHECK_THROWS_AS(unpack<Task>(std::string_view(bytes).substr(0, n)), vaster::DataError);
    auto hostile = pack(std::vector<std::string>{"a"});
    hostile[5] = '\x7f';  // the count
    CHECK_THROWS_AS(unpack<std::vector<std::string>>(hostile), vaster::DataError);
    auto of_no_kind = pack(Cell(0.5));
    of_no_kind[0] = 3;
    CHECK_THROWS_AS(unpack<Cell>(of_no_kind), vaster::DataError);
}

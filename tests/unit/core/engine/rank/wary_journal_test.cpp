#include "core/engine/rank/wary_journal.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace vaster;

namespace {

/// Notes what it is told, in order.
class NotedJournal final : public study::Journal {
  public:
    void learn(std::vector<study::Experiment> const&) override { calls.emplace_back("learn"); }

    void mark_running(std::vector<study::ExperimentIndex> const&) override { calls.emplace_back("mark"); }

    void commit(study::Result const&, study::Origin const&) override { calls.emplace_back("commit"); }

    void idle() override { calls.emplace_back("idle"); }

    std::vector<std::string> calls;
};

struct Unwanted : std::runtime_error {
    Unwanted() : std::runtime_error("others take this rank for lost") {}
};

}  // namespace

TEST_CASE("a rank asks whether it may still write each time before it does", "[engine][wary]") {
    NotedJournal journal;
    engine::WaryJournal wary(journal, [&] { journal.calls.emplace_back("ask"); });
    wary.learn({});
    wary.mark_running({1});
    wary.commit({}, {});
    wary.idle();
    wary.commit({}, {});
    CHECK(journal.calls ==
          std::vector<std::string>{"learn", "ask", "mark", "ask", "commit", "idle", "ask", "commit"});
}

TEST_CASE("a rank that others take for lost marks and commits nothing", "[engine][wary]") {
    NotedJournal journal;
    engine::WaryJournal wary(journal, [] { throw Unwanted(); });  // a real rank ends there
    CHECK_THROWS_AS(wary.mark_running({1}), Unwanted);
    CHECK_THROWS_AS(wary.commit({}, {}), Unwanted);
    CHECK(journal.calls.empty());
}

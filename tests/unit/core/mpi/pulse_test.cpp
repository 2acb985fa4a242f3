#include "core/mpi/pulse.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "base/support/clock.hpp"

using namespace vaster;

namespace {

/// A job of three ranks in one process.
struct Job {
    explicit Job(double limit_seconds) {
        for (int rank = 0; rank < 3; ++rank)
            ranks.push_back(std::make_unique<mpi::Pulse>(mpi::Pulse::Options{
                .rank = rank,
                .size = 3,
                .on_loss = [this, rank](int lost, double) { lost_to[static_cast<std::size_t>(rank)] = lost; },
                .interval_seconds = 0.05,
                .limit_seconds = limit_seconds}));
    }

    void begin() {
        auto const card = ranks.front()->card();
        for (auto& rank : ranks) rank->begin(card);
    }

    [[nodiscard]] bool all_are_heard() const {
        return ranks[0]->silence(1) && ranks[0]->silence(2) && ranks[1]->silence(0) && ranks[2]->silence(0);
    }

    std::array<std::atomic<int>, 3> lost_to{-1, -1, -1};  ///< by rank: whom it has lost
    std::vector<std::unique_ptr<mpi::Pulse>> ranks;       ///< last: their threads use the others
};

template <class Condition>
bool comes_true(Condition condition) {
    double const deadline = monotonic_seconds() + 60;
    while (!condition() && monotonic_seconds() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
}

}  // namespace

TEST_CASE("rank 0 and the others hear each other without MPI", "[mpi][pulse]") {
    Job job(1000);
    CHECK_FALSE(job.ranks[0]->silence(1));
    job.begin();
    REQUIRE(comes_true([&] { return job.all_are_heard(); }));
    CHECK_FALSE(job.ranks[1]->silence(2));  // these two do not talk
    CHECK_FALSE(job.ranks[0]->silence(7));
    for (auto const& lost : job.lost_to) CHECK(lost == -1);
}

TEST_CASE("a rank that is lost is told to all, until they survive losses", "[mpi][pulse]") {
    Job job(1000);
    job.begin();
    REQUIRE(comes_true([&] { return job.all_are_heard(); }));
    job.ranks[2].reset();
    job.ranks[0]->set_limit(0.5);  // rank 1 has more patience: it can only have been told
    CHECK(comes_true([&] { return job.lost_to[0] == 2 && job.lost_to[1] == 2; }));
}

TEST_CASE("nothing but the silence tells of a loss to ranks that survive it", "[mpi][pulse]") {
    Job job(0.5);
    for (auto& rank : job.ranks) rank->survive();
    job.begin();
    REQUIRE(comes_true([&] { return job.all_are_heard(); }));
    job.ranks[2].reset();
    CHECK(comes_true([&] { return job.ranks[0]->silence(2).value_or(0) > 1; }));
    CHECK(job.ranks[0]->silence(1).has_value());
    for (auto const& lost : job.lost_to) CHECK(lost == -1);
}

TEST_CASE("signs of another job are not heard", "[mpi][pulse]") {
    Job job(1000);
    Job other(1000);
    auto card = job.ranks[0]->card();
    card.token = other.ranks[0]->card().token;
    job.ranks[0]->begin(job.ranks[0]->card());
    job.ranks[1]->begin(card);  // to the port of the job, with the mark of the other
    job.ranks[2]->begin(job.ranks[0]->card());
    REQUIRE(comes_true([&] { return job.ranks[0]->silence(2).has_value(); }));
    CHECK_FALSE(job.ranks[0]->silence(1));
}

TEST_CASE("where rank 0 has no socket nothing is known and nothing concluded", "[mpi][pulse]") {
    Job job(0.1);
    for (auto& rank : job.ranks) rank->begin({});
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    CHECK_FALSE(job.ranks[0]->silence(1));
    for (auto const& lost : job.lost_to) CHECK(lost == -1);
}

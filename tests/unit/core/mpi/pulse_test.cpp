#include "core/mpi/pulse.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

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
                .on_stuck = [this, rank](double seconds) { stuck[static_cast<std::size_t>(rank)] = seconds; },
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
    std::array<std::atomic<double>, 3> stuck{0, 0, 0};    ///< by rank: for how long, once it is told so [s]
    std::vector<std::unique_ptr<mpi::Pulse>> ranks;       ///< last: their threads use the others
};

template <class Condition>
bool comes_true(Condition condition) {
    double const deadline = monotonic_seconds() + 60;
    while (!condition() && monotonic_seconds() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
}

/// A process of its own in which a job runs; it is stopped as a whole, then says for how long it thinks it
/// was.
class StoppedProcess {
  public:
    StoppedProcess() {
        REQUIRE(::pipe(said_) == 0);
        child_ = ::fork();
        if (child_ == 0) live();
    }

    StoppedProcess(StoppedProcess const&) = delete;
    StoppedProcess& operator=(StoppedProcess const&) = delete;

    ~StoppedProcess() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
        ::close(said_[0]);
        ::close(said_[1]);
    }

    void stop_for(double seconds) const {
        ::kill(child_, SIGSTOP);
        int status = 0;
        REQUIRE(::waitpid(child_, &status, WUNTRACED) == child_);
        REQUIRE(WIFSTOPPED(status));
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
        ::kill(child_, SIGCONT);
    }

    /// The next figure that the process says [s].
    [[nodiscard]] double longest_stop() const {
        double seconds = -1;
        REQUIRE(::read(said_[0], &seconds, sizeof seconds) == sizeof seconds);
        return seconds;
    }

  private:
    [[noreturn]] void live() const {
        Job job(1000);
        job.begin();
        for (;;) {
            double const seconds = job.ranks[1]->longest_stop();
            if (::write(said_[1], &seconds, sizeof seconds) != sizeof seconds) ::_exit(1);
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    pid_t child_ = -1;
    int said_[2] = {-1, -1};
};

}  // namespace

TEST_CASE("a process knows for how long it was stopped as a whole, at once and from then on",
          "[mpi][pulse]") {
    StoppedProcess const process;
    (void)process.longest_stop();  // it runs
    constexpr double stop = 2;
    process.stop_for(stop);
    // What it had said before it was stopped comes first.
    CHECK(comes_true([&] { return process.longest_stop() >= stop; }));
    for (int i = 0; i < 20; ++i) CHECK(process.longest_stop() >= stop);
}

TEST_CASE("a rank that gives no signs has never been stopped", "[mpi][pulse]") {
    Job const job(1000);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(job.ranks[1]->longest_stop() == 0);
}

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

TEST_CASE("a rank that does not come back from a call is stuck after three times the limit, survivors too",
          "[mpi][pulse]") {
    constexpr double limit_seconds = 1;
    Job job(limit_seconds);
    job.begin();
    for (auto& rank : job.ranks) rank->survive();
    std::optional<mpi::Pulse::Call> call(*job.ranks[1]);
    while (job.stuck[1] == 0) mpi::Pulse::Call const short_one(*job.ranks[2]);
    CHECK(job.stuck[1] > 3 * limit_seconds);
    call.reset();
    CHECK(job.stuck[0] == 0);
    CHECK(job.stuck[2] == 0);
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

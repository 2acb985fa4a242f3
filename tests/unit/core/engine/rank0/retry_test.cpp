#include "core/engine/rank0/retry.hpp"

#include <set>

#include <catch2/catch.hpp>

using namespace vaster;
using namespace vaster::engine;
using study::Failure;

namespace {

/// How often an experiment is tried in all when it always fails in the same way.
unsigned tries(RetryPolicy const& policy, Failure failure) {
    Charges charges;
    for (unsigned n = 1;; ++n) {
        charges.add(failure);
        if (n == 1000 || !may_retry(policy, charges, failure)) return n;
    }
}

}  // namespace

TEST_CASE("a deterministic error is never tried again", "[engine][retry]") {
    CHECK(tries({}, Failure::error) == 1);
}

TEST_CASE("each kind of failure has a budget of its own", "[engine][retry]") {
    RetryPolicy policy;
    policy.retries = 2;
    CHECK(tries(policy, Failure::crash) == 3);
    CHECK(tries(policy, Failure::timeout) == 3);
    CHECK(tries(policy, Failure::out_of_memory) == 2);
    CHECK(tries(policy, Failure::infrastructure) == 11);

    Charges charges;
    for (int i = 0; i < 2; ++i) charges.add(Failure::crash);
    charges.add(Failure::timeout);
    CHECK(may_retry(policy, charges, Failure::timeout));
    charges.add(Failure::crash);
    CHECK_FALSE(may_retry(policy, charges, Failure::crash));
}

TEST_CASE("no retries means one attempt, except where the machinery failed", "[engine][retry]") {
    RetryPolicy policy;
    policy.retries = 0;
    CHECK(tries(policy, Failure::crash) == 1);
    CHECK(tries(policy, Failure::infrastructure) == 11);
}

TEST_CASE("an interruption can happen any number of times", "[engine][retry]") {
    CHECK(tries({}, Failure::interrupted) == 1000);
}

TEST_CASE("the delay doubles, is limited, and differs between experiments but not between runs",
          "[engine][retry]") {
    RetryPolicy policy;
    policy.delay_seconds = 4;
    policy.longest_delay_seconds = 20;
    CHECK(retry_delay(policy, {1}, {}) == 0);
    Charges charges;
    for (double const centre : {4.0, 8.0, 16.0, 20.0, 20.0}) {
        charges.add(Failure::crash);
        std::set<double> delays;
        for (std::uint64_t id = 0; id < 100; ++id) {
            double const delay = retry_delay(policy, {id}, charges);
            CHECK(delay == retry_delay(policy, {id}, charges));
            CHECK(delay >= 0.5 * centre);
            CHECK(delay < 1.5 * centre);
            delays.insert(delay);
        }
        CHECK(delays.size() == 100);
    }
    RetryPolicy other = policy;
    other.seed = 1;
    CHECK(retry_delay(policy, {1}, charges) != retry_delay(other, {1}, charges));
}

TEST_CASE("running out of memory doubles the memory, other failures do not", "[engine][retry]") {
    Charges charges;
    charges.add(Failure::crash);
    CHECK(memory_factor(charges) == 1);
    charges.add(Failure::out_of_memory);
    CHECK(memory_factor(charges) == 2);
}

TEST_CASE("the delay grows by the policy's factor", "[engine][retry]") {
    RetryPolicy policy;
    policy.delay_seconds = 1;
    policy.backoff = 1.5;
    policy.longest_delay_seconds = 1000;
    RetryPolicy constant = policy;
    constant.backoff = 1;
    Charges charges;
    for (double factor : {1.0, 1.5, 2.25}) {
        charges.add(Failure::crash);
        CHECK(retry_delay(policy, {1}, charges) == Approx(factor * retry_delay(constant, {1}, charges)));
    }
}

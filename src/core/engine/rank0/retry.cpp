#include "core/engine/rank0/retry.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

#include "vaster/support/random.hpp"

namespace vaster::engine {

using study::Failure;

std::optional<unsigned> budget(RetryPolicy const& policy, Failure failure) {
    switch (failure) {
        case Failure::error:
            return 0;
        case Failure::crash:
        case Failure::timeout:
            return policy.retries;
        case Failure::out_of_memory:
            return policy.memory_retries;
        case Failure::infrastructure:
            return policy.infrastructure_retries;
        case Failure::interrupted:
            return std::nullopt;
    }
    throw std::logic_error("a failure that does not exist");
}

bool may_retry(RetryPolicy const& policy, Charges const& charges, Failure failure) {
    auto const limit = budget(policy, failure);
    return !limit || charges.of(failure) <= *limit;
}

double retry_delay(RetryPolicy const& policy, ExperimentId id, Charges const& charges) {
    unsigned const n = charges.all();
    if (n == 0) return 0;
    double const grown = policy.delay_seconds * std::pow(policy.backoff, std::min(n - 1, 60U));
    Random random = random_stream(policy.seed, fmt::format("{} attempt={}", to_text(id), n), Purpose::delay);
    return std::min(grown, policy.longest_delay_seconds) * (0.5 + random.uniform());
}

std::uint64_t memory_factor(Charges const& charges) {
    return std::uint64_t{1} << std::min(charges.of(Failure::out_of_memory), 20U);
}

}  // namespace vaster::engine

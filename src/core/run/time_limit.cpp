#include "core/run/time_limit.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace vaster::run {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double seconds_for_leaving = 10;

}  // namespace

double seconds_until_job_ends(char const* job_end, double now) {
    if (job_end == nullptr) return infinite;
    char* end = nullptr;
    double const at = std::strtod(job_end, &end);
    if (end == job_end || !(at > 0)) return infinite;
    return std::max(at - now - seconds_for_leaving, 0.0);
}

double seconds_to_run(double limit, double elapsed, double until_job_ends) {
    double const own = limit > 0 ? std::max(limit - elapsed, 0.0) : infinite;
    return std::min(own, until_job_ends);
}

}  // namespace vaster::run

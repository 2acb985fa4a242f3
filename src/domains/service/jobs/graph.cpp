#include "domains/service/jobs/graph.hpp"

#include <algorithm>

namespace vaster::service {
namespace {

/// Follows jobs that wait, each for one that waits, until one comes again.
std::vector<std::string> ring_among(std::vector<Job> const& jobs, std::vector<std::size_t> const& waits_for) {
    auto const waits = [&](std::uint64_t number) { return waits_for[number - 1] > 0; };
    std::size_t at = 0;
    while (waits_for[at] == 0) ++at;
    std::vector<std::size_t> path;
    for (;;) {
        auto const before = std::find(path.begin(), path.end(), at);
        if (before != path.end()) {
            path.erase(path.begin(), before);
            break;
        }
        path.push_back(at);
        auto const& after = jobs[at].after;
        at = *std::find_if(after.begin(), after.end(), waits) - 1;
    }
    std::vector<std::string> names;
    names.reserve(path.size());
    for (auto const job : path) names.push_back(jobs[job].name);
    return names;
}

}  // namespace

Levels levels_of(std::vector<Job> const& jobs) {
    Levels levels;
    levels.of_job.resize(jobs.size());
    std::vector<std::size_t> waits_for(jobs.size());
    std::vector<std::vector<std::size_t>> followers(jobs.size());
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        waits_for[i] = jobs[i].after.size();
        for (auto const number : jobs[i].after) followers[number - 1].push_back(i);
        if (waits_for[i] == 0) free.push_back(i);
    }
    std::size_t n_free = 0;
    while (!free.empty()) {
        std::size_t const one = free.back();
        free.pop_back();
        ++n_free;
        for (auto const follower : followers[one]) {
            levels.of_job[follower] = std::max(levels.of_job[follower], levels.of_job[one] + 1);
            if (--waits_for[follower] == 0) free.push_back(follower);
        }
    }
    if (n_free < jobs.size()) levels.cycle = ring_among(jobs, waits_for);
    return levels;
}

}  // namespace vaster::service

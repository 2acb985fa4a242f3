#include "core/engine/crew.hpp"

#include <algorithm>

namespace vaster::engine {

Crew::Crew(int size) {
    for (int worker = 0; worker < size; ++worker) members_[worker] = {};
}

std::vector<int> Crew::others() const {
    std::vector<int> workers;
    for (auto const& [worker, member] : members_)
        if (worker != 0) workers.push_back(worker);
    return workers;
}

std::vector<int> Crew::silent(double now, double limit) const {
    std::vector<int> workers = others();
    std::erase_if(workers, [&](int worker) { return now - members_.at(worker).heard <= limit; });
    return workers;
}

bool Crew::on_failure(int worker, study::ExperimentIndex index) {
    auto& failed = failures_[host(worker)];
    bool const was_trusted = failed.size() < most_failures;
    failed.insert(index);
    return was_trusted && failed.size() >= most_failures;
}

bool Crew::untrusted(std::string const& host) const {
    auto const found = failures_.find(host);
    return found != failures_.end() && found->second.size() >= most_failures;
}

bool Crew::trusted(int worker) const {
    if (!untrusted(host(worker))) return true;
    return std::all_of(members_.begin(), members_.end(),
                       [&](auto const& one) { return untrusted(one.second.host); });
}

}  // namespace vaster::engine

#include "core/run/own_cores.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "core/run/start_ranks.hpp"

namespace vaster::run {

std::vector<std::string> names_of_cores() {
    std::vector<std::string> names;
    for (auto const& core : cores_of(usable_cpus()))
        names.push_back(fmt::format("{}:{}", core.first, core.second));
    return names;
}

RankCores cores_of_this_rank() {
    return {host_name(), names_of_cores()};
}

std::vector<std::uint32_t> shares_of_cores(std::vector<RankCores> const& ranks) {
    struct Host {
        std::set<std::string> cores;
        std::size_t n_ranks = 0;
    };

    std::map<std::string, Host> hosts;
    for (auto const& rank : ranks) {
        Host& host = hosts[rank.host];
        host.cores.insert(rank.cores.begin(), rank.cores.end());
        ++host.n_ranks;
    }
    std::vector<std::uint32_t> shares;
    shares.reserve(ranks.size());
    for (auto const& rank : ranks) {
        Host const& host = hosts.at(rank.host);
        auto const share = std::min(rank.cores.size(), host.cores.size() / host.n_ranks);
        shares.push_back(static_cast<std::uint32_t>(std::max<std::size_t>(share, 1)));
    }
    return shares;
}

}  // namespace vaster::run

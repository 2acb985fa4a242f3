// Which cores and which memory the ranks have to themselves.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/cli/doctor_exams.hpp"
#include "core/run/own_cores.hpp"

namespace vaster::cli::doctor {
namespace {

namespace fs = std::filesystem;
using report::Finding;
using report::Health;
using report::RankFindings;

char const* plural(std::size_t n) {
    return n == 1 ? "" : "s";
}

/// The system's lists, "0-3,8": 0 1 2 3 8. What is not a list ends it.
std::set<std::size_t> numbers_of(std::string_view list) {
    std::set<std::size_t> numbers;
    char const* at = list.data();
    char const* const end = at + list.size();
    while (at != end) {
        std::size_t first = 0;
        auto const begin = std::from_chars(at, end, first);
        if (begin.ec != std::errc()) break;
        at = begin.ptr;
        std::size_t last = first;
        if (at != end && *at == '-') at = std::from_chars(at + 1, end, last).ptr;
        for (std::size_t n = first; n <= last && n - first < 65536; ++n) numbers.insert(n);
        if (at == end || *at != ',') break;
        ++at;
    }
    return numbers;
}

/// The processors of every node of memory.
std::map<std::size_t, std::set<std::size_t>> cpus_by_node(fs::path const& nodes) {
    std::map<std::size_t, std::set<std::size_t>> found;
    std::error_code error;
    for (fs::directory_iterator entry(nodes, error), end; !error && entry != end; entry.increment(error)) {
        std::string const name = entry->path().filename().string();
        auto const number =
            name.starts_with("node") ? numbers_of(std::string_view(name).substr(4)) : std::set<std::size_t>{};
        if (number.size() == 1)
            found[*number.begin()] = numbers_of(text_or_nothing(entry->path() / "cpulist"));
    }
    return found;
}

std::set<std::size_t> allowed_memory(fs::path const& status) {
    std::istringstream lines(text_or_nothing(status));
    std::string word;
    while (lines >> word)
        if (word == "Mems_allowed_list:" && lines >> word) return numbers_of(word);
    return {};
}

/// Ranks of one host, and how many of them may use the same cores and no others.
struct Host {
    std::set<std::string> cores;
    std::map<std::set<std::string>, std::vector<int>> ranks;
    std::size_t n_ranks = 0;
};

std::map<std::string, Host> by_host(std::vector<RankFindings> const& ranks) {
    std::map<std::string, Host> hosts;
    for (auto const& rank : ranks) {
        if (rank.cores.empty()) continue;  // nothing is known of it
        Host& host = hosts[rank.host];
        host.cores.insert(rank.cores.begin(), rank.cores.end());
        host.ranks[{rank.cores.begin(), rank.cores.end()}].push_back(rank.rank);
        host.n_ranks += 1;
    }
    return hosts;
}

/// The ranks that are bound to fewer cores than they are; null: there are none.
std::pair<std::set<std::string> const, std::vector<int>> const* crowd_of(Host const& host) {
    auto const found = std::ranges::find_if(
        host.ranks, [](auto const& group) { return group.second.size() > group.first.size(); });
    return found == host.ranks.end() ? nullptr : &*found;
}

/// What a rank does with more cores than one; empty where none has.
std::string words_of_threads(std::vector<RankFindings> const& ranks) {
    std::vector<run::RankCores> cores;
    cores.reserve(ranks.size());
    for (auto const& rank : ranks) cores.push_back({rank.host, rank.cores});
    auto const shares = run::shares_of_cores(cores);
    auto const most = *std::ranges::max_element(shares);
    if (most == 1) return "";
    return fmt::format(
        "; a computation takes one, or up to {} where fewer fit groups are left than cores (run.threads)",
        most);
}

}  // namespace

Finding examine_cores(std::vector<RankFindings> const& ranks) {
    auto const hosts = by_host(ranks);
    for (auto const& [name, host] : hosts)
        if (host.n_ranks > host.cores.size())
            return {
                "cores", Health::warn,
                fmt::format("{} ranks on host {} have {} core{} between them, and each computes on one",
                            host.n_ranks, name, host.cores.size(), plural(host.cores.size())),
                "more ranks than cores only take turns: start as many ranks as there are cores (vaster run "
                "--ranks all), or ask the batch system for more cores"};
    for (auto const& [name, host] : hosts)
        if (auto const* const crowd = crowd_of(host))
            return {"cores", Health::warn,
                    fmt::format("ranks {} on host {} are bound to the same {} core{}, while the ranks there "
                                "have {} cores in all",
                                fmt::join(crowd->second, ", "), name, crowd->first.size(),
                                plural(crowd->first.size()), host.cores.size()),
                    "they take turns while other cores may be idle: mpirun --bind-to core --map-by core, or "
                    "srun --cpu-bind=cores; several mpirun on one host bind to the same cores unless "
                    "--bind-to none is given"};
    std::size_t n_cores = 0;
    std::size_t n_ranks = 0;
    for (auto const& [name, host] : hosts) {
        n_cores += host.cores.size();
        n_ranks += host.n_ranks;
    }
    return {"cores", Health::ok,
            fmt::format("{} rank{}, and {} core{} that they may use{}", n_ranks, plural(n_ranks), n_cores,
                        plural(n_cores), words_of_threads(ranks)),
            ""};
}

Finding examine_memory_nodes(std::vector<std::size_t> const& cpus, fs::path const& nodes,
                             fs::path const& status) {
    auto const all = cpus_by_node(nodes);
    if (all.size() < 2) return {"memory nodes", Health::ok, "all memory is equally near", ""};
    std::set<std::size_t> own;
    for (auto const& node : all) {
        auto const is_there = [&](std::size_t cpu) { return node.second.contains(cpu); };
        if (std::ranges::any_of(cpus, is_there)) own.insert(node.first);
    }
    auto const allowed = allowed_memory(status);
    auto const seen = fmt::format("{} nodes of memory; this rank may compute on node{} {}", all.size(),
                                  plural(own.size()), fmt::join(own, ", "));
    if (!allowed.empty() && !std::ranges::includes(allowed, own))
        return {"memory nodes", Health::warn,
                fmt::format("{}, and take memory of node{} {}", seen, plural(allowed.size()),
                            fmt::join(allowed, ", ")),
                "memory of another node is slower: ask for processors and memory of the same nodes (Slurm: "
                "--mem-bind=local; cpuset.mems beside cpuset.cpus; numactl --cpunodebind --membind)"};
    if (own.size() == 1) return {"memory nodes", Health::ok, seen, ""};
    return {"memory nodes", Health::ok,
            fmt::format("{}; mpirun --map-by numa --bind-to numa would keep it beside its memory", seen), ""};
}

}  // namespace vaster::cli::doctor

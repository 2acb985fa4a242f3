#include "core/report/checkup.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace vaster::report {
namespace {

char const* word_of(Health health) {
    switch (health) {
        case Health::ok:
            return "ok";
        case Health::warn:
            return "warn";
        case Health::fail:
            return "FAIL";
    }
    return "";
}

Finding const* find(RankFindings const& rank, std::string const& check) {
    auto const found = std::find_if(rank.findings.begin(), rank.findings.end(),
                                    [&](Finding const& finding) { return finding.check == check; });
    return found == rank.findings.end() ? nullptr : &*found;
}

using Ranks = std::vector<RankFindings const*>;

/// What some ranks have found alike.
struct Found {
    Finding finding;  ///< of the first of them
    Ranks ranks;
};

/// What is not well, the worst first. Figures and paths may differ from rank to rank: the advice tells
/// findings apart.
std::vector<Found> troubles_of(Ranks const& speakers, std::string const& check) {
    std::vector<Found> troubles;
    for (auto const* rank : speakers) {
        auto const& finding = *find(*rank, check);
        if (finding.health == Health::ok) continue;
        auto known = std::find_if(troubles.begin(), troubles.end(), [&](Found const& other) {
            return other.finding.health == finding.health && other.finding.advice == finding.advice;
        });
        if (known == troubles.end()) known = troubles.insert(known, {finding, {}});
        known->ranks.push_back(rank);
    }
    std::stable_sort(troubles.begin(), troubles.end(), [](Found const& left, Found const& right) {
        return left.finding.health > right.finding.health;
    });
    return troubles;
}

/// Hosts in order, with how many of the ranks they have.
std::map<std::string, std::size_t> hosts_of(Ranks const& ranks) {
    std::map<std::string, std::size_t> hosts;
    for (auto const* rank : ranks) ++hosts[rank->host];
    return hosts;
}

/// "host b", "hosts b, c", "hosts b, c, ... and 30 more".
std::string list_of(std::string const& word, std::vector<std::string> names) {
    constexpr std::size_t most = 8;
    std::size_t const more = names.size() > most ? names.size() - most : 0;
    std::string const plural = names.size() > 1 ? "s" : "";
    names.resize(names.size() - more);
    return fmt::format("{}{} {}{}", word, plural, fmt::join(names, ", "),
                       more > 0 ? fmt::format(" and {} more", more) : "");
}

/// "host b", or "rank 3 on host b" where other ranks of the host are not among them.
std::string place_of(Ranks const& ranks, Ranks const& all) {
    auto const everywhere = hosts_of(all);
    auto const here = hosts_of(ranks);
    bool const whole_hosts = std::all_of(
        here.begin(), here.end(), [&](auto const& host) { return everywhere.at(host.first) == host.second; });
    std::vector<std::string> names;
    if (whole_hosts && everywhere.size() > 1) {
        for (auto const& host : here) names.push_back(host.first);
        return list_of("host", std::move(names));
    }
    for (auto const* rank : ranks)
        names.push_back(everywhere.size() > 1 ? fmt::format("{} on host {}", rank->rank, rank->host)
                                              : fmt::format("{}", rank->rank));
    return list_of("rank", std::move(names));
}

std::vector<Finding> merged_of(std::vector<RankFindings> const& ranks, std::string const& check) {
    Ranks speakers;
    for (auto const& rank : ranks) {
        auto const* const finding = find(rank, check);
        if (finding != nullptr && (&rank == &ranks.front() || !finding->seen.empty()))
            speakers.push_back(&rank);
    }
    std::vector<Finding> findings;
    for (auto& trouble : troubles_of(speakers, check)) {
        if (trouble.ranks.size() < speakers.size())
            trouble.finding.seen += fmt::format(" (on {} only)", place_of(trouble.ranks, speakers));
        else if (speakers.size() > 1)
            trouble.finding.seen += " (on every rank)";
        findings.push_back(std::move(trouble.finding));
    }
    if (findings.empty()) findings.push_back(*find(ranks.front(), check));
    return findings;
}

Finding same_bytes(std::vector<RankFindings> const& ranks) {
    auto const& first = ranks.front();
    Ranks all;
    Ranks others;
    for (auto const& rank : ranks) {
        all.push_back(&rank);
        if (rank.fingerprint != first.fingerprint) others.push_back(&rank);
    }
    if (others.empty()) return {"same bytes", Health::ok, "every rank computes the same results", ""};
    return {"same bytes", Health::fail,
            fmt::format("other results than on rank 0 on host {} are computed on {}", first.host,
                        place_of(others, all)),
            "install the same versions of vaster and of the libraries it uses on all hosts"};
}

}  // namespace

std::vector<Finding> merged(std::vector<RankFindings> const& ranks) {
    std::vector<Finding> findings;
    for (auto const& finding : ranks.front().findings)
        for (auto& one : merged_of(ranks, finding.check)) findings.push_back(std::move(one));
    findings.push_back(same_bytes(ranks));
    return findings;
}

Health health_of(std::vector<Finding> const& findings) {
    auto health = Health::ok;
    for (auto const& finding : findings) health = std::max(health, finding.health);
    return health;
}

std::string checkup_text(std::vector<Finding> const& findings) {
    std::string text;
    for (auto const& finding : findings)
        text += fmt::format("{:<4} {:<13} {}{}{}\n", word_of(finding.health), finding.check, finding.seen,
                            finding.advice.empty() ? "" : ": ", finding.advice);
    return text;
}

std::string checkup_json(std::vector<Finding> const& findings) {
    auto list = nlohmann::ordered_json::array();
    for (auto const& finding : findings)
        list.push_back({{"check", finding.check},
                        {"health", word_of(finding.health)},
                        {"seen", finding.seen},
                        {"advice", finding.advice}});
    return list.dump(2) + "\n";
}

}  // namespace vaster::report

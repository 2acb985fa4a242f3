#include "core/report/checkup.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "vaster/support/contracts.hpp"

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

Finding worst_of(std::vector<RankFindings> const& ranks, std::string const& check) {
    RankFindings const* where = nullptr;
    Finding const* worst = nullptr;
    std::size_t as_bad = 0;
    for (auto const& rank : ranks) {
        auto const* const finding = find(rank, check);
        if (finding == nullptr || (worst != nullptr && finding->health < worst->health)) continue;
        as_bad = worst != nullptr && finding->health == worst->health ? as_bad + 1 : 1;
        if (worst != nullptr && finding->health == worst->health) continue;
        worst = finding;
        where = &rank;
    }
    VASTER_EXPECTS(worst != nullptr && where != nullptr);
    Finding result = *worst;
    if (result.health != Health::ok && ranks.size() > 1)
        result.seen += as_bad == ranks.size()
                           ? std::string(" (on every rank)")
                           : fmt::format(" (rank {} on {}{})", where->rank, where->host,
                                         as_bad > 1 ? fmt::format(", and {} more", as_bad - 1) : "");
    return result;
}

}  // namespace

std::vector<Finding> merged(std::vector<RankFindings> const& ranks) {
    std::vector<Finding> findings;
    for (auto const& finding : ranks.front().findings) findings.push_back(worst_of(ranks, finding.check));
    for (auto const& rank : ranks) {
        if (rank.fingerprint == ranks.front().fingerprint) continue;
        findings.push_back({"same bytes", Health::fail,
                            fmt::format("rank {} on {} computes other results than rank 0 on {}", rank.rank,
                                        rank.host, ranks.front().host),
                            "install the same versions of vaster and of the libraries it uses on all hosts"});
        return findings;
    }
    findings.push_back({"same bytes", Health::ok, "every rank computes the same results", ""});
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

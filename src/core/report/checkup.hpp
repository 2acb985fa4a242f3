#pragma once

#include <string>
#include <vector>

namespace vaster::report {

/// How well something works here.
enum class Health { ok, warn, fail };

/// What one check of the machine has found.
struct Finding {
    std::string check;  ///< "MPI"
    Health health = Health::ok;
    std::string seen;    ///< what was tried, and what came of it; empty: rank 0 tells of all ranks
    std::string advice;  ///< what to do; empty when all is well

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& check& health& seen& advice;
    }
};

/// The findings of one rank.
struct RankFindings {
    int rank = 0;
    std::string host;
    std::string fingerprint;  ///< of a computation that must give the same bytes everywhere
    std::vector<Finding> findings;
    std::vector<std::string> cores =
        {};  ///< that it may compute on, each by a name that its host knows it by

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& rank& host& fingerprint& findings& cores;
    }
};

/// The findings of each check, in the order of the first rank: where all is well that of the first rank, else
/// what is not, the worst first, each with the hosts, or the ranks, that have it: "(on host b only)".
/// @param ranks  not empty, rank 0 first
[[nodiscard]] std::vector<Finding> merged(std::vector<RankFindings> const& ranks);

/// The worst of all.
[[nodiscard]] Health health_of(std::vector<Finding> const& findings);

/// "ok", "warn" or "FAIL", a line for each finding, with the advice behind it.
[[nodiscard]] std::string checkup_text(std::vector<Finding> const& findings);
[[nodiscard]] std::string checkup_json(std::vector<Finding> const& findings);

}  // namespace vaster::report

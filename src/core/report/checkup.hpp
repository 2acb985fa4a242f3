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
    std::string seen;    ///< what was tried, and what came of it
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

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& rank& host& fingerprint& findings;
    }
};

/// One finding for each check: the worst of all ranks, and on which it was found. In the order of the first
/// rank.
[[nodiscard]] std::vector<Finding> merged(std::vector<RankFindings> const& ranks);

/// The worst of all.
[[nodiscard]] Health health_of(std::vector<Finding> const& findings);

/// "ok", "warn" or "FAIL", a line for each finding, with the advice behind it.
[[nodiscard]] std::string checkup_text(std::vector<Finding> const& findings);
[[nodiscard]] std::string checkup_json(std::vector<Finding> const& findings);

}  // namespace vaster::report

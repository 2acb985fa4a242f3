#pragma once  // Stable.

#include <string>
#include <vector>

namespace vaster::study {

/// What a study has read, told to its user before anything is computed, and kept in the study file.
struct Inventory {
    std::vector<std::string> facts;     ///< "900 deaths, 3 sites (North 358, ...)"; a line each
    std::vector<std::string> warnings;  ///< what may make the results misleading; a sentence each

    bool operator==(Inventory const&) const = default;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& facts& warnings;
    }
};

/// All of it as lines: the facts, then "warning: ...".
[[nodiscard]] inline std::vector<std::string> lines_of(Inventory const& inventory) {
    std::vector<std::string> lines = inventory.facts;
    for (auto const& warning : inventory.warnings) lines.push_back("warning: " + warning);
    return lines;
}

}  // namespace vaster::study

// What the report says of the data that a study has read.
#include "core/report/sections.hpp"

namespace vaster::report {

void add_inventory(Chapter& chapter, store::Reader const& study) {
    auto const& inventory = study.header().inventory;
    if (inventory.facts.empty() && inventory.warnings.empty()) return;
    Section section{"data", "What was read"};
    section.text = inventory.facts;
    for (auto const& warning : inventory.warnings) section.text.push_back("Warning: " + warning);
    chapter.sections.push_back(std::move(section));
}

}  // namespace vaster::report

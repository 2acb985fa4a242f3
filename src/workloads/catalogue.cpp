#include "vaster/workloads/catalogue.hpp"

#include <memory>

#include <fmt/format.h>

#include "vaster/support/errors.hpp"
#include "vaster/workloads/drill.hpp"
#include "vaster/workloads/evolve.hpp"
#include "vaster/workloads/va_comparison.hpp"

namespace vaster::workloads {

std::vector<study::Kind const*> kinds() {
    static auto const va_comparison = make_va_comparison();
    static auto const evolve = make_evolve();
    static auto const drill = make_drill();
    return {va_comparison.get(), evolve.get(), drill.get()};
}

study::Kind const& find_kind(std::string_view name) {
    std::vector<std::string> names;
    for (auto const* kind : kinds()) {
        if (kind->name() == name) return *kind;
        names.push_back(kind->name());
    }
    throw ConfigError(
        fmt::format("study.kind = \"{}\" is no kind of study; there are: {}", name, fmt::join(names, ", ")));
}

}  // namespace vaster::workloads

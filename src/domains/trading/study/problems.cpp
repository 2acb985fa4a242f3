#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "domains/trading/study/options.hpp"
#include "domains/trading/study/schema.hpp"

namespace vaster::trading {
namespace {

void require_distinct(std::vector<std::string> const& names, std::string const& key,
                      std::vector<std::string>& found) {
    std::set<std::string> seen;
    for (auto const& name : names)
        if (!seen.insert(name).second) found.push_back(fmt::format("{} has \"{}\" twice", key, name));
}

}  // namespace

std::vector<std::string> evolve_problems(study::Config const& config) {
    EvolveOptions const options = evolve_options(config);
    std::vector<std::string> found;
    for (auto const& problem : evolution::problems(options.evolution))
        found.push_back("evolution." + problem);
    require_distinct(options.seed_names, "strategies.seeds", found);
    require_distinct(options.data.symbols, "data.symbols", found);
    if (options.seeds.empty())
        found.emplace_back("strategies.seeds = [] (nothing can evolve: name one at least)");
    for (auto const& name : options.objectives)
        if (!can_be_objective(name))
            found.push_back(fmt::format(
                "fitness.objectives has \"{}\" (must be a column of results on training bars, with a "
                "minus where less is better)",
                name));
    bool const pareto = options.evolution.survival == evolution::Survival::pareto;
    if (pareto && options.objectives.size() < 2)
        found.emplace_back(
            "fitness.objectives has fewer than two (evolution.survival = \"pareto\" needs several)");
    bool const tests = options.validation.train_share < 1;
    if (!tests && options.validation.windows > 1)
        found.push_back(
            fmt::format("validation.windows = {} (validation.train_share = 1 leaves nothing to test)",
                        options.validation.windows));
    if (tests && options.signal.profile == strategies::Profile::published)
        found.emplace_back(
            "strategies.profile = \"published\" (its signals see later bars, so that no test would be one: "
            "set "
            "validation.train_share = 1)");
    bool const golden = options.data.path.empty() && options.data.simulated == Simulated::golden;
    if (golden && options.data.symbols.size() > 1)
        found.emplace_back("data.symbols has several (data.simulated = \"golden\" is one series)");
    return found;
}

}  // namespace vaster::trading

#include "base/evolution/settings.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace vaster::evolution {

std::vector<std::string> problems(Settings const& settings) {
    std::vector<std::string> found;
    if (settings.population < 2 * settings.islands)
        found.push_back(
            fmt::format("population = {} with islands = {} (must be at least two for each island)",
                        settings.population, settings.islands));
    else if (settings.survival == Survival::elite &&
             elite_size(settings, settings.islands - 1) >= island_size(settings, settings.islands - 1))
        found.push_back(fmt::format("elite = {} (leaves no place for newborn individuals)", settings.elite));
    if (settings.islands > 1 && settings.migration_interval > 0 &&
        2 * settings.migrants > settings.population / settings.islands)
        found.push_back(fmt::format("migrants = {} (must be at most half of an island, which has {})",
                                    settings.migrants, settings.population / settings.islands));
    return found;
}

std::size_t island_size(Settings const& settings, std::size_t island) {
    std::size_t const more = island < settings.population % settings.islands ? 1 : 0;
    return settings.population / settings.islands + more;
}

std::size_t elite_size(Settings const& settings, std::size_t island) {
    auto const size = static_cast<double>(island_size(settings, island));
    return std::max<std::size_t>(1, static_cast<std::size_t>(size * settings.elite));
}

std::size_t births(Settings const& settings, std::size_t island) {
    std::size_t const size = island_size(settings, island);
    return settings.survival == Survival::pareto ? size : size - elite_size(settings, island);
}

std::size_t most_evaluations(Settings const& settings) {
    std::size_t each = 0;
    for (std::size_t island = 0; island < settings.islands; ++island) each += births(settings, island);
    return settings.population + (settings.generations - 1) * each;
}

}  // namespace vaster::evolution

#include "base/evolution/population.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/evolution/pareto.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::evolution {
namespace {

using Island = std::vector<Individual>;

Objectives objectives_of(Island const& island) {
    Objectives objectives;
    objectives.reserve(island.size());
    for (auto const& one : island) objectives.push_back(one.objectives);
    return objectives;
}

/// Best first; of equals the elder.
Island ranked(Island island) {
    std::sort(island.begin(), island.end(),
              [](Individual const& a, Individual const& b) { return a.row < b.row; });
    auto const order = ranking(objectives_of(island));
    Island result;
    result.reserve(island.size());
    for (std::size_t const position : order) result.push_back(std::move(island[position]));
    return result;
}

void keep(Island& island, std::size_t most) {
    if (island.size() > most) island.erase(island.begin() + static_cast<std::ptrdiff_t>(most), island.end());
}

bool lives_in(Island const& island, std::uint64_t row) {
    return std::any_of(island.begin(), island.end(), [&](auto const& one) { return one.row == row; });
}

void join(Island& island, Individual one, std::size_t number) {
    one.island = number;
    island.push_back(std::move(one));
}

/// Each island's best move on; places are made for them at the end.
void migrate(Settings const& settings, std::vector<Island>& islands) {
    std::vector<Island> const before = islands;
    for (std::size_t from = 0; from < islands.size(); ++from) {
        std::size_t const to = (from + 1) % islands.size();
        Island arrivals;
        for (std::size_t i = 0; i < std::min(settings.migrants, before[from].size()); ++i)
            if (!lives_in(before[to], before[from][i].row)) join(arrivals, before[from][i], to);
        keep(islands[to], island_size(settings, to) - arrivals.size());
        std::move(arrivals.begin(), arrivals.end(), std::back_inserter(islands[to]));
        islands[to] = ranked(std::move(islands[to]));
    }
}

/// Rows of the best: with one objective the best one, with several the first front.
std::set<std::uint64_t> best_rows(Population const& population) {
    Island const all = everybody(population);
    std::set<std::uint64_t> rows;
    if (all.empty()) return rows;
    if (all.front().objectives.size() == 1) return {all.front().row};
    auto const front = fronts(objectives_of(all));
    for (std::size_t i = 0; i < all.size(); ++i)
        if (front[i] == 0) rows.insert(all[i].row);
    return rows;
}

/// Is one of them better than all that lived before?
bool brings_better(Population const& old, Population const& now) {
    auto const before = best_rows(old);
    auto const after = best_rows(now);
    return std::any_of(after.begin(), after.end(), [&](auto row) { return !before.contains(row); });
}

double share(std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Population first_population(Settings const& settings, std::vector<Individual> newborn,
                            std::size_t attempted) {
    Population population;
    population.success = share(newborn.size(), attempted);
    population.islands.resize(settings.islands);
    for (auto& one : newborn) {
        VASTER_EXPECTS(one.island < settings.islands);
        population.islands[one.island].push_back(std::move(one));
    }
    for (auto& island : population.islands) island = ranked(std::move(island));
    return population;
}

Population next_population(Settings const& settings, Population const& old, std::vector<Individual> newborn,
                           std::size_t attempted) {
    Population population = first_population(settings, std::move(newborn), attempted);
    population.generation = old.generation + 1;
    for (std::size_t number = 0; number < settings.islands; ++number) {
        Island& island = population.islands[number];
        Island survivors = old.islands[number];
        std::size_t const size = island_size(settings, number);
        std::size_t const vacant = size - std::min(size, island.size());
        if (settings.survival == Survival::elite)
            keep(survivors, std::max(elite_size(settings, number), vacant));
        std::move(survivors.begin(), survivors.end(), std::back_inserter(island));
        island = ranked(std::move(island));
        keep(island, size);
    }
    bool const time_to_migrate = settings.islands > 1 && settings.migration_interval > 0 &&
                                 population.generation % settings.migration_interval == 0;
    if (time_to_migrate) migrate(settings, population.islands);
    population.stagnant = brings_better(old, population) ? 0 : old.stagnant + 1;
    return population;
}

Ending ending(Settings const& settings, Population const& population) {
    if (population.success < settings.least_success) return Ending::failures;
    for (auto const& island : population.islands)
        if (island.empty()) return Ending::extinction;
    if (population.generation + 1 >= settings.generations) return Ending::generations;
    if (settings.stagnation_limit > 0 && population.stagnant >= settings.stagnation_limit)
        return Ending::stagnation;
    return Ending::none;
}

std::vector<Individual> everybody(Population const& population) {
    Island all;
    std::set<std::uint64_t> seen;
    for (auto const& island : population.islands)
        for (auto const& one : island)
            if (seen.insert(one.row).second) all.push_back(one);
    return ranked(std::move(all));
}

}  // namespace vaster::evolution

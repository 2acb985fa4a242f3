#include "domains/va/models/insilico/kept.hpp"

#include <algorithm>

#include "domains/va/models/insilico/likelihood.hpp"
#include "domains/va/models/part_checks.hpp"

namespace vaster::models::insilicova {

namespace {

void check_counts(std::span<std::uint32_t const> deaths, std::span<std::uint32_t const> present,
                  std::span<std::uint32_t const> answered) {
    for (std::size_t i = 0; i < present.size(); ++i) {
        std::uint32_t const of_cause = deaths[i % deaths.size()];
        require<DataError>(present[i] <= answered[i] && answered[i] <= of_cause,
                           "parts 'present' and 'answered': value {} is {} and {} (of {} deaths)", i,
                           present[i], answered[i], of_cause);
    }
}

void check_number_of_causes(std::size_t n, std::string_view part) {
    require<DataError>(n >= 1 && n <= max_causes, "part '{}' has {} causes with deaths (must be 1 to {})",
                       part, n, max_causes);
}

/// Numbers of symptoms or causes: ascending, below n.
std::vector<std::uint32_t> load_places(Parts const& parts, std::string_view part, std::size_t n) {
    auto const places = parts.get<std::uint32_t>(part);
    check_ascending(part, places);
    require<DataError>(!places.empty() && places.back() < n, "part '{}' ends at {} (must be 0 to {})", part,
                       places.empty() ? 0 : places.back(), n - 1);
    return {places.begin(), places.end()};
}

}  // namespace

void save_tables(Parts& parts, TrainingTables const& tables) {
    parts.put("deaths", tables.deaths);
    parts.put<std::uint32_t>("present", tables.present, {tables.n_symptoms, tables.n_causes});
    parts.put<std::uint32_t>("answered", tables.answered, {tables.n_symptoms, tables.n_causes});
}

TrainingTables load_tables(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
    auto const deaths = parts.get<std::uint32_t>("deaths", {n_causes});
    auto const present = parts.get<std::uint32_t>("present", {n_symptoms, n_causes});
    auto const answered = parts.get<std::uint32_t>("answered", {n_symptoms, n_causes});
    check_counts(deaths, present, answered);
    auto const n_with_deaths = std::ranges::count_if(deaths, [](std::uint32_t n) { return n > 0; });
    check_number_of_causes(static_cast<std::size_t>(n_with_deaths), "deaths");
    return {n_symptoms,
            n_causes,
            sum_of(deaths),
            {deaths.begin(), deaths.end()},
            {present.begin(), present.end()},
            {answered.begin(), answered.end()}};
}

void save_given(Parts& parts, GivenCells const& cells) {
    parts.put("given/symptoms", cells.symptoms);
    parts.put("given/causes", cells.causes);
    if (cells.numbers.empty())
        parts.put<std::uint8_t>("given/levels", cells.levels, {cells.symptoms.size(), cells.causes.size()});
    else
        parts.put<double>("given/numbers", cells.numbers, {cells.symptoms.size(), cells.causes.size()});
}

bool has_given(Parts const& parts) {
    return parts.has("given/symptoms");
}

GivenCells load_given(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
    GivenCells cells;
    cells.symptoms = load_places(parts, "given/symptoms", n_symptoms);
    cells.causes = load_places(parts, "given/causes", n_causes);
    check_number_of_causes(cells.causes.size(), "given/causes");
    if (parts.has("given/levels")) {
        auto const levels =
            parts.get<std::uint8_t>("given/levels", {cells.symptoms.size(), cells.causes.size()});
        check_range("given/levels", levels, {0, max_levels - 1});
        cells.levels.assign(levels.begin(), levels.end());
        return cells;
    }
    auto const numbers = parts.get<double>("given/numbers", {cells.symptoms.size(), cells.causes.size()});
    check_range("given/numbers", numbers, {0, 1});
    cells.numbers.assign(numbers.begin(), numbers.end());
    return cells;
}

}  // namespace vaster::models::insilicova

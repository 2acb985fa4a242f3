#include "domains/va/models/lcva/kept.hpp"

#include <cmath>

#include "domains/va/models/part_checks.hpp"

namespace vaster::models::nested {

namespace {

constexpr std::uint32_t most_sites = 1000000;

void check_shares(std::span<double const> mixtures, std::size_t n_classes) {
    check_range("mixtures", mixtures, {0, 1});
    for (std::size_t first = 0; first < mixtures.size(); first += n_classes) {
        double sum = 0;
        for (double const share : mixtures.subspan(first, n_classes)) sum += share;
        require<DataError>(std::abs(sum - 1) < 1e-9,
                           "part 'mixtures': the {} shares from value {} on sum to {} (must be 1)", n_classes,
                           first, sum);
    }
}

}  // namespace

void save_draws(Parts& parts, Draws const& draws) {
    parts.put_number("sites", static_cast<std::uint32_t>(draws.n_sites));
    parts.put<float>("theta", draws.theta, {draws.n_draws, draws.n_causes, draws.n_classes, draws.n_signs});
    parts.put<double>("mixtures", draws.mixtures,
                      {draws.n_draws, 1 + draws.n_sites, draws.n_causes, draws.n_classes});
}

Draws load_draws(Parts const& parts, Settings const& settings, std::size_t n_causes, std::size_t n_signs) {
    auto const n_sites = parts.number<std::uint32_t>("sites");
    require<DataError>(n_sites >= 1 && n_sites <= most_sites, "part 'sites': value 0 is {} (must be 1 to {})",
                       n_sites, most_sites);
    auto const theta = parts.get<float>("theta", {settings.n_draws, n_causes, settings.n_classes, n_signs});
    check_range("theta", theta, {static_cast<double>(least_theta), 1 - static_cast<double>(least_theta) / 2});
    auto const mixtures = parts.get<double>(
        "mixtures", {settings.n_draws, std::uint64_t{1} + n_sites, n_causes, settings.n_classes});
    check_shares(mixtures, settings.n_classes);
    return {settings.n_draws,
            n_sites,
            n_causes,
            settings.n_classes,
            n_signs,
            {theta.begin(), theta.end()},
            {mixtures.begin(), mixtures.end()}};
}

}  // namespace vaster::models::nested

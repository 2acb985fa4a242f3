#include "domains/va/models/probabilities.hpp"

#include <algorithm>
#include <cmath>

#include "vaster/support/contracts.hpp"

namespace vaster::models {

void normalise_logs(std::span<double> logs) {
    double const largest = *std::max_element(logs.begin(), logs.end());
    VASTER_EXPECTS(std::isfinite(largest));
    double sum = 0;
    for (double& value : logs) sum += value = std::exp(value - largest);
    for (double& value : logs) value /= sum;
}

Prediction blank_prediction(Deaths const& deaths, std::size_t n_causes) {
    std::size_t const n_deaths = deaths.rows.size();
    return {n_deaths, n_causes, std::vector<double>(n_deaths * n_causes), {}};
}

void put_row(Prediction& prediction, std::size_t i, std::span<std::uint32_t const> causes,
             std::span<double const> probabilities) {
    VASTER_EXPECTS(i < prediction.n_deaths && causes.size() == probabilities.size());
    for (std::size_t k = 0; k < causes.size(); ++k)
        prediction.probability[i * prediction.n_causes + causes[k]] = probabilities[k];
}

}  // namespace vaster::models

#include "domains/va/models/softmax_gradients.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/support/in_threads.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models::xgb {
namespace {

constexpr float least_second = 1e-16F;

/// No sum of gradients is above the sum of the weights, which is below 2^k: with units of 2^(k + 1 - 53), and
/// one bit to spare for what rounding adds, it has at most the 53 bits of a double.
double unit_for(double sum_of_weights) {
    int exponent = 0;
    std::frexp(sum_of_weights, &exponent);
    return std::ldexp(1.0, exponent + 1 - std::numeric_limits<double>::digits);
}

/// The nearest multiple; exact in single precision, whose 24 bits a number that changes does not need.
float rounded(float value, double unit) {
    return static_cast<float>(std::nearbyint(static_cast<double>(value) / unit) * unit);
}

}  // namespace

SoftmaxGradients::SoftmaxGradients(std::span<std::uint32_t const> class_of, std::vector<float> weights,
                                   std::size_t n_classes)
    : class_of_(class_of),
      weights_(std::move(weights)),
      n_classes_(n_classes),
      unit_(unit_for(weights_.empty() ? static_cast<double>(class_of.size())
                                      : std::accumulate(weights_.begin(), weights_.end(), 0.0))),
      first_(class_of.size() * n_classes),
      second_(class_of.size() * n_classes) {}

void SoftmaxGradients::compute_death(std::span<float const> scores, std::size_t death) {
    float largest = std::numeric_limits<float>::min();  // as the library begins
    for (float const score : scores) largest = std::max(score, largest);
    float* const first = &first_[death * n_classes_];
    float* const second = &second_[death * n_classes_];
    double sum = 0;
    for (std::size_t k = 0; k < n_classes_; ++k) {
        first[k] = std::exp(scores[k] - largest);
        sum += static_cast<double>(first[k]);
    }
    float const weight = weights_.empty() ? 1.0F : weights_[death];
    for (std::size_t k = 0; k < n_classes_; ++k) {
        float const p = first[k] / static_cast<float>(sum);
        second[k] = rounded(std::max(2.0F * p * (1.0F - p) * weight, least_second), unit_);
        first[k] = rounded((class_of_[death] == k ? p - 1.0F : p) * weight, unit_);
    }
}

void SoftmaxGradients::compute(std::span<float const> scores, std::size_t n_threads) {
    VASTER_EXPECTS(scores.size() == first_.size());
    constexpr std::size_t at_once = 1024;
    std::size_t const n_deaths = class_of_.size();
    for_each_in_threads({n_threads}, (n_deaths + at_once - 1) / at_once, [&](std::size_t piece) {
        std::size_t const end = std::min(n_deaths, (piece + 1) * at_once);
        for (std::size_t death = piece * at_once; death < end; ++death)
            compute_death(scores.subspan(death * n_classes_, n_classes_), death);
    });
}

}  // namespace vaster::models::xgb

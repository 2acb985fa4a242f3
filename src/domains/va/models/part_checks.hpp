#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "vaster/support/errors.hpp"
#include "vaster/support/parts.hpp"
#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Checks of the parts that models are loaded from, which may come from a stranger. All of them throw a
/// DataError that names the part, the place and the value.

/// Writes the causes that a model knows as part "classes".
void save_classes(Parts& parts, std::vector<std::uint32_t> const& causes);

/// What save_classes() has written: at least one cause, ascending, below n_causes.
[[nodiscard]] std::vector<std::uint32_t> load_classes(Parts const& parts, std::size_t n_causes);

/// A number of this size or more overflows when a death's terms are added up.
inline constexpr double largest_term = 1e100;

/// Where numbers of a part must lie.
struct Range {
    double least = -largest_term;
    double most = largest_term;
};

/// All values lie in the range, which no NaN does.
template <class T>
void check_range(std::string_view part, std::span<T const> values, Range range) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto const value = static_cast<double>(values[i]);
        require<DataError>(value >= range.least && value <= range.most,
                           "part '{}': value {} is {} (must be {} to {})", part, i, value, range.least,
                           range.most);
    }
}

/// All values are less than the next.
template <class T>
void check_ascending(std::string_view part, std::span<T const> values) {
    for (std::size_t i = 1; i < values.size(); ++i)
        require<DataError>(values[i - 1] < values[i], "part '{}': value {} is {} after {} (they must ascend)",
                           part, i, values[i], values[i - 1]);
}

/// Model::load of a classifier that is made from parameters and policy and has load(parts, n_symptoms,
/// n_causes) of its own.
template <class Loaded>
[[nodiscard]] auto loading() {
    return [](Parameters const& parameters, MissingPolicy policy, Parts const& parts, std::size_t n_symptoms,
              std::size_t n_causes) -> std::unique_ptr<Classifier> {
        auto classifier = std::make_unique<Loaded>(parameters, policy);
        classifier->load(parts, n_symptoms, n_causes);
        return classifier;
    };
}

/// The sum of counts of which each fits into 32 bits.
[[nodiscard]] std::uint64_t sum_of(std::span<std::uint32_t const> counts);

}  // namespace vaster::models

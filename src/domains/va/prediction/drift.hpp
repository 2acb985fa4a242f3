#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vaster::va {

/// Answers to one symptom among some deaths.
struct SymptomCounts {
    std::uint64_t present = 0;
    std::uint64_t missing = 0;
    std::uint64_t deaths = 0;  ///< the answers of all kinds

    /// Share of missing answers; NaN where there are no deaths.
    [[nodiscard]] double missing_share() const;
    /// Share of deaths that have the symptom among those whose answer is known; NaN where there are none.
    [[nodiscard]] double present_share() const;

    bool operator==(SymptomCounts const&) const = default;
};

/// How a symptom among new deaths differs from that among the deaths that a model was trained on.
struct SymptomDrift {
    std::size_t symptom = 0;
    SymptomCounts trained;
    SymptomCounts seen;

    /// The larger one of the differences of the two shares. A share that is not known differs from nothing.
    [[nodiscard]] double size() const;
};

/// New deaths beside the deaths that a model was trained on.
struct Drift {
    std::vector<SymptomDrift> largest;  ///< at most ten, largest first; of equals the first symptom
    std::size_t n_symptoms = 0;
    std::size_t n_far = 0;  ///< symptoms that differ by more than far_apart
    /// Present and absent may have been taken for each other: 1 - share is nearer to the share among the
    /// training deaths, by the sum of squares over all symptoms.
    bool may_be_swapped = false;

    static constexpr double far_apart = 0.3;

    /// Do more than a tenth of the symptoms differ by more than far_apart?
    [[nodiscard]] bool is_large() const { return 10 * n_far > n_symptoms; }
};

/// @param trained, seen  by symptom
[[nodiscard]] Drift drift_of(std::span<SymptomCounts const> trained, std::span<SymptomCounts const> seen);

/// What a user should know of it, a sentence each; nothing where it is small.
[[nodiscard]] std::vector<std::string> warnings_of(Drift const& drift, std::span<std::string const> symptoms);

}  // namespace vaster::va

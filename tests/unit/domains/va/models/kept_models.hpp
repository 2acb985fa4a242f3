#pragma once

#include <array>
#include <memory>
#include <string>

#include "sample_cohort.hpp"

namespace vaster::testing {

inline constexpr std::array all_policies{models::MissingPolicy::absent, models::MissingPolicy::nan,
                                         models::MissingPolicy::ordinal};
inline constexpr std::size_t n_kept_symptoms = 70;  // more than one word of packed answers
inline constexpr std::size_t n_kept_causes = 6;

/// The defaults, but of little work.
inline Parameters quick_parameters(models::Model const& model) {
    Parameters parameters(model.parameters);
    if (model.name == "random_forest") parameters.set("trees", std::int64_t{12});
    if (model.name == "xgboost") parameters.set("rounds", std::int64_t{5});
    if (model.name == "lcva") {
        parameters.set("classes", std::int64_t{3});
        parameters.set("chains", std::int64_t{1});
        parameters.set("burn_in", std::int64_t{5});
        parameters.set("draws", std::int64_t{4});
        parameters.set("thinning", std::int64_t{1});
    }
    if (model.name == "insilico") parameters.set("sampler", std::string("reference"));
    if (model.name == "insilico") parameters.set("iterations", std::int64_t{400});
    return parameters;
}

/// 220 deaths of causes 1, 2 and 4.
inline SampleCohort deaths_to_learn_from() {
    return sample_cohort(220, n_kept_symptoms, {1, 2, 4}, Random(1));
}

/// A model that was fitted and saved.
class KeptSample {
  public:
    KeptSample(models::Model model, models::MissingPolicy policy)
        : KeptSample(std::move(model), policy, deaths_to_learn_from()) {}

    KeptSample(models::Model model, models::MissingPolicy policy, SampleCohort const& training)
        : model_(std::move(model)),
          policy_(policy),
          parameters_(quick_parameters(model_)),
          fitted_(testing::fitted(model_, training.training(n_kept_causes), policy, parameters_)) {
        fitted_->save(parts_);
    }

    [[nodiscard]] models::Classifier const& fitted() const { return *fitted_; }

    [[nodiscard]] models::MissingPolicy policy() const { return policy_; }

    [[nodiscard]] Parts const& parts() const { return parts_; }

    /// A classifier of the same model from these parts.
    [[nodiscard]] std::unique_ptr<models::Classifier> load(Parts const& parts) const {
        return model_.load(parameters_, policy_, parts, n_kept_symptoms, n_kept_causes);
    }

  private:
    models::Model model_;
    models::MissingPolicy policy_;
    Parameters parameters_;
    std::unique_ptr<models::Classifier> fitted_;
    Parts parts_;
};

}  // namespace vaster::testing

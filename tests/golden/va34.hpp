#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/splits.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "domains/va/models/catalogue.hpp"

namespace vaster::golden {

inline std::filesystem::path const shared{VASTER_SHARED_DIR};

/// The reference data with its reference splits.
struct Va34 {
    va::Cohort cohort;
    va::GivenSplits splits;

    [[nodiscard]] va::GivenSplit const& of(std::string_view site) const {
        auto const place = std::find(cohort.sites.begin(), cohort.sites.end(), site);
        return splits.sites.at(static_cast<std::size_t>(place - cohort.sites.begin()));
    }

    [[nodiscard]] std::vector<std::uint32_t> causes_of(va::DeathList const& deaths) const {
        std::vector<std::uint32_t> causes;
        for (std::uint32_t const death : deaths) causes.push_back(cohort.cause[death]);
        return causes;
    }

    [[nodiscard]] std::unique_ptr<models::Classifier> fit(models::Model const& model,
                                                          Parameters const& parameters,
                                                          models::MissingPolicy policy,
                                                          va::DeathList const& train,
                                                          std::uint64_t seed = 42) const {
        auto classifier = model.make(parameters, policy);
        auto const causes = causes_of(train);
        Watcher watcher;
        classifier->fit({{cohort.answers, train}, causes, cohort.causes.size()}, Random(seed), watcher);
        return classifier;
    }

    [[nodiscard]] models::Prediction predict(models::Classifier const& classifier,
                                             va::DeathList const& test) const {
        Watcher watcher;
        return classifier.predict({{cohort.answers, test}}, Random(42), watcher);
    }

    [[nodiscard]] va::Scores score(models::Classifier const& classifier, va::DeathList const& test) const {
        auto const prediction = predict(classifier, test);
        return va::score(causes_of(test), prediction.probability, prediction.n_causes);
    }
};

/// Nothing, with a message, where the reference data is absent.
inline std::optional<Va34> va34() {
    if (!std::filesystem::exists(shared / "reference/va34/splits.csv")) {
        WARN("skipped: the reference data is not here");
        return std::nullopt;
    }
    auto cohort = va::read_cohort(
        {.path = shared / "data/phmrc_adult_encoded.csv", .format = va::CohortFormat::encoded});
    auto splits = va::read_splits(shared / "reference/va34/splits.csv", cohort, "va34");
    return Va34{std::move(cohort), std::move(splits)};
}

}  // namespace vaster::golden

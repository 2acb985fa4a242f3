#pragma once

#include <memory>
#include <vector>

#include "domains/va/models/catalogue.hpp"
#include "vaster/support/errors.hpp"

/// Models that are quick to fit and easy to foresee.
namespace vaster::test {

/// Gives every death the cause fractions of the training deaths.
class Shares : public models::Classifier {
  public:
    Shares() = default;

    explicit Shares(std::vector<double> shares) : shares_(std::move(shares)) {}

    void fit(models::TrainingSet const& training, Random, Watcher&) override {
        shares_.assign(training.n_causes, 0);
        for (auto const cause : training.causes)
            shares_[cause] += 1.0 / static_cast<double>(training.causes.size());
    }

    [[nodiscard]] models::Prediction predict(models::TestSet const& test, Random, Watcher&) const override {
        models::Prediction said{test.deaths.rows.size(), shares_.size(), {}, {}};
        for (std::size_t i = 0; i < said.n_deaths; ++i)
            said.probability.insert(said.probability.end(), shares_.begin(), shares_.end());
        return said;
    }

    void save(Parts& parts) const override { parts.put("shares", shares_); }

  private:
    std::vector<double> shares_;
};

/// Gives all causes the same probability.
class Even : public models::Classifier {
  public:
    explicit Even(std::size_t n_causes = 0) : n_causes_(n_causes) {}

    void fit(models::TrainingSet const& training, Random, Watcher&) override {
        n_causes_ = training.n_causes;
    }

    [[nodiscard]] models::Prediction predict(models::TestSet const& test, Random, Watcher&) const override {
        std::size_t const n = test.deaths.rows.size();
        return {n, n_causes_, std::vector<double>(n * n_causes_, 1.0 / static_cast<double>(n_causes_)), {}};
    }

    void save(Parts&) const override {}

  private:
    std::size_t n_causes_;
};

/// "shares" and "even" can be kept, "fixed" cannot.
inline models::Catalogue small_catalogue() {
    models::Model shares;
    shares.name = "shares";
    shares.doc = "the cause fractions of the training deaths";
    shares.parameters = {
        {.name = "strength", .standard = 1.0, .doc = "does nothing", .bounds = {.at_least = 0}},
        {.name = "table", .standard = "", .doc = "does nothing", .format = Format::file},
        {.name = "threads", .standard = std::int64_t{1}, .doc = "does nothing", .effect = Effect::operation}};
    shares.expected_seconds = [](Parameters const&, models::WorkSize const&) { return 1e-3; };
    shares.make = [](Parameters const&, models::MissingPolicy) { return std::make_unique<Shares>(); };
    shares.load = [](Parameters const&, models::MissingPolicy, Parts const& parts, std::size_t,
                     std::size_t n_causes) -> std::unique_ptr<models::Classifier> {
        auto const kept = parts.get<double>("shares", {n_causes});
        return std::make_unique<Shares>(std::vector<double>(kept.begin(), kept.end()));
    };
    models::Model fixed = shares;
    fixed.name = "fixed";
    fixed.load = {};
    models::Model even = shares;
    even.name = "even";
    even.parameters = {};
    even.make = [](Parameters const&, models::MissingPolicy) { return std::make_unique<Even>(); };
    even.load = [](Parameters const&, models::MissingPolicy, Parts const&, std::size_t,
                   std::size_t n_causes) -> std::unique_ptr<models::Classifier> {
        return std::make_unique<Even>(n_causes);
    };
    return models::Catalogue({shares, fixed, even});
}

}  // namespace vaster::test

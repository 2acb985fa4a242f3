// Nearest neighbours: the causes of the deaths whose interviews differ least.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "vaster/cli/program.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/va/domain.hpp"

namespace {

using namespace vaster;

/// Symptoms on which two interviews differ, both answers being there. [count]
std::uint32_t distance(va::AnswerRow const& a, va::AnswerRow const& b) {
    std::uint32_t n = 0;
    for (std::size_t word = 0; word < a.present().size(); ++word) {
        std::uint64_t const answered = ~(a.missing()[word] | b.missing()[word]);
        n += static_cast<std::uint32_t>(std::popcount((a.present()[word] ^ b.present()[word]) & answered));
    }
    return n;
}

class Nearest final : public models::Classifier {
  public:
    explicit Nearest(std::size_t n_neighbours) : n_neighbours_(n_neighbours) {}

    void fit(models::TrainingSet const& training, Random, Watcher&) override {
        require<ModelError>(!training.causes.empty(), "there is no death to learn from");
        answers_ = &training.deaths.answers;
        deaths_.assign(training.deaths.rows.begin(), training.deaths.rows.end());
        causes_.assign(training.causes.begin(), training.causes.end());
        n_causes_ = training.n_causes;
    }

    [[nodiscard]] models::Prediction predict(models::TestSet const& test, Random,
                                             Watcher& watcher) const override {
        models::Prediction prediction;
        prediction.n_deaths = test.deaths.rows.size();
        prediction.n_causes = n_causes_;
        prediction.probability.resize(prediction.n_deaths * n_causes_);
        for (std::size_t i = 0; i < prediction.n_deaths; ++i) {
            if (watcher.stop_requested()) throw Cancelled{};
            for (std::uint32_t const cause : nearest_causes(test.deaths.answers.row(test.deaths.rows[i])))
                prediction.probability[i * n_causes_ + cause] += 1.0 / static_cast<double>(used());
        }
        return prediction;
    }

  private:
    [[nodiscard]] std::size_t used() const { return std::min(n_neighbours_, deaths_.size()); }

    /// Of the nearest training deaths; of two at the same distance the earlier one is nearer.
    [[nodiscard]] std::vector<std::uint32_t> nearest_causes(va::AnswerRow const& death) const {
        std::vector<std::pair<std::uint32_t, std::size_t>> ranking;
        for (std::size_t j = 0; j < deaths_.size(); ++j)
            ranking.emplace_back(distance(death, answers_->row(deaths_[j])), j);
        std::partial_sort(ranking.begin(), ranking.begin() + static_cast<std::ptrdiff_t>(used()),
                          ranking.end());
        std::vector<std::uint32_t> causes;
        for (std::size_t k = 0; k < used(); ++k) causes.push_back(causes_[ranking[k].second]);
        return causes;
    }

    std::size_t n_neighbours_;
    va::AnswerMatrix const* answers_ = nullptr;  // of the study, which outlives the classifier
    std::vector<std::uint32_t> deaths_;          // rows in it
    std::vector<std::uint32_t> causes_;          // of deaths_
    std::size_t n_causes_ = 0;
};

models::Model nearest() {
    models::Model model;
    model.name = "nearest";
    model.doc = "Nearest neighbours by the number of symptoms that differ";
    model.parameters = {{.name = "neighbours",
                         .standard = std::int64_t{15},
                         .doc = "training deaths that vote on the cause",
                         .bounds = {.at_least = 1, .at_most = 100000}}};
    model.work = models::Work::in_predict;
    model.expected_seconds = [](Parameters const&, models::WorkSize const& size) {
        auto const pairs = static_cast<double>(size.n_train) * static_cast<double>(size.n_test);
        return 1e-3 + pairs * (1e-8 + 1e-10 * static_cast<double>(size.n_symptoms));
    };
    model.make = [](Parameters const& parameters, models::MissingPolicy) {
        return std::make_unique<Nearest>(
            static_cast<std::size_t>(parameters.get<std::int64_t>("neighbours")));
    };
    return model;
}

}  // namespace

int main(int argc, char** argv) {
    return vaster::cli::run_program(argc, argv, {vaster::va::domain({nearest()})});
}

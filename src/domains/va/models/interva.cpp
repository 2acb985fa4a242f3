#include "domains/va/models/interva.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "domains/va/models/features.hpp"
#include "domains/va/models/insilico/tables.hpp"
#include "domains/va/models/part_checks.hpp"
#include "domains/va/models/probabilities.hpp"
#include "domains/va/models/signs.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models {
namespace {

class Interva : public Classifier {
  public:
    Interva(Parameters parameters, MissingPolicy policy)
        : parameters_(std::move(parameters)), policy_(policy) {}

    void fit(TrainingSet const& training, Random random, Watcher& watcher) override {
        PresentCauses const present = present_causes(training);
        n_causes_ = training.n_causes;
        causes_ = present.causes;
        deaths_.assign(present.counts.begin(), present.counts.end());
        log_prior_ = log_prior();
        if (watcher.stop_requested()) throw Cancelled{};
        learn_levels(training, random);
        watcher.on_progress(1);
    }

    [[nodiscard]] Prediction predict(TestSet const& test, Random, Watcher& watcher) const override {
        VASTER_EXPECTS(!causes_.empty());
        Prediction prediction = blank_prediction(test.deaths, n_causes_);
        Signs const signs = signs_of(test.deaths, policy_);
        for (std::size_t i = 0; i < prediction.n_deaths; ++i) {
            if (watcher.stop_requested()) throw Cancelled{};
            put_row(prediction, i, causes_, posterior(signs.answers.row(i)));
        }
        return prediction;
    }

    void save(Parts& parts) const override {
        save_classes(parts, causes_);
        parts.put("deaths", deaths_);
        parts.put("signs", signs_);
        parts.put<std::uint8_t>("level", level_, {signs_.size(), causes_.size()});
        parts.put("level_value", level_value_);
    }

    void load(Parts const& parts, std::size_t n_symptoms, std::size_t n_causes) {
        n_causes_ = n_causes;
        causes_ = load_classes(parts, n_causes);
        auto const deaths = parts.get<std::uint32_t>("deaths", {causes_.size()});
        check_range("deaths", deaths, {1, largest_term});
        deaths_.assign(deaths.begin(), deaths.end());
        log_prior_ = log_prior();
        load_levels(parts, number_of_signs(n_symptoms, policy_));
    }

  private:
    void load_levels(Parts const& parts, std::size_t n_signs) {
        auto const signs = parts.get<std::uint32_t>("signs");
        check_ascending("signs", signs);
        require<DataError>(signs.empty() || signs.back() < n_signs,
                           "part 'signs' names sign {} (there are {})", signs.empty() ? 0 : signs.back(),
                           n_signs);
        auto const values = parts.get<double>("level_value");
        check_range("level_value", values, {0, 1});
        auto const levels = parts.get<std::uint8_t>("level", {signs.size(), causes_.size()});
        if (!levels.empty()) check_range("level", levels, {0, static_cast<double>(values.size()) - 1});
        signs_.assign(signs.begin(), signs.end());
        level_.assign(levels.begin(), levels.end());
        level_value_.assign(values.begin(), values.end());
        take_logs();
    }

    [[nodiscard]] std::vector<double> log_prior() const {
        std::vector<double> logs(deaths_.size(), 0.0);
        if (parameters_.get<std::string>("prior") == "empirical")
            std::ranges::transform(deaths_, logs.begin(),
                                   [](std::uint32_t n) { return std::log(static_cast<double>(n)); });
        return logs;
    }

    void learn_levels(TrainingSet const& training, Random& random) {
        using namespace insilicova;
        Signs const signs = signs_of(training.deaths, policy_);
        TrainingSet const of_signs{signs.deaths(), training.causes, training.n_causes};
        TableOptions const options{.levels = parameters_.get<std::string>("levels") == "fixed"
                                                 ? LevelRule::fixed
                                                 : LevelRule::quantile,
                                   .certain_cells = CertainCells::tied,
                                   .alternate_single_deaths = false};
        // The training deaths in place of test deaths, so that nothing depends on who else is coded.
        Prepared const prepared = prepare(count_training(of_signs), signs.deaths(), options, random);
        VASTER_EXPECTS(prepared.causes == causes_);
        signs_ = prepared.symptoms;
        level_ = prepared.problem.level;
        level_value_ = prepared.problem.start_value;
        take_logs();
    }

    void take_logs() {
        log_level_.clear();
        for (std::uint8_t const level : level_) log_level_.push_back(std::log(level_value_[level]));
    }

    [[nodiscard]] std::vector<double> posterior(va::AnswerRow const& answers) const {
        std::vector<double> logs = log_prior_;
        for (std::size_t j = 0; j < signs_.size(); ++j) {
            if (answers[signs_[j]] != va::Answer::present) continue;
            for (std::size_t k = 0; k < logs.size(); ++k) logs[k] += log_level_[j * logs.size() + k];
        }
        bool const is_all_ruled_out =
            std::ranges::all_of(logs, [](double value) { return std::isinf(value); });
        if (is_all_ruled_out) logs = log_prior_;
        normalise_logs(logs);
        return logs;
    }

    Parameters parameters_;
    MissingPolicy policy_;
    std::size_t n_causes_ = 0;           ///< of the study
    std::vector<std::uint32_t> causes_;  ///< cause of every class
    std::vector<std::uint32_t> deaths_;  ///< training deaths of every class
    std::vector<double> log_prior_;      ///< but for a constant, [n_classes]
    std::vector<std::uint32_t> signs_;   ///< that were kept, columns
    std::vector<std::uint8_t> level_;    ///< of P(sign | cause), [kept signs][n_classes]
    std::vector<double> level_value_;    ///< P(sign | cause) of every level
    std::vector<double> log_level_;      ///< [kept signs][n_classes]; -infinity rules a cause out
};

double expected_seconds(Parameters const&, WorkSize const& size) {
    auto const symptoms = static_cast<double>(size.n_symptoms);
    auto const causes = static_cast<double>(size.n_causes);
    return 1e-3 + symptoms * (1e-6 * causes + 5e-9 * static_cast<double>(size.n_train) +
                              1e-10 * causes * static_cast<double>(size.n_test));
}

}  // namespace

Model interva() {
    return {
        .name = "interva",
        .doc = "InterVA's rule with P(symptom | cause) by levels learned from the training deaths",
        .parameters =
            {
                {.name = "levels",
                 .standard = std::string("quantile"),
                 .doc =
                     "quantile: shares of the levels as in the InterVA table; fixed: nearest InterVA number",
                 .choices = {"quantile", "fixed"}},
                {.name = "prior",
                 .standard = std::string("uniform"),
                 .doc =
                     "uniform: the same for every cause; empirical: cause fractions of the training deaths",
                 .choices = {"uniform", "empirical"}},
            },
        .work = Work::in_fit,
        .expected_seconds = expected_seconds,
        .make = [](Parameters const& parameters, MissingPolicy policy) -> std::unique_ptr<Classifier> {
            return std::make_unique<Interva>(parameters, policy);
        },
        .load = loading<Interva>(),
        .predicts = Predicts::each_death,
    };
}

}  // namespace vaster::models

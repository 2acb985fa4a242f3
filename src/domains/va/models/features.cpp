#include "domains/va/models/features.hpp"

#include <algorithm>
#include <utility>

#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models {

PresentCauses present_causes(TrainingSet const& training) {
    VASTER_EXPECTS(training.causes.size() == training.deaths.rows.size());
    require<ModelError>(!training.causes.empty(), "the training set has no deaths; check its site and split");
    require<ModelError>(training.deaths.answers.n_columns() > 0,
                        "the training set has no symptoms; check which columns the data file has");
    std::vector<std::size_t> count(training.n_causes, 0);
    for (std::uint32_t const cause : training.causes) {
        VASTER_EXPECTS(cause < training.n_causes);
        ++count[cause];
    }
    PresentCauses present;
    std::vector<std::uint32_t> class_of_cause(training.n_causes, 0);
    for (std::uint32_t cause = 0; cause < training.n_causes; ++cause) {
        if (count[cause] == 0) continue;
        class_of_cause[cause] = static_cast<std::uint32_t>(present.causes.size());
        present.causes.push_back(cause);
        present.counts.push_back(count[cause]);
    }
    present.class_of.reserve(training.causes.size());
    for (std::uint32_t const cause : training.causes) present.class_of.push_back(class_of_cause[cause]);
    return present;
}

Parameter class_weight_parameter(std::string standard) {
    return {.name = "class_weight",
            .standard = std::move(standard),
            .doc = "balanced: every cause weighs the same in training; none: every death does",
            .choices = {"balanced", "none"}};
}

std::vector<double> class_weights(PresentCauses const& present, std::string const& rule) {
    std::vector<double> weights(present.size(), 1.0);
    if (rule == "none") return weights;
    auto const n = static_cast<double>(present.class_of.size());
    auto const n_classes = static_cast<double>(present.size());
    for (std::size_t k = 0; k < weights.size(); ++k)
        weights[k] = n / (n_classes * static_cast<double>(present.counts[k]));
    return weights;
}

AnswerCodes answer_codes(Deaths const& deaths, MissingPolicy policy) {
    using va::Answer;
    std::size_t const n_columns = deaths.answers.n_columns();
    AnswerCodes codes{std::vector<std::uint8_t>(deaths.rows.size() * n_columns), n_columns,
                      policy == MissingPolicy::nan ? AnswerCodes::Two::hole : AnswerCodes::Two::number};
    auto const missing = static_cast<std::uint8_t>(policy == MissingPolicy::absent ? 0 : 2);
    auto to = codes.values.begin();
    for (std::uint32_t const row : deaths.rows) {
        auto const answers = deaths.answers.row(row);
        to = std::transform(answers.begin(), answers.end(), to, [missing](Answer answer) {
            return answer == Answer::missing ? missing : static_cast<std::uint8_t>(answer);
        });
    }
    return codes;
}

}  // namespace vaster::models

#include "domains/va/models/answer_counts.hpp"

#include <algorithm>
#include <span>

#include "domains/va/models/spread_bits.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::models {
namespace {

/// Counts the answers to every symptom in some rows. Eight counters share a word, a byte each; they are
/// emptied into wider ones before they can overflow.
class AnswerCounter {
  public:
    explicit AnswerCounter(std::size_t n_words)
        : narrow_(2 * n_words * bytes_of_word), counts_(2 * n_words * va::bits_of_word) {}

    void add(va::AnswerRow const& row) {
        if (n_added_ == most_of_byte) empty();
        ++n_added_;
        std::uint64_t* counters = narrow_.data();
        for (auto const words : {row.present(), row.missing()})
            for (std::uint64_t word : words)
                for (std::size_t j = 0; j < bytes_of_word; ++j, word >>= 8U)
                    *counters++ += spread_bits[word & 0xffU];
    }

    /// How often the answer was "present" to each symptom, then how often "missing"; each in whole words.
    [[nodiscard]] std::span<std::uint32_t const> counts() {
        empty();
        return counts_;
    }

  private:
    static constexpr std::size_t most_of_byte = 255;

    void empty() {
        for (std::size_t i = 0; i < counts_.size(); ++i)
            counts_[i] += static_cast<std::uint8_t>(narrow_[i / bytes_of_word] >> (8 * (i % bytes_of_word)));
        std::ranges::fill(narrow_, 0U);
        n_added_ = 0;
    }

    std::vector<std::uint64_t> narrow_;
    std::vector<std::uint32_t> counts_;
    std::size_t n_added_ = 0;  ///< since it was emptied
};

}  // namespace

AnswerCounts count_answers(Deaths const& deaths, PresentCauses const& present) {
    VASTER_EXPECTS(deaths.rows.size() == present.class_of.size());
    std::size_t const n_symptoms = deaths.answers.n_columns();
    std::size_t const n_words = (n_symptoms + va::bits_of_word - 1) / va::bits_of_word;
    std::vector<AnswerCounter> counters(present.size(), AnswerCounter(n_words));
    for (std::size_t i = 0; i < deaths.rows.size(); ++i)
        counters[present.class_of[i]].add(deaths.answers.row(deaths.rows[i]));
    AnswerCounts counts{n_symptoms, present.size(), {}, {}};
    counts.present.resize(n_symptoms * counts.n_classes);
    counts.missing.resize(n_symptoms * counts.n_classes);
    for (std::size_t k = 0; k < counts.n_classes; ++k) {
        auto const of_class = counters[k].counts();
        for (std::size_t s = 0; s < n_symptoms; ++s) {
            counts.present[s * counts.n_classes + k] = of_class[s];
            counts.missing[s * counts.n_classes + k] = of_class[n_words * va::bits_of_word + s];
        }
    }
    return counts;
}

AnswerWeights weigh_answers(TrainingSet const& training, PresentCauses const& present) {
    auto const& [answers, rows] = training.deaths;
    VASTER_EXPECTS(training.weights.size() == rows.size());
    std::size_t const n_classes = present.size();
    AnswerWeights weights{std::vector<double>(n_classes, 0.0),
                          std::vector<double>(answers.n_columns() * n_classes, 0.0),
                          std::vector<double>(answers.n_columns() * n_classes, 0.0)};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::size_t const k = present.class_of[i];
        auto const row = answers.row(rows[i]);
        weights.deaths[k] += training.weights[i];
        for (std::size_t s = 0; s < row.size(); ++s) {
            va::Answer const answer = row[s];
            if (answer == va::Answer::present) weights.present[s * n_classes + k] += training.weights[i];
            if (answer == va::Answer::missing) weights.missing[s * n_classes + k] += training.weights[i];
        }
    }
    return weights;
}

}  // namespace vaster::models

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Some of the deaths of a batch, a bit each.
using DeathSet = std::uint64_t;

/// Calls visit(i) for every death of the set, by its number in the batch.
template <class Visit>
void for_each_death(DeathSet deaths, Visit visit) {
    for (; deaths != 0; deaths &= deaths - 1) visit(static_cast<std::size_t>(std::countr_zero(deaths)));
}

/// Answers of which something is asked: bit a stands for va::Answer a.
using AnswerSet = std::uint32_t;

constexpr AnswerSet bit_of(va::Answer answer) {
    return AnswerSet{1} << static_cast<unsigned>(answer);
}

/// Up to 64 deaths side by side: for each symptom a word that says in which of them it is present, and one in
/// which it is missing. What is asked of one symptom is so answered for all of them at once.
class DeathBatch {
  public:
    static constexpr std::size_t most = va::bits_of_word;

    /// @param rows    of the answer matrix, at most 64
    /// @param policy  absent: missing answers are absent
    DeathBatch(va::AnswerMatrix const& answers, std::span<std::uint32_t const> rows, MissingPolicy policy);

    [[nodiscard]] std::size_t size() const { return n_deaths_; }

    /// All deaths of the batch.
    [[nodiscard]] DeathSet all() const {
        return n_deaths_ == 0 ? 0 : ~DeathSet{0} >> (va::bits_of_word - n_deaths_);
    }

    /// The deaths whose answer to the symptom is one of `answers`, and bits behind the last death.
    [[nodiscard]] DeathSet which(std::size_t symptom, AnswerSet answers) const {
        auto const& [present, missing] = words_[symptom];
        return (chosen(answers, va::Answer::absent) & ~(present | missing)) |
               (chosen(answers, va::Answer::present) & present) |
               (chosen(answers, va::Answer::missing) & missing);
    }

    /// The answer of one death, as the number of a va::Answer.
    [[nodiscard]] std::uint8_t answer(std::size_t death, std::size_t symptom) const {
        return answers_[death * words_.size() + symptom];
    }

  private:
    struct Words {
        DeathSet present = 0;
        DeathSet missing = 0;
    };

    /// All bits where the answer is one of them.
    static constexpr DeathSet chosen(AnswerSet answers, va::Answer answer) {
        return DeathSet{0} - ((answers >> static_cast<unsigned>(answer)) & 1U);
    }

    std::size_t n_deaths_;
    std::vector<Words> words_;           ///< [n_symptoms, up to a whole word]
    std::vector<std::uint8_t> answers_;  ///< the same one by one, [n_deaths][words_.size()]
};

}  // namespace vaster::models

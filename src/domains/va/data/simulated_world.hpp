#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/data/rules.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {

/// A question of the questionnaire, gathered from the rules that use its column.
struct SimulatedQuestion {
    std::string column;
    std::vector<std::string> options;  ///< substantive answers; empty: the answer is a number
    double cutoff = 0;                 ///< numbers only
    bool is_follow_up = false;    ///< asked only where another answer gave cause to: often without answer
    bool is_second_pick = false;  ///< another option of the question before: mostly without answer
};

/// One simulated death.
struct SimulatedDeath {
    std::uint32_t site = 0;
    std::uint32_t cause = 0;
    std::vector<std::string> answers;  ///< [n_questions], texts as in the raw release
};

/// Sites that differ in their causes, in how causes show, and in which questions they ask; see simulate().
class SimulatedWorld {
  public:
    static constexpr std::size_t n_sites = 6;
    static constexpr std::size_t n_causes = 34;

    explicit SimulatedWorld(std::uint64_t seed);

    [[nodiscard]] static std::string_view site_name(std::size_t site);
    [[nodiscard]] static std::string_view cause_name(
        std::size_t cause);  ///< gs_text34 of cause number cause + 1

    [[nodiscard]] std::vector<SimulatedQuestion> const& questions() const noexcept { return questions_; }

    /// Draws the next death.
    void draw(Random& random, SimulatedDeath& death) const;

  private:
    /// What answers a site gives to a question.
    struct Asking {
        bool asked = true;
        double no_answer = 0;  ///< probability of "Don't Know"
    };

    void draw_sites(Random& random);
    void draw_question(Random& random, std::size_t question);
    void draw_unasked_blocks(Random& random);
    [[nodiscard]] std::size_t choice_index(std::size_t site, std::size_t cause, std::size_t question) const;
    void answer(Random& random, SimulatedQuestion const& question, std::size_t choice,
                std::string& text) const;

    std::vector<SimulatedQuestion> questions_;
    std::vector<std::size_t> first_choice_;  // [n_questions], where the question's choices begin
    std::size_t n_choices_ = 0;              // of all questions together
    std::array<std::array<double, n_causes>, n_sites> cause_up_to_{};  // cumulative
    std::vector<double> choice_up_to_;  // [n_sites][n_causes][n_choices_], cumulative within a question
    std::vector<Asking> asking_;        // [n_sites][n_questions]
};

}  // namespace vaster::va

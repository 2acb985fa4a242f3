#include "domains/va/prediction/row_answers.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

namespace vaster::va {
namespace {

constexpr std::uint8_t not_looked_up = 254;
constexpr std::uint8_t unknown = 255;

std::optional<Answer> answer_of(std::uint8_t value) {
    if (value == unknown) return std::nullopt;
    return static_cast<Answer>(value);
}

}  // namespace

RowAnswers::RowAnswers(NewColumns const& columns, ModelNeeds const& wanted, Answer empty_means)
    : columns_(columns), empty_means_(empty_means), decoder_(wanted.spellings) {
    of_character_.fill(not_looked_up);
}

std::optional<Answer> RowAnswers::meaning_of(std::string_view cell) {
    auto const looked_up = [&] {
        auto const meaning = decoder_.meaning_of(cell);
        if (!meaning) return unknown;
        return static_cast<std::uint8_t>(*meaning == open_answer ? empty_means_ : *meaning);
    };
    if (cell.size() <= 1) {
        auto& known = of_character_[cell.empty() ? 0 : static_cast<unsigned char>(cell.front())];
        if (known == not_looked_up) known = looked_up();
        return answer_of(known);
    }
    auto const found = of_cell_.find(cell);
    if (found != of_cell_.end()) return answer_of(found->second);
    constexpr std::size_t most_texts = 4096;
    std::uint8_t const value = looked_up();
    if (texts_.size() < most_texts) {
        texts_.push_back(std::make_unique<std::string>(cell));
        of_cell_.emplace(*texts_.back(), value);
    }
    return answer_of(value);
}

std::optional<std::size_t> RowAnswers::read(std::span<std::string_view const> cells,
                                            std::span<Answer> answers) {
    if (columns_.is_raw()) {
        auto const* const not_known = encode_cells(cells, columns_.rules, answers);
        if (not_known == nullptr) return std::nullopt;
        return unknown_column(cells, *not_known);
    }
    std::optional<std::size_t> unreadable;
    for (std::size_t k = 0; k < answers.size(); ++k) {
        auto const& place = columns_.symptoms[k];
        auto const answer = place ? meaning_of(cells[*place]) : Answer::missing;
        answers[k] = answer.value_or(Answer::missing);
        if (!answer && !unreadable) unreadable = place;
    }
    return unreadable;
}

std::string RowAnswers::known_answers(std::size_t column) const {
    for (auto const& rule : columns_.rules.rules)
        if (rule.source == column || rule.also_source == column) return va::known_answers(rule.rule);
    return AnswerDecoder::known_answers();
}

}  // namespace vaster::va

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domains/va/data/answer_coding.hpp"
#include "domains/va/prediction/new_columns.hpp"

namespace vaster::va {

/// Reads the answers of one row after another, once it is known what an empty cell means.
class RowAnswers {
  public:
    /// @param columns, wanted  must outlive the object
    RowAnswers(NewColumns const& columns, ModelNeeds const& wanted, Answer empty_means);

    /// @param cells    of a row
    /// @param answers  [n_symptoms], filled but for what cannot be read
    /// @return the column of a cell that cannot be read; nothing: all can
    [[nodiscard]] std::optional<std::size_t> read(std::span<std::string_view const> cells,
                                                  std::span<Answer> answers);

    /// What that cell might have been, for a message.
    [[nodiscard]] std::string known_answers(std::size_t column) const;

  private:
    [[nodiscard]] std::optional<Answer> meaning_of(std::string_view cell);

    NewColumns const& columns_;
    Answer empty_means_;
    AnswerDecoder decoder_;
    std::array<std::uint8_t, 256> of_character_{};                // an Answer, or one of the two marks below
    std::unordered_map<std::string_view, std::uint8_t> of_cell_;  // keys lie in texts_
    std::vector<std::unique_ptr<std::string>> texts_;
};

}  // namespace vaster::va

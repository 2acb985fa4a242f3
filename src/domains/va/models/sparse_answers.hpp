#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// The answers of deaths that say something to a model, death by death, each with its value. Most answers say
/// nothing, so that a pass over the others is several times shorter than one over the matrix.
template <class Value>
class SparseAnswers {
  public:
    struct Entry {
        std::uint32_t symptom;
        Value value;
    };

    /// @param value_of  (symptom, answer): an optional value; answers without one are left out
    template <class ValueOf>
    SparseAnswers(Deaths const& deaths, ValueOf value_of) {
        ends_.reserve(deaths.rows.size());
        for (std::uint32_t const row : deaths.rows) {
            auto const answers = deaths.answers.row(row);
            for (std::uint32_t s = 0; s < answers.size(); ++s)
                if (std::optional<Value> const value = value_of(s, static_cast<va::Answer>(answers[s])))
                    entries_.push_back({s, *value});
            ends_.push_back(entries_.size());
        }
    }

    /// Deaths.
    [[nodiscard]] std::size_t size() const { return ends_.size(); }

    /// Of the death at that position, by symptom.
    [[nodiscard]] std::span<Entry const> of(std::size_t i) const {
        std::size_t const begin = i == 0 ? 0 : ends_[i - 1];
        return {entries_.data() + begin, ends_[i] - begin};
    }

  private:
    std::vector<Entry> entries_;
    std::vector<std::size_t> ends_;  ///< of every death's entries
};

}  // namespace vaster::models

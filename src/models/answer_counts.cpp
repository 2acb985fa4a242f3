#include "vaster/models/answer_counts.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "vaster/support/contracts.hpp"

namespace vaster::models {
namespace {

constexpr std::size_t bytes_of_word = 8;

/// Bit j of the index becomes the lowest bit of byte j.
constexpr std::array<std::uint64_t, 256> spread = [] {
    std::array<std::uint64_t, 256> words{};
    for (std::size_t byte = 0; byte < words.size(); ++byte)
        for (std::size_t j = 0; j < bytes_of_word; ++j)
            words[byte] |= static_cast<std::uint64_t>(byte >> j & 1U) << (bytes_of_word * j);
    return words;
}();

/// Counts for every bit of some words how often it was set. Eight counters share a word, a byte each; they
/// are emptied into wider ones before they can overflow.
class BitCounter {
  public:
    explicit BitCounter(std::size_t n_words)
        : narrow_(n_words * bytes_of_word), counts_(n_words * table::bits_of_word) {}

    void add(std::span<std::uint64_t const> words) {
        if (n_added_ == most_of_byte) empty();
        ++n_added_;
        std::uint64_t* counters = narrow_.data();
        for (std::uint64_t word : words)
            for (std::size_t j = 0; j < bytes_of_word; ++j, word >>= 8U) *counters++ += spread[word & 0xffU];
    }

    /// The counts so far, one a bit; begins anew.
    [[nodiscard]] std::vector<std::uint32_t> take() {
        empty();
        std::vector<std::uint32_t> counts(counts_.size());
        counts.swap(counts_);
        return counts;
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

/// Rows of the deaths of every class, one class behind the other.
std::vector<std::uint32_t> rows_by_class(Deaths const& deaths, PresentCauses const& present) {
    std::vector<std::size_t> next(present.size(), 0);
    for (std::size_t k = 1; k < next.size(); ++k) next[k] = next[k - 1] + present.counts[k - 1];
    std::vector<std::uint32_t> rows(deaths.rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) rows[next[present.class_of[i]]++] = deaths.rows[i];
    return rows;
}

}  // namespace

AnswerCounts count_answers(Deaths const& deaths, PresentCauses const& present) {
    VASTER_EXPECTS(deaths.rows.size() == present.class_of.size());
    AnswerCounts counts{deaths.answers.n_columns(), present.size(), {}, {}};
    counts.present.resize(counts.n_symptoms * counts.n_classes);
    counts.missing.resize(counts.n_symptoms * counts.n_classes);
    auto const rows = rows_by_class(deaths, present);
    std::size_t const n_words = (counts.n_symptoms + table::bits_of_word - 1) / table::bits_of_word;
    BitCounter of_present(n_words);
    BitCounter of_missing(n_words);
    std::size_t next = 0;
    for (std::size_t k = 0; k < counts.n_classes; ++k) {
        for (std::size_t const end = next + present.counts[k]; next < end; ++next) {
            auto const row = deaths.answers.row(rows[next]);
            of_present.add(row.present());
            of_missing.add(row.missing());
        }
        auto const n_present = of_present.take();
        auto const n_missing = of_missing.take();
        for (std::size_t s = 0; s < counts.n_symptoms; ++s) {
            counts.present[s * counts.n_classes + k] = n_present[s];
            counts.missing[s * counts.n_classes + k] = n_missing[s];
        }
    }
    return counts;
}

}  // namespace vaster::models

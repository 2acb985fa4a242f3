#include "domains/va/models/death_batch.hpp"

#include <array>

#include "vaster/support/contracts.hpp"

namespace vaster::models {
namespace {

using Square = std::array<std::uint64_t, va::bits_of_word>;

/// Bit j of word i becomes bit i of word j. Warren (2012), Hacker's Delight, section 7-3.
void transpose(Square& words) {
    std::uint64_t mask = 0x00000000ffffffffULL;
    for (unsigned width = 32; width != 0; width >>= 1U, mask ^= mask << width)
        for (std::size_t k = 0; k < words.size(); k = (k + width + 1) & ~std::size_t{width}) {
            std::uint64_t const swapped = ((words[k] >> width) ^ words[k + width]) & mask;
            words[k] ^= swapped << width;
            words[k + width] ^= swapped;
        }
}

/// The answers of a row that are in one word, one by one.
void spread(std::uint64_t present, std::uint64_t missing, std::uint8_t* answers) {
    for (std::size_t s = 0; s < va::bits_of_word; ++s)
        answers[s] =
            static_cast<std::uint8_t>((present >> s & 1U) * static_cast<unsigned>(va::Answer::present) +
                                      (missing >> s & 1U) * static_cast<unsigned>(va::Answer::missing));
}

}  // namespace

DeathBatch::DeathBatch(va::AnswerMatrix const& answers, std::span<std::uint32_t const> rows,
                       MissingPolicy policy)
    : n_deaths_(rows.size()) {
    VASTER_EXPECTS(rows.size() <= most);
    std::size_t const n_words = (answers.n_columns() + va::bits_of_word - 1) / va::bits_of_word;
    words_.resize(n_words * va::bits_of_word);
    answers_.resize(rows.size() * words_.size());
    for (std::size_t word = 0; word < n_words; ++word) {
        Square present{};
        Square missing{};
        for (std::size_t i = 0; i < rows.size(); ++i) {
            auto const row = answers.row(rows[i]);
            present[i] = row.present()[word];
            if (policy != MissingPolicy::absent) missing[i] = row.missing()[word];
            spread(present[i], missing[i], &answers_[i * words_.size() + word * va::bits_of_word]);
        }
        transpose(present);
        transpose(missing);
        for (std::size_t s = 0; s < va::bits_of_word; ++s)
            words_[word * va::bits_of_word + s] = {present[s], missing[s]};
    }
}

}  // namespace vaster::models

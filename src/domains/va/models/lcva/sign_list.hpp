#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vaster/va/classifier.hpp"

namespace vaster::models::nested {

/// The signs that each death has, and those without an answer, in lists: few of many are present.
class SignList {
  public:
    explicit SignList(Deaths const& deaths) {
        for (auto const row : deaths.rows) {
            append(present_, deaths.answers.row(row).present());
            append(missing_, deaths.answers.row(row).missing());
        }
    }

    [[nodiscard]] std::span<std::uint32_t const> present(std::size_t death) const {
        return present_.of(death);
    }

    [[nodiscard]] std::span<std::uint32_t const> missing(std::size_t death) const {
        return missing_.of(death);
    }

  private:
    struct Lists {
        std::vector<std::uint32_t> signs;     ///< of one death after the other
        std::vector<std::size_t> ends = {0};  ///< where those of each begin and end

        [[nodiscard]] std::span<std::uint32_t const> of(std::size_t death) const {
            return {signs.data() + ends[death], ends[death + 1] - ends[death]};
        }
    };

    static void append(Lists& lists, std::span<std::uint64_t const> words) {
        for (std::size_t word = 0; word < words.size(); ++word)
            for (std::uint64_t bits = words[word]; bits != 0; bits &= bits - 1)
                lists.signs.push_back(static_cast<std::uint32_t>(
                    word * va::bits_of_word + static_cast<std::size_t>(std::countr_zero(bits))));
        lists.ends.push_back(lists.signs.size());
    }

    Lists present_;
    Lists missing_;
};

}  // namespace vaster::models::nested

#include "domains/va/data/column_profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>

#include <fmt/format.h>

#include "base/support/hash.hpp"

namespace vaster::va {

namespace {

bool is_nothing(std::string_view text) {
    static NothingWords const words;
    return words.contains(text);
}

}  // namespace

void ColumnProfile::look_at(std::string_view cell) {
    ++n_rows_;
    if (!has_all_texts_) return count(trimmed(cell), 1);
    if (auto const known = of_cell_.find(cell); known != of_cell_.end())
        ++texts_[known->second].count;
    else
        take_new(cell);
}

/// A cell that is not written as any before.
void ColumnProfile::take_new(std::string_view cell) {
    auto const text = trimmed(cell);
    auto const same =
        std::ranges::find_if(texts_, [&](CountedText const& known) { return known.text == text; });
    auto const place = static_cast<std::size_t>(same - texts_.begin());
    if (same == texts_.end()) texts_.push_back({std::string(text), 0});
    ++texts_[place].count;
    of_cell_.emplace(cell, place);
    if (of_cell_.size() > most_texts) give_up_texts();
}

/// There are too many to keep them: from here on they are counted by their hashes.
void ColumnProfile::give_up_texts() {
    has_all_texts_ = false;
    for (auto const& [text, n_cells] : std::exchange(texts_, {})) count(text, n_cells);
    of_cell_.clear();
}

void ColumnProfile::count(std::string_view text, std::uint64_t n_cells) {
    if (is_nothing(text)) return;
    if (n_filled_ == 0) example_ = text;
    n_filled_ += n_cells;
    if (!has_all_texts_) hashes_.insert(hashes_.end(), n_cells, hash64(text));
    auto const number = plain_number(text);
    if (!number) return;
    double const value = std::strtod(number->c_str(), nullptr);
    least_ = n_numbers_ == 0 ? value : std::min(least_, value);
    greatest_ = n_numbers_ == 0 ? value : std::max(greatest_, value);
    sum_ += value * static_cast<double>(n_cells);
    is_whole_ = is_whole_ && value == std::floor(value);
    n_numbers_ += n_cells;
}

void ColumnProfile::finish() {
    for (auto const& [text, n_cells] : texts_) {
        count(text, n_cells);
        if (is_nothing(text)) continue;
        ++n_texts_;
        if (n_cells > 1) ++n_repeated_;
    }
    std::ranges::sort(hashes_);
    for (std::size_t k = 0; k < hashes_.size(); ++k) {
        bool const is_first = k == 0 || hashes_[k] != hashes_[k - 1];
        bool const is_second = !is_first && (k == 1 || hashes_[k] != hashes_[k - 2]);
        if (is_first) ++n_texts_;
        if (is_second) ++n_repeated_;
    }
    hashes_ = {};
}

std::vector<CountedText> ColumnProfile::by_count() const {
    std::vector<CountedText> texts;
    std::ranges::copy_if(texts_, std::back_inserter(texts),
                         [](CountedText const& known) { return !is_nothing(known.text); });
    std::ranges::stable_sort(texts, std::ranges::greater(), &CountedText::count);
    return texts;
}

std::string ColumnProfile::described() const {
    if (n_filled_ == 0) return "nothing in any row";
    std::uint64_t const n_nothing = n_rows_ - n_filled_;
    std::string const gaps = n_nothing == 0 ? "" : fmt::format("; {} without", grouped(n_nothing));
    if (all_differ() && n_rows_ > 1) return fmt::format("all different, such as '{}'", example_);
    constexpr std::size_t few = 6;
    if (is_numbers() && (n_texts_ > few || texts_.empty()))
        return fmt::format("numbers from {} to {} ({} different){}", least_, greatest_, grouped(n_texts_),
                           gaps);
    auto const texts = by_count();
    if (texts.empty())
        return fmt::format("{} different texts, such as '{}'{}", grouped(n_texts_), example_, gaps);
    std::vector<std::string> parts;
    for (std::size_t k = 0; k < std::min(few, texts.size()); ++k)
        parts.push_back(fmt::format("{} {}", texts[k].text, grouped(texts[k].count)));
    if (texts.size() > few) parts.push_back(fmt::format("and {} more", texts.size() - few));
    return fmt::format("{}{}", fmt::join(parts, ", "), gaps);
}

}  // namespace vaster::va

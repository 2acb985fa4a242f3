#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vaster {

/// The smallest number of bytes to insert, drop or change that makes one text of the other.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name that `name` is most likely a misspelling of: the one at the smallest edit distance, capital and
/// small letters taken for the same, if that is at most two or a third of `name`'s length, and less than all
/// of it. Nothing if none is so near.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name,
                                                      std::span<std::string const> known);

/// "did you mean 'fever'?" where nearest_name() finds something, else an empty text.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<std::string const> known);

/// The same; where nothing is near, what there is: "known are: age, sex, fever".
/// @param otherwise  the words before that list: "known are"
[[nodiscard]] std::string suggestion(std::string_view name, std::span<std::string const> known,
                                     std::string_view otherwise);

}  // namespace vaster

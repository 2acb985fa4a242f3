#include "base/support/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace vaster {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

namespace {

std::string in_small_letters(std::string_view text) {
    std::string small(text);
    for (char& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return small;
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, std::span<std::string const> known) {
    if (name.empty()) return std::nullopt;
    std::string const small = in_small_letters(name);
    std::size_t const farthest = std::min(std::max<std::size_t>(2, name.size() / 3), name.size() - 1);
    std::optional<std::string> nearest;
    std::size_t least = farthest + 1;
    for (auto const& other : known) {
        std::size_t const distance = edit_distance(small, in_small_letters(other));
        if (distance >= least) continue;
        least = distance;
        nearest = other;
    }
    return nearest;
}

std::string did_you_mean(std::string_view name, std::span<std::string const> known) {
    auto const near = nearest_name(name, known);
    return near ? fmt::format("did you mean '{}'?", *near) : "";
}

std::string suggestion(std::string_view name, std::span<std::string const> known,
                       std::string_view otherwise) {
    std::string const near = did_you_mean(name, known);
    return near.empty() ? fmt::format("{}: {}", otherwise, fmt::join(known, ", ")) : near;
}

}  // namespace vaster

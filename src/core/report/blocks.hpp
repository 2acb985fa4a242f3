#pragma once

#include <string>
#include <vector>

#include "vaster/support/text_table.hpp"

namespace vaster::report {

/// A heading and sentences below it: what a study's numbers come to, in words.
struct Block {
    std::string title;
    std::vector<std::string> lines;
};

/// What stands above the blocks on a terminal.
inline constexpr char const* verdict_heading = "VERDICT";

/// The blocks for a terminal, below a heading of their own: lines of at most 100 characters, broken at
/// blanks.
[[nodiscard]] std::vector<TextTable> text_of(std::vector<Block> const& blocks, std::string const& heading);

}  // namespace vaster::report

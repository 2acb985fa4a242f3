#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/tasks/task.hpp"

namespace vaster::stream {

/// What a field may be, ends included.
struct Range {
    std::string field;
    double least = 0;
    double most = 0;

    [[nodiscard]] bool contains(double value) const { return least <= value && value <= most; }
};

/// What is wrong with a list `name:min:max,...`, a sentence for each part; empty: nothing.
[[nodiscard]] std::vector<std::string> problems_of_ranges(std::string_view list);

/// The ranges of such a list, in its order. Parts that are wrong are left out: ask problems_of_ranges()
/// first.
[[nodiscard]] std::vector<Range> ranges_of(std::string_view list);

/// The fields that a task's parameter `ranges` names: for TaskKind::fields and TaskKind::named.
[[nodiscard]] std::vector<std::string> fields_with_ranges(TaskSetup const& setup);

}  // namespace vaster::stream

#include "domains/stream/tasks/ranges.hpp"

#include <algorithm>
#include <variant>

#include <fmt/core.h>

#include "domains/stream/records/record.hpp"
#include "domains/stream/tasks/text.hpp"

namespace vaster::stream {
namespace {

/// A range, or what is wrong with it.
std::variant<Range, std::string> range_of(std::string_view part) {
    // The name comes first and may have colons of its own.
    auto const last = part.rfind(':');
    auto const middle =
        last == 0 || last == std::string_view::npos ? std::string_view::npos : part.rfind(':', last - 1);
    if (middle == std::string_view::npos || middle == 0)
        return fmt::format("'{}' is not name:min:max, such as temperature:-12.5:43.1", part);
    auto const least = number_of(part.substr(middle + 1, last - middle - 1));
    auto const most = number_of(part.substr(last + 1));
    if (!least || !most) return fmt::format("'{}': an end of the range is not a finite decimal number", part);
    if (*least > *most)
        return fmt::format("'{}': the least value is above the greatest, so nothing could pass", part);
    return Range{std::string(trim(part.substr(0, middle))), *least, *most};
}

}  // namespace

std::vector<std::string> problems_of_ranges(std::string_view list) {
    std::vector<std::string> problems;
    std::vector<std::string> names;
    for (auto const part : split(list, ',')) {
        auto const range = range_of(trim(part));
        if (auto const* const problem = std::get_if<std::string>(&range)) {
            problems.push_back(*problem);
            continue;
        }
        auto const& name = std::get<Range>(range).field;
        if (std::find(names.begin(), names.end(), name) != names.end())
            problems.push_back(fmt::format("'{}' has two ranges", name));
        names.push_back(name);
    }
    return problems;
}

std::vector<Range> ranges_of(std::string_view list) {
    std::vector<Range> ranges;
    for (auto const part : split(list, ',')) {
        auto const range = range_of(trim(part));
        if (auto const* const good = std::get_if<Range>(&range)) ranges.push_back(*good);
    }
    return ranges;
}

std::vector<std::string> fields_with_ranges(TaskSetup const& setup) {
    std::vector<std::string> fields;
    for (auto const& range : ranges_of(setup.parameters.get<std::string>("ranges")))
        fields.push_back(range.field);
    return fields;
}

}  // namespace vaster::stream

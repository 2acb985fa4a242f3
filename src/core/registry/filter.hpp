#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/registry/state.hpp"

namespace vaster::registry {

/// What filters see of a version: values by key. Only "alias" has several.
using Row = std::map<std::string, std::vector<Value>, std::less<>>;

/// Keys: name, version, status, created, author, content, alias, tags.*, metrics.*, and what the model file
/// says of itself.
[[nodiscard]] Row row_of(State const& state, Version const& version);

/// Which versions are wanted: `metrics.accuracy >= 0.45 and (model in (a, b) or not status = deprecated)`.
/// Operators: = != < <= > >= ~ (text with * and ?), in, and, or, not. Two numbers are compared as numbers,
/// all else as text, byte by byte. Where a version lacks a key, a comparison is false, whatever the operator.
class Filter {
  public:
    /// @throws UsageError that shows the place where the text stops making sense
    explicit Filter(std::string_view text);

    [[nodiscard]] bool holds(Row const& row) const { return test_(row); }

    /// @param rows  of all versions. @throws UsageError for a key that none of them has, with the nearest one
    void require_keys(std::vector<Row> const& rows) const;

    using Test = std::function<bool(Row const&)>;

    struct Key {
        std::string name;
        std::size_t at = 0;  ///< position in the text
    };

  private:
    std::string text_;
    std::vector<Key> keys_;
    Test test_;
};

}  // namespace vaster::registry

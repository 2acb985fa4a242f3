#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vaster::stream {

/// What a file of settings of RIoTBench or PyRIoTBench comes to here.
struct ImportedProperties {
    std::string toml;                  ///< for `vaster run`
    std::vector<std::string> left;     ///< keys that mean nothing here, each with the reason
    std::vector<std::string> unknown;  ///< keys that nobody knows
    std::vector<std::string> wrong;    ///< keys whose value cannot be taken, each with the reason
};

/// Takes a file in the form of Java's properties: `KEY=VALUE` or `KEY:VALUE`, `#` and `!` before comments, a
/// backslash before the end of a line that goes on. A name that ends with .yaml or .yml says that values
/// may have quotes, and comments behind them, as PyRIoTBench's have.
/// @param name  of the file, for the comment at the top
[[nodiscard]] ImportedProperties import_properties(std::string_view text, std::string_view name);

}  // namespace vaster::stream

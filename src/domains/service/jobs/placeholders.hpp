#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vaster::service {

/// What stands for {name}: by name. The empty name is {}, of which {.} is without the extension, {/} without
/// the folders, {/.} without both, and {//} the folder alone, as GNU parallel has them; {#} is the job's
/// number.
using Placeholders = std::map<std::string, std::string, std::less<>>;

enum class Quoting {
    none,
    shell,  ///< values are quoted where /bin/sh would take them apart
};

/// The text with its placeholders filled. {{name}} is the text {name}, and braces after a dollar (${HOME}) or
/// around anything but a name stay as they are. @throws ConfigError for a name that stands for nothing,
/// naming those that do
[[nodiscard]] std::string fill(std::string_view text, Placeholders const& values, Quoting quoting);

}  // namespace vaster::service

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "core/registry/registry.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

namespace fs = std::filesystem;

bool could_be_content(std::string_view text) {
    constexpr std::size_t fewest_digits = 8;
    return text.size() >= fewest_digits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_file(std::string_view text) {
    std::error_code problem;
    return fs::exists(text, problem) && !fs::is_directory(text, problem);
}

/// Anything that can be meant as a path only.
bool looks_like_a_path(std::string_view text) {
    return text.find('/') != std::string_view::npos || text.ends_with(".h5");
}

/// Text of a name that the registry has, or of a content.
Reference reference_of(Registry const& registry, std::string_view text) {
    auto const reference = parse_reference(text);
    if (could_be_content(text)) {
        auto const names = registry.names();
        bool const is_name = std::find(names.begin(), names.end(), text) != names.end();
        auto const found = is_name ? std::nullopt : registry.by_content(text);
        if (found) return *found;
    }
    require<UsageError>(
        reference.has_value(),
        "'{}' is neither a file nor the name of a model: names are NAME, NAME:VERSION, NAME@ALIAS, or "
        "at least 8 digits of a content",
        legible(text));
    return *reference;
}

std::vector<std::string> notes_on(std::string const& name, Version const& version) {
    if (version.status != Status::deprecated) return {};
    return {fmt::format("{}:{} is deprecated since {}{}{}", name, version.number, version.status_since,
                        version.reason.empty() ? "" : fmt::format(" ({})", version.reason),
                        version.successor.empty() ? "" : fmt::format("; use {} instead", version.successor))};
}

}  // namespace

Resolved resolve(std::string_view text, std::string_view folder) {
    Resolved resolved;
    resolved.asked = std::string(text);
    if (is_file(text) || looks_like_a_path(text)) {
        resolved.file = text;
        return resolved;
    }
    Registry const registry(registry_folder(folder), Opening::existing, "");
    auto const reference = reference_of(registry, text);
    auto const version = registry.version(reference);
    require<DataError>(version.status != Status::trashed, "{}:{} is in the trash: model restore {}:{}",
                       reference.name, version.number, reference.name, version.number);
    resolved.file = registry.file_of(version);
    resolved.name = reference.name;
    resolved.version = version.number;
    resolved.file_hash = version.kept.file_hash;
    resolved.notes = notes_on(reference.name, version);
    return resolved;
}

}  // namespace vaster::registry

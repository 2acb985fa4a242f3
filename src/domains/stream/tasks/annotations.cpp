#include "domains/stream/tasks/annotations.hpp"

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "domains/stream/tasks/text.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {

Annotations::Annotations(std::filesystem::path const& path, Reading reading) {
    std::string const text = read_file(path);
    std::size_t number = 0;
    for (auto const line : lines_of(text)) {
        ++number;
        if (trim(line).empty()) continue;
        auto const colon = line.find(':');
        require<DataError>(colon != std::string_view::npos,
                           "{}: line {} has no colon: '{}'. An annotation is written as key:text,text,...",
                           path.string(), number, line);
        auto rest = line.substr(colon + 1);
        if (reading == Reading::up_to_second_colon) rest = rest.substr(0, rest.find(':'));
        add(line.substr(0, colon), rest, path, number);
    }
    require<DataError>(!fields_.empty(), "{} has no annotation; one is written as key:text,text,...",
                       path.string());
}

void Annotations::add(std::string_view key, std::string_view text, std::filesystem::path const& path,
                      std::size_t line) {
    std::vector<std::string> fields;
    for (auto const field : split(text, ',')) fields.emplace_back(field);
    if (fields.empty()) fields.emplace_back();
    if (fields_.empty()) n_fields_ = fields.size();
    require<DataError>(fields.size() == n_fields_,
                       "{}: line {} has {} fields for '{}', but the lines before have {}", path.string(),
                       line, fields.size(), key, n_fields_);
    auto const [held, is_new] = fields_.try_emplace(std::string(key), fields);
    require<DataError>(is_new || held->second == fields,
                       "{}: line {} has '{}' a second time, with another text than before", path.string(),
                       line, key);
}

std::vector<std::string> Annotations::names(std::vector<std::string> const& given,
                                            std::string_view key) const {
    require<DataError>(given.empty() || given.size() == n_fields_,
                       "{} has {} names, but the annotations of a key have {} fields", key, given.size(),
                       n_fields_);
    if (!given.empty()) return given;
    std::vector<std::string> names;
    names.reserve(n_fields_);
    for (std::size_t i = 0; i < n_fields_; ++i) names.push_back(fmt::format("annotation{}", i + 1));
    return names;
}

std::vector<std::string> const* Annotations::find(std::string_view key) const {
    auto const found = fields_.find(key);
    return found == fields_.end() ? nullptr : &found->second;
}

}  // namespace vaster::stream

#include "domains/stream/dataflows/model_list.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/tasks/text.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view list_name = "models.list";
constexpr std::string_view title = "vaster models of ";

bool is_model_of(std::string_view name, std::string_view target) {
    return name.ends_with(".json") && (name.starts_with(fmt::format("{}-MLR-", target)) ||
                                       name.starts_with(fmt::format("{}-DTC-", target)));
}

void remove_others(fs::path const& folder, std::string_view target, std::vector<std::string> const& names) {
    std::vector<fs::path> others;
    for (auto const& entry : fs::directory_iterator(folder)) {
        auto const name = entry.path().filename().string();
        if (is_model_of(name, target) && std::find(names.begin(), names.end(), name) == names.end())
            others.push_back(entry.path());
    }
    std::error_code ignored;  // whatever stays is not in the list
    for (auto const& path : others) fs::remove(path, ignored);
}

}  // namespace

void write_model_list(fs::path const& folder, std::string_view target, std::string_view origin,
                      std::vector<std::string> const& names) {
    fs::create_directories(folder);
    remove_others(folder, target, names);
    std::string text = fmt::format("{}{}\n", title, origin);
    for (auto const& name : names) text += fmt::format("{} {}\n", hash_text(read_file(folder / name)), name);
    write_file_atomically(folder / list_name, text);
}

std::vector<fs::path> listed_models(fs::path const& folder, std::string_view origin) {
    auto const path = folder / list_name;
    std::string const text = read_file(path);
    auto const lines = lines_of(text);
    bool const ours = !lines.empty() && lines.front().starts_with(title) &&
                      (origin.empty() || lines.front().substr(title.size()) == origin);
    require<DataError>(ours, "{} is not the list of the models that TRAIN has left in this study",
                       path.string());
    std::vector<fs::path> models;
    models.reserve(lines.size());
    for (std::size_t i = 1; i < lines.size(); ++i) {
        auto const blank = lines[i].find(' ');
        require<DataError>(blank != std::string_view::npos, "{}: line {} has no hash and name of a model",
                           path.string(), i + 1);
        auto model = folder / lines[i].substr(blank + 1);
        require<DataError>(hash_text(read_file(model)) == lines[i].substr(0, blank),
                           "the model {} is not the one that TRAIN has left in this study", model.string());
        models.push_back(std::move(model));
    }
    return models;
}

bool has_models(fs::path const& folder, std::string_view origin) {
    try {
        (void)listed_models(folder, origin);
        return true;
    } catch (std::exception const&) {
        return false;
    }
}

}  // namespace vaster::stream

#include "core/cli/study_name.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/run/run_keys.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::cli {
namespace {

/// How often a text is among others.
std::size_t count(std::vector<std::string> const& names, std::string const& name) {
    return static_cast<std::size_t>(std::count(names.begin(), names.end(), name));
}

}  // namespace

std::string study_name(study::Kinds const& kinds, store::Reader const& study) {
    auto file = study.path().stem().string();
    try {
        auto const loaded = kinds.load({study.path().string(), study.header().config, {}});
        auto name = run::run_keys(loaded.config).name;
        return name.empty() || name == run::unnamed_study ? file : name;
    } catch (Error const&) {
        return file;  // of a version whose keys this one does not know: a name is all that is lost
    }
}

std::vector<std::string> study_names(study::Kinds const& kinds,
                                     std::vector<store::Reader const*> const& studies) {
    std::vector<std::string> plain;
    plain.reserve(studies.size());
    for (auto const* study : studies) plain.push_back(study_name(kinds, *study));
    auto names = plain;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (count(plain, plain[i]) > 1)
            names[i] = fmt::format("{} ({})", plain[i], studies[i]->path().filename().string());
    auto const with_files = names;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (count(with_files, with_files[i]) > 1)
            names[i] = fmt::format("{} ({}, {})", plain[i], studies[i]->path().string(), i + 1);
    return names;
}

}  // namespace vaster::cli

#include "vaster/study/kinds.hpp"

#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "vaster/support/errors.hpp"

namespace vaster::study {

Kinds::Kinds(std::vector<std::shared_ptr<Kind const>> kinds) : kinds_(std::move(kinds)) {
    if (kinds_.empty()) throw std::logic_error("a program needs at least one kind of study");
    std::set<std::string> names;
    for (auto const& kind : kinds_)
        if (!names.insert(kind->name()).second)
            throw std::logic_error(fmt::format("two kinds of study are called '{}'", kind->name()));
}

Kind const* Kinds::look_up(std::string_view name) const {
    for (auto const& kind : kinds_)
        if (kind->name() == name) return kind.get();
    return nullptr;
}

Kind const& Kinds::find(std::string_view name) const {
    if (auto const* const kind = look_up(name)) return *kind;
    std::vector<std::string> names;
    names.reserve(kinds_.size());
    for (auto const& kind : kinds_) names.push_back(kind->name());
    throw ConfigError(fmt::format("study.kind = \"{}\" is not a kind of study; the kinds are: {}", name,
                                  fmt::join(names, ", ")));
}

Kind const& Kinds::of(ConfigSource const& source) const {
    std::string const name = kind_of(source);
    return name.empty() ? standard() : find(name);
}

LoadedConfig Kinds::load(ConfigSource const& source) const {
    Kind const& kind = of(source);
    return {&kind, study::load(kind, source)};
}

}  // namespace vaster::study

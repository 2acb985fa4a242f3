#include "core/registry/state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/core.h>
#include <pwd.h>
#include <unistd.h>

#include "base/support/byte_text.hpp"
#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "core/registry/names.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

constexpr std::array<std::string_view, 4> statuses{"candidate", "active", "deprecated", "trashed"};
constexpr std::array<std::string_view, 10> whats{"register", "tag",      "untag",  "metric",  "note",
                                                 "alias",    "no-alias", "status", "restore", "deleted"};

std::string user_name() {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    bool const known = ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0;
    return known && found != nullptr ? legible(found->pw_name) : fmt::format("uid {}", ::getuid());
}

std::string value_problem(std::string_view value) {
    if (is_value(value)) return {};
    return fmt::format("'{}' is not a value: at most 4096 bytes of UTF-8 without control characters",
                       legible(value.substr(0, 60)));
}

std::string key_problem(std::string_view key) {
    if (is_key(key)) return {};
    return fmt::format("'{}' cannot be a key: 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'", legible(key));
}

std::string problem_with_alias(State const& state, Version const& version, Change const& change) {
    if (change.what == What::alias)
        return is_name(change.key) ? "" : fmt::format("'{}' cannot be an alias", legible(change.key));
    auto const place = state.aliases.find(change.key);
    if (place == state.aliases.end() || place->second != version.number)
        return fmt::format("'{}' is not an alias of version {}", legible(change.key), version.number);
    return {};
}

std::string problem_with_status(Change const& change) {
    auto const status = status_in(change.key);
    if (!status)
        return fmt::format("'{}' is not a status: candidate, active, deprecated", legible(change.key));
    auto const reason = value_problem(change.value);
    return reason.empty() ? value_problem(change.successor) : reason;
}

std::string problem_with_tag(Version const& version, Change const& change) {
    auto key = key_problem(change.key);
    if (!key.empty()) return key;
    if (change.what == What::untag)
        return version.tags.contains(change.key) ? "" : fmt::format("there is no tag '{}'", change.key);
    return value_problem(change.value);
}

std::string problem_with_metric(Change const& change) {
    auto const key = key_problem(change.key);
    return key.empty() && !std::isfinite(change.number) ? "a metric must be a finite number" : key;
}

/// Of a change to a version that is there.
std::string problem_with(State const& state, Version const& version, Change const& change) {
    bool const trashed = version.status == Status::trashed;
    if (change.what == What::restore) {
        if (!trashed) return fmt::format("version {} is not in the trash", version.number);
        return version.deleted ? fmt::format("the file of version {} has been deleted", version.number) : "";
    }
    if (change.what == What::deleted)
        return trashed ? "" : fmt::format("version {} is not in the trash", version.number);
    if (trashed) return fmt::format("version {} is in the trash; restore it first", version.number);
    switch (change.what) {
        case What::tag:
        case What::untag:
            return problem_with_tag(version, change);
        case What::metric:
            return problem_with_metric(change);
        case What::note:
            return value_problem(change.value);
        case What::alias:
        case What::no_alias:
            return problem_with_alias(state, version, change);
        case What::status:
            return problem_with_status(change);
        default:
            return {};
    }
}

std::string problem_with_new(State const& state, Change const& change) {
    if (change.version != state.versions.size() + 1)
        return fmt::format("the next version is {}, not {}", state.versions.size() + 1, change.version);
    return change.kept ? "" : "a version without a file";
}

/// Aliases lead nowhere that nobody may go.
void remove_aliases(State& state, std::uint64_t version) {
    std::erase_if(state.aliases, [&](auto const& alias) { return alias.second == version; });
}

void change_status(State& state, Version& version, Change const& change, Author const& author) {
    auto const status = status_in(change.key).value_or(Status::candidate);
    if (status == Status::trashed) {
        version.before_trash = version.status;
        remove_aliases(state, version.number);
    }
    version.status = status;
    version.status_since = author.time;
    version.reason = change.value;
    version.successor = change.successor;
}

void apply(State& state, Change const& change, Author const& author) {
    if (change.what == What::add) {
        Version version;
        version.number = change.version;
        version.kept = *change.kept;
        version.author = author.user;
        version.created = version.status_since = author.time;
        state.versions.push_back(std::move(version));
        return;
    }
    auto& version = state.versions[change.version - 1];
    switch (change.what) {
        case What::tag:
            version.tags[change.key] = change.value;
            break;
        case What::untag:
            version.tags.erase(change.key);
            break;
        case What::metric:
            version.metrics[change.key] = change.number;
            break;
        case What::note:
            version.notes.push_back({author.time, author.user, change.value});
            break;
        case What::alias:
            state.aliases[change.key] = change.version;
            break;
        case What::no_alias:
            state.aliases.erase(change.key);
            break;
        case What::status:
            change_status(state, version, change, author);
            break;
        case What::restore:
            version.status = version.before_trash;
            version.status_since = author.time;
            break;
        case What::deleted:
            version.deleted = true;
            break;
        case What::add:
            break;
    }
}

}  // namespace

std::string_view to_text(Status status) {
    return statuses.at(static_cast<std::size_t>(status));
}

std::optional<Status> status_in(std::string_view text) {
    auto const place = std::find(statuses.begin(), statuses.end(), text);
    if (place == statuses.end()) return std::nullopt;
    return static_cast<Status>(place - statuses.begin());
}

std::string_view to_text(What what) {
    return whats.at(static_cast<std::size_t>(what));
}

Author author_now(std::string_view program) {
    return {user_name(), legible(host_name()), utc_text(wall_seconds()), std::string(program)};
}

Version const* State::find(std::uint64_t number) const {
    return number >= 1 && number <= versions.size() ? &versions[number - 1] : nullptr;
}

Version const& State::version(std::uint64_t number) const {
    auto const* const found = find(number);
    require<DataError>(found != nullptr, "model '{}' has no version {}: it has versions 1 to {}", name,
                       number, versions.size());
    return *found;
}

std::vector<std::string> State::aliases_of(std::uint64_t number) const {
    std::vector<std::string> found;
    for (auto const& [alias, version] : aliases)
        if (version == number) found.push_back(alias);
    return found;
}

std::string problem_with(State const& state, Change const& change) {
    if (change.what == What::add) return problem_with_new(state, change);
    auto const* const version = state.find(change.version);
    if (version == nullptr)
        return fmt::format("there is no version {}: versions are 1 to {}", change.version,
                           state.versions.size());
    return problem_with(state, *version, change);
}

State after(State state, Event const& event) {
    for (auto const& change : event.changes) {
        auto const problem = problem_with(state, change);
        require<DataError>(problem.empty(), "model '{}': {}", state.name, problem);
        apply(state, change, event.author);
    }
    state.revision = event.revision;
    state.sha256 = event.sha256;
    return state;
}

}  // namespace vaster::registry

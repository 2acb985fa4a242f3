#include "core/registry/registry.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include "base/support/files.hpp"
#include "base/support/nearest.hpp"
#include "base/support/sha256.hpp"
#include "core/registry/event_log.hpp"
#include "core/registry/state_index.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view format = "1";
constexpr char const* marker = "vaster-registry";

/// A folder that all may use who may use the registry.
void make_folder(fs::path const& path, fs::path const& like) {
    std::error_code problem;
    if (!fs::create_directory(path, problem)) {
        require<IoError>(fs::is_directory(path), "cannot create {}: {}", path.string(), problem.message());
        return;
    }

    struct stat info {};

    if (::stat(like.c_str(), &info) == 0) ::chmod(path.c_str(), info.st_mode & 07777);
}

/// All who may read its folder, whatever the user's own mask is.
void let_all_read(fs::path const& file) {
    struct stat folder {};

    if (::stat(file.parent_path().c_str(), &folder) == 0) ::chmod(file.c_str(), folder.st_mode & 0444U);
}

void make_registry(fs::path const& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    require<IoError>(!problem, "cannot create {}: {}", folder.string(), problem.message());
    for (char const* name : {"content", "models", "tmp"}) make_folder(folder / name, folder);
    write_file_atomically(folder / marker, fmt::format("{}\n", format));
    let_all_read(folder / marker);
}

bool is_empty_folder(fs::path const& folder) {
    std::error_code problem;
    return fs::is_directory(folder, problem) && fs::is_empty(folder, problem) && !problem;
}

std::string list_of(std::vector<std::string> const& names) {
    constexpr std::size_t enough = 10;
    if (names.size() <= enough) return fmt::format("{}", fmt::join(names, ", "));
    return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + enough, ", "),
                       names.size() - enough);
}

/// Copies the bytes of a file. @throws DataError when they are no longer those that were checked
void copy(fs::path const& from, fs::path const& to, std::string const& expected) {
    auto const bytes = read_file(from);
    require<DataError>(sha256_text(bytes) == expected, "{} was changed while it was being registered",
                       from.string());
    write_file_atomically(to, bytes);
    let_all_read(to);
}

/// The version with this content, if it may be used or taken out of the trash.
Version const* find_content(State const& state, std::string const& content) {
    for (auto const& version : state.versions)
        if (version.kept.content == content && !version.deleted) return &version;
    return nullptr;
}

std::vector<Change> changes_for(Registration const& registration, std::uint64_t version, bool is_new) {
    std::vector<Change> changes;
    changes.reserve(registration.tags.size() + registration.aliases.size() + 2);
    for (auto const& [key, value] : registration.tags) changes.push_back({What::tag, version, key, value});
    if (!registration.note.empty()) changes.push_back({What::note, version, "", registration.note});
    if (is_new && registration.status != Status::candidate)
        changes.push_back({What::status, version, std::string(to_text(registration.status))});
    for (auto const& alias : registration.aliases) changes.push_back({What::alias, version, alias});
    return changes;
}

void check(Facts const& facts) {
    for (auto const& [key, value] : facts) {
        auto const* const text = std::get_if<std::string>(&value);
        require<DataError>(
            text == nullptr || is_value(*text),
            "what the model file says of '{}' cannot be kept: at most 4096 bytes of UTF-8 without "
            "control characters",
            key);
    }
}

Version const* newest_active(State const& state) {
    for (auto place = state.versions.rbegin(); place != state.versions.rend(); ++place)
        if (place->status == Status::active) return &*place;
    return nullptr;
}

std::string statuses_of(State const& state) {
    std::vector<std::string> texts;
    texts.reserve(state.versions.size());
    for (auto const& version : state.versions)
        texts.push_back(fmt::format("{} is {}", version.number, to_text(version.status)));
    return list_of(texts);
}

Version version_by_name(State const& state) {
    auto const* const found = newest_active(state);
    require<DataError>(
        found != nullptr,
        "model '{}' has no active version ({}): name one as '{}:{}', or make one active: model set "
        "{}:{} --status active",
        state.name, statuses_of(state), state.name, state.versions.size(), state.name, state.versions.size());
    return *found;
}

Version version_by_alias(State const& state, std::string const& alias) {
    auto const place = state.aliases.find(alias);
    std::vector<std::string> known;
    known.reserve(state.aliases.size());
    for (auto const& [name, number] : state.aliases) known.push_back(name);
    require<DataError>(
        place != state.aliases.end(), "model '{}' has no alias '{}'{}", state.name, alias,
        known.empty() ? std::string("; it has none") : fmt::format("; it has {}", list_of(known)));
    return state.version(place->second);
}

}  // namespace

fs::path registry_folder(std::string_view given) {
    if (!given.empty()) return given;
    auto const variable = [](char const* name) {
        char const* const value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    if (auto const own = variable("VASTER_REGISTRY"); !own.empty()) return own;
    if (auto const data = variable("XDG_DATA_HOME"); !data.empty()) return fs::path(data) / "vaster/models";
    auto const home = variable("HOME");
    require<UsageError>(!home.empty(), "no registry is named: give --registry DIR, or set VASTER_REGISTRY");
    return fs::path(home) / ".local/share/vaster/models";
}

Registry::Registry(fs::path folder, Opening opening, std::string program)
    : folder_(std::move(folder)), program_(std::move(program)) {
    std::error_code problem;
    bool const is_there = fs::exists(folder_ / marker, problem);
    bool const may_be_made =
        opening == Opening::make_if_absent && (!fs::exists(folder_) || is_empty_folder(folder_));
    if (!is_there && may_be_made) make_registry(folder_);
    require<DataError>(!fs::exists(folder_, problem) || fs::is_directory(folder_, problem),
                       "{} is a file, not the folder of a registry", folder_.string());
    require<UnavailableError>(
        fs::exists(folder_, problem),
        "there is no registry of models at {}: 'model register' makes one; --registry DIR or "
        "VASTER_REGISTRY names another",
        folder_.string());
    require<DataError>(
        fs::exists(folder_ / marker, problem),
        "{} is not a registry of models: it has no file '{}'; name another folder, or an empty one",
        folder_.string(), marker);
    auto const text = read_file(folder_ / marker);
    require<DataError>(
        text == fmt::format("{}\n", format),
        "the registry {} has another format than {}, which this program knows: use a newer program",
        folder_.string(), format);
}

fs::path Registry::folder_of(std::string_view name) const {
    return folder_ / "models" / name;
}

fs::path Registry::content_path(std::string const& file_hash) const {
    return folder_ / "content" / file_hash.substr(0, 2) / fmt::format("{}.h5", file_hash);
}

fs::path Registry::file_of(Version const& version) const {
    return content_path(version.kept.file_hash);
}

std::vector<std::string> Registry::folders() const {
    std::vector<std::string> names;
    std::error_code problem;
    for (fs::directory_iterator entry(folder_ / "models", problem), end; !problem && entry != end;
         entry.increment(problem)) {
        auto name = entry->path().filename().string();
        if (is_name(name)) names.push_back(std::move(name));
    }
    require<IoError>(!problem, "cannot read {}: {}", (folder_ / "models").string(), problem.message());
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> Registry::names() const {
    auto names = folders();
    std::erase_if(names, [&](auto const& name) { return !EventLog(folder_of(name), name).exists(); });
    return names;
}

std::vector<State> Registry::states() const {
    StateIndex index(folder_);
    std::vector<State> states;
    auto const names = folders();
    states.reserve(names.size());
    for (auto const& name : names) {
        auto const folder = folder_of(name);
        auto state = index.state(name, folder / "events", [&](bool& has_all) {
            EventLog const log(folder, name);
            auto read = log.state();
            has_all = log.has_no_event_after(read);
            return read;
        });
        if (state.revision > 0) states.push_back(std::move(state));
    }
    index.keep();
    return states;
}

State Registry::state(std::string_view name) const {
    require_name(name);
    auto state = EventLog(folder_of(name), std::string(name)).state();
    if (state.revision > 0) return state;
    auto const known = names();
    auto const near = nearest_name(name, known);
    throw DataError(fmt::format("there is no model '{}' in {}{}", name, folder_.string(),
                                near            ? fmt::format("; did you mean '{}'?", *near)
                                : known.empty() ? std::string("; there is none")
                                                : fmt::format("; there are {}", list_of(known))));
}

State Registry::state_at(std::string_view name, std::string_view time) const {
    (void)state(name);
    return EventLog(folder_of(name), std::string(name)).replay([&](Event const& event) {
        return std::string_view(event.author.time).substr(0, time.size()) <= time;
    });
}

std::vector<Event> Registry::events(std::string_view name) const {
    (void)state(name);
    return EventLog(folder_of(name), std::string(name)).events();
}

Registered Registry::add(Registration const& registration, archive::Archive const& model) const {
    require_name(registration.name);
    check(registration.facts);
    auto const content = content_path(model.file_hash);
    auto const put = [&] {
        make_folder(content.parent_path(), folder_);
        if (!fs::exists(content)) copy(registration.file, content, model.file_hash);
    };
    put();
    ::utimensat(AT_FDCWD, content.c_str(), nullptr, 0);  // gc leaves young files alone
    auto const folder = folder_of(registration.name);
    make_folder(folder, folder_);
    make_folder(folder / "events", folder_);

    Registered result{0, true, false, model.content};
    auto const changes = [&](State const& state) {
        auto const* const same = find_content(state, model.content);
        if (same == nullptr) {
            result = {state.versions.size() + 1, true, false, model.content};
            Change change{What::add, result.version};
            change.kept =
                Kept{model.content, model.file_hash, model.n_bytes, model.program, registration.facts};
            std::vector<Change> all{std::move(change)};
            for (auto& each : changes_for(registration, result.version, true)) all.push_back(std::move(each));
            return all;
        }
        require<DataError>(same->status != Status::trashed,
                           "this model is {}:{}, which is in the trash: model restore {}:{}",
                           registration.name, same->number, registration.name, same->number);
        result = {same->number, false, same->kept.file_hash != model.file_hash, model.content};
        return changes_for(registration, same->number, false);
    };
    (void)EventLog(folder, registration.name).add(changes, author_now(program_), folder_ / "tmp");
    put();  // somebody may have collected it as garbage before it was mentioned
    return result;
}

std::uint64_t Registry::change(std::string_view name, std::vector<Change> const& changes,
                               std::optional<std::uint64_t> if_revision) const {
    (void)state(name);
    auto const checked = [&](State const& state) {
        require<DataError>(
            !if_revision || *if_revision == state.revision,
            "model '{}' is at revision {}, not {}: somebody has changed it; see 'model show {} "
            "--history'",
            name, state.revision, *if_revision, name);
        return changes;
    };
    return EventLog(folder_of(name), std::string(name))
        .add(checked, author_now(program_), folder_ / "tmp")
        .revision;
}

Version Registry::version(Reference const& reference) const {
    return version_in(state(reference.name), reference);
}

Version version_in(State const& state, Reference const& reference) {
    if (reference.version) return state.version(*reference.version);
    return reference.alias.empty() ? version_by_name(state) : version_by_alias(state, reference.alias);
}

std::optional<Reference> Registry::by_content(std::string_view digits) const {
    std::optional<Reference> found;
    std::string content;
    for (auto const& state : states())
        for (auto const& version : state.versions) {
            if (!version.kept.content.starts_with(digits) || version.status == Status::trashed) continue;
            require<DataError>(content.empty() || content == version.kept.content,
                               "several models have a content that begins with {}: give more digits", digits);
            content = version.kept.content;
            if (!found) found = Reference{state.name, version.number};
        }
    return found;
}

std::vector<Damage> Registry::verify(std::string_view name) const {
    std::vector<Damage> damage;
    std::set<std::string> sound;
    auto const all = name.empty() ? names() : std::vector<std::string>{state(name).name};
    for (auto const& each : all) {
        EventLog const log(folder_of(each), each);
        State state;
        try {
            state = log.replay([](Event const&) { return true; });
        } catch (Error const& e) {
            damage.push_back({each, e.what()});
            continue;
        }
        auto const cached = log.cached();
        if (cached && cached->revision == state.revision && *cached != state)
            damage.push_back({each, "its state.json is not what its events say: delete it"});
        for (auto const& version : state.versions) {
            if (version.deleted || !sound.insert(version.kept.file_hash).second) continue;
            try {
                auto const model = archive::read_archive(file_of(version));
                bool const same =
                    model.file_hash == version.kept.file_hash && model.content == version.kept.content;
                require<DataError>(same, "{} has other bytes than were registered",
                                   file_of(version).string());
            } catch (Error const& e) {
                sound.erase(version.kept.file_hash);
                damage.push_back({fmt::format("{}:{}", each, version.number), e.what()});
            }
        }
    }
    return damage;
}

}  // namespace vaster::registry

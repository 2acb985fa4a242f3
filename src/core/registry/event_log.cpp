#include "core/registry/event_log.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/files.hpp"
#include "core/registry/json.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

namespace fs = std::filesystem;

/// A file that is not whole for so long belongs to a writer that has died [s].
constexpr double patience = 10;
constexpr std::string_view void_hash = "void";

void write_all(Descriptor const& file, std::string_view text, fs::path const& path) {
    while (!text.empty()) {
        auto const n = ::write(file.get(), text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        require<IoError>(n >= 0, "cannot write {}: {}", path.string(), system_reason(errno));
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    bool const synced = ::fsync(file.get()) == 0;
    require<IoError>(synced, "cannot sync {}: {}", path.string(), system_reason(errno));
}

/// A file that nobody writes again, and that all may read who may read its folder, whatever the user's own
/// mask is. Nothing when the name is taken.
std::optional<Descriptor> create(fs::path const& path) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400));
    if (!file && errno == EEXIST) return std::nullopt;
    require<IoError>(bool(file), "cannot create {}: {}", path.string(), system_reason(errno));

    struct stat folder {};

    if (::stat(path.parent_path().c_str(), &folder) == 0) ::fchmod(file.get(), folder.st_mode & 0444U);
    return file;
}

void sync_folder_of(fs::path const& path) {
    Descriptor const folder(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder) ::fsync(folder.get());  // some file systems cannot: the name stands
}

/// 17 for "000017.json"; 0 for other names.
std::uint64_t revision_in(std::string const& name) {
    std::uint64_t revision = 0;
    auto const [end, error] = std::from_chars(name.data(), name.data() + name.size(), revision);
    return error == std::errc() && std::string_view(end) == ".json" ? revision : 0;
}

double age_of(fs::path const& path) {
    struct stat info {};

    if (::stat(path.c_str(), &info) != 0) return 0;
    return wall_seconds() - static_cast<double>(info.st_mtim.tv_sec);
}

/// Was it cut off while it was written? Else it is whole, or it was changed afterwards.
bool is_unfinished(std::string_view text) {
    return !text.ends_with("\n}\n");
}

}  // namespace

TemporaryText::TemporaryText(fs::path const& folder, std::string_view text) : text_(text) {
    static std::atomic<unsigned> number = 0;
    for (std::optional<Descriptor> file; !file;) {
        path_ = folder / fmt::format("{}.{}.{}", host_name(), ::getpid(), number++);
        file = create(path_);
        if (!file) continue;
        try {
            write_all(*file, text, path_);
        } catch (IoError const&) {  // of a full disk
            ::unlink(path_.c_str());
            throw;
        }
    }
}

TemporaryText::~TemporaryText() {
    ::unlink(path_.c_str());
}

bool TemporaryText::take_name(fs::path const& name) const {
    if (::link(path_.c_str(), name.c_str()) == 0) return sync_folder_of(name), true;
    int const reason = errno;

    struct stat info {};

    // A network's file system may have lost the answer, and done it.
    if (::stat(path_.c_str(), &info) == 0 && info.st_nlink == 2) return true;
    if (reason == EEXIST) return false;
    bool const has_no_links = reason == EPERM || reason == ENOTSUP || reason == ENOSYS || reason == EMLINK;
    require<IoError>(has_no_links, "cannot create {}: {}", name.string(), system_reason(reason));
    auto const file = create(name);
    if (file) write_all(*file, text_, name);
    return file.has_value();
}

EventLog::EventLog(fs::path folder, std::string name) : folder_(std::move(folder)), name_(std::move(name)) {}

fs::path EventLog::path_of(std::uint64_t revision) const {
    return folder_ / "events" / fmt::format("{:06}.json", revision);
}

EventLog::Listing EventLog::listing() const {
    std::error_code problem;
    Listing found;
    for (fs::directory_iterator entry(folder_ / "events", problem), end; !problem && entry != end;
         entry.increment(problem)) {
        auto const revision = revision_in(entry->path().filename().string());
        found.last = std::max(found.last, revision);
        found.count += revision > 0 ? 1 : 0;
    }
    if (problem == std::errc::no_such_file_or_directory) return {};
    require<IoError>(!problem, "cannot read {}: {}", (folder_ / "events").string(), problem.message());
    return found;
}

/// The number of the last event. @throws DataError when one before it is missing
std::uint64_t EventLog::last() const {
    auto const [last, count] = listing();
    if (count == last) return last;
    for (std::uint64_t revision = 1; revision <= last; ++revision)
        require<DataError>(
            fs::exists(path_of(revision)),
            "model '{}': {} is missing, though there are later events: bring it back from a copy", name_,
            path_of(revision).string());
    return last;  // others were added while we were looking
}

std::optional<Event> EventLog::read(std::uint64_t revision, bool is_last) const {
    auto const path = path_of(revision);
    auto const text = read_file(path);
    try {
        auto event = event_in(text);
        if (event) {
            require<DataError>(event->revision == revision, "says that it is event {}", event->revision);
            return event;
        }
    } catch (DataError const& e) {
        throw DataError(fmt::format("model '{}': {} {}", name_, path.string(), e.what()));
    }
    require<DataError>(is_unfinished(text),
                       "model '{}': {} was changed after it was written: bring it back from a copy", name_,
                       path.string());
    if (is_last && age_of(path) < patience) return std::nullopt;
    Event nothing;
    nothing.revision = revision;
    nothing.sha256 = void_hash;
    return nothing;
}

State EventLog::folded(State state, std::uint64_t last) const {
    while (state.revision < last) {
        auto const event = read(state.revision + 1, state.revision + 1 == last);
        if (!event) break;
        bool const follows = event->sha256 == void_hash || event->before == state.sha256;
        require<DataError>(follows,
                           "model '{}': {} does not follow the event before it: one of them was changed",
                           name_, path_of(event->revision).string());
        state = after(std::move(state), *event);
    }
    return state;
}

State EventLog::state() const {
    auto const end = last();
    auto start = cached();
    bool const usable = start && start->name == name_ && start->revision <= end;
    if (usable && start->revision == end) return *start;
    State empty;
    empty.name = name_;
    auto state = folded(usable ? *start : empty, end);
    keep(state);
    return state;
}

State EventLog::replay(std::function<bool(Event const&)> const& keep) const {
    State state;
    state.name = name_;
    auto const all = events();
    for (auto const& event : all) {
        if (!keep(event)) break;
        state = after(std::move(state), event);
    }
    return state;
}

std::vector<Event> EventLog::events() const {
    auto const end = last();
    std::vector<Event> all;
    std::string before;
    for (std::uint64_t revision = 1; revision <= end; ++revision) {
        auto event = read(revision, revision == end);
        if (!event) break;
        require<DataError>(event->sha256 == void_hash || event->before == before,
                           "model '{}': {} does not follow the event before it: one of them was changed",
                           name_, path_of(revision).string());
        before = event->sha256;
        all.push_back(std::move(*event));
    }
    return all;
}

State EventLog::add(std::function<std::vector<Change>(State const&)> const& changes_for, Author const& author,
                    fs::path const& temporary_folder) const {
    double const begun = monotonic_seconds();
    for (;;) {
        auto state = this->state();
        Event event{state.revision + 1, changes_for(state), author, state.sha256};
        if (event.changes.empty()) return state;
        (void)after(state, event);
        auto const text = to_json(event);
        if (TemporaryText(temporary_folder, text).take_name(path_of(event.revision))) {
            event.sha256 = event_in(text)->sha256;
            auto next = after(state, event);
            keep(next);
            return next;
        }
        require<IoError>(monotonic_seconds() - begun < 6 * patience,
                         "model '{}': others have been writing {} for a minute", name_,
                         path_of(event.revision).string());
        // The other writer may not be through where there are no hard links.
        if (last() <= event.revision) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

std::optional<State> EventLog::cached() const {
    try {
        return state_in(read_file(folder_ / "state.json"));
    } catch (Error const&) {
        return std::nullopt;
    }
}

void EventLog::keep(State const& state) const {
    try {
        if (state.revision > 0) replace_file(folder_ / "state.json", to_json(state));
    } catch (Error const&) {
        return;  // of a registry that may only be read, or of a full disk: it is a cache
    }
}

}  // namespace vaster::registry

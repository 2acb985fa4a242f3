#include "core/registry/state_index.hpp"

#include <cstring>

#include <sys/stat.h>

#include "base/support/clock.hpp"
#include "base/support/file_system.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "core/registry/state_packing.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

namespace fs = std::filesystem;

/// Another layout of stamps or of packed states is another format.
constexpr std::string_view format = "vaster-states 1\n";
constexpr std::size_t digits_of_hash = 32;

/// Of an entry, before its name and its packed state.
struct Head {
    FolderStamp stamp;
    std::uint64_t n_name = 0;   ///< bytes of the name
    std::uint64_t n_state = 0;  ///< bytes of the state
};

std::optional<FolderStamp> stamp_of(fs::path const& folder) {
    struct stat info {};

    if (::stat(folder.c_str(), &info) != 0) return std::nullopt;
    return FolderStamp{info.st_dev, info.st_ino, info.st_ctim.tv_sec, info.st_ctim.tv_nsec};
}

/// Could it still change without its time being another one? Clocks of file systems tick at least a hundred
/// times a second, but for those that know whole seconds only.
bool is_recent(FolderStamp const& stamp) {
    double const tick = stamp.nanoseconds == 0 ? 2 : 0.1;  // [s]
    double const time = static_cast<double>(stamp.seconds) + static_cast<double>(stamp.nanoseconds) * 1e-9;
    return wall_seconds() - time <= tick;
}

void append(std::string& text, FolderStamp const& stamp, std::string_view name, std::string_view state) {
    Head const head{stamp, name.size(), state.size()};
    text.append(reinterpret_cast<char const*>(&head), sizeof head);
    text += name;
    text += state;
}

}  // namespace

StateIndex::StateIndex(fs::path const& registry) : file_(registry / "states") {
    is_used_ = is_on_this_machine(registry);
    if (!is_used_) return;
    try {
        text_ = read_file(file_);
    } catch (Error const&) {
        return;  // there is none yet
    }
    parse();
}

void StateIndex::parse() {
    std::string_view rest = text_;
    if (!rest.starts_with(format) || rest.size() < format.size() + digits_of_hash) return;
    rest.remove_prefix(format.size());
    auto const hash = rest.substr(0, digits_of_hash);
    rest.remove_prefix(digits_of_hash);
    if (hash_text(rest) != hash) return;
    Head head;
    while (rest.size() >= sizeof head) {
        std::memcpy(&head, rest.data(), sizeof head);
        rest.remove_prefix(sizeof head);
        if (head.n_name > rest.size() || head.n_state > rest.size() - head.n_name) return;
        entries_[rest.substr(0, head.n_name)] = {head.stamp, rest.substr(head.n_name, head.n_state)};
        rest.remove_prefix(head.n_name + head.n_state);
    }
}

State StateIndex::state(std::string const& name, fs::path const& events,
                        std::function<State(bool& has_all)> const& read) {
    bool has_all = false;
    if (!is_used_) return read(has_all);
    auto const stamp = stamp_of(events);
    auto const entry = entries_.find(name);
    if (stamp && entry != entries_.end() && entry->second.stamp == *stamp) {
        try {
            auto state = unpacked(entry->second.state);
            append(next_, *stamp, name, entry->second.state);
            ++n_found_;
            return state;
        } catch (DataError const&) {
            entries_.erase(entry);  // read it anew
        }
    }
    bool const may_be_kept = stamp && !is_recent(*stamp);  // asked before it is read
    auto state = read(has_all);
    if (may_be_kept && has_all) {
        append(next_, *stamp, name, packed(state));
        has_news_ = true;
    }
    return state;
}

void StateIndex::keep() const {
    if (!is_used_ || (!has_news_ && n_found_ == entries_.size())) return;
    try {
        std::string text(format);
        text += hash_text(next_);
        text += next_;
        replace_file(file_, text);
    } catch (Error const&) {
        return;
    }
}

}  // namespace vaster::registry

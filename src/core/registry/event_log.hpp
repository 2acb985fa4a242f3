#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/registry/state.hpp"

namespace vaster::registry {

/// A file with a name of its own in the folder "tmp", synced and removed again. @throws IoError
class TemporaryText {
  public:
    TemporaryText(std::filesystem::path const& folder, std::string_view text);
    TemporaryText(TemporaryText const&) = delete;
    TemporaryText& operator=(TemporaryText const&) = delete;
    ~TemporaryText();

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

    /// Gives the file another name, too, if nobody has it. Where the file system has no hard links, it is
    /// written again under that name. @return false when somebody has it. @throws IoError
    [[nodiscard]] bool take_name(std::filesystem::path const& name) const;

  private:
    std::filesystem::path path_;
    std::string_view text_;
};

/// The events of one model, in files 000001.json, 000002.json, ... of a folder, which are written once and
/// never changed. Any number of processes on any number of hosts may add events: a number goes to the first
/// who gives a file that name, and the others look again.
class EventLog {
  public:
    /// @param folder  of the model: its events are in "events", a cache of what they come to in "state.json"
    EventLog(std::filesystem::path folder, std::string name);

    /// Has it any event, whole or damaged? @throws IoError
    [[nodiscard]] bool exists() const { return listing().count > 0; }

    /// What the events come to. A cache is used as far as it goes. @throws DataError when events are missing
    /// or damaged; IoError
    [[nodiscard]] State state() const;

    /// Is the last event of this state the last of all, with none after it that is still being written?
    [[nodiscard]] bool has_no_event_after(State const& state) const { return last() == state.revision; }

    /// What the events alone come to. @param keep  which events count, with all before them
    [[nodiscard]] State replay(std::function<bool(Event const&)> const& keep) const;

    [[nodiscard]] std::vector<Event> events() const;

    /// Makes `change` of the state until the event that comes of it could be written as the next one.
    /// @param changes_for  what is to be done in this state; no changes: nothing
    /// @return the state after it. @throws what `changes_for` throws; DataError when a change cannot be made
    State add(std::function<std::vector<Change>(State const&)> const& changes_for, Author const& author,
              std::filesystem::path const& temporary_folder) const;

    /// The cache as it is; nothing when there is none that can be read.
    [[nodiscard]] std::optional<State> cached() const;

  private:
    struct Listing {
        std::uint64_t last = 0;   ///< the highest number
        std::uint64_t count = 0;  ///< files with a number
    };

    [[nodiscard]] Listing listing() const;
    [[nodiscard]] std::uint64_t last() const;
    [[nodiscard]] std::filesystem::path path_of(std::uint64_t revision) const;
    [[nodiscard]] std::optional<Event> read(std::uint64_t revision, bool is_last) const;
    [[nodiscard]] State folded(State state, std::uint64_t last) const;
    void keep(State const& state) const;

    std::filesystem::path folder_;
    std::string name_;
};

}  // namespace vaster::registry

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/registry/state.hpp"

namespace vaster::registry {

/// What a folder was like when it was looked at. To add, remove or rename a file in it, or to put another
/// folder in its place, changes that: nobody but the system sets the time of the inode's last change (ctime).
struct FolderStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;  ///< after these

    friend bool operator==(FolderStamp const&, FolderStamp const&) = default;
};

/// The states of all models in one file of the registry, so that they are listed without two files and a
/// folder of each being read. A cache, which may be deleted. What it says of a model counts only while the
/// folder of that model's events is what it was; and it is only said of a folder that had not changed for
/// longer than a tick of the file system's clock, so that no change can have the same time. On file systems
/// of other machines, where a folder's times may be out of date, there is no such file.
class StateIndex {
  public:
    /// @param registry  its folder
    explicit StateIndex(std::filesystem::path const& registry);

    /// The state of a model.
    /// @param events  the folder with its events
    /// @param read    reads the state, where the index does not know it; what it says is kept if it has all
    /// of the folder's events. @throws what `read` throws
    [[nodiscard]] State state(std::string const& name, std::filesystem::path const& events,
                              std::function<State(bool& has_all)> const& read);

    /// Writes the file, if there is anything new. Leaves it as it is where that cannot be done: in a registry
    /// that may only be read, or on a full disk.
    void keep() const;

  private:
    struct Entry {
        FolderStamp stamp;
        std::string_view state;  ///< packed, in the text of the file
    };

    void parse();

    std::filesystem::path file_;
    bool is_used_ = false;
    std::string text_;  ///< of the file
    std::map<std::string_view, Entry> entries_;
    std::size_t n_found_ = 0;
    std::string next_;  ///< entries of the next file
    bool has_news_ = false;
};

}  // namespace vaster::registry

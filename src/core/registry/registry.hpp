#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/archive/archive.hpp"
#include "core/registry/names.hpp"
#include "core/registry/state.hpp"

/// Models that several people keep in one directory, also on a network (docs/registry.md). Nobody locks
/// anything: what happens to a model is an event in a file of its own, whose number only one writer can take.
namespace vaster::registry {

/// Where models are kept: `given` if it is not empty, else $VASTER_REGISTRY, else vaster/models in
/// $XDG_DATA_HOME or
/// ~/.local/share. @throws UsageError when nothing says where
[[nodiscard]] std::filesystem::path registry_folder(std::string_view given);

enum class Opening { existing, make_if_absent };

/// What a new version of a model is to be.
struct Registration {
    std::filesystem::path file;
    std::string name;
    Facts facts = {};  ///< of the model, as its domain describes it
    std::map<std::string, std::string, std::less<>> tags = {};
    std::string note = {};
    std::vector<std::string> aliases = {};
    Status status = Status::candidate;
};

struct Registered {
    std::uint64_t version = 0;
    bool is_new = true;  ///< else there was a version with the same content, which got tags, note, aliases
    bool other_file = false;   ///< of such a version: its file has other bytes outside of what was learned
    std::string content = {};  ///< of the model
};

/// A model file that was asked for by name.
struct Resolved {
    std::filesystem::path file;
    std::string asked;                    ///< as it was asked for
    std::string name = {};                ///< empty: of a file
    std::uint64_t version = 0;            ///< 0: of a file
    std::string file_hash = {};           ///< what its bytes must have; empty: of a file
    std::vector<std::string> notes = {};  ///< for the user: that it is deprecated, what to use instead
};

/// What is wrong in a registry.
struct Damage {
    std::string where;  ///< "causes:3", or the path of an event
    std::string problem;
};

/// What gc() does or would do.
struct Garbage {
    std::vector<std::string> versions;  ///< "causes:3": its file is deleted
    std::uint64_t n_files = 0;          ///< deleted, with those of no version
    std::uint64_t n_bytes = 0;
};

class Registry {
  public:
    /// @throws UnavailableError when there is none, DataError when the folder is something else or of a later
    /// format, IoError
    Registry(std::filesystem::path folder, Opening opening, std::string program);

    [[nodiscard]] std::filesystem::path const& folder() const noexcept { return folder_; }

    /// Names of all models, in byte order. @throws IoError
    [[nodiscard]] std::vector<std::string> names() const;

    /// All models, in byte order of their names. @throws DataError when the events of one do not hold;
    /// IoError
    [[nodiscard]] std::vector<State> states() const;

    /// @throws DataError when there is no such model, with the nearest name, and when its events do not hold
    [[nodiscard]] State state(std::string_view name) const;

    /// The same as it was at that time: "2026-03-01" (the end of the day, UTC), "2026-03-01T12:00:00Z".
    [[nodiscard]] State state_at(std::string_view name, std::string_view time) const;

    /// All that happened to a model. @throws DataError
    [[nodiscard]] std::vector<Event> events(std::string_view name) const;

    /// Keeps a copy of the file and makes it a version of the model. A second time it is the same version.
    /// @param model  what archive::read_archive() has made of the file. @throws DataError, IoError
    Registered add(Registration const& registration, archive::Archive const& model) const;

    /// Makes all of the changes or none. @param if_revision  the revision that the model must have
    /// @return the new revision. @throws DataError when one cannot be made, or the revision is another;
    /// IoError
    std::uint64_t change(std::string_view name, std::vector<Change> const& changes,
                         std::optional<std::uint64_t> if_revision = {}) const;

    /// The version that a reference means: by number, by alias, or the newest active one.
    /// @throws DataError when there is none, with what there is
    [[nodiscard]] Version version(Reference const& reference) const;

    /// Where the file of a version lies.
    [[nodiscard]] std::filesystem::path file_of(Version const& version) const;

    /// A version by the first digits of its content; nothing when there is none. @throws DataError when
    /// several contents begin so
    [[nodiscard]] std::optional<Reference> by_content(std::string_view digits) const;

    /// Looks at all events and at the bytes of all files. @param name  of one model; empty: all
    [[nodiscard]] std::vector<Damage> verify(std::string_view name = {}) const;

    /// Deletes the files of versions that have been in the trash for so long, and files of no version.
    Garbage collect(double older_than_seconds, bool dry_run) const;

  private:
    [[nodiscard]] std::filesystem::path folder_of(std::string_view name) const;

    /// Names of the folders that may hold a model, in byte order.
    [[nodiscard]] std::vector<std::string> folders() const;
    [[nodiscard]] std::filesystem::path content_path(std::string const& file_hash) const;

    std::filesystem::path folder_;
    std::string program_;
};

/// As Registry::version(), of a state.
[[nodiscard]] Version version_in(State const& state, Reference const& reference);

/// The file that a text means: a path of a file; "NAME" (the newest active version), "NAME:3", "NAME@alias";
/// or at least 8 digits of a content hash. A file comes first.
/// @param folder  of the registry, as registry_folder() takes it. @throws DataError, UnavailableError,
/// IoError
[[nodiscard]] Resolved resolve(std::string_view text, std::string_view folder);

}  // namespace vaster::registry

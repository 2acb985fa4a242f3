#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vaster::registry {

/// What is said of a model by name, as its domain describes it: "model", "n_train", "sites",
/// "inner.leave_one_site_out.csmf_accuracy".
using Value = std::variant<double, std::string>;
using Facts = std::map<std::string, Value, std::less<>>;

/// How a version is to be used. New ones are candidates; only active ones are meant by the name alone.
enum class Status : std::uint8_t { candidate, active, deprecated, trashed };

[[nodiscard]] std::string_view to_text(Status status);
[[nodiscard]] std::optional<Status> status_in(std::string_view text);

/// The file of a version and what it holds.
struct Kept {
    std::string content;        ///< archive::Archive::content
    std::string file_hash;      ///< archive::Archive::file_hash
    std::uint64_t n_bytes = 0;  ///< of the file
    std::string program;        ///< that wrote the file
    Facts facts = {};

    friend bool operator==(Kept const&, Kept const&) = default;
};

enum class What : std::uint8_t { add, tag, untag, metric, note, alias, no_alias, status, restore, deleted };

[[nodiscard]] std::string_view to_text(What what);

/// One thing that is done to a version of a model. Which members count depends on `what`.
struct Change {
    What what = What::note;
    std::uint64_t version = 0;      ///< of add: what it will be
    std::string key = {};           ///< of a tag, a metric; an alias; the new status
    std::string value = {};         ///< of a tag, a note; why the status changes
    std::string successor = {};     ///< of a deprecated version: what to use instead
    double number = 0;              ///< of a metric
    std::optional<Kept> kept = {};  ///< of add

    friend bool operator==(Change const&, Change const&) = default;
};

/// Who does something, and when.
struct Author {
    std::string user;
    std::string host;
    std::string time;     ///< utc_text()
    std::string program;  ///< version

    friend bool operator==(Author const&, Author const&) = default;
};

/// The user of this process, now. @param program  the version of this program
[[nodiscard]] Author author_now(std::string_view program);

/// What happened to a model at once: all of its changes or none.
struct Event {
    std::uint64_t revision = 0;  ///< 1, 2, ...: of the model
    std::vector<Change> changes;
    Author author;
    std::string before;       ///< SHA-256 of the event before; empty: this is the first
    std::string sha256 = {};  ///< of this one, as it was read

    friend bool operator==(Event const&, Event const&) = default;
};

struct Note {
    std::string time;
    std::string user;
    std::string text;

    friend bool operator==(Note const&, Note const&) = default;
};

/// A version of a model. What it holds never changes; what is said of it does.
struct Version {
    std::uint64_t number = 0;
    Kept kept;
    std::string author;
    std::string created;  ///< UTC
    Status status = Status::candidate;
    Status before_trash = Status::candidate;
    std::string status_since;  ///< UTC
    std::string reason = {};
    std::string successor = {};
    bool deleted = false;  ///< its file is gone for good
    std::map<std::string, std::string, std::less<>> tags = {};
    std::map<std::string, double, std::less<>> metrics = {};
    std::vector<Note> notes = {};

    friend bool operator==(Version const&, Version const&) = default;
};

/// A model: what its events have made of it.
struct State {
    std::string name;
    std::uint64_t revision = 0;     ///< of the last event
    std::string sha256;             ///< of the last event
    std::vector<Version> versions;  ///< number 1 first
    std::map<std::string, std::uint64_t, std::less<>> aliases = {};

    [[nodiscard]] Version const* find(std::uint64_t number) const;

    /// @throws DataError that names the versions that there are
    [[nodiscard]] Version const& version(std::uint64_t number) const;

    /// The aliases of a version.
    [[nodiscard]] std::vector<std::string> aliases_of(std::uint64_t number) const;

    friend bool operator==(State const&, State const&) = default;
};

/// Why a change cannot be made to a model in this state; empty: it can.
[[nodiscard]] std::string problem_with(State const& state, Change const& change);

/// The state after the event. @throws DataError when one of its changes cannot be made
[[nodiscard]] State after(State state, Event const& event);

}  // namespace vaster::registry

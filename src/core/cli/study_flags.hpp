#pragma once

#include <list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaster/cli/command_line.hpp"
#include "vaster/study/kinds.hpp"
#include "vaster/study/presets.hpp"

namespace vaster::cli {

/// The argument STUDY.toml and the flags that stand for keys of one kind of study: what `run` and `plan`
/// share.
class StudyFlags {
  public:
    /// Adds them to a subcommand. This object must outlive it.
    /// @param kind  whose keys are offered
    /// @param but   a flag to leave out, for subcommands that have it with another meaning; empty: none
    void add_to(Command& command, study::Kind const& kind, std::string_view but = "");

    /// The flags alone, without the argument STUDY.toml: for commands that have other arguments.
    /// @param but  flags to leave out
    void add_keys_to(Command& command, study::Kind const& kind, std::vector<std::string> const& but);

    /// What the user gave. @throws IoError when the file cannot be read
    [[nodiscard]] study::ConfigSource source() const;

  private:
    struct Flag {
        std::string name;
        std::string key;
        std::string value;
        bool given = false;
    };

    void add(Command& command, Parameter const& key, std::string const& table);
    void add_preset_to(Command& command, study::Kind const& kind);
    void add_preset_keys(study::ConfigSource& source) const;

    std::string path_;
    std::list<Flag> flags_;
    std::vector<std::string> settings_;   ///< of --set
    std::string preset_;                  ///< empty: none
    std::vector<study::Preset> presets_;  ///< that the kind has
};

/// The kind of study that a command line is about, found before its flags are known: by --kind, by
/// --set study.kind=, or in a file *.toml. The default where it says none, or none that there is.
/// @param arguments  as of main(), without the program's name
[[nodiscard]] study::Kind const& kind_on_command_line(std::span<char const* const> arguments,
                                                      study::Kinds const& kinds);

}  // namespace vaster::cli

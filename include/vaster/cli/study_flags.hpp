#pragma once

#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vaster/study/config.hpp"
#include "vaster/study/study.hpp"

namespace CLI {
class App;
}

namespace vaster::cli {

/// A config, and the kind of study it is for.
struct LoadedConfig {
    study::Kind const* kind = nullptr;
    study::Config config;
};

/// Reads and checks a config. @throws ConfigError with all problems at once
[[nodiscard]] LoadedConfig load_config(study::ConfigSource const& source);

/// The argument STUDY.toml and the flags that stand for config keys: what `run` and `plan` share.
class StudyFlags {
  public:
    /// Adds them to a subcommand. This object must outlive it.
    /// @param but  a flag to leave out, for subcommands that have it with another meaning; empty: none
    void add_to(CLI::App& command, std::string_view but = "");

    /// What the user gave. @throws IoError when the file cannot be read
    [[nodiscard]] study::ConfigSource source() const;

  private:
    struct Flag {
        std::string name;
        std::string key;
        std::string value;
        bool given = false;
    };

    std::string path_;
    std::list<Flag> flags_;
    std::vector<std::string> settings_;  ///< of --set
};

}  // namespace vaster::cli

#pragma once  // Stable but for the functions that write text.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vaster/support/parameters.hpp"

namespace vaster::study {

class Kind;

/// One TOML table and its keys.
struct KeyTable {
    std::string name;  ///< "design", "models.xgboost"
    std::string doc;   ///< one line
    std::vector<Parameter> keys;
};

/// Values for every key of the tables of one study kind.
class Config {
  public:
    explicit Config(std::vector<KeyTable> tables);

    /// @param key  with its table: "design.models". @throws std::logic_error for a key that was never
    /// declared
    template <class T>
    [[nodiscard]] T const& get(std::string_view key) const {
        return std::get<T>(value(key));
    }

    [[nodiscard]] Value const& value(std::string_view key) const;
    void set(std::string_view key, Value value);

    /// A duration or size key in seconds or bytes.
    [[nodiscard]] double seconds(std::string_view key) const;
    [[nodiscard]] std::uint64_t bytes(std::string_view key) const;

    /// The values of one table, by the keys' names alone.
    [[nodiscard]] Parameters const& table(std::string_view name) const;

    [[nodiscard]] std::vector<KeyTable> const& tables() const noexcept { return tables_; }

  private:
    std::vector<KeyTable> tables_;
    std::map<std::string, Parameters, std::less<>> values_;
};

/// A value given on the command line.
struct Override {
    std::string key;     ///< "design.models"
    std::string text;    ///< TOML, or a plain word, or words with commas for a list
    std::string origin;  ///< "--models", for messages
};

/// What the user gave: the text of a TOML file (may be empty) and flags.
struct ConfigSource {
    std::string path;  ///< for messages; empty: flags alone
    std::string text;
    std::vector<Override> overrides;
    /// That the command makes of the study, besides the study file and what its kind writes: of those that
    /// are there already none is overwritten unless the user says so.
    std::vector<std::filesystem::path> files = {};
};

/// The tables every kind has: [study] and [run]. all_tables() sets the default of study.kind.
[[nodiscard]] std::vector<KeyTable> common_tables();

/// All tables of a kind: [study], the kind's own, [run].
[[nodiscard]] std::vector<KeyTable> all_tables(Kind const& kind);

/// study.kind of the source; empty where it names none. @throws ConfigError when the text is not TOML
[[nodiscard]] std::string kind_of(ConfigSource const& source);

/// Reads and checks everything. @throws ConfigError that lists all problems at once, a line each
[[nodiscard]] Config load(Kind const& kind, ConfigSource const& source);

/// The values of one table, from lines "key = value" of TOML; keys that are not there have their defaults.
/// @param origin  for messages. @throws ConfigError for a text that is not TOML, a key that is not declared,
/// a value that its declaration forbids
[[nodiscard]] Parameters read_parameters(std::vector<Parameter> const& declared, std::string_view text,
                                         std::string const& origin);

/// The whole config as TOML, every key with its value; reading it back gives the same config.
[[nodiscard]] std::string to_toml(Config const& config);

/// The defaults with comments, as `vaster config --defaults` prints them.
[[nodiscard]] std::string documented_defaults(std::vector<KeyTable> const& tables);

/// The keys as a page of Markdown.
[[nodiscard]] std::string markdown_reference(std::vector<KeyTable> const& tables);

/// The lines of to_toml() that can change results, and their hash.
[[nodiscard]] std::string result_lines(Kind const& kind, Config const& config);
[[nodiscard]] std::string config_hash(Kind const& kind, Config const& config);

/// Keys of which two result_lines() differ, as "design.seed: 42 -> 43".
[[nodiscard]] std::vector<std::string> differences(std::string const& old_lines,
                                                   std::string const& new_lines);

}  // namespace vaster::study

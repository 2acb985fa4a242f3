#pragma once  // Stable.

#include <string>
#include <vector>

#include "vaster/support/parameters.hpp"

namespace vaster::study {

/// A value that a key gets from another one.
struct BroughtValue {
    std::string key;  ///< with its table
    Value value;
    std::vector<std::string> unless = {};  ///< keys that leave it alone where one of them is given
};

/// What a value of a text key makes of other keys that the user has not given, wherever it is written: other
/// defaults for another purpose.
struct KeyPreset {
    std::string key;  ///< with its table: "models.xgboost.preset"
    std::string value;
    std::vector<BroughtValue> brings;
};

/// Keys for a purpose, by the flag --preset. They go over the file, and other flags go over them.
struct Preset {
    struct Setting {
        std::string key;   ///< with its table
        std::string text;  ///< as Override::text
    };

    std::string name;
    std::string doc;  ///< part of a sentence, for the help
    std::vector<Setting> settings;
};

/// What a study kind may also be: one with presets.
class HasPresets {
  public:
    HasPresets() = default;
    virtual ~HasPresets() = default;
    HasPresets(HasPresets const&) = delete;
    HasPresets& operator=(HasPresets const&) = delete;

    [[nodiscard]] virtual std::vector<KeyPreset> key_presets() const = 0;
    [[nodiscard]] virtual std::vector<Preset> presets() const = 0;
};

}  // namespace vaster::study

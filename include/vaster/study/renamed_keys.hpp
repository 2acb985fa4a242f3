#pragma once  // Stable.

#include <string>
#include <vector>

#include "vaster/study/config.hpp"

namespace vaster::study {

/// A key that took one of some words, and goes by another name now.
struct RenamedKey {
    std::string table;  ///< "data"
    std::string
        before;  ///< its former name; another key may have it now, as long as that takes no single text
    std::string now;
};

/// What a study kind may also be: one of which keys have been renamed. A word that the key of today can take
/// is still taken under the former name, with a note.
class HasRenamedKeys {
  public:
    HasRenamedKeys() = default;
    virtual ~HasRenamedKeys() = default;
    HasRenamedKeys(HasRenamedKeys const&) = delete;
    HasRenamedKeys& operator=(HasRenamedKeys const&) = delete;

    [[nodiscard]] virtual std::vector<RenamedKey> renamed_keys() const = 0;
};

/// The keys of a source that were given by a former name, a sentence each. @throws ConfigError when the text
/// is not TOML
[[nodiscard]] std::vector<std::string> notes_on_renamed_keys(Kind const& kind, ConfigSource const& source);

}  // namespace vaster::study

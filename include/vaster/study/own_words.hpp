#pragma once  // May change before 1.0.

#include <filesystem>
#include <string>
#include <vector>

namespace vaster::study {

/// How a study kind explains a key that all kinds have.
struct KeyDoc {
    std::string table;
    std::string key;
    std::string doc;  ///< one line, as Parameter::doc
};

/// What a study kind may also be: one whose users know the things of the core by other names.
class HasOwnWords {
  public:
    HasOwnWords() = default;
    virtual ~HasOwnWords() = default;
    HasOwnWords(HasOwnWords const&) = delete;
    HasOwnWords& operator=(HasOwnWords const&) = delete;

    /// What help and `vaster config` say of keys of [study], [run] and [alerts] in place of their own docs.
    [[nodiscard]] virtual std::vector<KeyDoc> key_docs() const = 0;

    /// A sentence at the end of a run that has left something to do: what helps.
    [[nodiscard]] virtual std::string how_to_continue(std::filesystem::path const& study) const = 0;
};

}  // namespace vaster::study

#pragma once  // May change before 1.0.

#include <string>
#include <vector>

namespace vaster::study {

/// What a study kind may also be: one whose configuration file has lists of tables that it reads itself.
class HasOwnTables {
  public:
    HasOwnTables() = default;
    virtual ~HasOwnTables() = default;
    HasOwnTables(HasOwnTables const&) = delete;
    HasOwnTables& operator=(HasOwnTables const&) = delete;

    /// Names of the lists: "job" for [[job]]. Their tables are not part of the Config.
    [[nodiscard]] virtual std::vector<std::string> own_tables() const = 0;

    /// What is wrong with these tables of a configuration. Asked only where its keys are wrong, so that all
    /// of it is told at once: otherwise Kind::open() says it.
    /// @param path  of the text, for messages
    [[nodiscard]] virtual std::vector<std::string> problems_of_own_tables(std::string const& text,
                                                                          std::string const& path) const {
        (void)text;
        (void)path;
        return {};
    }
};

}  // namespace vaster::study

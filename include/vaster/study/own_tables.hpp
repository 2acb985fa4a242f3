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

    /// Names of the lists: "job" for [[job]]. Their tables are no part of the Config.
    [[nodiscard]] virtual std::vector<std::string> own_tables() const = 0;
};

}  // namespace vaster::study

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "domains/va/data/table_file.hpp"

namespace vaster::va {

/// Columns that say something of a death beside its answers and cause.
struct DeathColumns {
    std::optional<std::size_t> site;        ///< none: all deaths are of one site
    std::optional<std::size_t> population;  ///< none was asked for
    std::optional<std::size_t> id;          ///< none was named
    std::optional<std::size_t> weight;      ///< none was named
    bool ids_are_numbers = false;           ///< of rows, from 1: newid in a release that leaves it out
};

/// The columns of an encoded table by what they are for. Names are compared as tidied() gives them.
struct ColumnRoles {
    DeathColumns of_death;
    std::size_t label = 0;
    std::vector<std::size_t> symptoms;
    std::vector<std::size_t> unnamed;  ///< no symptoms; row names, one hopes
    std::vector<std::string> ignored;  ///< names of label columns other than the label
};

/// Finds the columns of an encoded table.
/// @throws DataError that lists all that is wrong with the header: columns that keys name and the table
/// lacks, with the nearest names and those that may be meant; columns that differ in case or blanks only; no
/// symptom
[[nodiscard]] ColumnRoles roles_of(TableFile const& table, CohortSource const& source);

/// The columns of a raw release that keys name, the label aside. @throws DataError as roles_of()
[[nodiscard]] DeathColumns death_columns_of(TableFile const& table, CohortSource const& source);

/// Is the column called as IDs of deaths often are ("id", "sid", "newid", "death_id", ...), in any case and
/// behind any names of groups?
[[nodiscard]] bool is_named_like_ids(std::string_view column);

/// Columns that are named like IDs and that nothing uses: no key names them but data.label_columns. Empty
/// where data.id names the IDs.
/// @param names  of the columns that nothing uses
[[nodiscard]] std::vector<std::size_t> unused_ids(csv::CsvReader const& reader, CohortSource const& source,
                                                  std::vector<std::string> const& names);

/// A column that unused_ids() has found: where its values repeat, rows may well be of one death.
class UnusedIds {
  public:
    explicit UnusedIds(std::size_t column) : column_(column) {}

    void look_at(csv::CsvReader const& reader);

    /// What data.id would do; nothing where no value is there twice, or where the column has few values that
    /// all are there many times, as no ID is.
    [[nodiscard]] std::optional<std::string> note(csv::CsvReader const& reader) const;

  private:
    std::size_t column_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> values_;  // hash and line
};

/// A column without a name, whose values are looked at to see whether they are row names.
class UnnamedColumn {
  public:
    explicit UnnamedColumn(std::size_t column) : column_(column) {}

    void look_at(csv::CsvReader const& reader);

    /// What was decided. @throws DataError when some value is there twice, so that they are not row names
    [[nodiscard]] std::string verdict(std::string const& path) const;

  private:
    std::size_t column_;
    bool is_empty_ = true;
    std::map<std::uint64_t, std::uint64_t> lines_;  // by hash of the value
    std::string repeated_;
    std::uint64_t first_line_ = 0;
    std::uint64_t second_line_ = 0;
};

}  // namespace vaster::va

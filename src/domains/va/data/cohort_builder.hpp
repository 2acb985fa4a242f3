#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/csv/csv.hpp"
#include "domains/va/data/cohort.hpp"
#include "domains/va/data/vocabulary.hpp"

namespace vaster::va {

/// Gathers the rows of a file into a cohort.
class CohortBuilder {
  public:
    explicit CohortBuilder(std::vector<std::string> symptoms);

    /// From now on every row's cell in this column is its sub-population.
    void take_populations_from(std::size_t column) { population_column_ = column; }

    /// The reader's current row is a death of that site and cause.
    void add(csv::CsvReader const& reader, std::string_view site, std::string_view cause,
             std::span<va::Answer const> answers);

    /// The reader's current row is no use. Only the first few are named in the note.
    void leave_out(csv::CsvReader const& reader, std::string const& reason);

    /// Turns every answer so far into `answer`.
    void replace_answers(va::Answer answer);

    /// The cohort, with sites and causes in byte order. The reader is at its end.
    /// @throws DataError when no row was added
    [[nodiscard]] Cohort finish(csv::CsvReader const& reader, std::string const& path) &&;

  private:
    struct LeftOut {
        std::string reason;
        std::uint64_t n_rows = 0;
        std::vector<std::uint64_t> first_lines;
    };

    void make_room(std::uint64_t expected_rows);

    Cohort cohort_;
    va::Vocabulary sites_;
    va::Vocabulary causes_;
    va::Vocabulary populations_;
    std::optional<std::size_t> population_column_;
    std::vector<LeftOut> left_out_;  // in the order in which the reasons first occurred
    std::uint64_t room_ = 0;         // rows
};

}  // namespace vaster::va
